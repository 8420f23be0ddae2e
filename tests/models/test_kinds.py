"""Tables whose columns hold another kind of values than the fit's, and groupings with gaps: exact equality or refusal.

Second route: the same rows with columns as in the fit.
"""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats import fit_hlm, predicted_headcount
from povstats.errors import DataError

KINDS = {"pandas": lambda t: t, "polars": pl.from_pandas, "arrow": pa.Table.from_pandas}


@pytest.fixture(scope="module")
def table():
    """Twelve synthetic villages in four counties."""
    rng = np.random.default_rng(20261126)
    village = np.repeat(np.arange(12), 8)
    table = pd.DataFrame({"county": 1 + village // 3, "village": 100 + village, "x": rng.normal(size=96)})
    table["k"], table["size"], table["b"] = rng.choice(list("abc"), 96), rng.integers(1, 4, 96), rng.random(96) < 0.5
    table["y"] = 2 + 0.5 * table["x"] + rng.normal(0, 0.6, 12)[village] + rng.normal(size=96)
    return table.assign(c=np.exp(table["y"]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"x": "abc"}, "column 'x' is .*held numbers"),
        ({"x": "3"}, "column 'x' is .*held numbers"),
        ({"x": pd.Timestamp("1998-01-01")}, "column 'x' is .*held numbers"),
        ({"k": 3}, "column 'k' is .*held text"),
        ({"size": "2"}, "column 'size' is .*held numbers"),
        ({"b": "True"}, "column 'b' is .*held true and false"),
        ({"b": 1}, "column 'b' is .*held true and false"),
    ],
)
def test_predictors_of_another_kind_are_refused_by_every_engine(table, kind, changed, told):
    fit = fit_hlm("y ~ x + k + C(size) + b + (1 | village)", table)
    with pytest.raises(DataError, match=told):
        fit.predict(KINDS[kind](table.assign(**changed)))


def test_kinds_that_say_the_same_are_taken(table):
    fit = fit_hlm("y ~ x + k + C(size) + (1 | village)", table)
    same = table.assign(
        x=table["x"].astype(object),
        k=table["k"].astype("category"),
        size=table["size"].astype(float),
        village=table["village"].astype(float),
    )
    np.testing.assert_array_equal(fit.predict(same), fit.predict(table))


def test_a_village_written_as_text_is_no_stranger(table):
    fit = fit_hlm("log(c) ~ x + (1 | county) + (1 | village)", table)
    text = table.assign(village=table["village"].astype(str))
    with pytest.raises(DataError, match=r"column 'village' holds '100' \(str\) where the fit had 100 \(int\)"):
        predicted_headcount(fit, text, 10.0, n=0)
    with pytest.raises(DataError, match="the kind that it had in the table of the fit"):
        fit.predict(text)
    for ask in (fit.residuals, lambda rows: fit.influence("row", rows, top=2)):
        with pytest.raises(DataError, match="the kind that it had in the table of the fit"):
            ask(text)


def test_a_gap_in_a_columns_labels_changes_no_name(table):
    """One row without a county makes pandas' whole numbers decimals; the others keep their groups."""
    whole = fit_hlm("y ~ x + (1 | county/village)", table)
    gaps = table.astype({"county": float})
    gaps.loc[0, "county"] = np.nan
    holed = fit_hlm("y ~ x + (1 | county/village)", gaps)
    assert set(holed.random_effects["county:village"].index) <= set(whole.random_effects["county:village"].index)
    np.testing.assert_array_equal(whole.predict(gaps).iloc[1:], whole.predict(table).iloc[1:])
    assert holed.predict(table).notna().all()


@pytest.mark.parametrize("effects", ["marginal", "new group"])
def test_means_by_group_need_their_groups_whatever_the_effects(table, effects):
    short = fit_hlm("y ~ within(x) + between(x) + (1 | village)", table)
    long = fit_hlm("y ~ within(x, village) + between(x, village) + (1 | village)", table)
    np.testing.assert_array_equal(short.predict(table, effects), long.predict(table, effects))
