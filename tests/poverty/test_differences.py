"""Differences: covariance in one sample, none between independent ones, that of shared PSUs in a panel; refusals."""

import re

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats import poverty as p
from povstats.errors import DataError, OptionError
from povstats.survey import Design

DESIGN = Design(weights="w", strata="layer", psu="village")
# Influence functions of the same rows, added in another order.
SAME = 1e-10


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Two waves of 60 villages in three strata, of which the second has forty and twenty others."""
    rng = np.random.default_rng(8)
    own = rng.normal(0, 0.4, 80)
    waves = []
    for wave, villages in ((1, np.arange(60)), (2, np.arange(20, 80))):
        village = np.repeat(villages, 10)
        income = np.exp(4.5 + 0.1 * wave + own[village] + rng.normal(0, 0.5, len(village)))
        waves.append(pd.DataFrame({"wave": wave, "village": village, "y": income}))
    made = pd.concat(waves, ignore_index=True)
    made["layer"] = made["village"] % 3
    made["w"] = rng.uniform(1, 2, len(made))
    made["g"] = np.where(np.arange(len(made)) % 2 == 0, "a", "b")
    return made


def wave(panel: pd.DataFrame, number: int) -> pd.DataFrame:
    return panel[panel["wave"] == number]


def test_one_sample_is_the_estimate_of_a_difference(panel: pd.DataFrame) -> None:
    """Of two measures that are means, the difference is the mean of a difference, with its own standard error."""
    table = wave(panel, 1).assign(d=lambda t: np.where(t["y"] < 90, 1, 0) - np.where(t["y"] < 60, 1, 0))
    high, low = (ps.headcount(table, "y", line, design=DESIGN) for line in (90, 60))
    found = ps.difference(high, low)
    direct = p.mean(table, "d", design=DESIGN)
    assert found.estimate.iloc[0] == pytest.approx(direct.estimate.iloc[0], rel=SAME)
    assert found.se.iloc[0] == pytest.approx(direct.se.iloc[0], rel=SAME)
    assert found.df.iloc[0] == direct.df.iloc[0] == 57
    assert found.low.iloc[0] == pytest.approx(direct.low.iloc[0], rel=SAME)


def test_waves_in_one_table_are_groups_that_share_psus(panel: pd.DataFrame) -> None:
    """A panel of the same PSUs in both waves: as two results, and as groups of one stacked table."""
    both = panel[panel["village"].between(20, 59)]
    stacked = ps.gini(both, "y", by="wave", design=DESIGN)
    groups = stacked.difference(2, 1)
    apart = ps.difference(*(ps.gini(wave(both, k), "y", design=DESIGN) for k in (2, 1)), samples="panel")
    assert apart.se.iloc[0] == pytest.approx(groups.se.iloc[0], rel=SAME)
    assert apart.covariance.iloc[0] == pytest.approx(groups.covariance.iloc[0], rel=SAME)
    assert groups.covariance.iloc[0] > 0


def test_a_panel_lies_between_one_sample_and_none(panel: pd.DataFrame) -> None:
    later, earlier = (p.mean(wave(panel, k), "y", design=DESIGN) for k in (2, 1))
    shared = ps.difference(later, earlier, samples="panel")
    none = ps.difference(later, earlier, samples="independent")
    assert none.se.iloc[0] == pytest.approx(np.hypot(later.se.iloc[0], earlier.se.iloc[0]), rel=SAME)
    assert 0 < shared.se.iloc[0] < none.se.iloc[0]
    # Two thirds of the PSUs are shared, so the covariance is some two thirds of a full panel's.
    correlation = shared.covariance.iloc[0] / (later.se.iloc[0] * earlier.se.iloc[0])
    assert 0.3 < correlation < 0.75


def test_covariance_of_a_panel_by_hand(panel: pd.DataFrame) -> None:
    """Totals of the influence of a mean by village, and the formula of the docstring with pandas."""
    totals, estimates = [], []
    for k in (2, 1):
        rows = wave(panel, k)
        found = p.mean(rows, "y", design=DESIGN)
        z = rows["w"] * (rows["y"] - found.estimate.iloc[0]) / rows["w"].sum()
        totals.append(z.groupby([rows["layer"], rows["village"]]).sum())
        estimates.append(found)
    pairs = pd.concat(totals, axis=1, keys=["z", "x"], join="inner")
    expected = sum(len(part) * part["z"].cov(part["x"]) for _, part in pairs.groupby(level=0))
    found = ps.difference(*estimates, samples="panel")
    assert found.covariance.iloc[0] == pytest.approx(expected, rel=SAME)


def test_relative_change_by_the_delta_method(panel: pd.DataFrame) -> None:
    """Against the logarithm: d log(a/b) has the variance of the relative change over (a/b)²."""
    later, earlier = (ps.headcount(wave(panel, k), "y", 90, design=DESIGN) for k in (2, 1))
    found = ps.difference(later, earlier, samples="panel", relative=True)
    a, b = later.estimate.iloc[0], earlier.estimate.iloc[0]
    parts = (later.se.iloc[0] / a) ** 2 + (earlier.se.iloc[0] / b) ** 2 - 2 * found.covariance.iloc[0] / (a * b)
    assert found.estimate.iloc[0] == pytest.approx(a / b - 1, rel=SAME)
    assert found.se.iloc[0] == pytest.approx(np.sqrt(parts) * a / b, rel=SAME)


def test_groups_of_two_results_are_matched(panel: pd.DataFrame) -> None:
    later, earlier = (ps.headcount(wave(panel, k), "y", 90, by="g", design=DESIGN) for k in (2, 1))
    found = ps.difference(later, earlier, samples="independent")
    assert found.estimate.index.tolist() == ["a", "b"]
    np.testing.assert_allclose(found.estimate, later.estimate - earlier.estimate)
    # Satterthwaite's degrees of freedom lie between the smaller one and the sum.
    assert (found.df >= np.minimum(later.df, earlier.df)).all()
    assert (found.df <= later.df + earlier.df).all()
    assert found.tidy()["term"].tolist() == ["difference"] * 2


def test_differences_by_replicates_and_resampling(panel: pd.DataFrame) -> None:
    """Of a bootstrap, the variance of a difference is that of the replicates' differences."""
    design = DESIGN.bootstrap(60, rng=4)
    table = wave(panel, 1)
    high, low = (ps.headcount(table, "y", line, design=design) for line in (90, 60))
    assert high.influence is not None
    assert low.influence is not None
    assert high.influence.replicates is not None
    assert low.influence.replicates is not None
    apart = high.influence.replicates[:, 0] - low.influence.replicates[:, 0]
    assert ps.difference(high, low).se.iloc[0] == pytest.approx(apart.std(ddof=1), rel=1e-9)


def test_a_census_has_no_error_to_compare(panel: pd.DataFrame) -> None:
    found = ps.headcount(panel, "y", 90, by="wave", design=Design.census()).difference(2, 1)
    assert found.se.iloc[0] == 0
    assert np.isnan(found.p.iloc[0])


def test_what_cannot_be_compared_is_refused(panel: pd.DataFrame) -> None:
    later, earlier = (ps.headcount(wave(panel, k), "y", 90, design=DESIGN) for k in (2, 1))
    with pytest.raises(OptionError, match="two samples"):
        ps.difference(later, earlier)
    with pytest.raises(OptionError, match="not of one sample"):
        ps.difference(later, earlier, samples="same")
    with pytest.raises(OptionError, match="both estimates are of one sample"):
        ps.difference(later, later, samples="independent")
    with pytest.raises(OptionError, match="two measures"):
        ps.difference(later, ps.poverty_gap(wave(panel, 2), "y", 90, design=DESIGN))
    with pytest.raises(OptionError, match="other parameters"):
        ps.difference(*(ps.atkinson(wave(panel, 2), "y", e, design=DESIGN) for e in (1, 2)))
    groups = ps.headcount(panel, "y", 90, by="g", design=DESIGN)
    with pytest.raises(OptionError, match="no group 'c'; there are 'a', 'b'"):
        groups.difference("a", "c")
    with pytest.raises(DataError, match="no group in common"):
        ps.difference(groups, ps.headcount(panel, "y", 90, design=DESIGN))
    strangers = wave(panel, 2).assign(village=lambda t: t["village"] + 1000)
    with pytest.raises(DataError, match="share no PSU"):
        ps.difference(ps.headcount(strangers, "y", 90, design=DESIGN), earlier, samples="panel")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_reader_sees(panel: pd.DataFrame, lang: str) -> None:
    later, earlier = (ps.headcount(wave(panel, k), "y", 90, by="g", design=DESIGN) for k in (2, 1))
    results = [
        ps.difference(later, earlier, samples="panel"),
        ps.difference(later, earlier, samples="independent", relative=True),
        later.difference("a", "b"),
        ps.gini(panel, "y", by="g", design=DESIGN).difference("a", "b"),
        p.mean(panel, "y", by="g", design=DESIGN).difference("a", "b"),
    ]
    for found in results:
        for words in (found.explain(lang), str(found.summary(lang)), found._repr_html_()):
            assert "{" not in words
            assert not re.search(r"\bnan\b|None", words)
        assert found.explain(lang).endswith("。" if lang == "zh" else ".")
