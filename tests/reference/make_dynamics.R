# Reference values for tests/dynamics: survival curves and hazards of low pay, by R alone.
#
#   Rscript tests/reference/make_dynamics.R      (from the root of the checkout)
#
# Needs survival, survey, lme4 and jsonlite. Spells are cut here again, without povstats.
library(survival)
suppressPackageStartupMessages(library(survey))
suppressPackageStartupMessages(library(lme4))

wages <- read.csv("data/examples/wage_panel/wages.csv")
wages <- wages[order(wages$man, wages$year), ]
wages$wage <- exp(wages$log_wage)
line <- 0.6 * sort(wages$wage)[2180]  # the lower of the two middle values, as povstats.quantile(rule = "lower")
wages$low <- as.integer(wages$wage < line)
wages$weight <- 1 + wages$man %% 5

spells <- do.call(rbind, lapply(split(wages, wages$man), function(one) {
  runs <- rle(one$low)
  ends <- cumsum(runs$lengths)
  starts <- ends - runs$lengths + 1
  data.frame(man = one$man[1], weight = one$weight[1], low = runs$values, start = starts, end = ends,
             length = runs$lengths, left = starts == 1, right = ends == nrow(one))
}))
curve <- function(low) {
  own <- spells[spells$low == low & !spells$left, ]
  # A spell that is not over has been at risk in one step fewer than it has waves.
  own$time <- ifelse(own$right, own$length - 1, own$length)
  own$event <- as.integer(!own$right)
  own <- own[own$time > 0, ]
  plain <- summary(survfit(Surv(time, event) ~ 1, data = own))
  robust <- summary(survfit(Surv(time, event) ~ 1, data = own, weights = own$weight, cluster = own$man, robust = TRUE))
  list(time = plain$time, survival = plain$surv, greenwood = plain$std.err,
       weighted_time = robust$time, weighted_survival = robust$surv, weighted_se = robust$std.err,
       men = length(unique(own$man)))
}

rows <- do.call(rbind, lapply(split(wages, wages$man), function(one) {
  runs <- rle(one$low)
  age <- sequence(runs$lengths)
  run <- rep(seq_along(runs$lengths), runs$lengths)
  n <- nrow(one)
  keep <- which(one$low[-n] == 0 & run[-n] > 1)
  if (!length(keep)) return(NULL)
  data.frame(one[keep, ], age = age[keep], event = one$low[keep + 1])
}))
rows$union <- as.integer(rows$union == "yes")
rows$black <- as.integer(rows$black == "yes")
covariates <- event ~ log(age) + education + black + union
told <- function(fit) list(params = unname(coef(fit)), loglik = as.numeric(logLik(fit)))
design <- svydesign(ids = ~man, weights = ~weight, data = rows)
weighted <- svyglm(covariates, design, family = quasibinomial())
mixed <- function(link) {
  fit <- suppressMessages(glmer(update(covariates, . ~ . + (1 | man)), rows, binomial(link), nAGQ = 25))
  list(params = unname(fixef(fit)), sd = unname(attr(VarCorr(fit)$man, "stddev")), loglik = as.numeric(logLik(fit)))
}

out <- list(
  r = R.version.string,
  survival = as.character(packageVersion("survival")), survey = as.character(packageVersion("survey")),
  lme4 = as.character(packageVersion("lme4")),
  line = line,
  exit = curve(1), `return` = curve(0),
  rows = nrow(rows), events = sum(rows$event),
  cloglog = told(glm(covariates, binomial("cloglog"), rows)),
  logit = told(glm(covariates, binomial("logit"), rows)),
  logit_weighted = list(params = unname(coef(weighted)), se = unname(sqrt(diag(vcov(weighted))))),
  normal_cloglog = mixed("cloglog"), normal_logit = mixed("logit")
)
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "tests/reference/dynamics.json")
