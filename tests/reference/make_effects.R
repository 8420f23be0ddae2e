# Reference values of simple slopes and Johnson-Neyman regions: emmeans::emtrends on tight fits of lme4 (levels_fit.R)
# with Satterthwaite's and Kenward-Roger's degrees of freedom, and the ends of regions by uniroot on lmerTest's contrasts.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_effects.R FOLDER tests/reference/effects.json
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "levels_fit.R"))
suppressPackageStartupMessages({library(emmeans); library(pbkrtest)})
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5)

school <- "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)"
village <- "y ~ x * w + z + (1 + x | village)"
curve <- "MathAch ~ SES * MEANSES + I(SES^2) + (1 | School)"
logs <- "y ~ x * log(u) + z + (1 + x | village)"
specs <- list(
  list("hsb44", "given", school, "cses", list(MEANSES = c(-0.6, 0.1, 0.5), Sector = c("Catholic", "Public"))),
  list("hsb44", "shares", school, "cses", list(MEANSES = 0.2)),
  list("hsb44", "curve", curve, "SES", list(SES = c(-1, 0.5), MEANSES = c(-0.4, 0.3))),
  list("uneven", "means", village, "x", list()),
  list("uneven", "given", village, "x", list(w = c(-1, 0, 1.5))),
  list("uneven", "logs", logs, "x", list(u = c(0.5, 1, 4))))

slope_rows <- function(fit, spec, df) {
  at <- spec[[5]]; shown <- if (length(at)) reformulate(names(at)) else ~ 1
  # emtrends takes a forward difference: of a parabola it is off by the step.
  got <- emtrends(fit, shown, var = spec[[4]], at = if (length(at)) at else NULL, lmer.df = df, data = data_now,
                  weights = "proportional", delta.var = 1e-6)
  got <- as.data.frame(summary(got, infer = c(TRUE, TRUE)))
  lapply(seq_len(nrow(got)), function(i) {
    row <- got[i, ]
    list(at = lapply(setNames(names(at), names(at)), function(k) if (is.factor(row[[k]])) as.character(row[[k]]) else row[[k]]),
         estimate = row[[paste0(spec[[4]], ".trend")]], se = row$SE, df = row$df, low = row$lower.CL,
         high = row$upper.CL, t = row$t.ratio, p = row$p.value)
  })
}

slopes <- lapply(specs, function(spec) {
  d <- read(folder, spec[[1]]); if (spec[[1]] == "uneven") d$u <- exp(d$w / 2)
  made <- fit_tight(spec[[3]], d, TRUE); fit <- as_lmerModLmerTest(made$fit)
  cat(spec[[1]], spec[[2]], format(made$gradient, digits = 2), "\n")
  list(data = spec[[1]], name = spec[[2]], formula = spec[[3]], term = spec[[4]], gradient = made$gradient,
       satterthwaite = slope_rows(fit, spec, "satterthwaite"), kenward_roger = slope_rows(fit, spec, "kenward-roger"))
})

# All roots of |t(w)| = quantile between the ends of a wide grid.
ends_of <- function(fit, first, step, level, from, to) {
  excess <- function(w) sapply(w, function(one) {
    s <- contest1D(fit, first + one * step, ddf = "Satterthwaite")
    abs(s[["t value"]]) - qt(1 - (1 - level) / 2, s[["df"]])
  })
  grid <- seq(from, to, length.out = 241); value <- excess(grid)
  turns <- which(value[-1] * value[-length(value)] < 0)
  sapply(turns, function(i) uniroot(excess, grid[c(i, i + 1)], tol = 1e-12)$root)
}

regions <- list()
for (spec in list(list("hsb44", school, c("cses", "MEANSES:cses"), c(-20, 20), list(Sector = "mean")),
                  list("uneven", village, c("x", "x:w"), c(-30, 30), list()))) {
  d <- read(folder, spec[[1]]); fit <- as_lmerModLmerTest(fit_tight(spec[[2]], d, TRUE)$fit)
  names_of <- names(fixef(fit)); first <- as.numeric(names_of == spec[[3]][1])
  if (length(spec[[5]])) first[names_of == "cses:SectorPublic"] <- mean(d$Sector == "Public")
  step <- as.numeric(names_of == spec[[3]][2])
  found <- lapply(c(0.9, 0.95), function(level) list(level = level, ends = I(as.numeric(
    ends_of(fit, first, step, level, spec[[4]][1], spec[[4]][2])))))
  regions[[spec[[1]]]] <- list(formula = spec[[2]], found = found)
}

packages <- c("lme4", "lmerTest", "emmeans", "pbkrtest", "numDeriv")
versions <- c(list(R = R.version.string), lapply(setNames(packages, packages), function(p) as.character(packageVersion(p))))
write_json(list(versions = versions, slopes = slopes, regions = regions), target, auto_unbox = TRUE, digits = NA, pretty = TRUE)
