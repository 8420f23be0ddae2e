# Reference values of inference after a fit: Kenward and Roger (pbkrtest), Satterthwaite (lmerTest), cluster-robust
# covariances (clubSandwich), R2 and ICC (performance), panel estimators (plm), and by formulas written out here:
# profiles by minimisation (inference_profile.R), HLM's reliability and chi-square, the weighted pseudo-likelihood
# (inference_dense.R), tests of likelihood ratios.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_inference.R FOLDER tests/reference/inference.json
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("levels_fit.R", "inference_dense.R", "inference_profile.R")) source(file.path(here, part))
suppressPackageStartupMessages({library(pbkrtest); library(clubSandwich); library(performance); library(plm)})

sleep <- "Reaction ~ Days + (1 + Days | Subject)"
school <- "MathAch ~ MEANSES * cses + Sector * cses + (1 + cses | School)"
village <- "y ~ x * w + z + (1 + x | village)"
# A formula's C(county) is the factor county in R. joint: names as in R; clusters: of the robust covariances.
specs <- list(
  list("sleepstudy", "rs", sleep, joint = list(c("Days"), c("(Intercept)", "Days")), clusters = "Subject",
       predictors = c(0, 0)),
  list("hsb44", "crosslevel", school, clusters = "School", predictors = c(2, 2), joint = list(
    c("MEANSES:cses", "cses:SectorPublic"), c("MEANSES", "SectorPublic"),
    c("MEANSES", "SectorPublic", "MEANSES:cses", "cses:SectorPublic"), "cses")),
  list("hsb44", "ri", "MathAch ~ MEANSES + cses + Sector + (1 | School)", clusters = "School", predictors = 2,
       joint = list(c("MEANSES", "SectorPublic"), c("MEANSES", "cses", "SectorPublic"))),
  list("uneven", "crosslevel", village, clusters = "village", predictors = c(1, 1), joint = list(
    c("w", "x:w"), c("x", "x:w"), c("x", "w", "z", "x:w"))),
  list("uneven", "uncorrelated", "y ~ x * w + z + (1 + x || village)", clusters = "village", predictors = NULL,
       joint = list(c("w", "x:w"))),
  list("uneven", "ri", "y ~ x * w + z + (1 | village)", clusters = "village", predictors = 1, joint = list(
    c("w", "x:w"), c("x", "w", "z", "x:w"))),
  list("uneven_part", "crosslevel", village, clusters = "village", predictors = c(1, 1),
       joint = list(c("w", "x:w"))),
  list("uneven", "county", "y ~ x + w + z + C(county) + (1 | village)", clusters = c("village", "county"),
       predictors = NULL, joint = list(paste0("countyc0", 2:8), c("x", "w", "z"))),
  list("uneven", "county_slope", "y ~ x + w + z + C(county) + (1 + x | village)", clusters = c("village", "county"),
       predictors = NULL, joint = list(paste0("countyc0", 2:8))),
  list("nested", "intercepts", "y ~ x + w + (1 | county/village)", clusters = "county", predictors = NULL,
       joint = list(c("x", "w"))),
  list("nested", "both_slopes", "y ~ x * w + (1 + x | county/village)", clusters = "county", predictors = NULL,
       joint = list(c("w", "x:w"), c("x", "w", "x:w"))),
  list("four", "intercepts", "y ~ x + (1 | region/county/village)", clusters = "region", predictors = NULL,
       joint = list(c("(Intercept)", "x"))),
  list("crossed", "village_slope", "y ~ x + (1 + x | village) + (1 | interviewer)", clusters = NULL, predictors = NULL,
       joint = list(c("(Intercept)", "x"))))

in_r <- function(formula) gsub("C(county)", "county", formula, fixed = TRUE)

kenward_roger <- function(fit, joint) {
  V <- as.matrix(vcovAdj(fit)); p <- nrow(V)
  df <- sapply(seq_len(p), function(k) get_Lb_ddf(fit, diag(p)[k, ]))
  t <- fixef(fit) / sqrt(diag(V))
  tests <- lapply(joint, function(terms) {
    L <- diag(p)[match(terms, names(fixef(fit))), , drop = FALSE]
    s <- KRmodcomp(fit, L)$stats
    list(terms = I(terms), F = s$Fstat, ndf = s$ndf, ddf = s$ddf, scaling = s$F.scaling, p = s$p.value,
         F_unscaled = s$FstatU, p_unscaled = s$p.valueU)
  })
  list(vcov = unname(V), se = named(sqrt(diag(V))), df = as.list(setNames(df, names(fixef(fit)))),
       p = named(2 * pt(-abs(t), df)), joint = tests)
}

joint_satterthwaite <- function(fit, joint) {
  tested <- as_lmerModLmerTest(fit)
  lapply(joint, function(terms) {
    L <- diag(length(fixef(fit)))[match(terms, names(fixef(fit))), , drop = FALSE]
    s <- contestMD(tested, L, ddf = "Satterthwaite")
    list(terms = I(terms), F = s[["F value"]], ndf = s[["NumDF"]], ddf = s[["DenDF"]], p = s[["Pr(>F)"]])
  })
}

# clubSandwich and the dense formulas; where clubSandwich stops (CR3 with a dummy for each cluster) the latter alone.
robust <- function(fit, clusters, data) {
  sapply(clusters, function(cluster) sapply(c("CR0", "CR1", "CR2", "CR3"), function(type) {
    own <- dense_robust(fit, data[[cluster]], type); answer <- list(dense = own)
    theirs <- tryCatch({
      V <- vcovCR(fit, cluster = data[[cluster]], type = type)
      test <- as.data.frame(coef_test(fit, vcov = V, test = "Satterthwaite"))
      list(vcov = unname(as.matrix(V)), se = test$SE, df = test[[grep("^df", names(test))]],
           p = test[[grep("^p", names(test))]])
    }, error = function(e) list(refused = conditionMessage(e)))
    gap <- if (is.null(theirs$refused)) max(abs(theirs$se / sqrt(diag(own$vcov)) - 1)) else NA
    gap_df <- if (is.null(theirs$refused)) max(abs(theirs$df / own$df - 1)) else NA
    cat(sprintf("   %s by %s: clubSandwich against dense se %.1e df %.1e %s\n", type, cluster, gap, gap_df,
                if (is.null(theirs$refused)) "" else theirs$refused))
    c(answer, list(clubSandwich = theirs))
  }, simplify = FALSE), simplify = FALSE)
}

nakagawa <- function(fit, formula) {
  X <- getME(fit, "X"); fixed <- var(as.numeric(X %*% fixef(fit))); mm <- getME(fit, "mmList")
  between <- mapply(function(Z, T) mean(rowSums((Z %*% T) * Z)), mm, lapply(VarCorr(fit), as.matrix))
  names(between) <- outer_first(names(getME(fit, "cnms")), formula); s2 <- sigma(fit)^2
  by <- tapply(between, factor(names(between), unique(names(between))), sum)
  total <- fixed + sum(between) + s2
  r2 <- suppressWarnings(suppressMessages(r2_nakagawa(fit))); ic <- suppressWarnings(suppressMessages(icc(fit)))
  plain <- function(x) if (is.list(x)) lapply(x, function(e) as.numeric(e)) else NULL
  list(fixed = fixed, random = as.list(by), residual = s2, r2_marginal = fixed / total,
       r2_conditional = (fixed + sum(between)) / total, icc_adjusted = sum(between) / (sum(between) + s2),
       icc_conditional = sum(between) / total, icc_by_group = as.list(by / (sum(between) + s2)),
       performance = list(r2_marginal = as.numeric(r2$R2_marginal), r2_conditional = as.numeric(r2$R2_conditional),
                          icc_adjusted = as.numeric(ic$ICC_adjusted),
                          icc_conditional = as.numeric(if (is.null(ic$ICC_unadjusted)) ic$ICC_conditional
                                                       else ic$ICC_unadjusted)))
}

store <- function(spec) {
  d <- read(folder, spec[[1]]); form <- in_r(spec[[3]])
  made <- fit_tight(form, d, TRUE); fit <- made$fit; beta <- fixef(fit)
  cat(sprintf("%s/%s logLik %.9f gradient %.1e %s\n", spec[[1]], spec[[2]], logLik(fit), made$gradient,
              if (isSingular(fit, tol = 1e-6)) "singular" else ""))
  answer <- list(
    data = spec[[1]], formula = spec[[3]], method = "reml", nobs = nobs(fit), terms = I(names(beta)),
    fixef = named(beta), se = named(sqrt(diag(as.matrix(vcov(fit))))), vcov = unname(as.matrix(vcov(fit))),
    loglik = as.numeric(logLik(fit)), variance = variances(fit, form), sigma2 = sigma(fit)^2,
    gradient = made$gradient, satterthwaite = c(satterthwaite(fit), list(joint = joint_satterthwaite(fit, spec$joint))),
    kenward_roger = kenward_roger(fit, spec$joint), nakagawa = nakagawa(fit, form))
  if (!is.null(spec$clusters)) answer$robust <- robust(fit, spec$clusters, d)
  if (!is.null(spec$predictors)) answer$hlm <- hlm_diagnostics(fit, spec$predictors)
  answer
}

models <- list()
for (spec in specs) models[[paste(spec[[1]], spec[[2]], sep = "/")]] <- store(spec)

# Profile intervals, 95 %.
profiled <- list(list("sleepstudy", "rs", sleep), list("uneven", "crosslevel", village),
                 list("nested", "intercepts", "y ~ x + w + (1 | county/village)"),
                 list("nested_flat", "boundary", "y ~ x + w + (1 | county/village)"))
profiles <- list()
for (spec in profiled) {
  d <- read(folder, spec[[1]]); answer <- list(data = spec[[1]], formula = spec[[3]], level = 0.95)
  rename <- function(x) { names(x) <- gsub("village:county", "county:village", names(x)); x }
  for (reml in c(TRUE, FALSE)) {
    fit <- fit_tight(spec[[3]], d, reml)$fit
    got <- profile_components(spec[[3]], d, reml, fit)
    cat(spec[[1]], if (reml) "reml" else "ml", "deviance", format(got$deviance, digits = 14), "against",
        format(-2 * as.numeric(logLik(fit)), digits = 14), "\n")
    got <- list(estimate = rename(got$estimate), intervals = rename(got$intervals), deviance = got$deviance)
    if (!reml) {
      got$coefficients <- profile_coefficients(spec[[3]], d, fit)
      theirs <- tryCatch({
        data_now <<- d; form_now <<- as.formula(spec[[3]])
        plain <- lme4::lmer(form_now, data = data_now, REML = FALSE, control = tight[[1]])
        ci <- suppressWarnings(suppressMessages(confint(plain, oldNames = FALSE, quiet = TRUE)))
        as.list(as.data.frame(t(ci)))
      }, error = function(e) list(refused = conditionMessage(e)))
      got$lme4 <- theirs
    }
    answer[[if (reml) "reml" else "ml"]] <- got
  }
  profiles[[paste(spec[[1]], spec[[2]], sep = "/")]] <- answer
}

# Likelihood ratios. p_mixture: halves of chi-squares with `df - 1` and `df` degrees of freedom where one more variance
# is tested, with or without covariances (Self & Liang 1987; Stram & Lee 1994); null with no or several variances.
ratios <- list(
  list("hsb44", sub("(1 + cses |", "(1 |", school, fixed = TRUE), school, TRUE, "one variance"),
  list("hsb44", sub("(1 + cses |", "(1 |", school, fixed = TRUE), school, FALSE, "one variance"),
  list("uneven", "y ~ x * w + z + (1 | village)", village, TRUE, "one variance"),
  list("uneven", "y ~ x * w + z + (1 | village)", "y ~ x * w + z + (1 + x || village)", TRUE, "one variance"),
  list("uneven", "y ~ x * w + z + (1 + x || village)", village, TRUE, NULL),
  list("uneven", "y ~ x + z + (1 + x | village)", village, FALSE, NULL),
  list("sleepstudy", "Reaction ~ Days + (1 | Subject)", sleep, TRUE, "one variance"),
  list("nested", "y ~ x + w + (1 | county:village)", "y ~ x + w + (1 | county/village)", TRUE, "one variance"),
  list("nested_flat", "y ~ x + w + (1 | county:village)", "y ~ x + w + (1 | county/village)", TRUE, "one variance"),
  list("nested", "y ~ x + w + (1 | county/village)", "y ~ x + w + (1 + x | county/village)", FALSE, "two variances"))
likelihood_ratio <- lapply(ratios, function(r) {
  d <- read(folder, r[[1]]); fits <- lapply(r[2:3], function(f) fit_tight(f, d, r[[4]])$fit)
  ll <- sapply(fits, function(f) as.numeric(logLik(f))); df <- diff(sapply(fits, function(f) attr(logLik(f), "df")))
  stat <- 2 * diff(ll); if (stat < 1e-9) stat <- 0  # two fits of one optimum
  tail <- function(k) if (k == 0) as.numeric(stat <= 0) else
    pchisq(stat, k, lower.tail = FALSE)
  list(data = r[[1]], null = r[[2]], alternative = r[[3]], method = if (r[[4]]) "reml" else "ml", loglik = ll,
       chisq = stat, df = df, p = tail(df), boundary = !is.null(r[[5]]),
       p_mixture = if (!identical(r[[5]], "one variance")) NA else (tail(df - 1) + tail(df)) / 2)
})

# Weighted pseudo-likelihood.
u <- read(folder, "uneven"); weighted <- list()
for (form in c("y ~ x + (1 | village)", village)) for (scaling in c("none", "size", "effective")) {
  X <- model.matrix(as.formula(sub(" \\+ \\(1.*", "", form)), u)
  Z <- cbind("(Intercept)" = rep(1, nrow(u)), x = u$x)
  if (!grepl("1 + x |", form, fixed = TRUE)) Z <- Z[, 1, drop = FALSE]
  got <- weighted_fit(X, Z, u$y, u$village, u$household_weight, u$village_weight, scaling)
  key <- paste("uneven", if (ncol(Z) == 2) "crosslevel" else "ri", scaling, sep = "/")
  weighted[[key]] <- c(list(data = "uneven", formula = form, method = "ml", scaling = scaling,
    sampling_weights = list(household = "household_weight", village = "village_weight"), terms = I(colnames(X)),
    effects = I(colnames(Z))), got)
  cat(key, "loglik", format(got$loglik, digits = 13), "gradient", got$gradient, "\n")
}

# Panels: within and Swamy-Arora random effects, Hausman's test of both and its regression on group means.
panel <- function(name, form, index) {
  d <- read(folder, name); f <- as.formula(form)
  if (length(index) == 1) { d$row <- ave(seq_len(nrow(d)), d[[index]], FUN = seq_along); index <- c(index, "row") }
  data <- pdata.frame(d, index)
  fe <- plm(f, data, model = "within"); re <- plm(f, data, model = "random", random.method = "swar")
  h <- phtest(fe, re); aux <- phtest(f, data, method = "aux"); aux_robust <- phtest(f, data, method = "aux",
    vcov = function(x) vcovHC(x, method = "arellano", type = "HC0", cluster = "group"))
  tests <- function(t) list(chisq = unname(t$statistic), df = unname(t$parameter), p = unname(t$p.value))
  clustered <- function(type) unname(unclass(vcovHC(fe, method = "arellano", type = type, cluster = "group"))[, ])
  bare <- function(m) { m <- as.matrix(m); matrix(as.numeric(m), nrow(m)) }
  list(data = name, formula = form, group = index[1], terms = I(names(coef(fe))), nobs = nobs(fe),
    within = list(coef = named(coef(fe)), vcov = bare(vcov(fe)), se = named(sqrt(diag(vcov(fe)))),
      df_residual = fe$df.residual, sigma2 = deviance(fe) / fe$df.residual,
      se_clustered_HC0 = sqrt(diag(bare(clustered("HC0")))), se_clustered_sss = sqrt(diag(bare(clustered("sss"))))),
    random_swar = list(coef = named(coef(re)), se = named(sqrt(diag(vcov(re)))), sigma2 = as.list(ercomp(re)$sigma2)),
    hausman = tests(h), auxiliary = tests(aux), auxiliary_robust = tests(aux_robust))
}
panels <- list(Grunfeld = panel("Grunfeld", "inv ~ value + capital", c("firm", "year")),
               uneven = panel("uneven", "y ~ x + z", "village"))

# Mundlak's regression in the mixed model: Wald tests of the group means, and Hausman's with REML's random effects.
mundlak <- lapply(list(list("Grunfeld", "inv ~ value + capital", "firm", c("value", "capital")),
                       list("uneven", "y ~ x + z", "village", c("x", "z"))), function(m) {
  d <- read(folder, m[[1]]); means <- paste0("mean_", m[[4]])
  for (v in m[[4]]) d[[paste0("mean_", v)]] <- ave(d[[v]], d[[m[[3]]]])
  long <- paste(m[[2]], "+", paste(means, collapse = " + "), "+ (1 |", m[[3]], ")")
  fit <- fit_tight(long, d, TRUE)$fit; b <- fixef(fit)[means]; V <- as.matrix(vcov(fit))[means, means]
  wald <- as.numeric(b %*% solve(V, b))
  short <- fit_tight(paste(m[[2]], "+ (1 |", m[[3]], ")"), d, TRUE)$fit
  fe <- lm(as.formula(paste(m[[2]], "+", m[[3]])), d)
  gap <- coef(fe)[m[[4]]] - fixef(short)[m[[4]]]
  D <- vcov(fe)[m[[4]], m[[4]]] - as.matrix(vcov(short))[m[[4]], m[[4]]]
  stat <- as.numeric(gap %*% solve(D, gap))
  V2 <- dense_robust(fit, d[[m[[3]]]], "CR2"); at <- match(means, names(fixef(fit)))
  list(data = m[[1]], formula = m[[2]], group = m[[3]], fixef = named(fixef(fit)),
       se = named(sqrt(diag(as.matrix(vcov(fit))))), loglik = as.numeric(logLik(fit)),
       wald = list(chisq = wald, df = length(means), p = pchisq(wald, length(means), lower.tail = FALSE)),
       wald_CR2 = as.numeric(b %*% solve(V2$vcov[at, at], b)),
       joint = list(satterthwaite = joint_satterthwaite(fit, list(means))[[1]],
                    kenward_roger = kenward_roger(fit, list(means))$joint[[1]]),
       hausman_reml = list(chisq = stat, df = length(gap), p = pchisq(stat, length(gap), lower.tail = FALSE)))
})
names(mundlak) <- c("Grunfeld", "uneven")

print(warnings())
save_json(list(
  versions = versions("lme4", "lmerTest", "pbkrtest", "clubSandwich", "performance", "insight", "plm", "numDeriv",
                      "nloptr"),
  tables = described(folder, c("sleepstudy", "hsb44", "uneven", "uneven_part", "nested", "nested_flat", "four",
                               "crossed", "Grunfeld")),
  models = models, profiles = profiles, likelihood_ratio = likelihood_ratio, weighted = weighted, panels = panels,
  mundlak = mundlak), target)
