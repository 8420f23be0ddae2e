"""Robustness of the items' effects. Second routes: R's psych and quantreg (stored, make_polychoric.R), fit_hlm by hand,
Holm and Benjamini-Hochberg by their definitions, simulation of a split along the outcome.

PSYCH: where the optimisers of psych and ours end, in a correlation; psych stops at 1e-4 or so.
ITERATED: where statsmodels' iterated least squares stops, beside quantreg's simplex.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.item_index import item_index
from povstats.guizhou.multiplicity import multiplicity
from povstats.guizhou.polychoric import polychoric
from povstats.guizhou.quantiles import _slope, programmed, quantile_slopes
from povstats.guizhou.robustness import robustness, winsorised
from povstats.guizhou.spec_curve import spec_curve
from povstats.guizhou.splits import splits

PSYCH, ITERATED = 1e-4, 2e-3
STORED = json.loads((Path(__file__).parent.parent / "reference" / "polychoric.json").read_text(encoding="utf-8"))
ITEMS = ["trust", "participation", "harmony", "cadre_relation"]
TWO = Plan(items=("participation", "cadre_relation"), line=1500)


@pytest.fixture(scope="module")
def table(uneven):
    return uneven()


@pytest.fixture(scope="module")
def study(table):
    return Analysis(table, TWO)


def test_polychoric_correlations_are_those_of_psych(table):
    found = polychoric(table.dropna()[ITEMS]).to_numpy()
    assert found == pytest.approx(np.array(STORED["rho"]), abs=PSYCH)


def test_a_polychoric_correlation_is_that_of_the_normal_behind_the_grades():
    """Second route: 200,000 pairs with correlation −0.6, cut at uneven thresholds."""
    rng = np.random.default_rng(5)
    pairs = rng.multivariate_normal([0, 0], [[1, -0.6], [-0.6, 1]], 200_000)
    cut = pd.DataFrame({"a": np.digitize(pairs[:, 0], [-1, 0.2, 1.5]), "b": np.digitize(pairs[:, 1], [0.7])})
    assert polychoric(cut).loc["a", "b"] == pytest.approx(-0.6, abs=0.01)  # four standard errors
    with pytest.raises(DataError, match="'b' has one grade"):
        polychoric(cut.assign(b=1))


def test_alpha_is_that_of_psych_and_the_index_is_the_mean(table):
    found = item_index(Analysis(table, Plan(line=1500)))
    complete = table.dropna()
    assert found.rows == len(complete)
    assert found.alpha == pytest.approx(STORED["alpha"], rel=1e-8)
    standard = (complete[ITEMS] - complete[ITEMS].mean()) / complete[ITEMS].std()
    mean = standard.mean(axis=1)
    plan = found.analysis.plan
    by_hand = ps.fit_hlm(f"{plan.fixed(extra='i')} + (1 | village)", complete.assign(i=mean / mean.std()))
    assert found.effects.loc[("mean", "alone"), "estimate"] == pytest.approx(by_hand.params["i"], rel=1e-8)
    assert found.share == pytest.approx(np.linalg.eigvalsh(np.array(STORED["rho"]))[-1] / 4, abs=PSYCH)


def test_variants_are_the_fits_made_by_hand(study, table):
    found = robustness(study).coefficients
    formula = TWO.formula("participation")
    kr = ps.fit_hlm(formula, table, df="kenward-roger")
    assert found.loc[("participation", "kenward_roger", "participation"), "se"] == kr.std_errors["participation"]
    county = ps.fit_hlm(TWO.formula("participation", extra="C(county)"), table)
    own = found.loc[("participation", "county", "participation"), "estimate"]
    assert own == pytest.approx(county.params["participation"], rel=1e-12)
    cr2 = study.model("participation").robust("CR2", "village")
    assert found.loc[("participation", "cr2", "participation"), "p"] == cr2.pvalues["participation"]
    assert found.loc[("participation", "cr2", "participation"), "se"] != kr.std_errors["participation"]


def test_winsorising_moves_the_ends_alone():
    values = pd.Series([*range(1, 101), np.nan], dtype=float)
    found = winsorised(values, 0.05)
    assert (found.min(), found.max()) == (values.quantile(0.05), values.quantile(0.95))
    assert found[10:90].equals(values[10:90])
    assert np.isnan(found.iloc[-1])


def test_a_survey_without_counties_is_told_so(table):
    found = robustness(Analysis(table.drop(columns="county"), TWO))
    assert "county" in found.reasons
    assert "county" not in found.variants
    assert "县" in "".join(found.table("zh").notes)


def test_families_are_adjusted_by_their_definitions(study):
    found = multiplicity(study).tests.loc["interaction"]
    p = np.sort(found["p"].to_numpy())
    m = len(p)
    holm = np.minimum(np.maximum.accumulate((m - np.arange(m)) * p), 1)
    hochberg = np.minimum.accumulate((m / np.arange(m, 0, -1)) * p[::-1])[::-1]
    assert np.sort(found["holm"]) == pytest.approx(holm, rel=1e-12)
    assert np.sort(found["bh"]) == pytest.approx(np.minimum(hochberg, 1), rel=1e-12)
    assert (m, len(multiplicity(study).tests.loc["focal"])) == (6, 2)


def test_quantile_slopes_are_those_of_quantreg(table):
    rows = table.dropna()
    x = np.column_stack([np.ones(len(rows)), rows["trust"], rows["education"]])
    found = [_slope(np.log(rows["consumption"].to_numpy()), x, q) for q in (0.5, 0.9)]
    # At 0.1 quantreg calls its own solution not unique.
    assert found == pytest.approx(STORED["slopes"][1:], abs=ITERATED)
    exact = [programmed(np.log(rows["consumption"].to_numpy()), x, q) for q in (0.5, 0.9)]
    assert exact == pytest.approx(STORED["slopes"][1:], rel=1e-7)  # both solve the same linear programme


def test_quantile_slopes_are_drawn_by_village(study):
    found = quantile_slopes(study, "participation", (0.5,), n=50, rng=3)
    again = quantile_slopes(study, "participation", (0.5,), n=50, rng=3)
    pd.testing.assert_frame_equal(found.slopes, again.slopes)
    row = found.slopes.loc[0.5]
    assert row["low"] < row["estimate"] < row["high"]
    assert found.n - found.failed > 40


@pytest.mark.parametrize(
    ("arguments", "told"),
    [({"item": "luck"}, "luck"), ({"quantiles": (0.5, 1.0)}, "inside 0 and 1"), ({"n": 5}, "n=5")],
)
def test_quantiles_that_cannot_be_are_refused(study, arguments, told):
    with pytest.raises(OptionError, match=told):
        quantile_slopes(study, **{"item": "participation", **arguments})


def test_text_controls_are_refused_by_quantile_regression(table):
    odd = Analysis(table.assign(land=table["land"].astype(str)), TWO)
    with pytest.raises(DataError, match="land"):
        quantile_slopes(odd, "participation")


def test_slopes_of_parts_are_those_of_one_model(study, table):
    """Second route: the same model with its reference at the other part, so that the slope is a coefficient."""
    found = splits(study)
    high = np.where(table["land"] > table["land"].median(), 0, 1)
    told = table.assign(low=np.where(table["land"].notna(), high, np.nan))
    formula = f"{TWO.fixed(extra='participation')} + low + participation:low + (1 | village)"
    other = ps.fit_hlm(formula, told)
    row = found.slopes.loc[("land", "high", "participation")]
    assert row["estimate"] == pytest.approx(other.params["participation"], rel=1e-6)
    assert row["se"] == pytest.approx(other.std_errors["participation"], rel=1e-5)
    p = found.tests.loc[("land", "participation"), "p"]
    assert p == pytest.approx(other.joint_test(["participation:low"]).pvalue, rel=1e-4)


def test_a_split_along_the_outcome_shrinks_a_slope_that_is_the_same_everywhere():
    """The warning as a law: slopes in both halves lie nearer to zero than the slope of all, in 20 of 20 surveys."""
    nearer = 0
    for seed in range(20):
        table = ps.datasets.guizhou_synthetic(seed)
        found = splits(Analysis(table, Plan(items=("participation",), splits=("land",))))
        whole = found.slopes.loc["land", "estimate"].mean()
        halves = found.slopes.loc["consumption", "estimate"]
        nearer += bool((halves < whole).all())
    assert nearer == 20
    assert "consumption" not in found.tests.index.get_level_values(0)
    assert "警示" in found.table("zh").frame.index[-1][0]


def test_what_cannot_part_the_sample_is_told_or_refused(table):
    thin = table.assign(land=np.where(np.arange(len(table)) < 5, 1.0, 0.0))
    found = splits(Analysis(thin, Plan(items=("trust",), splits=("land", "education", "nowhere"))))
    assert set(found.reasons) == {"land", "nowhere"}
    with pytest.raises(DataError, match="nowhere"):
        splits(Analysis(table, Plan(items=("trust",), splits=("nowhere",))))


def test_the_curve_holds_every_combination_and_the_study_s_own(study):
    found = spec_curve(study, "participation")
    assert len(found.estimates) + found.failed == 2**7
    assert not found.estimates[found.choices].duplicated().any()
    own = dict.fromkeys(found.choices, False) | dict.fromkeys(("slope", "products", "controls", "village"), True)
    row = found.estimates[(found.estimates[list(own)] == pd.Series(own)).all(axis=1)].iloc[0]
    assert row["estimate"] == pytest.approx(study.model("participation").params["participation"], rel=1e-8)
    assert found.estimates["estimate"].is_monotonic_increasing
    with pytest.raises(OptionError, match="luck"):
        spec_curve(study, "luck")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_tells_itself(study, lang):
    for found in (robustness(study), multiplicity(study), item_index(study), splits(study)):
        assert found.table(lang).title
        assert found.explain(lang)
        assert len(found.tidy())
    curve = spec_curve(study, "participation")
    assert curve.table(lang).title
    assert curve.explain(lang)
    assert curve.plot(lang=lang).numbers["place"].tolist() == list(range(1, len(curve.estimates) + 1))
