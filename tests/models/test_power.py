"""Power of simulated surveys against exact tests, the noncentral t, and fit_hlm on the same rows.

SAME: two searches for one optimum, and what is worked out there. Monte Carlo quantities are held to FAR of their own
standard errors; seeds are fixed. All data are synthetic but for the survey of Viet Nam.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import brentq

import povstats as ps
from povstats.contracts import TIDY_COLUMNS
from povstats.errors import DataError, FitError, FormulaError, OptionError
from povstats.models.design import multiplied
from povstats.models.planning.assumed import plan_of
from povstats.models.planning.pilot import plan_from
from povstats.models.planning.plan import draw_pieces
from povstats.models.planning.replicates import basis_of, draw_surveys, fit_surveys
from povstats.viz import charts

SAME, FAR, RUNS = 1e-8, 3.5, 400
TRIAL = ps.Assumed(
    "y ~ programme + (1 | village)", {"programme": 0.6}, 0.3, village=["programme"], shares={"programme": 0.5}
)
CROSS = ps.Assumed(
    "log(consumption) ~ education + party + trust * village_consumption + (1 + trust | village)",
    {"trust": 0.05, "trust:village_consumption": 0.08},
    icc=0.25,
    sd=0.6,
    slope_sd={"trust": 0.12},
    correlation=-0.3,
    village=["village_consumption"],
    shares={"party": 0.2},
    between={"trust": 0.2, "education": 0.1},
)


def survey(seed=3, groups=40, sizes=(6, 15)):
    """Make a synthetic pilot: trust varies between villages with their consumption, party with trust, three crops."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(groups), rng.integers(*sizes, groups))
    n, rich = len(village), rng.gamma(8, 250, groups)
    trust = rng.normal(3, 1, n) + (rich / 1000 + 0.5 * rng.normal(size=groups))[village]
    party = (rng.normal(size=n) + 0.5 * trust - 3 + 0.6 * rng.normal(size=groups)[village] > 0).astype(float)
    b = rng.normal(size=(2, groups))[:, village]
    y = 7 + 0.05 * trust + 0.1 * party + 0.3 * b[0] + 0.12 * b[1] * (trust - 3) + rng.normal(0, 0.5, n)
    return pd.DataFrame(
        {
            "consumption": np.exp(y),
            "trust": trust,
            "party": party,
            "sex": np.where(rng.random(n) < 0.3, "female", "male"),
            "crop": rng.choice(["maize", "rice", "tea"], n, p=[0.5, 0.3, 0.2]),
            "rich": rich[village],
            "county": np.array(["east", "south", "west"])[np.arange(groups) % 3][village],
            "village": village,
        }
    )


FORMULA = "log(consumption) ~ party + sex + crop + trust * rich + C(county) + (1 + trust | village)"


@pytest.fixture(scope="module")
def pilot():
    return ps.fit_hlm(FORMULA, survey())


@pytest.fixture(scope="module")
def trial():
    return ps.simulate_power(TRIAL, [16, 30], 10, n=RUNS, rng=5)


@pytest.fixture(scope="module")
def cross():
    return ps.simulate_power(CROSS, 20, 6, effects={"trust:village_consumption": 0.1}, n=100, rng=2)


@pytest.fixture(scope="module")
def small(pilot):
    return ps.simulate_power(pilot, 40, 10, effects={"party": 0.1, "trust:rich": 1e-4}, n=100, rng=3)


@pytest.mark.parametrize("which", ["pilot", "assumed", "apart", "ml"])
def test_replicates_are_fit_hlm_on_the_same_rows(pilot, which):
    """Brute force: the drawn pieces as a DataFrame, its outcome Xβ + Zb + e, through fit_hlm."""
    if which == "assumed":
        plan = plan_of(CROSS, {})
    else:
        bar = "(1 + trust || village)" if which == "apart" else "(1 + trust | village)"
        formula = FORMULA.replace("(1 + trust | village)", bar)
        plan = plan_from(ps.fit_hlm(formula, survey(), method="ml" if which == "ml" else "reml"), {"party": 0.2})
    drawn = draw_surveys(plan, 6, 25, 8, np.random.default_rng(4))
    found = fit_surveys(plan, basis_of(plan), drawn)
    assert found.fitted.all()
    X = multiplied(plan.fixed, drawn.pieces, drawn.residual.shape)
    y = X @ plan.beta + drawn.residual
    for i in range(6):
        rows = pd.DataFrame({"village": np.repeat(np.arange(25), 8), "consumption": np.exp(y[i]).ravel()})
        for name, values in drawn.pieces.items():
            rows[name] = np.broadcast_to(values[i], (25, 8)).ravel()
        rows = _columns(rows)
        method = "ml" if which == "ml" else "reml"
        fit = ps.fit_hlm(plan.formula, rows, method=method)
        assert list(fit.params.index) == list(plan.terms)
        apart = (fit.params - plan.beta - found.error[i]) / fit.std_errors
        np.testing.assert_allclose(apart, 0, atol=SAME)
        np.testing.assert_allclose(fit.std_errors, found.se[i], rtol=SAME)
        np.testing.assert_allclose(fit.dof, found.dof[i], rtol=100 * SAME)  # second derivatives at the search's end
        assert (fit.status == "boundary") == found.boundary[i]


def _columns(rows):
    """Turn indicators of levels back into the columns that they are of."""
    out = rows.copy()
    for column in ("sex", "crop", "county", "C(county)"):
        pieces = {name: name[len(column) + 1 : -1] for name in rows if name.startswith(f"{column}[")}
        if pieces:
            missing = {"sex": "female", "crop": "maize", "C(county)": "east"}[column]
            text = np.full(len(rows), missing, dtype=object)
            for name, level in pieces.items():
                text[rows[name] == 1] = level
            out[column.removeprefix("C(").removesuffix(")")] = text
    return out


def test_every_replicate_of_a_balanced_trial_is_the_t_test_of_village_means():
    """Balanced, random intercept, one predictor of villages: t of two samples of means with V − 2 df, exactly."""
    plan = plan_of(TRIAL, {})
    drawn = draw_surveys(plan, 20, 24, 10, np.random.default_rng(1))
    found = fit_surveys(plan, basis_of(plan), drawn)
    y = drawn.residual + 0.6 * drawn.pieces["programme"]
    for i in range(20):
        treated, means = drawn.pieces["programme"][i, :, 0] == 1, y[i].mean(axis=1)
        assert treated.sum() == 12
        right = stats.ttest_ind(means[treated], means[~treated])
        assert not found.boundary[i]
        assert (0.6 + found.error[i, 1]) / found.se[i, 1] == pytest.approx(right.statistic, rel=SAME)
        assert found.dof[i, 1] == pytest.approx(22, rel=1e-6)


def noncentral(effect, villages, households, icc=0.3, alpha=0.05):
    """Power of that test: t(V − 2) with noncentrality β / √(4 (τ² + σ²/m)/V)."""
    shift = effect / np.sqrt(4 * (icc + (1 - icc) / households) / villages)
    cut = stats.t.ppf(1 - alpha / 2, villages - 2)
    return stats.nct.sf(cut, villages - 2, shift) + stats.nct.cdf(-cut, villages - 2, shift)


def test_power_size_and_detectable_effect_are_those_of_the_noncentral_t(trial):
    for (villages, households), row in trial.table.xs("programme", level="term").iterrows():
        exact = noncentral(0.6, villages, households)
        # Where the village variance is estimated at zero the test has other degrees of freedom: rare.
        assert trial.cells.loc[(villages, households), "boundary"] < 0.01
        assert abs(row.power - exact) < FAR * np.sqrt(exact * (1 - exact) / RUNS)
        assert abs(row["size"] - 0.05) < FAR * np.sqrt(0.05 * 0.95 / RUNS)
        assert row.coverage == 1 - row["size"]
        smallest = brentq(lambda b, v=villages, h=households: noncentral(b, v, h) - 0.8, 0.01, 3)
        assert row.mde == pytest.approx(smallest, rel=0.08)
        assert row.mde_formula == pytest.approx(smallest, rel=0.08)
        assert row.sd == pytest.approx(np.sqrt(4 * (0.3 + 0.7 / households) / villages), rel=FAR / np.sqrt(2 * RUNS))
        assert abs(row.bias) < FAR * row.sd / np.sqrt(RUNS)
        assert row.mc_se == pytest.approx(np.sqrt(row.power * (1 - row.power) / RUNS), rel=1e-12)


def test_the_same_surveys_serve_every_effect():
    """At the detectable effect the power is 80 % up to the noise of one sign; size and errors do not move."""
    first = ps.simulate_power(TRIAL, 16, 10, n=200, rng=5).table
    wanted = float(first.loc[(16, 10, "programme"), "mde"])
    again = ps.simulate_power(TRIAL, 16, 10, effects={"programme": wanted}, n=200, rng=5).table
    assert again.loc[(16, 10, "programme"), "power"] == pytest.approx(0.8, abs=FAR * np.sqrt(0.16 / 200))
    pd.testing.assert_frame_equal(again[["se", "size", "mde"]], first[["se", "size", "mde"]])


def test_pilot_predictors_keep_their_moments(pilot):
    """Drawn pieces against the pilot's own: means, pooled within covariance, regression of means on the village."""
    table, plan = survey(), plan_from(pilot, {})
    pieces = draw_pieces(plan.predictors, 40, 100, 10, np.random.default_rng(1))
    shape = (40, 100, 10)
    drawn = pd.DataFrame({name: np.broadcast_to(value, shape).ravel() for name, value in pieces.items()})
    drawn["village"] = np.repeat(np.arange(4000), 10)
    names = ["trust", "party"]
    inner = [frame[names] - frame.groupby("village")[names].transform("mean") for frame in (table, drawn)]
    within = [part.T @ part / (len(part) - groups) for part, groups in zip(inner, (40, 4000), strict=True)]
    np.testing.assert_allclose(within[1], within[0], rtol=0.1, atol=0.01)  # dummies to first order
    assert drawn.trust.mean() == pytest.approx(table.trust.mean(), rel=0.03)
    assert drawn.party.mean() == pytest.approx(table.party.mean(), abs=0.03)
    own, seen = (np.cov(f.groupby("village")[["trust", "rich"]].mean().T)[0, 1] for f in (table, drawn))
    assert seen == pytest.approx(own, rel=0.1)
    assert set(drawn.rich.round(6)) == set(table.rich.round(6))
    for column, share in table.crop.value_counts(normalize=True).items():
        assert drawn[f"crop[{column}]"].mean() == pytest.approx(share, abs=0.01)
    assert drawn[[f"crop[{c}]" for c in ("maize", "rice", "tea")]].sum(axis=1).eq(1).all()
    assert drawn["sex[male]"].mean() == pytest.approx((table.sex == "male").mean(), abs=0.02)
    # Counties go with their villages: the share of rows in a county is that of its villages.
    assert drawn["C(county)[south]"].mean() == pytest.approx(13 / 40, abs=0.02)


def test_a_pilot_of_its_own_size_has_its_own_precision(pilot, small):
    """Average standard errors over surveys like the pilot, against the pilot's."""
    np.testing.assert_allclose(small.table.loc[(40, 10), "se"], pilot.std_errors, rtol=0.3)
    assert small.focal == ("party", "trust:rich")
    planned = pilot.params.to_dict() | {"party": 0.1, "trust:rich": 1e-4}
    assert small.table.loc[(40, 10), "effect"].to_dict() == planned


def test_dummies_and_shares_are_as_assumed():
    plan = plan_of(CROSS, {})
    pieces = draw_pieces(plan.predictors, 50, 40, 20, np.random.default_rng(2))
    party, trust = pieces["party"], pieces["trust"]
    assert party.mean() == pytest.approx(0.2, abs=0.01)
    assert trust.var() == pytest.approx(1.0, rel=0.05)
    between = trust.mean(axis=2).var(ddof=1) - 0.8 / 20
    assert between == pytest.approx(0.2, rel=0.15)
    assert pieces["village_consumption"].shape == (50, 40, 1)
    assert pytest.approx(np.array([[0.09, -0.3 * 0.3 * 0.12], [-0.3 * 0.3 * 0.12, 0.0144]]), rel=1e-12) == plan.T
    assert plan.sigma2 == pytest.approx(0.36 * 0.75, rel=1e-12)


def test_real_households_of_viet_nam():
    """A pilot with a village dummy and text factors, drawn at another size: standard errors go with √V."""
    fit = ps.fit_hlm(
        "log_expenditure_per_head ~ education + sex + farm * urban + (1 | commune)", ps.datasets.vietnam_1998()
    )
    found = ps.simulate_power(fit, [50, 200], 8, effects={"farm[T.yes]:urban[T.yes]": 0.1}, n=100, rng=1)
    se = found.table["se"].unstack("villages").droplevel("households")
    np.testing.assert_allclose(se[50] / se[200], 2, rtol=0.15)
    assert found.cells.failures.max() < 10  # few urban farms: of 50 communes some surveys have none


def test_the_same_seed_gives_the_same_numbers(cross):
    again = ps.simulate_power(CROSS, [20], [6], effects={"trust:village_consumption": 0.1}, n=100, rng=2)
    pd.testing.assert_frame_equal(again.table, cross.table)
    other = ps.simulate_power(CROSS, 20, 6, n=100, rng=np.random.default_rng(7))
    assert not np.allclose(other.table["se"], cross.table["se"])
    assert list(other.focal) == ["education", "party", "trust", "village_consumption", "trust:village_consumption"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_tidies_explains_and_draws(trial, cross, small, lang):
    for found, name in ((trial, "programme"), (cross, "trust:village_consumption")):
        text = str(found.summary(lang))
        assert name in text
        assert found.plan.formula in found.explain(lang)
        assert list(found.tidy().columns) == list(TIDY_COLUMNS)
        figure = found.plot(lang=lang)
        assert name in figure.title
        assert figure.numbers.power.tolist() == found.table.xs(name, level="term").power.tolist()
        assert len(figure._repr_png_()) > 5000
    assert "<table>" in trial._repr_html_()
    assert "programme" in repr(trial)
    tidy = trial.tidy().set_index(["measure", "group", "term"]).estimate
    assert tidy["power", "30 × 10", "programme"] == trial.table.loc[(30, 10, "programme"), "power"]
    assert "+10.5" in small.explain(lang)
    with pytest.raises(OptionError, match="term: name one of"):
        small.plot(lang=lang)
    with pytest.raises(OptionError, match="term='land'"):
        trial.plot("land")
    figure = trial.plot(lang=lang, labels={"village": "乡（社）", "programme": "项目"})
    title, axis = figure.title, figure.drawing.axes[0].get_xlabel()
    assert ("项目" in title, "programme" in title) == (True, False)
    assert axis == {"zh": "乡（社）数", "en": "number of groups (乡（社）)"}[lang]


def test_charts_refuse_what_they_cannot_draw():
    words = {"lang": "en", "title": "t", "unit": "", "source": "synthetic", "x_label": "x", "wanted": (0.8, "80%")}
    rows = pd.DataFrame({"group": range(7), "x": 10.0, "power": 0.5, "low": 0.4, "high": 0.6})
    with pytest.raises(DataError, match="7 lines"):
        charts.power(rows, **words)
    with pytest.raises(DataError, match="shares from 0 to 1"):
        charts.power(rows.head(2).assign(high=60.0), **words)


def test_what_is_refused_of_the_call(pilot):
    run = ps.simulate_power
    with pytest.raises(OptionError, match="plan is a str"):
        run("y ~ x", 30, 10)
    with pytest.raises(OptionError, match="alpha"):
        run(pilot, 30, 10, alpha=5)
    with pytest.raises(OptionError, match="n=50"):
        run(pilot, 30, 10, n=50)
    for odd in (1, [], [30, 10.5], True, [0]):
        with pytest.raises(OptionError, match="villages="):
            run(pilot, odd, 10)
    with pytest.raises(OptionError, match="'land', which is no coefficient"):
        run(pilot, 30, 10, effects={"land": 1.0})
    with pytest.raises(OptionError, match="finite"):
        run(pilot, 30, 10, effects={"party": np.inf})
    with pytest.raises(FitError, match="too few for 4 coefficients"):
        run(pilot, 4, 10)
    with pytest.raises(FitError, match="take more households"):
        run(pilot, 30, 2)
    table = survey()
    with pytest.raises(FitError, match=r"C\(county\)"):
        run(ps.fit_hlm("consumption ~ trust + (1 | county/village)", table), 30, 10)
    weighted = ps.fit_hlm("consumption ~ trust + (1 | village)", table.assign(w=2.0), precision="w")
    with pytest.raises(FitError, match="weights"):
        run(weighted, 30, 10)
    rare = table.assign(rare=(table.village == 0).astype(float))
    with pytest.raises(FitError, match="have no estimate"):
        run(ps.fit_hlm("consumption ~ trust + rare + (1 | village)", rare), 15, 5, n=100)


def test_what_is_refused_of_assumptions():
    def plan(formula="y ~ x + (1 + x | village)", effects=None, icc=0.2, **options):
        return plan_of(ps.Assumed(formula, effects or {}, icc, **{"slope_sd": {"x": 0.1}} | options), {})

    assert plan().terms == ("Intercept", "x")
    with pytest.raises(FormulaError, match="plain names"):
        plan("y ~ log(x) + (1 | village)", slope_sd={})
    with pytest.raises(FormulaError, match="one grouping"):
        plan("y ~ x + (1 | county/village)", slope_sd={})
    with pytest.raises(FormulaError, match="one grouping"):
        plan("y ~ x", slope_sd={})
    with pytest.raises(OptionError, match="icc is out of its range"):
        plan(icc=1.0)
    with pytest.raises(OptionError, match="correlation"):
        plan(correlation=1.5)
    with pytest.raises(OptionError, match="slope_sd lacks x"):
        plan(slope_sd={})
    with pytest.raises(OptionError, match="slope_sd has z"):
        plan(slope_sd={"z": 1.0})
    with pytest.raises(OptionError, match="sd="):
        plan(sd=0.0)
    with pytest.raises(OptionError, match="village has z"):
        plan(village=["z"])
    with pytest.raises(OptionError, match="between has x, which is constant"):
        plan("y ~ x + (1 | village)", slope_sd={}, village=["x"], between={"x": 0.1})
    with pytest.raises(OptionError, match="shares"):
        plan(shares={"x": 1.0})
    with pytest.raises(OptionError, match="no coefficient"):
        plan(effects={"z": 0.1})
    with pytest.raises(FitError, match="cannot all be correlated"):
        plan("y ~ x + z + (1 + x + z | village)", slope_sd={"x": 1.0, "z": 1.0}, correlation=-0.8)
    with pytest.raises(FitError, match="combination of other columns"):
        ps.simulate_power(ps.Assumed("y ~ x + I + (1 | village)", {}, 0.1, shares={"I": 1e-9}), 20, 5)
