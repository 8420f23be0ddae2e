# Polychoric correlations of the items of the uneven test survey (complete rows), by psych, and quantile slopes by quantreg.
# Rscript make_polychoric.R items.csv rows.csv polychoric.json   (tables of tests/guizhou/uneven.py, rows without gaps:
# its four items; and y the log of consumption, x trust, e education)
library(jsonlite)
args <- commandArgs(trailingOnly = TRUE)
items <- read.csv(args[1])
rows <- read.csv(args[2])
rho <- psych::polychoric(items, correct = 0)$rho
slopes <- sapply(c(.1, .5, .9), function(q) coef(quantreg::rq(y ~ x + e, tau = q, data = rows, method = "br"))[["x"]])
alpha <- psych::alpha(items, check.keys = FALSE)$total$std.alpha
write_json(list(
  versions = list(R = R.version.string, psych = as.character(packageVersion("psych")),
                  quantreg = as.character(packageVersion("quantreg"))),
  rho = rho, slopes = slopes, alpha = alpha
), args[3], digits = 12, auto_unbox = TRUE, matrix = "rowmajor", pretty = TRUE)
