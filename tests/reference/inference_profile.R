# Profile-likelihood intervals by the definition: one parameter is held, the criterion minimised over all others, and
# the ends are where it has risen by the chi-square quantile. lme4 interpolates its profiles by
# splines and comes near these only.

criterion <- function(fit_or_parsed, reml) {
  parsed <- fit_or_parsed
  devfun <- do.call(mkLmerDevfun, parsed); env <- environment(devfun)
  n <- nrow(parsed$X); dof <- if (reml) n - ncol(parsed$X) else n
  sizes <- lengths(parsed$reTrms$cnms)
  count <- sum(sizes * (sizes + 1) / 2)
  # Parameters of a set of size 1: its sd; of size 2: sd, sd, correlation; last of all sigma.
  theta_of <- function(par) {
    out <- NULL; at <- 0; s <- par[length(par)]
    for (q in sizes) {
      if (q == 1) { out <- c(out, par[at + 1] / s); at <- at + 1 }
      else { a <- par[at + 1] / s; b <- par[at + 2] / s; r <- par[at + 3]
        out <- c(out, a, r * b, b * sqrt(max(0, 1 - r^2))); at <- at + 3 }
    }
    out
  }
  value <- function(par) {
    s2 <- par[length(par)]^2; devfun(theta_of(par))
    rss <- env$resp$wrss() + env$pp$sqrL(1)
    env$pp$ldL2() + (if (reml) env$pp$ldRX2() else 0) + dof * log(2 * pi * s2) + rss / s2
  }
  names <- unlist(lapply(seq_along(sizes), function(i) {
    terms <- parsed$reTrms$cnms[[i]]; group <- names(parsed$reTrms$cnms)[i]
    c(paste("sd", group, terms), if (length(terms) == 2) paste("cor", group, terms[1], terms[2]))
  }))
  list(value = value, names = c(names, "sigma"), count = count,
       lower = c(unlist(lapply(sizes, function(q) if (q == 1) 0 else c(0, 0, -1))), 1e-6),
       upper = c(unlist(lapply(sizes, function(q) if (q == 1) Inf else c(Inf, Inf, 1))), Inf))
}

# A parameter on its bound may be held there by the start: the search begins again from inside.
search <- function(f, start, lower, upper) {
  opts <- list(algorithm = "NLOPT_LN_BOBYQA", xtol_rel = 1e-11, ftol_rel = 1e-15, maxeval = 5000)
  best <- NULL
  for (k in 1:3) {
    found <- nloptr::nloptr(start, f, lb = lower, ub = upper, opts = opts)
    if (is.null(best) || found$objective < best$objective) best <- found
    start <- best$solution * (1 + 0.03 * k)
    at <- start - lower < 1e-4 | upper - start < 1e-4
    start[at] <- ifelse(abs(lower[at]) == 1, 0.8 * sign(start[at]), 0.15 * k * max(abs(start)))
    start <- pmin(pmax(start, lower), upper)
  }
  best
}

# Ends of {v: profile(v) - minimum <= quantile} on both sides of the estimate; a bound that is inside is the end.
ends <- function(profile, minimum, estimate, step, bounds, level = 0.95) {
  rise <- function(v) profile(v) - minimum - qchisq(level, 1)
  side <- function(sign, bound) {
    near <- estimate; h <- step
    repeat {
      far <- near + sign * h
      if (sign * (far - bound) >= 0) {
        edge <- bound - sign * 1e-9
        if (rise(edge) <= 0) return(bound)
        far <- edge
      }
      if (rise(far) > 0) break
      near <- far; h <- h * 1.5
    }
    uniroot(rise, sort(c(near, far)), tol = 1e-9)$root
  }
  c(side(-1, bounds[1]), side(1, bounds[2]))
}

profile_components <- function(formula, data, reml, fit) {
  parsed <- lFormula(as.formula(formula), data = data, REML = reml, control = tight[[1]])
  crit <- criterion(parsed, reml)
  start <- unlist(lapply(VarCorr(fit), function(m) { s <- sqrt(diag(m))
    if (length(s) == 1) s else c(s, max(-0.99, min(0.99, cov2cor(m)[2, 1]))) }))
  start <- unname(c(start, sigma(fit)))
  whole <- search(crit$value, start, crit$lower, crit$upper)
  estimate <- whole$solution
  intervals <- lapply(seq_along(estimate), function(k) {
    warm <- estimate[-k]
    profile <- function(v) {
      f <- function(rest) { par <- numeric(length(estimate)); par[k] <- v; par[-k] <- rest; crit$value(par) }
      a <- search(f, warm, crit$lower[-k], crit$upper[-k]); warm <<- a$solution
      a$objective
    }
    step <- if (is.finite(crit$upper[k])) 0.1 else 0.1 * max(estimate[k], 0.1 * sigma(fit))
    ends(profile, whole$objective, estimate[k], step, c(crit$lower[k], crit$upper[k]))
  })
  list(estimate = as.list(setNames(estimate, crit$names)), intervals = setNames(intervals, crit$names),
       deviance = whole$objective)
}

profile_coefficients <- function(formula, data, fit) {
  parsed <- lFormula(as.formula(formula), data = data, REML = FALSE, control = tight[[1]])
  X <- parsed$X; y <- parsed$fr[[1]]; theta <- unname(getME(fit, "theta")); minimum <- -2 * as.numeric(logLik(fit))
  lower <- getME(fit, "lower")
  intervals <- lapply(seq_len(ncol(X)), function(k) {
    warm <- theta
    profile <- function(b) {
      part <- parsed; part$X <- X[, -k, drop = FALSE]; part$fr[[1]] <- y - b * X[, k]
      f <- do.call(mkLmerDevfun, part)
      a <- search(f, warm, lower, rep(Inf, length(lower))); warm <<- a$solution
      a$objective
    }
    ends(profile, minimum, fixef(fit)[[k]], sqrt(vcov(fit)[k, k]), c(-Inf, Inf))
  })
  setNames(intervals, colnames(X))
}
