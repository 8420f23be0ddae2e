# Cluster-robust covariances, weighted likelihood and HLM's diagnostics from their formulas on dense matrices.

# Marginal covariance of the outcome, n x n.
dense_v <- function(fit) {
  spread <- getME(fit, "Lambdat") %*% getME(fit, "Zt")
  sigma(fit)^2 * (as.matrix(crossprod(spread)) + diag(ncol(spread)))
}

power <- function(S, p) {
  e <- eigen((S + t(S)) / 2, symmetric = TRUE)
  keep <- e$values > 1e-10 * max(e$values)
  e$vectors[, keep, drop = FALSE] %*% (e$values[keep]^p * t(e$vectors[, keep, drop = FALSE]))
}

# CR0 to CR3 with the model's covariance as working model, and Satterthwaite's degrees of freedom after Bell &
# McCaffrey (2002), Pustejovsky & Tipton (2018): 2 E(v)^2 / Var(v) of the quadratic form v = c' V_CR c under the model.
# Where a cluster has a dummy of its own, I - H is singular: powers are then those of the symmetric, whitened
# I - V^-1/2 X M X' V^-1/2 on its range.
dense_robust <- function(fit, cluster, type) {
  X <- getME(fit, "X"); y <- getME(fit, "y"); V <- dense_v(fit); W <- solve(V)
  M <- solve(t(X) %*% W %*% X); beta <- M %*% t(X) %*% W %*% y; r <- y - X %*% beta
  rows <- split(seq_along(y), factor(cluster)); G <- length(rows); H <- X %*% M %*% t(X) %*% W
  parts <- lapply(rows, function(i) {
    Vi <- V[i, i, drop = FALSE]; Xi <- X[i, , drop = FALSE]; n <- length(i)
    if (type %in% c("CR0", "CR1")) A <- diag(n) * if (type == "CR1") sqrt(G / (G - 1)) else 1
    if (type == "CR2") { D <- chol(Vi); A <- t(D) %*% power(D %*% (Vi - Xi %*% M %*% t(Xi)) %*% t(D), -0.5) %*% D }
    if (type == "CR3") {
      root <- power(Vi, 0.5); back <- power(Vi, -0.5)
      A <- root %*% power(diag(n) - back %*% Xi %*% M %*% t(Xi) %*% back, -1) %*% back
    }
    M %*% t(Xi) %*% W[i, i] %*% A
  })
  meat <- mapply(function(E, i) E %*% r[i], parts, rows)
  vcov <- meat %*% t(meat); dimnames(vcov) <- NULL
  IH <- diag(length(y)) - H
  df <- sapply(seq_len(ncol(X)), function(k) {
    P <- mapply(function(E, i) t(IH[i, , drop = FALSE]) %*% E[k, ], parts, rows)
    O <- t(P) %*% V %*% P
    sum(diag(O))^2 / sum(O^2)
  })
  list(vcov = vcov, df = df)
}

# HLM's reliability of a random coefficient q, the mean over groups of tau_qq / (tau_qq + v_qqj) with
# v_j = sigma2 (Z_j'Z_j)^-1, and the chi-square of its variance, sum_j (b_qj - fitted_qj)^2 / v_qqj with b_j the least
# squares coefficients of group j after the fixed part, so that b_j - fitted_j is their regression on Z_j of y - X beta;
# df = groups - level-2 predictors of q - 1. Groups whose Z'Z has no inverse are left out of all.
hlm_diagnostics <- function(fit, predictors) {
  Z <- getME(fit, "mmList")[[1]]; g <- getME(fit, "flist")[[1]]; tau <- diag(as.matrix(VarCorr(fit)[[1]]))
  r <- getME(fit, "y") - getME(fit, "X") %*% fixef(fit)
  each <- lapply(split(seq_along(g), g), function(i) {
    S <- crossprod(Z[i, , drop = FALSE])
    if (qr(Z[i, , drop = FALSE])$rank < ncol(Z)) return(NULL)
    list(v = sigma(fit)^2 * diag(solve(S)), d = as.numeric(solve(S, crossprod(Z[i, , drop = FALSE], r[i]))))
  })
  each <- Filter(Negate(is.null), each)
  v <- do.call(rbind, lapply(each, `[[`, "v")); d <- do.call(rbind, lapply(each, `[[`, "d"))
  chisq <- colSums(d^2 / v); df <- length(each) - predictors - 1
  terms <- lapply(seq_along(tau), function(q) list(
    reliability = mean(tau[q] / (tau[q] + v[, q])), chisq = chisq[[q]], df = df[q],
    p = pchisq(chisq[[q]], df[q], lower.tail = FALSE)))
  c(list(groups_used = length(each), groups = nlevels(g)), list(terms = setNames(terms, colnames(Z))))
}

# Pseudo-likelihood of Rabe-Hesketh & Skrondal (2006) of a two-level model: a group's likelihood counts v_j times, a
# row's density given the effects w_ij times. Such a row is sqrt(1/w) as noisy: log f^w is the normal density with
# variance sigma2/w times a factor that depends on sigma2 and w alone. `effective` and `size` scale w within groups.
weighted_fit <- function(X, Z, y, g, w, v, scaling) {
  rows <- split(seq_along(y), factor(g)); q <- ncol(Z); low <- which(lower.tri(diag(q), TRUE))
  for (i in rows) {
    if (scaling == "size") w[i] <- w[i] * length(i) / sum(w[i])
    if (scaling == "effective") w[i] <- w[i] * sum(w[i]) / sum(w[i]^2)
  }
  v <- sapply(rows, function(i) v[i[1]])
  wide <- function(T, s2, i) Z[i, , drop = FALSE] %*% T %*% t(Z[i, , drop = FALSE]) + diag(s2 / w[i], length(i))
  one <- function(beta, T, s2, i) {
    R <- chol(wide(T, s2, i)); e <- backsolve(R, y[i] - X[i, , drop = FALSE] %*% beta, transpose = TRUE)
    -sum(log(diag(R))) - length(i) / 2 * log(2 * pi) - sum(e^2) / 2 +
      sum(log(2 * pi * s2 / w[i]) / 2 - w[i] / 2 * log(2 * pi * s2))
  }
  gls <- function(T, s2) {
    A <- 0; b <- 0
    for (j in seq_along(rows)) {
      i <- rows[[j]]; XV <- t(X[i, , drop = FALSE]) %*% solve(wide(T, s2, i))
      A <- A + v[j] * XV %*% X[i, , drop = FALSE]; b <- b + v[j] * XV %*% y[i]
    }
    list(A = A, beta = solve(A, b))
  }
  open <- function(par) { L <- matrix(0, q, q); L[low] <- par[seq_along(low)]
    list(T = L %*% t(L), s2 = exp(par[length(low) + 1])) }
  value <- function(par) {
    o <- open(par); beta <- gls(o$T, o$s2)$beta
    -sum(v * sapply(rows, function(i) one(beta, o$T, o$s2, i)))
  }
  par <- c(diag(q)[low] * 0.7, 0)
  for (k in 1:2) par <- optim(par, value, method = "BFGS", control = list(reltol = 1e-14, maxit = 500))$par
  for (k in 1:3) par <- par - solve(hessian(value, par), grad(value, par))
  o <- open(par); at <- gls(o$T, o$s2); beta <- as.numeric(at$beta)
  scores <- t(sapply(seq_along(rows), function(j) {
    i <- rows[[j]]; v[j] * t(X[i, , drop = FALSE]) %*% solve(wide(o$T, o$s2, i), y[i] - X[i, , drop = FALSE] %*% beta)
  }))
  block <- solve(at$A) %*% crossprod(scores) %*% solve(at$A)
  p <- length(beta)
  whole <- function(all) {
    T <- matrix(0, q, q); T[low] <- all[p + seq_along(low)]; T[upper.tri(T)] <- t(T)[upper.tri(T)]
    v * sapply(rows, function(i) one(all[1:p], T, all[length(all)], i))
  }
  all <- c(beta, o$T[low], o$s2); S <- jacobian(whole, all); H <- -hessian(function(a) sum(whole(a)), all)
  full <- solve(H) %*% crossprod(S) %*% solve(H)
  list(fixef = beta, T = o$T, sigma2 = o$s2, loglik = -value(par), gradient = max(abs(grad(value, par))),
       se_information = sqrt(diag(solve(at$A))), vcov_sandwich = unname(block), se_sandwich = sqrt(diag(block)),
       se_sandwich_full = sqrt(diag(full)), clusters = length(rows))
}
