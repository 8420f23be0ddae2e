"""Village means that contain the outcome: treatments, reliability, readings of "fixed effects".

Second routes: Bell and McCaffrey's covariance and Satterthwaite's degrees of freedom written out with dense matrices; a
dense restricted likelihood for the covariance of intercept and slope, maximised by scipy; fit_hlm's own CR2 for a
single split; the algebra of leave-one-out means; the F interval of balanced analysis of variance and simulated coverage
for villages of unequal sizes; HLM's reliability; the law of parallel halves. EXACT is for identities in double
precision through an iterative fit; LIKELY for optima that two optimisers find to 1e-6 of the criterion.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import sqrtm
from scipy.optimize import minimize
from scipy.stats import chi2
from scipy.stats import f as f_law

from povstats.errors import DataError, FitError, OptionError
from povstats.guizhou import Analysis, Plan, moderators
from povstats.guizhou.fixed_effects import READINGS, fixed_readings
from povstats.guizhou.mean_treatments import treatments
from povstats.guizhou.noisy_means import exact_ratio, mean_reliability
from povstats.guizhou.pooled import pooled
from povstats.guizhou.simulated import pretest, village_means
from povstats.guizhou.slope_on_level import slope_on_level
from povstats.models import fit_hlm, split_half_mean

EXACT, LIKELY = 1e-6, 1e-3


@pytest.fixture(scope="module")
def contained(uneven):
    """Give the uneven survey with the mean of its own households as village consumption, and no gaps."""
    table = uneven(villages=30).dropna().reset_index(drop=True)
    mean = table.groupby("village")["consumption"].transform("mean")
    return Analysis(table.assign(official=table["village_consumption"], village_consumption=mean), Plan())


@pytest.fixture(scope="module")
def small():
    """Give y, x and g: a balanced synthetic survey of 16 villages of 6."""
    rng = np.random.default_rng(5)
    g = np.repeat(np.arange(16), 6)
    u0 = rng.normal(0, 0.4, 16)
    x = rng.integers(1, 6, len(g)).astype(float)
    y = u0[g] + (0.2 - 0.3 * u0[g] + rng.normal(0, 0.1, 16)[g]) * (x - 3) + rng.normal(0, 0.5, len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g})


def test_pooled_is_bell_and_mccaffrey_written_out(small):
    X = np.column_stack([np.ones(len(small)), small["x"], small["x"] ** 2])
    M = np.linalg.inv(X.T @ X)
    beta = M @ X.T @ small["y"].to_numpy()
    e = small["y"].to_numpy() - X @ beta
    H = np.eye(len(X)) - X @ M @ X.T
    adjusted, scores = [], []
    for g in range(16):
        own = np.flatnonzero(small["g"] == g)
        A = np.linalg.inv(np.real(sqrtm(H[np.ix_(own, own)])))
        adjusted.append(M @ X[own].T @ A @ H[own])
        scores.append(M @ X[own].T @ A @ e[own])
    V = sum(np.outer(s, s) for s in scores)
    rows = pooled(small["y"].to_numpy(), small[["x"]].assign(square=small["x"] ** 2), small["g"])
    assert list(rows.index) == ["Intercept", "x", "square"]
    np.testing.assert_allclose(rows["estimate"], beta, rtol=1e-8)
    np.testing.assert_allclose(rows["se"], np.sqrt(np.diag(V)), rtol=1e-8)
    for k in range(3):
        G = np.array([part[k] for part in adjusted])
        K = G @ G.T
        assert rows["df"].iloc[k] == pytest.approx(np.trace(K) ** 2 / (K**2).sum(), rel=1e-7)


def reml(small, kappa=None):
    """Give twice the largest restricted log-likelihood of intercept and slope; with kappa given, tied by it."""
    about, y = (small["x"] - small["x"].mean()).to_numpy(), small["y"].to_numpy()
    X, g = np.column_stack([np.ones(len(y)), about]), small["g"].to_numpy()
    Z, same = X, np.equal.outer(g, g)

    def minus(theta):
        a, k, b, s = np.exp(theta[0]), theta[1] if kappa is None else kappa, np.exp(theta[2]), np.exp(theta[3])
        T = a * np.outer([1, k], [1, k]) + b * np.diag([0.0, 1.0])
        V = same * (Z @ T @ Z.T) + s * np.eye(len(y))
        L = np.linalg.cholesky(V)
        Xs, ys = np.linalg.solve(L, X), np.linalg.solve(L, y)
        R = np.linalg.qr(Xs, mode="r")
        r = ys - Xs @ np.linalg.lstsq(Xs, ys, rcond=None)[0]
        logs = 2 * np.log(np.abs(np.diag(L))).sum() + 2 * np.log(np.abs(np.diag(R))).sum()
        return logs + r @ r + (len(y) - 2) * np.log(2 * np.pi)

    start = [np.log(0.15), -0.3, np.log(0.01), np.log(0.25)]
    found = minimize(minus, start, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-6, "fatol": 1e-8})
    return -found.fun, found.x


def test_the_covariance_and_its_interval_are_those_of_a_dense_likelihood(small):
    found = slope_on_level("y ~ x", "x", "g", small)
    best, theta = reml(small)
    assert found.estimate == pytest.approx(theta[1], rel=LIKELY)
    for end in (found.low, found.high):
        assert best - reml(small, end)[0] == pytest.approx(chi2.ppf(0.95, 1), rel=LIKELY)
    assert found.p == pytest.approx(chi2.sf(best - reml(small, 0.0)[0], 1), rel=10 * LIKELY)
    assert found.low < found.estimate < found.high


def test_a_level_that_does_not_vary_leaves_the_covariance_open():
    rng = np.random.default_rng(2)
    g = np.repeat(np.arange(12), 6)
    e = rng.normal(size=len(g))
    e -= pd.Series(e).groupby(g).transform("mean")
    table = pd.DataFrame({"y": e, "x": rng.normal(size=len(g)), "g": g})
    found = slope_on_level("y ~ x", "x", "g", table)
    assert (found.low, found.high, found.status) == (-np.inf, np.inf, "boundary")
    with pytest.raises(FitError, match="one value"):
        slope_on_level("y ~ x", "x", "g", table.assign(x=1.0))


def test_leave_one_out_determines_the_outcome_and_is_refused(contained):
    table = contained.table
    logs = np.log(table["consumption"])
    of = logs.groupby(table["village"])
    n = of.transform("count")
    others = (of.transform("sum") - logs) / (n - 1)
    inside = (n - 1) * (others - others.groupby(table["village"]).transform("mean"))
    np.testing.assert_allclose(inside, -(logs - of.transform("mean")), rtol=1e-9, atol=1e-12)
    refused = table.assign(log=logs, others=others)
    with pytest.raises(FitError, match="likelihood is unbounded"):
        fit_hlm("log ~ trust * others + (1 + trust | village)", refused)
    told = moderators.leave_one_out(moderators.complete(contained, "trust"), "trust")
    plan = contained.plan
    centred = {name: table[name] - table[name].mean() for name in plan.village[1:]} | {"level": others - others.mean()}
    X = table[[*plan.household, "trust"]].assign(one=1.0, **centred)
    X = X.assign(**{f"x{name}": table["trust"] * values for name, values in centred.items()})
    beta = pd.Series(np.linalg.lstsq(X.to_numpy(dtype=float), logs, rcond=None)[0], X.columns)
    level = beta["level"] + beta["xlevel"] * table["trust"].mean()
    assert (told.estimate, told.level) == pytest.approx((beta["xlevel"], level), rel=1e-6)


def test_one_split_has_the_robust_error_of_its_own_fit(contained):
    told = moderators.complete(contained, "cadre_relation")
    one = moderators.split_half(told, "cadre_relation", 1, 11)
    table = told.table[told.table.groupby("village")["trust"].transform("size") >= 4].reset_index(drop=True)
    table = table.assign(log=np.log(table["consumption"]))
    half = split_half_mean(table, "log", by="village", rng=np.random.default_rng(11))
    rows = table.assign(half=half).dropna(subset=["half"])
    text = "education + land + migrants + transfers + cadre_relation * (center(half) + center(aid_funds)"
    fit = fit_hlm(f"log ~ {text} + center(village_migration)) + (1 + cadre_relation | village)", rows)
    robust = fit.robust("CR2")
    name = "cadre_relation:center(half)"
    expected = (fit.params[name], robust.std_errors[name], robust.dof[name], robust.pvalues[name])
    assert (one.estimate, one.se, one.df, one.p) == pytest.approx(expected, rel=EXACT)
    assert one.rows == len(rows)


def test_splits_are_averaged_and_their_luck_with_them(contained):
    told = moderators.complete(contained, "trust")
    rng = np.random.default_rng(3)
    singles = [moderators.split_half(told, "trust", 1, rng) for _ in range(6)]
    whole = moderators.split_half(told, "trust", 6, np.random.default_rng(3))
    assert whole.estimate == pytest.approx(np.mean([one.estimate for one in singles]), rel=EXACT)
    assert whole.se < max(one.se for one in singles)
    assert whole.se > min(one.se for one in singles) / np.sqrt(6)
    assert whole.low < whole.estimate < whole.high


def test_naive_and_outside_are_the_models_with_that_column(contained):
    found = treatments(contained, "harmony", outside="official", splits=2)
    table = contained.table.assign(log=np.log(contained.table["consumption"]))
    table["mean"] = table.groupby("village")["log"].transform("mean")
    for treatment, column in (("naive", "mean"), ("outside", "log(official)")):
        text = f"education + land + migrants + transfers + harmony * (center({column}) + center(aid_funds)"
        fit = fit_hlm(f"log ~ {text} + center(village_migration)) + (1 + harmony | village)", table)
        one = found.found[treatment]
        assert one.estimate == pytest.approx(fit.params[f"harmony:center({column})"], rel=1e-5)
        assert one.se == pytest.approx(fit.std_errors[f"harmony:center({column})"], rel=1e-4)
    study = contained.model("harmony").params["harmony:center(village_consumption)"]
    planned = found.found["as_planned"].estimate
    assert planned == pytest.approx(study * contained.table["village_consumption"].mean(), rel=1e-5)


def test_a_moderator_that_does_not_contain_the_outcome_is_the_outside_figure(analysed):
    found = treatments(analysed, "participation", splits=2)
    assert analysed.contained == ()
    assert found.outside == "village_consumption"
    assert "as_planned" not in found.found
    assert found.reasons == {}
    assert found.found["split_half"].rows < found.found["naive"].rows < len(analysed.table)


def test_treatments_refuse_what_is_none(contained):
    with pytest.raises(OptionError, match="none of the plan's"):
        treatments(contained, "county")
    with pytest.raises(OptionError, match="splits"):
        treatments(contained, "trust", splits=0)
    lost = treatments(contained, "trust", outside="nothing", splits=1)
    assert lost.found["outside"] is None
    assert "no column" in lost.reasons["outside"]
    with pytest.raises(DataError, match="above zero"):
        treatments(Analysis(contained.table.assign(consumption=0.0), Plan()), "trust")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_treatments_and_readings_print_in_both_languages(contained, lang):
    word = {"zh": "误区", "en": "trap"}[lang]
    for found in (treatments(contained, "trust", splits=2), fixed_readings(contained, "trust")):
        assert len(found.explain(lang)) > 80
        assert str(found.summary(lang))
        assert next(iter(found.tidy().columns)) == "measure"
        assert "nan" not in str(found.summary(lang))
    assert word in treatments(contained, "trust", splits=2).explain(lang)


def test_reliability_is_that_of_hlm_and_needed_gives_the_target(analysed):
    found = mean_reliability(analysed)
    expected = float(analysed.null.reliability().table["reliability"].iloc[0])
    row = found.rows.loc["outcome"]
    assert row["reliability"] == pytest.approx(expected, rel=EXACT)
    assert row["needed 0.8"] * row["ratio"] / (1 + row["needed 0.8"] * row["ratio"]) == pytest.approx(0.8)
    assert row["low"] < row["reliability"] < row["high"]
    assert (found.rows["halves"] >= 0).all()
    assert found.rows.loc["participation", "needed 0.8"] == np.inf
    assert np.isnan(found.contextual.loc["participation", "corrected"])
    assert row["needed_low 0.9"] < row["needed 0.9"] < row["needed_high 0.9"]


def test_the_interval_is_the_f_interval_where_villages_are_alike(small):
    of = small.groupby("g")["y"]
    between = 6 * of.mean().var()
    within = ((small["y"] - of.transform("mean")) ** 2).sum() / (96 - 16)
    F = between / within
    low, high = exact_ratio(small["y"], small["g"], 0.95)
    assert low == pytest.approx(max((F / f_law.ppf(0.975, 15, 80) - 1) / 6, 0), rel=EXACT)
    assert high == pytest.approx((F / f_law.ppf(0.025, 15, 80) - 1) / 6, rel=EXACT)


def test_the_interval_covers_where_villages_are_unequal():
    """Simulation: 400 draws of 12 villages of 2 to 13; 90 per cent within three standard errors (0.045)."""
    rng = np.random.default_rng(8)
    groups = pd.Series(np.repeat(np.arange(12), np.arange(2, 14)))
    covered = 0
    for _ in range(400):
        y = pd.Series(rng.normal(0, 0.5, 12)[groups] + rng.normal(size=len(groups)))
        low, high = exact_ratio(y, groups, 0.9)
        covered += low <= 0.25 <= high
    assert covered / 400 == pytest.approx(0.9, abs=0.045)


def test_halves_meet_the_formula_and_contextual_coefficients_their_identity():
    """Law of parallel forms, 600 villages of 10: the correlation's standard error is 0.02."""
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(600), 10)
    x = rng.normal(0, 0.5, 600)[g] + rng.normal(size=len(g))
    logs = 7 + 0.2 * x + rng.normal(0, 0.3, 600)[g] + rng.normal(0, 0.5, len(g))
    table = pd.DataFrame({"consumption": np.exp(logs), "x": x, "m": rng.normal(size=600)[g], "village": g})
    plan = Plan(items=("x",), household=(), village=("m",), county=None, moderator="m", funds=None, poor=None)
    found = mean_reliability(Analysis(table, plan))
    truth = 0.25 / (0.25 + 0.1)
    assert found.rows.loc["x", "reliability"] == pytest.approx(truth, abs=0.04)
    assert found.rows.loc["x", "halves"] == pytest.approx(found.rows.loc["x", "reliability"], abs=0.01)
    effects = found.contextual.loc["x"]
    assert effects["between"] == pytest.approx(effects["within"] + effects["contextual"], rel=EXACT)


def test_reliability_refuses(analysed):
    with pytest.raises(OptionError, match="no column"):
        mean_reliability(analysed, ("nothing",))
    with pytest.raises(DataError, match="vary within"):
        mean_reliability(analysed, ("aid_funds",))
    with pytest.raises(OptionError, match="targets"):
        mean_reliability(analysed, targets=(1.2,))


def test_readings_identify_what_they_say(contained):
    found = fixed_readings(contained, "trust")
    assert found.without == ("village_consumption",)
    assert set(found.coefficients.index.get_level_values(0)) == set(READINGS)
    mains = {"center(aid_funds)", "center(village_migration)"}
    assert not mains & found.identified("dummies")
    for reading in ("steady", "pooled", "varying"):
        assert mains <= found.identified(reading)
    assert all("trust:center(aid_funds)" in found.identified(reading) for reading in READINGS)
    table = contained.table
    formula = "education + land + migrants + transfers + trust * (center(aid_funds) + center(village_migration))"
    steady = fit_hlm(f"log(consumption) ~ {formula} + (1 | village)", table)
    assert found.coefficients.loc[("steady", "trust"), "estimate"] == pytest.approx(steady.params["trust"], rel=EXACT)


def test_dummies_are_dummies(contained):
    """Second route: least squares with 30 village dummies by numpy."""
    found = fixed_readings(contained, "trust").coefficients.loc["dummies"]
    table = contained.table
    X = table[["education", "land", "migrants", "transfers", "trust"]].astype(float)
    for name in ("aid_funds", "village_migration"):
        X[f"trust:center({name})"] = table["trust"] * (table[name] - table[name].mean())
    X = pd.concat([X, pd.get_dummies(table["village"], dtype=float)], axis=1)
    beta = pd.Series(np.linalg.lstsq(X.to_numpy(), np.log(table["consumption"]), rcond=None)[0], X.columns)
    np.testing.assert_allclose(found["estimate"], beta[list(found.index)], rtol=1e-6)


def test_a_mean_of_the_outcome_leaves_the_readings_alike(contained):
    kept = fixed_readings(contained, "trust", without=())
    rows = kept.coefficients.xs("trust", level=1)["estimate"]
    assert rows["steady"] == pytest.approx(rows["pooled"], rel=1e-4)
    with pytest.raises(OptionError, match="without"):
        fixed_readings(contained, "trust", without=("nothing",))
    with pytest.raises(OptionError, match="no village column"):
        fixed_readings(contained, "trust", without=contained.plan.village)


def test_committed_simulations_hold_what_they_say():
    """Size of a valid test of 5 per cent over 1,000 surveys lies within 0.05 ± 3 · 0.007."""
    found = village_means().set_index(["icc", "case", "treatment"])
    assert (found["surveys"] >= 1000).all()
    for treatment in ("split_half", "outside", "covariance", "naive"):
        sizes = found.xs(("none", treatment), level=("case", "treatment"))["rejected"]
        assert ((sizes - 0.05).abs() < 0.021).all(), (treatment, sizes)
    assert (found.xs("interaction", level="case")["truth"] == -0.25).all()
    share = found["rejected"]
    np.testing.assert_allclose(found["error"], np.sqrt(share * (1 - share) / found["judged"]), atol=1e-4)
    rules = pretest().set_index(["correlation", "slope_sd", "rule"])
    assert (rules["surveys"] >= 1000).all()
    np.testing.assert_allclose(rules["size"] + rules["coverage"], 1, atol=1e-4)
    assert rules.loc[(0.0, 0.15, "always_fixed_slope"), "size"] > 0.1
    assert rules.loc[(0.0, 0.15, "always_random_slope"), "size"] < 0.075
