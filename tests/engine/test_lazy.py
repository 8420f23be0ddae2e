"""The lazy route against the array route: the same cells and the same fits from DuckDB, polars and Parquet.

CELLS: the engine sums in an order of its own, some threads at once; the mean of x, at 10,000 with a spread of 3, is
itself known to some 1e-12 of that spread. FIT: what rounding of the cells leaves of a fit, of which the
last Newton step gives ten digits and more.
"""

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

import povstats as ps
from povstats.engine import open_lazily
from povstats.engine import source as source_module
from povstats.engine.lazy_moments import lazy_moments
from povstats.engine.moments import moments
from povstats.errors import DataError, FormulaError
from povstats.models import fit_hlm

CELLS, FIT = 1e-11, 1e-10
ROUTES = {"duckdb": duckdb.from_df, "polars": lambda t: pl.from_pandas(t).lazy()}


@pytest.fixture(scope="module")
def table():
    """A synthetic survey with text groups, missing values, a categorical and an indicator."""
    rng = np.random.default_rng(8)
    n = 600
    village = rng.integers(0, 30, n)
    out = pd.DataFrame({"village": [f"村{i:02d}" for i in village], "county": village % 7, "x": rng.normal(1e4, 3, n)})
    out["z"] = rng.gamma(2, 1, n) + 0.1
    out["kind"] = rng.choice(["b", "a", "c"], n)
    out["own"] = rng.integers(0, 2, n).astype(float)
    out["w"] = rng.normal(size=30)[village]
    out["weight"] = rng.uniform(1, 3, n)
    out["y"] = np.exp(0.1 * (out.x - 1e4) + out.w + rng.normal(size=30)[village] + rng.normal(size=n))
    out.loc[[3, 50], "x"] = np.nan
    return out


@pytest.fixture(params=ROUTES)
def lazily(request):
    return ROUTES[request.param]


@pytest.mark.parametrize("by", [[("village",)], [("county",), ("county", "village")], [("village",), ("kind",)]])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_the_same_cells(table, lazily, by, weight):
    table = table.dropna()
    pieces = {name: nw.col(name).cast(nw.Float64) for name in ("x", "own", "w", "z")}
    products = [("x",), ("own",), ("w",), ("own", "x"), ("w", "x")]
    one = moments(open_lazily(table), pieces, products, by, weight)
    other = lazy_moments(open_lazily(lazily(table)), pieces, products, by, weight)
    assert (one.labels, one.household, one.village, one.by) == (other.labels, other.household, other.village, other.by)
    for name in one.groupings:
        assert one.groupings[name].labels == other.groupings[name].labels
        assert np.array_equal(one.groupings[name].codes, other.groupings[name].codes)
    scale = np.sqrt(np.einsum("gii->gi", one.moments))
    assert (np.abs(one.moments - other.moments) / (scale[:, :, None] * scale[:, None] + 1e-300)).max() < CELLS
    np.testing.assert_allclose(other.values, one.values, rtol=CELLS, atol=CELLS)
    np.testing.assert_allclose(other.totals["z"], one.totals["z"], rtol=CELLS)
    np.testing.assert_array_equal(other.counts, one.counts)
    for name in one.extremes:
        np.testing.assert_array_equal(other.extremes[name], one.extremes[name])
    if weight:
        np.testing.assert_allclose(other.weight_sums, one.weight_sums, rtol=CELLS)
        np.testing.assert_allclose(other.weight_squares, one.weight_squares, rtol=CELLS)
        assert other.log_weights == pytest.approx(one.log_weights, rel=CELLS)


FORMULAS = [
    "log(y) ~ x * w + kind + own + (1 + x | village)",
    "log(y) ~ scale(x) + center(z) + C(own) + (1 | county/village)",
    "log(y) ~ within(x, village) * between(x, village) + (1 | village)",
    "log(y) ~ z + (1 | village) + (1 | kind)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_same_fits(table, lazily, formula):
    one, other = fit_hlm(formula, table), fit_hlm(formula, lazily(table))
    assert one.rows == other.rows
    assert list(one.params.index) == list(other.params.index)
    se = one.std_errors
    assert (np.abs(one.params - other.params) / se).max() < FIT
    np.testing.assert_allclose(other.std_errors, se, rtol=FIT)
    assert other.loglik == pytest.approx(one.loglik, rel=1e-11)
    for name in one.random_effects:
        assert one.random_effects[name].index.tolist() == other.random_effects[name].index.tolist()


def test_viet_nam_from_parquet(tmp_path, monkeypatch):
    table = ps.datasets.vietnam_1998()
    path = tmp_path / "households.parquet"
    table.to_parquet(path)
    formula = "log_expenditure_per_head ~ education + farm + (1 + education | commune)"
    one, small = fit_hlm(formula, table), fit_hlm(formula, path)
    assert small.loglik == pytest.approx(one.loglik, rel=1e-12)
    monkeypatch.setattr(source_module, "LARGE", 1_000)
    assert isinstance(open_lazily(path), nw.LazyFrame)
    large = fit_hlm(formula, path)
    assert large.loglik == pytest.approx(one.loglik, rel=1e-11)
    np.testing.assert_allclose(large.params, one.params, rtol=FIT)


def test_weights_in_the_engine(table, lazily):
    weights = {"household": "weight"}
    one, other = (
        fit_hlm("log(y) ~ x + (1 | village)", t, method="ml", sampling_weights=weights) for t in (table, lazily(table))
    )
    np.testing.assert_allclose(other.std_errors, one.std_errors, rtol=FIT)


def test_what_is_refused(table, lazily):
    with pytest.raises(FormulaError, match="no column 'q'"):
        fit_hlm("y ~ q + (1 | village)", lazily(table))
    with pytest.raises(FormulaError, match="orthogonal polynomials"):
        fit_hlm("y ~ poly(z, 2) + (1 | village)", lazily(table))
    with pytest.raises(
        DataError, match=r"'log\(own\)' is undefined, .* in \d+ of 600 rows \(such as in village '村00'\)"
    ):
        fit_hlm("y ~ log(own) + (1 | village)", lazily(table))
    with pytest.raises(DataError, match="'z' is infinite in 1 rows"):
        fit_hlm("y ~ z + (1 | village)", lazily(table.assign(z=table.z.where(table.index != 9, np.inf))))
    with pytest.raises(DataError, match="none of 600 rows is complete"):
        fit_hlm("y ~ z + (1 | village)", lazily(table.assign(z=np.nan)))
    for bad in (0.0, -2.0):
        weight = table.weight.where(table.village != "村11", bad)
        told = (
            rf"'weight' is not above 0 in {(table.village == '村11').sum()} of 600 rows \(such as in village '村11'\)"
        )
        with pytest.raises(DataError, match=told):
            fit_hlm("y ~ z + (1 | village)", lazily(table.assign(weight=weight)), precision="weight")


def test_a_quotation_mark_in_a_name(table):
    odd = table.rename(columns={"z": 'say "z"'})
    with pytest.raises(DataError, match="quotation mark"):
        fit_hlm('y ~ `say "z"` + (1 | village)', duckdb.from_df(odd))
    assert fit_hlm("y ~ own + (1 | village)", duckdb.from_df(odd)).nobs == 600  # it is not read


def test_labels_of_every_kind_come_in_one_order(table, lazily):
    table["day"] = pd.Timestamp("1998-01-01") + pd.to_timedelta(table.county, "D")
    table["share"], table["north"] = table.county / 4, table.county < 3
    table["mixed"] = table.county.map(dict(enumerate(["b", "B", "ä", "a", "村", "Z", "é"])))
    for by in ("day", "share", "north", "mixed", "county"):
        one, other = (
            reduce(open_lazily(native), {"own": "own"}, [("own",)], [(by,)])
            for reduce, native in ((moments, table), (lazy_moments, lazily(table)))
        )
        assert one.labels == other.labels
        assert [type(label) for label in one.labels] == [type(label) for label in other.labels]
        np.testing.assert_array_equal(one.counts, other.counts)


def test_the_callers_table_is_not_read_into_memory(table, monkeypatch):
    """Only cells are collected: no query gives as many rows as the table has."""
    sizes = []
    collect = nw.LazyFrame.collect

    def counted(self, *args, **kwargs):
        found = collect(self, *args, **kwargs)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(nw.LazyFrame, "collect", counted)
    fit_hlm("log(y) ~ x * w + kind + within(z, village) + (1 + x | village)", duckdb.from_df(table))
    assert sizes
    assert max(sizes) <= 30
