# Fits one case by lme4 or nlme and prints what took how long: Rscript speed_lme4.R FOLDER FORMULA WHAT REPEATS
suppressPackageStartupMessages({library(lme4); library(jsonlite)})
args <- commandArgs(TRUE)
about <- readLines(file.path(args[1], "columns.txt"))
about <- about[nzchar(about)]
n <- as.integer(about[1])
d <- as.data.frame(lapply(setNames(about[-1], about[-1]), function(name)
  readBin(file.path(args[1], name), "double", n, endian = "little")))
for (g in intersect(c("village", "county"), names(d))) d[[g]] <- factor(d[[g]])
formula <- as.formula(args[2])
peak <- function() as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
invisible(gc()); before <- peak()
loose <- lmerControl(calc.derivs = FALSE)
tight <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
seconds <- c(); value <- NA; fixed <- NA
if (args[3] == "lmer" || args[3] == "tight") {
  for (i in seq_len(as.integer(args[4]))) {
    t <- proc.time()[[3]]
    m <- suppressMessages(suppressWarnings(lmer(formula, d, control = if (args[3] == "tight") tight else loose)))
    seconds <- c(seconds, proc.time()[[3]] - t)
  }
  value <- as.numeric(logLik(m)); fixed <- fixef(m)
} else if (args[3] == "nlme") {
  suppressPackageStartupMessages(library(nlme))
  plain <- as.formula(sub(" \\+ \\(.*", "", args[2]))
  bars <- grepl("county", args[2])
  inner <- if (grepl("1 \\+ trust", args[2])) ~ 1 + trust else ~ 1
  random <- if (bars) list(county = inner, village = inner) else list(village = inner)
  for (i in seq_len(as.integer(args[4]))) {
    t <- proc.time()[[3]]; m <- lme(plain, d, random = random, control = lmeControl(returnObject = TRUE))
    seconds <- c(seconds, proc.time()[[3]] - t)
  }
  value <- as.numeric(logLik(m)); fixed <- fixef(m)
} else if (args[3] == "bootMer") {
  m <- lmer(formula, d, control = loose)
  for (i in seq_len(3)) {
    t <- proc.time()[[3]]
    b <- suppressMessages(suppressWarnings(bootMer(m, fixef, nsim = as.integer(args[4]))))
    seconds <- c(seconds, (proc.time()[[3]] - t) / as.integer(args[4]))
  }
  value <- as.numeric(logLik(m)); fixed <- fixef(m)
}
cat(toJSON(list(seconds = seconds, loglik = value, params = as.numeric(fixed), extra_mb = peak() - before,
  version = as.character(packageVersion(if (args[3] == "nlme") "nlme" else "lme4"))), digits = 12, auto_unbox = FALSE))
