# A power study as a loop of lmerTest fits, the surveys of power_speed.py: Rscript power_speed.R SEED N
args <- commandArgs(TRUE)
suppressPackageStartupMessages(library(lmerTest))
set.seed(as.integer(args[1])); n <- as.integer(args[2])
villages <- 44; households <- 10; village <- rep(seq_len(villages), each = households)
sigma <- 0.6 * sqrt(0.75); tau <- c(0.6 * sqrt(0.25), 0.12)
survey <- function() {
  aid <- rnorm(villages)[village]; education <- rnorm(length(village)); trust <- rnorm(length(village))
  b0 <- tau[1] * rnorm(villages); b1 <- tau[2] * rnorm(villages)
  y <- 0.1 * education + 0.1 * trust + 0.08 * trust * aid + b0[village] + b1[village] * trust +
    sigma * rnorm(length(village))
  data.frame(y, education, trust, aid, village)
}
one <- function(control) {
  fit <- suppressMessages(suppressWarnings(
    lmer(y ~ education + trust * aid + (1 + trust | village), survey(), control = control)))
  c(coef(summary(fit))["trust:aid", "Pr(>|t|)"], lme4::isSingular(fit))
}
quick <- lme4::lmerControl(calc.derivs = FALSE)
one(quick)
run <- function(control) {
  start <- proc.time()[[3]]
  found <- replicate(n, one(control))
  list(ms = 1000 * (proc.time()[[3]] - start) / n, found = found)
}
default <- run(lme4::lmerControl()); fast <- run(quick)
found <- cbind(default$found, fast$found)
versions <- paste0('"', c("R", "lme4", "lmerTest"), '": "', c(paste(R.version$major, R.version$minor, sep = "."),
  as.character(packageVersion("lme4")), as.character(packageVersion("lmerTest"))), '"', collapse = ", ")
cat(sprintf('{"ms": %f, "ms_quick": %f, "power": %f, "singular": %f, "versions": {%s}}\n', default$ms, fast$ms,
  mean(found[1, ] < 0.05), mean(found[2, ]), versions))
