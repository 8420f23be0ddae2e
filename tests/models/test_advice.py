"""Notes and refusals about a design: few groups, crossed labels, boundary fits, predictors that hold the outcome.

The simulation at the end is the second route of what the notes claim; its bounds are four standard errors of a share
of 300 replicates around 5 %.
"""

import numpy as np
import pandas as pd
import pytest
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import DataError, FitError
from povstats.models import fit_hlm


def keys(fit):
    return [note.key for note in fit.notes]


def villages(seed=1, slope=0.0):
    """Draw a synthetic survey: 44 villages of 6 to 14 households, effects of intercept and slope, no interaction."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(44), rng.integers(6, 15, 44))
    n = len(village)
    x = rng.normal(size=n)
    y = 7 + 0.3 * rng.normal(size=44)[village] + (0.1 + slope * rng.normal(size=44)[village]) * x
    out = pd.DataFrame({"village": village, "x": x, "y": y + 0.5 * rng.normal(size=n)})
    out["mean"] = out.groupby("village").y.transform("mean")
    size = out.groupby("village").y.transform("size")
    out["others"] = (size * out["mean"] - out.y) / (size - 1)
    return out


def test_few_groups_are_told(table):  # noqa: F811
    fit = fit_hlm("y ~ x + (1 | county/village)", table)
    (note,) = [note for note in fit.notes if note.key == "models.note_few_groups"]
    assert note.values == {"group": "county", "number": "8", "column": "county"}
    assert "C(county)" in note.say("en")
    assert "C(county)" in note.say("zh")
    assert "models.note_few_groups" not in keys(fit_hlm("y ~ x + (1 | village)", table))


def test_labels_that_recur_are_told(table):  # noqa: F811
    again = table.assign(number=table.village % 5)  # villages 0 to 4 in every county
    crossed = fit_hlm("y ~ x + (1 | county) + (1 | number)", again)
    assert "models.note_crossed" in keys(crossed)
    assert "models.note_crossed" not in keys(fit_hlm("y ~ x + (1 | county/number)", again))


def test_a_boundary_fit_says_what_stays_valid(table):  # noqa: F811
    flat = table.assign(y=np.random.default_rng(2).normal(size=len(table)))
    fit = fit_hlm("y ~ x + (1 + x | village)", flat)
    assert (fit.status == "boundary") == ("models.note_boundary" in keys(fit))
    assert fit.status == "boundary"


@pytest.mark.parametrize("change", [lambda m: m, lambda m: 3 - 20 * m])
def test_the_naive_mean_gets_a_note(change):
    rows = villages().assign(mean=lambda t: change(t["mean"]))
    fit = fit_hlm("y ~ x * mean + (1 + x | village)", rows)
    (note,) = [note for note in fit.notes if note.key == "models.note_outcome_mean"]
    assert note.values == {"predictor": "mean", "group": "village"}
    assert "split_half_mean" in note.say("zh")


def test_the_mean_of_the_raw_outcome_gets_a_note():
    rows = villages().assign(c=lambda t: np.exp(t.y))
    rows["village_consumption"] = rows.groupby("village").c.transform("mean")
    fit = fit_hlm("log(c) ~ x * village_consumption + (1 | village)", rows)
    assert "models.note_outcome_mean" in keys(fit)


def test_an_upper_levels_mean_gets_a_note(table):  # noqa: F811
    rows = table.assign(m=table.groupby("county").y.transform("mean"))
    fit = fit_hlm("y ~ x + m + (1 | county/village)", rows)
    assert [n.values["group"] for n in fit.notes if n.key == "models.note_outcome_mean"] == ["county"]


def test_figures_from_elsewhere_get_none():
    rows = villages()
    rows["outside"] = rows["mean"] + np.random.default_rng(3).normal(size=44)[rows.village] * 0.02
    assert "models.note_outcome_mean" not in keys(fit_hlm("y ~ x * outside + (1 | village)", rows))


@pytest.mark.parametrize("change", [lambda m: m, lambda m: 5 + 100 * m])
def test_a_leave_one_out_mean_is_refused(change):
    rows = villages().assign(others=lambda t: change(t.others))
    with pytest.raises(FitError, match=r"mean of the outcome over the other rows.*split_half_mean.*C\(village\)"):
        fit_hlm("y ~ x + others + (1 | village)", rows)


def test_an_ordinary_negative_predictor_is_not_refused():
    rows = villages()
    rows["z"] = -rows.y + np.random.default_rng(4).normal(size=len(rows)) * 0.3
    assert fit_hlm("y ~ z + (1 | village)", rows).params["z"] < 0


def test_split_halves():
    rows = villages()
    found = ps.split_half_mean(rows, "y", by="village", rng=7)
    for _, own in rows.assign(other=found).groupby("village"):
        first, second = own[own.other.isna()], own[own.other.notna()]
        assert second.other.nunique() == 1
        assert second.other.iloc[0] == pytest.approx(first.y.mean(), rel=1e-12)
        assert len(second) - len(first) in (0, 1)
    pd.testing.assert_series_equal(found, ps.split_half_mean(rows, "y", by="village", rng=7))
    assert not found.equals(ps.split_half_mean(rows, "y", by="village", rng=8))


def test_split_halves_refuse():
    rows = villages()
    with pytest.raises(DataError, match="no column 'z'"):
        ps.split_half_mean(rows, "z", by="village", rng=1)
    with pytest.raises(DataError, match=r"missing or not finite in 1 rows \(from 0: \[3\]\)"):
        ps.split_half_mean(rows.assign(y=rows.y.where(rows.index != 3)), "y", by="village", rng=1)
    few = pd.concat([rows, rows.head(3).assign(village=99)], ignore_index=True)
    with pytest.raises(DataError, match="fewer than 4 rows, such as 99"):
        ps.split_half_mean(few, "y", by="village", rng=1)


@pytest.mark.slow
def test_split_halves_keep_the_level_of_the_interaction():
    hits = 0
    for seed in range(300):
        rows = villages(1000 + seed, slope=0.1)
        rows["half"] = ps.split_half_mean(rows, "y", by="village", rng=seed)
        hits += fit_hlm("y ~ x * half + (1 + x | village)", rows).pvalues["x:half"] < 0.05
    assert 0.05 - 4 * np.sqrt(0.05 * 0.95 / 300) < hits / 300 < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
