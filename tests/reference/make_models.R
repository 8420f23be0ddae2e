# Reference values of two-level models from lme4 and lmerTest.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_models.R FOLDER tests/reference/models.json
# lmer stops 1e-8 and more short of the optimum with its own settings; here both of its optimisers run with tight
# ones, and Newton steps on numDeriv's derivatives finish (parameters on the boundary stay there).
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(numDeriv); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]

groups <- c("Subject", "Batch", "School", "commune")
read <- function(name) {
  d <- read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = TRUE)
  for (g in intersect(groups, names(d))) d[[g]] <- factor(as.character(d[[g]]))
  d
}

specs <- list(
  list("sleepstudy", "ri", "Reaction ~ Days + (1 | Subject)"),
  list("sleepstudy", "rs", "Reaction ~ Days + (1 + Days | Subject)"),
  list("sleepstudy", "uncorrelated", "Reaction ~ Days + (1 + Days || Subject)"),
  list("Dyestuff", "ri", "Yield ~ 1 + (1 | Batch)"),
  list("Dyestuff2", "singular", "Yield ~ 1 + (1 | Batch)"),
  list("Orthodont", "ri", "distance ~ age + Sex + (1 | Subject)"),
  list("Orthodont", "rs", "distance ~ age * Sex + (1 + age | Subject)"),
  list("Oxboys", "ri", "height ~ age + (1 | Subject)"),
  list("Oxboys", "rs_linear", "height ~ age + (1 + age | Subject)"),
  list("Oxboys", "rs", "height ~ age + I(age^2) + (1 + age | Subject)"),
  list("hsb", "null", "MathAch ~ 1 + (1 | School)"),
  list("hsb", "means_outcome", "MathAch ~ MEANSES + (1 | School)"),
  list("hsb", "random_coef", "MathAch ~ cses + (1 + cses | School)"),
  list("hsb", "crosslevel", "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)"),
  list("hsb", "crosslevel_ri", "MathAch ~ MEANSES * cses + Sector * cses + (1 | School)"),
  list("vietnam_1998", "null", "log_expenditure_per_head ~ 1 + (1 | commune)"),
  list("vietnam_1998", "ri", paste("log_expenditure_per_head ~ education + household_size + farm + urban + age",
                                   "+ (1 | commune)")),
  list("vietnam_1998", "rs", paste("log_expenditure_per_head ~ education + household_size + farm + urban + age",
                                   "+ (1 + education | commune)")))

tight <- list(
  lmerControl("bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-9, maxfun = 1e6),
              check.conv.singular = "ignore"),
  lmerControl("nloptwrap", calc.derivs = FALSE,
              optCtrl = list(xtol_abs = 1e-12, xtol_rel = 1e-12, ftol_abs = 1e-13, ftol_rel = 1e-15, maxeval = 1e5),
              check.conv.singular = "ignore"))

# Newton steps on the free parameters from the better of the two optimisers.
polish <- function(devfun, theta, lower) {
  free <- which(!(lower == 0 & theta < 1e-5))
  theta[-free] <- if (length(free) < length(theta)) 0 else theta[-free]
  best <- devfun(theta)
  if (length(free)) for (step in 1:4) {
    part <- function(x) { t <- theta; t[free] <- x; devfun(t) }
    g <- grad(part, theta[free]); H <- hessian(part, theta[free])
    trial <- theta; trial[free] <- theta[free] - solve(H, g)
    value <- devfun(trial)
    if (!is.finite(value) || value > best + 1e-11 * abs(best)) break
    theta <- trial; best <- min(best, value)
    if (max(abs(g)) < 1e-9) break
  }
  list(par = theta, fval = devfun(theta), conv = 0, message = "")
}

named <- function(x) as.list(setNames(as.numeric(x), names(x)))

fit_one <- function(spec, reml) {
  d <<- read(spec[[1]]); form <<- as.formula(spec[[3]], env = globalenv()); reml <<- reml
  fits <- lapply(tight, function(control) { ctrl <<- control
    lme4::lmer(form, data = d, REML = reml, control = ctrl) })
  criteria <- sapply(fits, function(f) -2 * as.numeric(logLik(f)))
  start <- getME(fits[[which.min(criteria)]], "theta")
  parsed <- lFormula(form, data = d, REML = reml, control = tight[[1]])
  devfun <- do.call(mkLmerDevfun, parsed)
  opt <- polish(devfun, unname(start), environment(devfun)$lower)
  fit <- mkMerMod(environment(devfun), opt, parsed$reTrms, fr = parsed$fr, mc = fits[[1]]@call)
  list(fit = fit, spread = max(criteria) - min(criteria), gain = min(criteria) - (-2 * as.numeric(logLik(fit))),
       data = d)
}

store <- function(spec, reml, made) {
  fit <- made$fit
  vc <- as.data.frame(VarCorr(fit))
  re <- as.data.frame(ranef(fit, condVar = TRUE))
  first <- head(sort(unique(as.character(re$grp)), method = "radix"), 6)
  re <- re[as.character(re$grp) %in% first, ]
  beta <- fixef(fit)
  answer <- list(
    data = spec[[1]], formula = spec[[3]], method = if (reml) "reml" else "ml",
    nobs = nobs(fit), ngroups = as.integer(ngrps(fit)[[1]]), terms = I(names(beta)), fixef = named(beta),
    se = named(sqrt(diag(as.matrix(vcov(fit))))), vcov = unname(as.matrix(vcov(fit))),
    variance = data.frame(group = vc$grp, term1 = vc$var1, term2 = vc$var2, value = vc$vcov, sdcor = vc$sdcor),
    sigma2 = sigma(fit)^2, theta = I(unname(getME(fit, "theta"))), loglik = as.numeric(logLik(fit)),
    aic = AIC(fit), bic = BIC(fit), singular = isSingular(fit, tol = 1e-6),
    ranef = data.frame(term = as.character(re$term), group = as.character(re$grp), value = re$condval,
                       sd = re$condsd),
    spread = made$spread, gain = made$gain)
  if (reml) {
    d <<- made$data; form <<- as.formula(spec[[3]], env = globalenv()); reml <<- TRUE; ctrl <<- tight[[1]]
    # In a model without covariates lmerTest keeps a row name of its own: names come from the fixed effects.
    table <- summary(as_lmerModLmerTest(fit), ddf = "Satterthwaite")$coefficients
    answer$satterthwaite <- list(df = as.list(setNames(table[, "df"], names(beta))),
                                 p = as.list(setNames(table[, "Pr(>|t|)"], names(beta))))
  }
  if (spec[[1]] %in% c("vietnam_1998", "sleepstudy"))
    answer$predict <- list(rows = 5, conditional = unname(predict(fit)[1:5]),
                           marginal = unname(predict(fit, re.form = NA)[1:5]))
  answer
}

models <- list(); vietnam <- list()
for (spec in specs) for (reml in c(TRUE, FALSE)) {
  made <- fit_one(spec, reml)
  key <- paste(spec[[1]], spec[[2]], if (reml) "reml" else "ml", sep = "/")
  models[[key]] <- store(spec, reml, made)
  if (spec[[1]] == "vietnam_1998") vietnam[[paste0(spec[[2]], reml)]] <- made$fit
  cat(sprintf("%-32s logLik %.9f  spread %.1e  gain %.1e\n", key, models[[key]]$loglik, made$spread, made$gain))
}

tests <- list()
for (reml in c(TRUE, FALSE)) {
  a <- anova(vietnam[[paste0("ri", reml)]], vietnam[[paste0("rs", reml)]], refit = FALSE)
  tests[[if (reml) "reml" else "ml"]] <- list(
    models = c("vietnam_1998/ri", "vietnam_1998/rs"), chisq = a$Chisq[2], df = a$Df[2], p = a[["Pr(>Chisq)"]][2])
}
versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                 lmerTest = as.character(packageVersion("lmerTest")),
                 numDeriv = as.character(packageVersion("numDeriv")))
text <- toJSON(list(versions = versions, models = models, likelihood_ratio = tests), digits = I(15), auto_unbox = TRUE,
               dataframe = "rows", na = "null", pretty = TRUE)
writeLines(text, target)
