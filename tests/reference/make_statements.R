# Runs the R statements that povstats writes beside its fits, as they stand, and keeps their log-likelihoods.
#   python tests/reference/statement_cases.py FOLDER
#   Rscript tests/reference/make_statements.R FOLDER tests/reference/statements.json
suppressPackageStartupMessages({library(jsonlite); library(nlme); library(lmerTest); library(pbkrtest)})
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]; target <- args[2]
cases <- fromJSON(file.path(folder, "statements.json"), simplifyVector = FALSE)

run <- function(code, table) {
  where <- new.env(parent = globalenv())
  where$d <- read.csv(file.path(folder, paste0(table, ".csv")), check.names = FALSE, na.strings = "",
                      fileEncoding = "UTF-8")
  shown <- withVisible(eval(parse(text = code), where))$value
  beta <- fixef(where$fit)
  out <- list(code = code, loglik = as.numeric(logLik(where$fit)), fixef = unname(beta), terms = I(names(beta)),
              nobs = nobs(where$fit))
  if (inherits(shown, "summary.merMod")) {
    df <- if ("df" %in% colnames(shown$coefficients)) unname(shown$coefficients[, "df"]) else NULL
    out$df <- df
  }
  out
}

made <- list()
for (case in names(cases)) for (program in c("lme4", "nlme")) {
  started <- Sys.time()
  made[[case]][[program]] <- run(cases[[case]][[program]], cases[[case]]$table)
  cat(sprintf("%-16s %-5s logLik %.9f  %.1f s\n", case, program, made[[case]][[program]]$loglik,
              as.numeric(Sys.time() - started, units = "secs")))
}
versions <- c(list(R = R.version.string), lapply(setNames(nm = c("lme4", "nlme", "lmerTest", "pbkrtest")),
                                                 function(name) as.character(packageVersion(name))))
writeLines(toJSON(list(versions = versions, cases = made), digits = I(15), auto_unbox = TRUE, null = "null",
                  pretty = TRUE), target, useBytes = TRUE)
