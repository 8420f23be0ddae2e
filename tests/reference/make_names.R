# Evaluates the R names of povstats/tables/elsewhere.csv on fits of sleepstudy, and keeps those that answer.
#   Rscript tests/reference/make_names.R povstats/tables/elsewhere.csv tests/reference/names.json
suppressPackageStartupMessages({library(nlme); library(lmerTest); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
names <- read.csv(args[1], stringsAsFactors = FALSE, fileEncoding = "UTF-8")
d <- transform(lme4::sleepstudy, g = Subject)
fits <- list(
  lme4 = list(fit = lmer(Reaction ~ Days + (1 + Days | g), d), small = lmer(Reaction ~ Days + (1 | g), d)),
  nlme = list(fit = nlme::lme(Reaction ~ Days, random = ~ 1 + Days | g, data = d),
              small = nlme::lme(Reaction ~ Days, random = ~ 1 | g, data = d)))
answers <- function(program) {
  where <- list2env(fits[[program]], parent = globalenv())
  assign("d", d, where)
  # Both packages have functions of the same name: each is asked by its own.
  own <- list(lme4 = c("fixef", "ranef", "VarCorr", "ngrps", "isSingular", "bootMer"),
              nlme = c("fixef", "ranef", "VarCorr", "getVarCov", "intervals"))
  for (name in own[[program]]) assign(name, getExportedValue(program, name), where)
  asked <- Filter(nzchar, names[[program]])
  out <- lapply(asked, function(code) {
    value <- suppressWarnings(suppressMessages(eval(parse(text = code), where)))
    list(code = code, class = class(value)[1], size = length(unlist(value)))
  })
  out
}
versions <- c(list(R = R.version.string), lapply(setNames(nm = c("lme4", "nlme", "lmerTest", "clubSandwich",
  "performance")), function(name) as.character(packageVersion(name))))
writeLines(toJSON(list(versions = versions, lme4 = answers("lme4"), nlme = answers("nlme")), auto_unbox = TRUE,
                  pretty = TRUE), args[2])
