"""Notes and refusals about a design: few groups, crossed labels, boundary fits, predictors that hold the outcome.

The simulation at the end is the second route of what the notes claim; its bounds are four standard errors of a share
of 300 replicates around 5 %.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from test_recursion import table  # noqa: F401  (the synthetic survey)

import povstats as ps
from povstats.errors import DataError, FitError
from povstats.models import fit_hlm, fit_within


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


def consumption(seed=1):
    """Add consumption, its village mean and leave-one-out mean, a weight, counties, enumerators, a gap in x."""
    rng, rows = np.random.default_rng(seed), villages(seed)
    rows["c"] = np.exp(rows.y)
    group, size = rows.groupby("village").c, rows.groupby("village").y.transform("size")
    rows["c_mean"] = group.transform("mean")
    rows["c_others"] = (size * rows.c_mean - rows.c) / (size - 1)
    rows["w"], rows["enumerator"] = rng.uniform(0.5, 3, len(rows)), rng.integers(0, 12, len(rows))
    return rows.assign(county=rows.village // 4, gaps=rows.x.where(~rows.index.isin([3, 50, 77])))


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("y ~ x + others + (1 | village)", {"precision": "w"}),
        ("y ~ x + others + (1 | village)", {"method": "ml", "sampling_weights": {"household": "w"}}),
        ("y ~ gaps + others + (1 | village)", {}),  # means from before rows were left out
        ("y ~ C(village) + x + others + (1 | enumerator)", {}),
        ("y ~ others + (1 | county/village)", {}),
        ("log(c) ~ x * c_others + (1 + x | village)", {}),
        ("log(c) ~ gaps + c_others + (1 | village)", {}),
    ],
)
def test_leave_one_out_means_in_disguise_are_refused(formula, options):
    with pytest.raises(FitError, match=r"over the other rows.*split_half_mean"):
        fit_hlm(formula, consumption(), **options)


def test_the_within_model_and_lazy_tables_refuse_them_too(tmp_path):
    with pytest.raises(FitError, match="mean of 'c' over the other rows"):
        fit_within("log(c) ~ x + c_others", consumption(), group="village")
    consumption().to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(FitError, match="mean of 'c' over the other rows"):
        fit_hlm("log(c) ~ x + c_others + (1 | village)", pl.scan_parquet(tmp_path / "rows.parquet"))


@pytest.mark.parametrize(
    ("formula", "options", "key"),
    [
        ("log(c) ~ x * log(c_mean) + (1 + x | village)", {}, "mean"),
        ("y ~ x * mean + (1 | village)", {"precision": "w"}, "mean"),
        ("log(c) ~ x * c_mean + (1 | village)", {"precision": "w"}, "mean"),
        ("y ~ gaps * mean + (1 | village)", {}, "mean"),
        ("log(c) ~ x + log(c_others) + (1 | village)", {}, "others"),
        ("y ~ x + c_others + (1 | village)", {}, "others"),  # c is not in the formula
        ("y ~ x + nearly + (1 | village)", {}, "even"),
    ],
)
def test_outcomes_in_disguise_get_a_note(formula, options, key):
    rows = consumption()
    more = np.random.default_rng(5).normal(7, 0.6, 44)[rows.village]  # one more household a village, not in the fit
    size = rows.groupby("village").y.transform("size")
    rows["nearly"] = (size * rows["mean"] + more) / (size + 1)
    fit = fit_hlm(formula, rows, **options)
    (note,) = [note for note in fit.notes if "note_outcome" in note.key]
    assert note.key == f"models.note_outcome_{key}"
    assert note.values["group"] == "village"
    assert "split_half_mean" in note.say("en")
    assert "split_half_mean" in note.say("zh")


def test_honest_predictors_get_no_note_however_good():
    """The true means themselves, with a heavy-tailed outcome too; a predictor with two values; in 40 samples."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        village = np.repeat(np.arange(44), rng.integers(6, 15, 44))
        mu, n = 0.3 * rng.normal(size=44), len(village)
        rows = pd.DataFrame({"village": village, "x": rng.normal(size=n), "mu": mu[village], "high": mu[village] > 0})
        rows["y"], rows["high"] = 7 + rows.mu + 0.5 * rng.normal(size=n), rows.high.astype(float)
        rows["heavy"] = np.exp(rows.mu + 1.2 * rng.normal(size=n))
        for formula in ("y ~ x * mu + high + (1 | village)", "heavy ~ x + mu + (1 | village)"):
            assert not [key for key in keys(fit_hlm(formula, rows)) if "outcome" in key]


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


def test_the_benchmark_of_moderators_runs():
    path = Path(__file__).parents[2] / "benchmarks" / "outcome_means.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rows = script.survey(np.random.default_rng(1))
    found = {rule: script.judged(rows, rule) for rule in script.RULES if rule != "leave_one_out"}
    assert found["naive"][1]  # on the boundary
    assert found["naive"][2] == pytest.approx(1, abs=0.1)
    with pytest.raises(FitError, match="over the other rows"):
        script.judged(rows, "leave_one_out")
