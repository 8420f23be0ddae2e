# Reference values of the Guizhou study's models on real data: lme4 with tight settings, the commune's means, the centring
# and the logarithms computed here from the households as they come; and the dummy regression by lm with standard errors
# clustered by commune (CR1 as Stata's xtreg, fe: (G/(G-1)) ((n-1)/(n-k)), k without the dummies) written out.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_real.R FOLDER tests/reference/real.json
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
suppressPackageStartupMessages({library(lme4); library(jsonlite)})
tight <- lmerControl("bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-10, maxfun = 1e6),
                     check.conv.singular = "ignore")
named <- function(x) as.list(setNames(as.numeric(x), names(x)))

fitted_by <- function(formula, data) {
  fit <- lmer(as.formula(formula), data, REML = TRUE, control = tight)
  rows <- as.data.frame(VarCorr(fit))
  list(formula = formula, nobs = nobs(fit), loglik = as.numeric(logLik(fit)), params = named(fixef(fit)),
       se = named(sqrt(diag(as.matrix(vcov(fit))))),
       variances = lapply(seq_len(nrow(rows)), function(i) as.list(rows[i, c("grp", "var1", "var2", "vcov")])))
}

v <- read.csv(file.path(folder, "vietnam_1998.csv"))
v$y <- log(v$expenditure_per_head)
for (name in c("farm", "urban")) v[[name]] <- as.numeric(v[[name]] == "yes")
v$woman <- as.numeric(v$sex == "female")
v$money <- ave(v$expenditure_per_head, v$commune) / 1000
v$log <- ave(v$y, v$commune)
spread <- lapply(c(money = "money", log = "log"), function(m) sd(tapply(v[[m]], v$commune, mean)))
for (name in c("money", "log", "urban")) v[[name]] <- v[[name]] - mean(v[[name]])

fixed <- function(item, mean) sprintf("y ~ age + household_size + woman + %s * (%s + urban)", item, mean)
vietnam <- list(null = fitted_by("y ~ 1 + (1 | commune)", v))
for (item in c("education", "farm")) for (mean in c("money", "log"))
  vietnam[[paste(item, mean)]] <- fitted_by(paste0(fixed(item, mean), sprintf(" + (1 + %s | commune)", item)), v)

dummies <- function(item, mean) {
  own <- sprintf("y ~ age + household_size + woman + %s + %s:%s + %s:urban", item, item, mean, item)
  fit <- lm(as.formula(paste(own, "+ factor(commune)")), v)
  X <- model.matrix(fit); kept <- !is.na(coef(fit)); X <- X[, kept]; e <- resid(fit)
  bread <- solve(crossprod(X)); scores <- rowsum(X * e, v$commune)
  k <- sum(!grepl("factor", colnames(X))); G <- nrow(scores); n <- nrow(X)
  V <- bread %*% crossprod(scores) %*% bread * (G / (G - 1)) * ((n - 1) / (n - k))
  at <- paste0(item, ":", mean)
  list(estimate = coef(fit)[[at]], se = sqrt(V[at, at]), k = k)
}
for (item in c("education", "farm")) for (mean in c("money", "log"))
  vietnam[[paste("within", item, mean)]] <- dummies(item, mean)

for (item in c("education", "farm")) {
  v$x <- v[[item]] - mean(v[[item]])
  fits <- lapply(c("|", "||"), function(bar) lmer(as.formula(sprintf(
    "y ~ age + household_size + woman + x * urban + (1 + x %s commune)", bar)), v, REML = TRUE, control = tight))
  cov <- VarCorr(fits[[1]])$commune
  vietnam[[paste("covariance", item)]] <- list(
    estimate = cov[1, 2] / sqrt(cov[1, 1]),
    chi2 = 2 * (as.numeric(logLik(fits[[1]])) - as.numeric(logLik(fits[[2]]))))
}

j <- read.csv(file.path(folder, "jiangxi_insurance.csv"), na.strings = "")
used <- c("male", "age", "household_size", "literate", "rice_area", "risk_aversion", "disaster_probability")
whole <- j
j <- j[complete.cases(j[used]), ]
j$first <- j$first_round - mean(j$first_round)
traits <- "takeup ~ male + age + household_size + literate + log(rice_area) + risk_aversion + disaster_probability"
jiangxi <- list(
  null = fitted_by("takeup ~ 1 + (1 | village)", whole),
  null_natural = fitted_by("takeup ~ 1 + (1 | village/natural_village)", whole),
  traits = fitted_by(paste(traits, "+ intensive + (1 | village)"), j),
  default = fitted_by(paste(traits, "+ intensive + default_buy + (1 | village/natural_village)"), j),
  peers = fitted_by(paste(traits, "+ intensive * first + (1 | village/natural_village)"), j))

versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")))
writeLines(toJSON(list(versions = versions, spread = spread, vietnam = vietnam, jiangxi = jiangxi), digits = I(15),
                  auto_unbox = TRUE, na = "null", pretty = TRUE), target)
