# Tight fits of lme4 for make_levels.R and make_inference.R: two optimisers from several starts with tight settings,
# then Newton steps on numDeriv's derivatives; parameters on the boundary stay there. `gradient` of the answer is the
# largest derivative of the criterion left over the free parameters.
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(numDeriv); library(jsonlite)})

read <- function(folder, name) {
  d <- read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = TRUE)
  for (g in intersect(c("Subject", "Worker", "School", "batch", "firm"), names(d)))
    d[[g]] <- factor(as.character(d[[g]]))
  d
}

tight <- list(
  lmerControl("bobyqa", calc.derivs = FALSE, optCtrl = list(rhoend = 1e-9, maxfun = 1e6),
              check.conv.singular = "ignore"),
  lmerControl("nloptwrap", calc.derivs = FALSE,
              optCtrl = list(xtol_abs = 1e-12, xtol_rel = 1e-12, ftol_abs = 1e-13, ftol_rel = 1e-15, maxeval = 1e5),
              check.conv.singular = "ignore"))

polish <- function(devfun, theta, lower) {
  free <- which(!(lower == 0 & theta < 1e-5))
  theta[-free] <- if (length(free) < length(theta)) 0 else theta[-free]
  best <- devfun(theta); g <- 0
  part <- function(x) { t <- theta; t[free] <- x; devfun(t) }
  if (length(free)) for (step in 1:6) {
    g <- grad(part, theta[free])
    if (max(abs(g)) < 1e-9) break
    trial <- theta; trial[free] <- theta[free] - solve(hessian(part, theta[free]), g)
    if (any(trial[lower == 0] < 0)) break
    value <- devfun(trial)
    if (!is.finite(value) || value > best + 1e-11 * abs(best)) break
    theta <- trial; best <- min(best, value)
  }
  if (length(free)) g <- grad(part, theta[free])
  list(par = theta, fval = devfun(theta), conv = 0, message = "", gradient = max(abs(g)))
}

# The data go to the global environment under a name of their own, where lmerTest and pbkrtest look them up again.
fit_tight <- function(formula, data, reml) {
  data_now <<- data; form_now <<- as.formula(formula, env = globalenv()); reml_now <<- reml; ctrl_now <<- tight[[1]]
  base <- lme4::lmer(form_now, data = data_now, REML = reml_now, control = ctrl_now)
  starts <- list(getME(base, "theta"), 0.3 * (getME(base, "lower") == 0), 1.5 * (getME(base, "lower") == 0))
  thetas <- list()
  for (control in tight) for (start in starts) {
    ctrl_now <<- control
    f <- tryCatch(lme4::lmer(form_now, data = data_now, REML = reml_now, control = ctrl_now,
                             start = unname(start)), error = function(e) NULL)
    if (!is.null(f)) thetas[[length(thetas) + 1]] <- unname(getME(f, "theta"))
  }
  ctrl_now <<- tight[[1]]
  parsed <- lFormula(form_now, data = data_now, REML = reml, control = tight[[1]])
  devfun <- do.call(mkLmerDevfun, parsed)
  found <- sapply(thetas, devfun)
  opt <- polish(devfun, thetas[[which.min(found)]], environment(devfun)$lower)
  fit <- mkMerMod(environment(devfun), opt, parsed$reTrms, fr = parsed$fr, mc = base@call)
  list(fit = fit, gradient = opt$gradient, spread = min(found) - opt$fval)
}

named <- function(x) as.list(setNames(as.numeric(x), names(x)))

# Names of groupings as the formula nests them: lme4 writes county/village as village:county, and (county/village)/x
# with brackets; the numbers it puts behind repeated groupings go.
outer_first <- function(names, formula) {
  plain <- gsub("[()]", "", sub("\\.[0-9]+$", "", names))
  if (!grepl("/", formula, fixed = TRUE)) return(plain)
  sapply(strsplit(plain, ":", fixed = TRUE), function(parts) paste(rev(parts), collapse = ":"), USE.NAMES = FALSE)
}

# as.data.frame of VarCorr garbles the names of groupings that come twice (||); those of cnms are whole.
variances <- function(fit, formula) {
  covs <- VarCorr(fit); groups <- outer_first(names(getME(fit, "cnms")), formula)
  rows <- lapply(seq_along(covs), function(i) {
    m <- covs[[i]]; terms <- rownames(m); one <- seq_along(terms)
    pairs <- if (length(terms) > 1) combn(one, 2) else matrix(0L, 2, 0)
    data.frame(group = groups[i], term1 = terms[c(one, pairs[1, ])],
               term2 = c(rep(NA, length(terms)), terms[pairs[2, ]]), value = c(diag(m), m[t(pairs)]),
               sdcor = c(sqrt(diag(m)), suppressWarnings(cov2cor(m))[t(pairs)]), row.names = NULL)
  })
  end <- data.frame(group = "Residual", term1 = NA, term2 = NA, value = sigma(fit)^2, sdcor = sigma(fit))
  answer <- do.call(rbind, c(rows, list(end)))
  rownames(answer) <- NULL
  answer
}

satterthwaite <- function(fit) {
  # In a model without covariates lmerTest keeps a row name of its own: names come from the fixed effects.
  table <- summary(as_lmerModLmerTest(fit), ddf = "Satterthwaite")$coefficients
  list(df = as.list(setNames(table[, "df"], names(fixef(fit)))),
       p = as.list(setNames(table[, "Pr(>|t|)"], names(fixef(fit)))))
}

versions <- function(...) {
  c(list(R = R.version.string), sapply(c(...), function(p) as.character(packageVersion(p)), simplify = FALSE))
}

# Tables are made anew for every test; their sums tell whether they are those the references were computed from.
described <- function(folder, names) {
  sapply(names, function(name) {
    d <- read(folder, name); numbers <- d[sapply(d, is.numeric)]
    list(rows = nrow(d), sums = named(sapply(numbers, sum)))
  }, simplify = FALSE)
}

save_json <- function(x, target) {
  writeLines(toJSON(x, digits = I(15), auto_unbox = TRUE, dataframe = "rows", na = "null", pretty = TRUE), target)
}
