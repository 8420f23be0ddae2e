"""Which rows are used: the account is counted by hand, and a fit to the kept rows alone is the same fit."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.engine import open_table
from povstats.engine.columns import ROW
from povstats.errors import DataError, EngineError, FormulaError
from povstats.models import fit_hlm
from povstats.models.rows import complete

MAKERS = {"pandas": lambda t: t, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


@pytest.fixture
def table():
    rng = np.random.default_rng(17)
    group = np.repeat(np.arange(8), 6)
    y = rng.normal(size=8)[group] + rng.normal(size=48)
    return pd.DataFrame({"y": y, "x": rng.normal(size=48), "c": ["p", "q", "r"] * 16, "g": [f"v{i}" for i in group]})


@pytest.fixture
def holes(table):
    table = table.assign(other=np.nan)
    table.loc[[0, 3], "y"] = np.nan
    table.loc[[3, 7], "x"] = np.nan
    table.loc[9, "c"] = None
    table.loc[11, "g"] = None
    return table


@pytest.mark.parametrize("kind", MAKERS)
def test_the_account(holes, kind):
    fit = fit_hlm("y ~ x + c + (1 | g)", MAKERS[kind](holes))
    assert (fit.rows.read, fit.rows.used, fit.rows.dropped) == (48, 43, 5)
    assert fit.rows.missing == {"y": 2, "x": 2, "c": 1, "g": 1}
    assert fit.nobs == 43
    kept = holes.drop(columns="other").dropna()
    alone = fit_hlm("y ~ x + c + (1 | g)", MAKERS[kind](kept))
    assert np.array_equal(fit.params, alone.params)
    assert fit.loglik == alone.loglik


def test_columns_the_formula_does_not_read_do_not_matter(holes):
    assert fit_hlm("y ~ 1 + (1 | g)", holes).rows.missing == {"y": 2, "g": 1}


def test_nullable_columns(holes):
    typed = holes.assign(k=[pd.NA, *([1, 2, 3, 5] * 12)[:47]]).astype({"x": "Float64", "k": "Int64", "c": "string"})
    fit = fit_hlm("y ~ x + k + c + (1 | g)", typed)
    assert fit.rows.missing == {"y": 2, "x": 2, "k": 1, "c": 1, "g": 1}
    assert fit.nobs == 43


def test_a_polars_nan_is_missing_like_a_null(table):
    frame = pl.from_pandas(table).with_columns(
        x=pl.when(pl.int_range(48) == 2).then(float("nan")).when(pl.int_range(48) == 5).then(None).otherwise("x")
    )
    assert fit_hlm("y ~ x + (1 | g)", frame).rows.missing == {"x": 2}


def test_means_are_those_of_the_used_rows(table):
    table.loc[4, "y"] = np.nan
    table.loc[4, "x"] = 1e5
    fit = fit_hlm("y ~ center(x) + (1 | g)", table)
    plain = fit_hlm("y ~ x + (1 | g)", table)
    used_mean = table.drop(index=4).x.mean()
    expected = plain.params["Intercept"] + used_mean * plain.params["x"]
    assert fit.params["Intercept"] == pytest.approx(expected, rel=1e-9)


def test_a_level_that_only_dropped_rows_have_is_no_level(table):
    table.loc[2, ["c", "y"]] = ["zzz", np.nan]
    assert "c[T.zzz]" not in fit_hlm("y ~ c + (1 | g)", table).params.index


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused_with_their_rows(table, kind, value):
    table.loc[[1, 40], "x"] = value
    with pytest.raises(DataError, match=r"'x' is infinite in 2 rows \(from 0: \[1, 40\]\)"):
        fit_hlm("y ~ x + (1 | g)", MAKERS[kind](table))


def test_an_infinite_value_in_a_dropped_row_is_no_matter(table):
    table.loc[1, ["x", "y"]] = [np.inf, np.nan]
    assert fit_hlm("y ~ x + (1 | g)", table).nobs == 47


def test_the_rows_of_a_bad_logarithm_are_those_of_the_callers_table(table):
    table["x"] = table.x.abs() + 1
    table.loc[[0, 1], "y"] = np.nan
    table.loc[[5, 9], "x"] = 0.0
    with pytest.raises(DataError, match=r"'log\(x\)' .* in 2 of 46 rows \(from 0: \[5, 9\]\)"):
        fit_hlm("y ~ log(x) + (1 | g)", table)


def test_no_row_left(table):
    with pytest.raises(DataError, match=r"none of 48 rows is complete \(missing values: x 48\)"):
        fit_hlm("y ~ x + (1 | g)", table.assign(x=np.nan))
    with pytest.raises(DataError, match="the table is empty"):
        fit_hlm("y ~ x + (1 | g)", table.head(0))


def test_all_absent_columns_are_told_at_once(table):
    with pytest.raises(FormulaError, match=r"'xx'.*'zz'"):
        fit_hlm("y ~ xx + zz + (1 | g)", table)


def test_complete_keeps_the_callers_row_numbers(holes):
    used, account = complete(open_table(holes), ("y", "g"))
    assert used[ROW].to_list() == [i for i in range(48) if i not in (0, 3, 11)]
    assert account.used == 45


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_a_table(table, tmp_path, ending):
    path = tmp_path / f"rows.{ending}"
    table.to_csv(path, index=False, float_format="%.17g") if ending == "csv" else table.to_parquet(path)
    for given in (path, str(path)):
        fit = fit_hlm("y ~ x + c + (1 | g)", given)
        np.testing.assert_allclose(fit.params, fit_hlm("y ~ x + c + (1 | g)", table).params, rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda t: t.to_dict("list"), EngineError, "is not a table"),
        (lambda t: "nothing.csv", DataError, "is not there"),
        (lambda t: "table.xlsx", EngineError, "only .csv and .parquet"),
        (lambda t: pd.concat([t, t.x], axis=1), DataError, "name of its own"),
        (lambda t: t.rename(columns={"c": 3}), DataError, "must be text"),
    ],
)
def test_what_is_no_table(table, make, error, told):
    with pytest.raises(error, match=told):
        fit_hlm("y ~ x + (1 | g)", make(table))
