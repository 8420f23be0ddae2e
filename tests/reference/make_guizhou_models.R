# The study's models on tests/guizhou/uneven.py: lme4, lmerTest, psych, and regressions by lm.
#   python tests/guizhou/uneven.py && Rscript tests/reference/make_guizhou_models.R uneven.csv tests/reference/guizhou_models.json
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(psych); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1])
d$y <- log(d$consumption)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
null <- lmer(y ~ 1 + (1 | village), d, control = control)
v <- as.data.frame(VarCorr(null))$vcov

whole <- d[complete.cases(d[c("education", "land", "migrants", "transfers", "cadre_relation")]), ]
for (name in c("village_consumption", "aid_funds", "village_migration"))
  whole[[paste0("c_", name)]] <- whole[[name]] - mean(whole[[name]])
fit <- lmer(y ~ education + land + migrants + transfers +
              cadre_relation * (c_village_consumption + c_aid_funds + c_village_migration) + (1 + cadre_relation | village),
            whole, control = control)
told <- summary(fit)$coefficients
at <- c(1500, 3000) - mean(whole$village_consumption)
pair <- c("cadre_relation", "cadre_relation:c_village_consumption")
slope <- function(w) {
  l <- setNames(rep(0, length(fixef(fit))), names(fixef(fit)))
  l[pair] <- c(1, w)
  test <- contest1D(fit, l)
  c(test[["Estimate"]], test[["Std. Error"]], test[["df"]])
}
dummies <- lm(y ~ education + land + migrants + transfers + cadre_relation +
                cadre_relation:(c_village_consumption + c_aid_funds + c_village_migration) + village, whole)
items <- c("trust", "participation", "harmony", "cadre_relation")
full <- c(items, "education", "land", "migrants", "transfers", "village_consumption", "aid_funds", "village_migration")
known <- d[complete.cases(d[full]), ]
# 1 / (1 - R2) of each item on the others: the definition, by as many regressions.
inflation <- function(names) sapply(items, function(name)
  1 / (1 - summary(lm(reformulate(setdiff(names, name), name), known))$r.squared))
out <- list(
  check = list(rows = nrow(d), consumption = sum(d$consumption)),
  null = list(icc = v[1] / sum(v)),
  item = list(terms = rownames(told), estimate = told[, "Estimate"], se = told[, "Std. Error"],
              loglik = as.numeric(logLik(fit)), slopes = lapply(at, slope)),
  within = as.list(coef(dummies)[c("cadre_relation", "cadre_relation:c_village_consumption")]),
  vif = list(items = inflation(items), full = inflation(full)),
  spearman = cor(known[items], method = "spearman"),
  describe = describe(d[d$consumption < 1500, c("trust", "education")])[c("n", "mean", "sd")],
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  lmerTest = as.character(packageVersion("lmerTest")),
                  psych = as.character(packageVersion("psych"))))
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), args[2])
