# Fits one case by lme4 or nlme and prints what took how long: Rscript speed_lme4.R FOLDER FORMULA WHAT REPEATS
args <- commandArgs(TRUE)
began <- proc.time()[[3]]
suppressPackageStartupMessages({if (args[3] == "nlme") library(nlme) else library(lme4)})
loaded <- proc.time()[[3]] - began
library(jsonlite)
about <- readLines(file.path(args[1], "columns.txt"))
about <- about[nzchar(about)]
n <- as.integer(about[1])
d <- as.data.frame(lapply(setNames(about[-1], about[-1]), function(name)
  readBin(file.path(args[1], name), "double", n, endian = "little")))
for (g in intersect(c("village", "county"), names(d))) d[[g]] <- factor(d[[g]])
formula <- as.formula(args[2])
memory <- function(what) {
  found <- grep(what, readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", found)) / 1024
}
invisible(gc()); before <- memory("VmRSS")
cat("5", file = "/proc/self/clear_refs")  # the peak starts afresh: reading the data does not hide what a fit adds
seconds <- c(); value <- NA; fixed <- NA; extra <- NA
# Repeats warm; the first fit tells the cold time, and is all there is where a fit takes long.
race <- function(fit, times = as.integer(args[4]) + 1) {
  for (i in seq_len(times)) {
    t <- proc.time()[[3]]
    m <- suppressMessages(suppressWarnings(fit()))
    seconds <<- c(seconds, proc.time()[[3]] - t)
    if (i == 1) extra <<- memory("VmHWM") - before
    if (seconds[i] > 10) break
  }
  value <<- as.numeric(logLik(m)); fixed <<- fixef(m)
}
if (args[3] == "nlme") {
  plain <- as.formula(sub(" \\+ \\(.*", "", args[2]))
  inner <- if (grepl("1 \\+ trust", args[2])) ~ 1 + trust else ~ 1
  random <- if (grepl("county", args[2])) list(county = inner, village = inner) else list(village = inner)
  race(function() lme(plain, d, random = random, control = lmeControl(returnObject = TRUE)))
} else {
  loose <- lmerControl(calc.derivs = FALSE)
  tight <- lmerControl(optimizer = "bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
  if (args[3] == "bootMer") {
    m <- lmer(formula, d, control = loose)
    race(function() { bootMer(m, fixef, nsim = as.integer(args[4])); m }, 4)
    seconds <- seconds / as.integer(args[4])
  } else race(function() lmer(formula, d, control = if (args[3] == "tight") tight else loose))
}
warm <- if (length(seconds) > 1) seconds[-1] else seconds
name <- if (args[3] == "nlme") "nlme" else "lme4"
cat(toJSON(list(seconds = warm, cold = loaded + seconds[1], loglik = value, params = as.numeric(fixed),
  extra_mb = extra, version = as.character(packageVersion(name))), digits = 12))
