# Reference values of predictions: the joint covariance of (beta-hat, b-hat - b) at lme4's estimates by inverting
# Henderson's mixed model equations, and insight's standard errors of the marginal line.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_predictions.R FOLDER tests/reference/predictions.json
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "levels_fit.R"))
suppressPackageStartupMessages(library(insight))

specs <- list(
  list("sleepstudy", "Reaction ~ Days + (1 + Days | Subject)"),
  list("hsb44", "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)"),
  list("hsb", "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)"),
  list("nested", "y ~ x * w + (1 + x | county/village)"),
  list("crossed", "y ~ x + (1 + x | village) + (1 | interviewer)"))

# The rows kept: nine over the length of the table.
kept <- function(d) round(seq(1, nrow(d), length.out = 9))

# Rows that predict: those of the fit itself, so that X and Z are lme4's own.
henderson <- function(fit, rows) {
  X <- as.matrix(getME(fit, "X")); Z <- as.matrix(getME(fit, "Z"))
  Lambda <- as.matrix(t(getME(fit, "Lambdat")))
  M <- rbind(cbind(crossprod(X), crossprod(X, Z)), cbind(crossprod(Z, X), crossprod(Z) + solve(tcrossprod(Lambda))))
  C <- sigma(fit)^2 * solve(M)
  W <- cbind(X, Z)[rows, ]
  solution <- solve(M, c(crossprod(X, getME(fit, "y")), crossprod(Z, getME(fit, "y"))))
  list(predicted = as.numeric(W %*% solution), variance = rowSums((W %*% C) * W),
       agree = max(abs(W %*% solution - fitted(fit)[rows])))
}

models <- lapply(specs, function(spec) {
  d <- read(folder, spec[[1]]); made <- fit_tight(spec[[2]], d, TRUE); fit <- made$fit; rows <- kept(d)
  found <- henderson(fit, rows)
  marginal <- get_predicted(fit, data = d[rows, ], predict = "expectation", include_random = FALSE, ci = 0.95)
  se <- as.data.frame(marginal)$SE
  X <- as.matrix(getME(fit, "X"))[rows, ]
  own <- sqrt(rowSums((X %*% as.matrix(vcov(fit))) * X))
  cat(sprintf("%s logLik %.9f gradient %.1e; equations against fitted %.1e, insight against X V X' %.1e\n", spec[[1]],
              logLik(fit), made$gradient, found$agree, max(abs(se / own - 1))))
  list(data = spec[[1]], formula = spec[[2]], rows = rows - 1, predicted = found$predicted,
       variance = found$variance, marginal = as.numeric(marginal), marginal_se = se)
})
version <- function(package) as.character(packageVersion(package))
out <- list(made_by = "make_predictions.R", R = R.version.string, lme4 = version("lme4"), insight = version("insight"),
            models = models)
write_json(out, target, digits = NA, auto_unbox = TRUE, pretty = TRUE)
