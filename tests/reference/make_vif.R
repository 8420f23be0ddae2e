# Variance inflation and condition number of two models of High School and Beyond (nlme::MathAchieve), from car and lme4.
#   Rscript tests/reference/make_vif.R tests/reference/vif.json
# The numeric predictors are centred by hand, and a three-level factor is made of the school's code; the same is done in
# tests/models/test_inflation.py.
suppressPackageStartupMessages({library(nlme); library(lme4); library(car); library(jsonlite)})
d <- as.data.frame(MathAchieve)
d$school <- as.integer(as.character(d$School))
d$sector <- as.data.frame(MathAchSchool)$Sector[match(as.character(d$School), as.character(MathAchSchool$School))]
d$sector <- factor(as.character(d$sector))
d$minority <- factor(as.character(d$Minority))
d$band <- factor(c("a", "b", "c")[d$school %% 3 + 1])
d$ses <- d$SES - mean(d$SES)
d$mean_ses <- d$MEANSES - mean(d$MEANSES)
d$twin <- d$SES + 0.05 * sin(seq_len(nrow(d)))
d$twin <- d$twin - mean(d$twin)

one <- function(formula) {
  fit <- lmer(formula, d, REML = TRUE)
  v <- as.matrix(vif(fit))
  X <- model.matrix(fit)
  values <- svd(sweep(X, 2, sqrt(colSums(X^2)), "/"))$d
  list(terms = rownames(v), gvif = as.numeric(v[, 1]), df = if (ncol(v) > 1) as.numeric(v[, 2]) else rep(1, nrow(v)),
       condition = max(values) / min(values))
}

out <- list(
  plain = one(MathAch ~ ses * mean_ses + sector + minority + band + (1 + ses | school)),
  twins = one(MathAch ~ ses + twin + sector + (1 | school)),
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  car = as.character(packageVersion("car"))))
write(toJSON(out, auto_unbox = TRUE, digits = 10, pretty = TRUE), commandArgs(trailingOnly = TRUE)[1])
