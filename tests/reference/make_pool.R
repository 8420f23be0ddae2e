# Reference values of pooling over multiple imputations: pupils of High School & Beyond (nlme's MathAchieve) in 40
# schools, real data with gaps made here at random. Imputed by mitml::panImpute, fitted by lmerTest, pooled by
# mice::pool (with each coefficient's averaged Satterthwaite degrees of freedom), mitml::testEstimates and
# mitml::testConstraints.
#   Rscript tests/reference/make_pool.R tests/reference/pool.json
target <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({library(mitml); library(mice); library(lmerTest); library(numDeriv); library(jsonlite)})

pupils <- as.data.frame(nlme::MathAchieve)
names(pupils) <- c("school", "minority", "sex", "ses", "math", "mean_ses")
sectors <- as.data.frame(nlme::MathAchSchool)
pupils$sector <- as.character(sectors$Sector[match(as.character(pupils$school), as.character(sectors$School))])
pupils$row <- seq_len(nrow(pupils)) - 1
schools <- sort(as.numeric(unique(as.character(pupils$school))))[seq(2, 160, by = 4)]
d <- pupils[as.character(pupils$school) %in% schools, c("row", "school", "sector", "ses", "math", "minority")]
d$school <- as.numeric(as.character(d$school))
d$public <- as.numeric(d$sector == "Public")
d$minority <- as.numeric(d$minority == "Yes")
rownames(d) <- NULL

set.seed(20261126)
gaps <- list(ses = sort(sample(nrow(d), round(0.25 * nrow(d)))), math = sort(sample(nrow(d), round(0.10 * nrow(d)))))
holes <- d
for (column in names(gaps)) holes[gaps[[column]], column] <- NA
made <- panImpute(holes, formula = math + ses ~ 1 + public + (1 | school), n.burn = 2000, n.iter = 500, m = 6,
                  seed = 20261126, silent = TRUE)
tables <- lapply(mitmlComplete(made, "all"), function(t) {
  t <- as.data.frame(t)
  for (column in names(gaps)) t[[column]] <- round(t[[column]], 4)  # as they are stored
  t$product <- t$ses * t$public  # testConstraints reads no colon
  t
})

# What broom.mixed would tell mice of a fit.
registerS3method("tidy", "lmerModLmerTest", function(x, ...) data.frame(
  term = names(fixef(x)), estimate = fixef(x), std.error = sqrt(diag(as.matrix(vcov(x))))), asNamespace("generics"))
registerS3method("glance", "lmerModLmerTest", function(x, ...) data.frame(nobs = nobs(x)), asNamespace("generics"))
named <- function(x) as.list(setNames(as.numeric(x), names(x)))
rules <- function(Q, U) {  # mice's own function, for numbers that are no coefficient
  p <- pool.scalar(Q, U)
  list(estimate = p$qbar, se = sqrt(p$t), df = p$df, riv = as.numeric(p$r), fmi = p$fmi)
}

# Variance components on their scales, as functions of lmerTest's parameters (theta, sigma), whose covariance it keeps.
scaled <- function(fit) {
  q <- as.numeric(lme4::getME(fit, "p_i"))
  function(par) {
    k <- length(par); s <- par[k]; L <- matrix(0, q, q); L[lower.tri(L, TRUE)] <- par[-k]; S <- s^2 * L %*% t(L)
    Z <- model.matrix(lme4::findbars(formula(fit))[[1]][[2]] |> (\(b) as.formula(call("~", b)))(), fit@frame)
    v <- sum(diag(S %*% crossprod(Z))) / nrow(Z)
    out <- c(log(diag(S)), log(s^2), log(v / s^2))
    names(out) <- c(paste0("variance", seq_len(q)), "residual", "icc")
    if (q == 2) out <- c(out, correlation = atanh(S[2, 1] / sqrt(S[1, 1] * S[2, 2])))
    out
  }
}

pooled <- function(formula, constraints) {
  fits <- lapply(tables, function(t) lmerTest::lmer(formula, t, control = lme4::lmerControl(
    optimizer = "bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-10, maxfun = 1e5))))
  summaries <- lapply(fits, function(f) coef(summary(f)))
  complete <- rowMeans(sapply(summaries, function(s) s[, "df"]))
  each <- lapply(seq_along(complete), function(i) {
    row <- as.data.frame(pool(as.mira(fits), dfcom = complete[i])$pooled)[i, ]
    list(estimate = row$estimate, ubar = row$ubar, b = row$b, se = sqrt(row$t), df = row$df, riv = row$riv,
         fmi = row$fmi, dfcom = complete[[i]])
  })
  names(each) <- names(complete)
  tested <- testEstimates(fits, extra.pars = TRUE)
  D1 <- function(df) lapply(constraints, function(c) {
    out <- testConstraints(fits, constraints = c, method = "D1", df.com = if (df) ddf(fits, c) else NULL)$test
    list(terms = I(c), F = out[1, 1], k = out[1, 2], df = out[1, 3], p = out[1, 4], riv = out[1, 5],
         dfcom = if (df) ddf(fits, c) else NULL)
  })
  ddf <- function(fits, c) mean(sapply(fits, function(f) {
    L <- diag(length(fixef(f)))[match(c, names(fixef(f))), , drop = FALSE]
    contestMD(f, L)$DenDF
  }))
  parts <- sapply(fits, function(f) scaled(f)(c(lme4::getME(f, "theta"), sigma(f))))
  spread <- sapply(fits, function(f) {
    at <- c(lme4::getME(f, "theta"), sigma(f))
    J <- jacobian(scaled(f), at); diag(J %*% f@vcov_varpar %*% t(J))
  })
  components <- lapply(seq_len(nrow(parts)), function(i) rules(parts[i, ], spread[i, ]))
  names(components) <- rownames(parts)
  list(coefficients = each, components = components, averages = as.list(tested$extra.pars[, 1]),
       large_sample = named(tested$estimates[, "df"]), small = D1(TRUE), large = D1(FALSE),
       singular = sapply(fits, lme4::isSingular))
}

answers <- list(
  intercept = pooled(math ~ ses + public + product + (1 | school),
                     list(c("ses", "public"), c("product", "public", "ses"))),
  slope = pooled(math ~ ses + minority + (1 + minority | school), list(c("ses", "minority"))),
  boundary = pooled(math ~ ses + public + (1 + ses | school), list(c("ses", "public"))))
cells <- lapply(names(gaps), function(column) lapply(tables, function(t) t[[column]][gaps[[column]]]))
names(cells) <- names(gaps)
versions <- sapply(c("mice", "mitml", "pan", "lme4", "lmerTest"), function(p) as.character(packageVersion(p)))
write_json(list(
  what = "High School & Beyond, pupils of 40 schools: real data; the gaps are made at random and imputed",
  script = "tests/reference/make_pool.R",
  versions = c(R = paste(R.version$major, R.version$minor, sep = "."), as.list(versions)),
  rows = d$row, gaps = lapply(gaps, function(g) g - 1), imputed = cells, answers = answers),
  target, auto_unbox = TRUE, digits = NA)
print(sapply(answers, function(a) a$singular))
