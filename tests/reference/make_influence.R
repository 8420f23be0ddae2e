# Reference values of residuals and of influence by deletion, from lme4.
#   python tests/reference/export_data.py FOLDER
#   Rscript tests/reference/make_influence.R FOLDER tests/reference/influence.json
# Deleted fits: the rows are taken out of the data and the model is fitted anew by lme4, from its own start by bobyqa
# with tight settings, then Newton steps on numDeriv's derivatives (polish, in levels_fit.R). lme4's influence() and
# its cooks.distance() and dfbetas() stand beside for sleepstudy, at lme4's own tolerance.
# Residuals: lme4's residuals(), fitted(), ranef(); variances by their definition with dense matrices.
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "levels_fit.R"))

tight_fit <- function(formula, data, reml) {
  form_now <<- as.formula(formula, env = globalenv()); data_now <<- data; reml_now <<- reml; ctrl_now <<- tight[[1]]
  base <- lme4::lmer(form_now, data = data_now, REML = reml_now, control = ctrl_now)
  parsed <- lFormula(form_now, data = data_now, REML = reml, control = tight[[1]])
  devfun <- do.call(mkLmerDevfun, parsed)
  opt <- polish(devfun, unname(getME(base, "theta")), environment(devfun)$lower)
  mkMerMod(environment(devfun), opt, parsed$reTrms, fr = parsed$fr, mc = base@call)
}

components <- function(fit) {
  v <- as.data.frame(VarCorr(fit))
  v <- v[is.na(v$var2), ]
  setNames(v$vcov, paste(v$grp, ifelse(is.na(v$var1), "", v$var1), sep = "|"))
}

# The full-data log-likelihood (restricted under REML) at the parameters of another fit.
loglik_at <- function(fit, other) {
  X <- getME(fit, "X"); Z <- as.matrix(getME(fit, "Z")); y <- getME(fit, "y"); L <- as.matrix(getME(fit, "Lambda"))
  reml <- isREML(fit); s2 <- sigma(other)^2
  theta <- getME(other, "theta")
  Lt <- getME(fit, "Lambdat"); Lt@x <- theta[getME(fit, "Lind")]
  A <- as.matrix(t(Lt)); V <- s2 * (diag(nrow(X)) + Z %*% tcrossprod(A) %*% t(Z))
  R <- chol(V); Xs <- backsolve(R, X, transpose = TRUE); ys <- backsolve(R, y, transpose = TRUE)
  beta <- if (reml) qr.coef(qr(Xs), ys) else fixef(other)
  e <- ys - Xs %*% beta
  m <- nrow(X) - if (reml) ncol(X) else 0
  extra <- if (reml) sum(log(diag(chol(crossprod(Xs))))) else 0
  -0.5 * (m * log(2 * pi) + 2 * sum(log(diag(R))) + 2 * extra + sum(e^2))
}

deleted <- function(data, formula, units, reml, dense = TRUE) {
  full <- tight_fit(formula, data, reml)
  names <- sort(unique(units), method = "radix")
  one <- function(name) {
    fit <- tight_fit(formula, droplevels(data[units != name, ]), reml)
    out <- list(fixef = unname(fixef(fit)), vcov = unname(as.matrix(vcov(fit))), components = unname(components(fit)))
    if (dense) out$displacement <- 2 * (as.numeric(logLik(full)) - loglik_at(full, fit))
    out
  }
  list(formula = formula, method = if (reml) "reml" else "ml", terms = names(fixef(full)),
       component_names = names(components(full)), fixef = unname(fixef(full)), vcov = unname(as.matrix(vcov(full))),
       units = names, without = lapply(names, one))
}

sleep <- read(folder, "sleepstudy"); pastes <- read(folder, "Pastes"); hsb <- read(folder, "hsb")
rs <- "Reaction ~ Days + (1 + Days | Subject)"
own <- lmer(Reaction ~ Days + (1 + Days | Subject), sleep)
lme4_influence <- influence(own, groups = "Subject", data = sleep)
cook <- cooks.distance(lme4_influence); names(cook) <- rownames(dfbeta(lme4_influence))
dfb <- dfbetas(lme4_influence); rownames(dfb) <- rownames(dfbeta(lme4_influence))

pad <- sprintf("%03d", seq_len(nrow(sleep)) - 1)
cases <- list(
  "sleepstudy/Subject/reml" = deleted(sleep, rs, as.character(sleep$Subject), TRUE),
  "sleepstudy/Subject/ml" = deleted(sleep, rs, as.character(sleep$Subject), FALSE),
  "sleepstudy/row/reml" = deleted(sleep, rs, pad, TRUE),
  "Pastes/batch/reml" = deleted(pastes, "strength ~ 1 + (1 | batch/cask)", as.character(pastes$batch), TRUE),
  "Pastes/cask/reml" = deleted(pastes, "strength ~ 1 + (1 | batch/cask)",
                               paste(pastes$batch, pastes$cask, sep = ":"), TRUE),
  "hsb/School/reml" = deleted(hsb, "MathAch ~ MEANSES + cses + (1 + cses | School)", as.character(hsb$School), TRUE,
                              dense = FALSE))

# Residuals and their variances, with dense matrices of all rows.
dense <- function(data, formula, reml) {
  fit <- tight_fit(formula, data, reml)
  X <- getME(fit, "X"); Z <- as.matrix(getME(fit, "Z")); A <- as.matrix(t(getME(fit, "Lambdat")))
  G <- sigma(fit)^2 * tcrossprod(A)
  V <- Z %*% G %*% t(Z) + sigma(fit)^2 * diag(nrow(X))
  W <- solve(V); Q <- W - W %*% X %*% solve(t(X) %*% W %*% X, t(X) %*% W)
  spread <- G %*% t(Z) %*% Q %*% Z %*% G                 # Var(b̂) over outcomes
  b <- as.numeric(getME(fit, "b"))
  flist <- getME(fit, "flist"); cn <- getME(fit, "cnms"); Gp <- getME(fit, "Gp")
  levels <- list()
  for (i in seq_along(cn)) {
    at <- (Gp[i] + 1):Gp[i + 1]; q <- length(cn[[i]]); groups <- levels(flist[[names(cn)[i]]])
    distance <- sapply(seq_along(groups), function(g) {
      w <- at[(g - 1) * q + 1:q]; as.numeric(b[w] %*% solve(spread[w, w], b[w])) })
    levels[[names(cn)[i]]] <- list(groups = groups, effects = cn[[i]], value = matrix(b[at], ncol = q, byrow = TRUE),
      sd = matrix(sqrt(diag(spread)[at]), ncol = q, byrow = TRUE), distance = distance)
  }
  q <- diag(Q)
  list(formula = formula, residual = unname(residuals(fit)), fitted = unname(fitted(fit)),
       fitted_marginal = as.numeric(X %*% fixef(fit)), leverage = 1 - sigma(fit)^2 * q,
       standardised = unname(residuals(fit)) / (sigma(fit)^2 * sqrt(q)), levels = levels)
}

answer <- list(
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  numDeriv = as.character(packageVersion("numDeriv"))),
  lme4_influence = list(units = names(cook), cook = unname(cook), dfbetas = unname(dfb)),
  deletions = cases,
  residuals = list("sleepstudy" = dense(sleep, rs, TRUE),
                   "Pastes" = dense(pastes, "strength ~ 1 + (1 | batch/cask)", TRUE)))
write(toJSON(answer, digits = 15, auto_unbox = TRUE), target)
