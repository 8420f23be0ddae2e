# Reference values of models of several levels and with crossed groupings, from lme4 and lmerTest.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_levels.R FOLDER tests/reference/levels.json
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "levels_fit.R"))

specs <- list(
  list("Machines", "nested", "score ~ Machine + (1 | Worker/Machine)"),
  list("Pastes", "slash", "strength ~ 1 + (1 | batch/cask)"),
  list("Pastes", "sample", "strength ~ 1 + (1 | batch) + (1 | sample)"),
  list("nested", "null", "y ~ 1 + (1 | county/village)"),
  list("nested", "intercepts", "y ~ x + w + (1 | county/village)"),
  list("nested", "sum", "y ~ x + w + (1 | county) + (1 | county:village)"),
  list("nested", "site", "y ~ x + w + (1 | county) + (1 | site)"),
  list("nested", "village_slope", "y ~ x + w + (1 | county) + (1 + x | county:village)"),
  list("nested", "county_slope", "y ~ x + w + (1 + x | county) + (1 | county:village)"),
  list("nested", "both_slopes", "y ~ x * w + (1 + x | county/village)"),
  list("nested", "uncorrelated", "y ~ x * w + (1 + x || county/village)"),
  list("nested", "slopes_alone", "y ~ x + w + (0 + x | county) + (1 | county:village)"),
  list("nested_edge", "both_slopes", "y ~ x * w + (1 + x | county/village)"),
  list("nested_flat", "boundary", "y ~ x + w + (1 | county/village)"),
  list("nested_flat", "boundary_slope", "y ~ x + w + (1 | county) + (1 + x | county:village)"),
  list("four", "intercepts", "y ~ x + (1 | region/county/village)"),
  list("Penicillin", "crossed", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
  list("crossed", "intercepts", "y ~ x + (1 | village) + (1 | interviewer)"),
  list("crossed", "village_slope", "y ~ x + (1 + x | village) + (1 | interviewer)"))

effects <- function(fit, formula) {
  re <- as.data.frame(ranef(fit, condVar = TRUE))
  group <- outer_first(as.character(re$grpvar), formula)
  label <- outer_first(as.character(re$grp), formula)
  out <- data.frame(grouping = group, term = as.character(re$term), group = label, value = re$condval, sd = re$condsd)
  first <- unlist(lapply(split(out$group, out$grouping), function(g) head(sort(unique(g), method = "radix"), 6)))
  out[paste(out$grouping, out$group) %in% paste(rep(names(split(out$group, out$grouping)),
      sapply(split(out$group, out$grouping), function(g) min(6, length(unique(g))))), first), ]
}

store <- function(spec, reml) {
  d <- read(folder, spec[[1]])
  made <- fit_tight(spec[[3]], d, reml); fit <- made$fit; beta <- fixef(fit)
  counts <- ngrps(fit); names(counts) <- outer_first(names(counts), spec[[3]])
  answer <- list(
    data = spec[[1]], formula = spec[[3]], method = if (reml) "reml" else "ml", nobs = nobs(fit),
    ngroups = as.list(counts), terms = I(names(beta)), fixef = named(beta),
    se = named(sqrt(diag(as.matrix(vcov(fit))))), vcov = unname(as.matrix(vcov(fit))),
    variance = variances(fit, spec[[3]]), sigma2 = sigma(fit)^2, theta = I(unname(getME(fit, "theta"))),
    loglik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit), singular = isSingular(fit, tol = 1e-6),
    ranef = effects(fit, spec[[3]]),
    predict = list(rows = 5, conditional = unname(predict(fit)[1:5]),
                   marginal = unname(predict(fit, re.form = NA)[1:5])),
    gradient = made$gradient, spread = made$spread)
  if (reml) answer$satterthwaite <- satterthwaite(fit)
  answer
}

models <- list()
for (spec in specs) for (reml in c(TRUE, FALSE)) {
  key <- paste(spec[[1]], spec[[2]], if (reml) "reml" else "ml", sep = "/")
  models[[key]] <- store(spec, reml)
  m <- models[[key]]
  cat(sprintf("%-32s logLik %.9f  gradient %.1e  spread %.1e  %s theta %s\n", key, m$loglik, m$gradient, m$spread,
              if (m$singular) "singular" else "", paste(signif(m$theta, 4), collapse = " ")))
}
save_json(list(versions = versions("lme4", "lmerTest", "numDeriv"),
               tables = described(folder, unique(sapply(specs, `[[`, 1))), models = models), target)
