"""Cells against plain numpy on the rows, and the laws of sums.

ROUNDING: sums of a few hundred products in another order, relative to the size of the sum. SHIFTED: what is left of
sixteen digits where a spread of six stands on a mean of a million; unshifted squares keep four.
"""

from itertools import combinations

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from povstats.engine import moments as moments_module
from povstats.engine import open_table
from povstats.engine.columns import ROW
from povstats.engine.moments import moments
from povstats.errors import DataError

ROUNDING = 1e-12
SHIFTED = 1e-11
ROWS = 240


@pytest.fixture
def table():
    rng = np.random.default_rng(5)
    group = rng.integers(0, 11, ROWS)  # unsorted, unequal
    village = rng.normal(size=11)[group]
    return pd.DataFrame(
        {
            "y": rng.normal(3, 2, ROWS),
            "x": rng.normal(-1, 1, ROWS),
            "d": rng.integers(0, 2, ROWS).astype(float),
            "v": village,
            "number": group,
            "text": [f"village {i}" for i in group],
            "half": rng.choice(["east", "west"], ROWS),
        }
    )


def cells_of(native, names, products, by):
    frame = open_table(native)
    return moments(frame, {name: nw.col(name).cast(nw.Float64) for name in names}, products, [by])


def by_hand(rows, cells, codes):
    """Sum the products of shifted columns, group by group."""
    shifted = {name: rows[name].to_numpy(float) - cells.shift[name] for name in cells.shift}
    m = np.column_stack(
        [np.prod([np.ones(len(rows)), *(shifted[name] for name in product)], axis=0) for product in cells.household]
    )
    return np.stack([m[codes == g].T @ m[codes == g] for g in range(codes.max() + 1)])


PRODUCTS = [("y",), ("x",), ("d",), ("d", "x"), ("v", "x"), ("v",)]


def test_the_sums_are_those_of_the_rows(table):
    cells = cells_of(table, ["y", "x", "d", "v"], PRODUCTS, ("number",))
    codes = table.number.to_numpy()
    expected = by_hand(table, cells, codes)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(cells.moments, expected, rtol=ROUNDING, atol=ROUNDING * scale)
    assert cells.labels == tuple(range(11))
    np.testing.assert_array_equal(cells.counts, np.bincount(codes))
    assert cells.nobs == ROWS


def test_products_come_with_all_their_parts_and_the_constant_first(table):
    cells = cells_of(table, ["y", "x", "d", "v"], [("y",), ("d", "x", "y"), ("v", "x")], ("number",))
    assert cells.household[0] == ()
    wanted = {part for size in range(4) for part in combinations(("d", "x", "y"), size)}
    assert set(cells.household) == wanted
    assert len(cells.household) == len(wanted)


def test_what_is_constant_within_groups_is_kept_as_one_value_a_group(table):
    cells = cells_of(table, ["y", "x", "v"], [("y",), ("v", "x"), ("v",)], ("number",))
    assert cells.village == ("v",)
    value = cells.values[:, 0] + cells.shift["v"]
    np.testing.assert_allclose(value, table.groupby("number").v.first(), rtol=ROUNDING)
    assert not any("v" in product for product in cells.household)


def test_one_deviating_row_makes_a_household_column(table):
    table.loc[7, "v"] = np.nextafter(table.loc[7, "v"], 9)
    assert cells_of(table, ["y", "v"], [("y",), ("v",)], ("number",)).village == ()


def test_indicators_are_not_shifted(table):
    cells = cells_of(table, ["y", "d"], [("y",), ("d",)], ("number",))
    assert cells.shift["d"] == 0.0
    assert cells.shift["y"] == pytest.approx(table.y.mean(), rel=ROUNDING)


def test_a_mean_of_a_million_costs_no_digits(table):
    far = table.assign(y=table.y * 3 + 1e6, x=table.x * 6 + 1e6)
    cells = cells_of(far, ["y", "x"], [("y",), ("x",)], ("number",))
    i, j = cells.household.index(("y",)), cells.household.index(("x",))
    for g in range(11):
        own = far[far.number == g]
        # The deviations are exact differences in 80 bits; the sums are then taken about the group's own mean.
        y, x = (own[name].to_numpy().astype(np.longdouble) for name in ("y", "x"))
        expected = float(((y - y.mean()) * (x - x.mean())).sum())
        n = cells.counts[g]
        found = cells.moments[g, i, j] - cells.moments[g, 0, i] * cells.moments[g, 0, j] / n
        size = float(np.sqrt(((y - y.mean()) ** 2).sum() * ((x - x.mean()) ** 2).sum()))
        assert abs(found - expected) < SHIFTED * size


@pytest.mark.parametrize("by", ["number", "text", "category", "backwards", "float", "truth"])
def test_every_kind_of_group(table, by):
    table["category"] = pd.Categorical(table.text)
    table["backwards"] = pd.Categorical(table.text, sorted(table.text.unique(), reverse=True))
    table["float"] = table.number / 3
    table["truth"] = table.number < 5
    cells = cells_of(table, ["y", "x"], [("y",), ("x",)], (by,))
    plain = table[by].astype(str) if by in ("category", "backwards") else table[by]
    codes, labels = pd.factorize(plain, sort=True)
    assert cells.labels == tuple(labels)
    np.testing.assert_allclose(cells.moments, by_hand(table, cells, codes), rtol=ROUNDING, atol=1e-9)


def test_crossed_groups(table):
    cells = cells_of(table, ["y"], [("y",)], ("half", "number"))
    counts = table.groupby(["half", "number"]).size()
    assert cells.labels == tuple(f"{half}:{number}" for half, number in counts.index)
    np.testing.assert_array_equal(cells.counts, counts)


def test_several_groupings_make_cells_of_what_occurs(table):
    frame, pieces = open_table(table), {name: nw.col(name) for name in ("y", "x")}
    cells = moments(frame, pieces, [("y",), ("x",)], [("number",), ("half",)])
    counts = table.groupby(["number", "half"]).size()
    assert cells.labels == tuple(f"{number}:{half}" for number, half in counts.index)
    np.testing.assert_array_equal(cells.counts, counts)
    number, half = cells.groupings["number"], cells.groupings["half"]
    assert [number.labels[i] for i in number.codes] == [number for number, _ in counts.index]
    assert [half.labels[i] for i in half.codes] == [half for _, half in counts.index]
    # What one grouping sums to is what it gives alone.
    alone = moments(frame, pieces, [("y",), ("x",)], [("half",)])
    summed = np.stack([cells.moments[half.codes == i].sum(axis=0) for i in range(2)])
    np.testing.assert_allclose(summed, alone.moments, rtol=ROUNDING, atol=ROUNDING * np.abs(alone.moments).max())


def test_nested_groupings_make_cells_of_the_lowest(table):
    table["county"] = table.number % 3
    frame, pieces = open_table(table), {"y": nw.col("y")}
    for by in ([("county",), ("number",)], [("number",), ("county",)]):
        cells = moments(frame, pieces, [("y",)], by)
        assert cells.labels == tuple(range(11))
        assert cells.groupings["county"].codes.tolist() == [i % 3 for i in range(11)]
    joined = moments(frame, pieces, [("y",)], [("county",), ("county", "number")])
    assert joined.labels == tuple(sorted((f"{i % 3}:{i}" for i in range(11)), key=lambda t: (int(t[0]), int(t[2:]))))


def test_a_weight_counts_a_row_so_often(table):
    table["w"] = np.random.default_rng(3).integers(1, 4, ROWS).astype(float)
    names = ["y", "x", "d", "v"]
    pieces = {name: nw.col(name) for name in names}
    cells = moments(open_table(table), pieces, PRODUCTS, [("number",)], "w")
    often = table.loc[table.index.repeat(table.w.astype(int))].reset_index(drop=True)
    expected = by_hand(often, cells, often.number.to_numpy())
    np.testing.assert_allclose(cells.moments, expected, rtol=ROUNDING, atol=ROUNDING * np.abs(expected).max())
    by = table.groupby("number").w
    np.testing.assert_allclose(cells.weight_sums, by.sum())
    np.testing.assert_allclose(cells.weight_squares, (table.w**2).groupby(table.number).sum())
    assert cells.log_weights == pytest.approx(np.log(table.w).sum())
    assert cells.nobs == ROWS


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_a_weight_that_is_not_above_zero_is_refused(table, bad):
    table["w"] = 1.0
    table.loc[[3, 8], "w"] = bad
    with pytest.raises(DataError, match=r"weight 'w' is not a number above 0 in 2 of 240 rows \(from 0: \[3, 8\]\)"):
        moments(open_table(table), {"y": nw.col("y")}, [("y",)], [("number",)], "w")


def test_many_rows_are_taken_in_runs(monkeypatch, table):
    whole = cells_of(table, ["y", "x"], PRODUCTS[:2], ("number",))
    monkeypatch.setattr(moments_module, "CHUNK", 30)
    parts = cells_of(table, ["y", "x"], PRODUCTS[:2], ("number",))
    assert np.array_equal(whole.moments, parts.moments)


def test_crossed_groups_of_one_name_are_refused():
    table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 5.0], "a": ["p:q", "p", "p:q", "p"], "b": ["r", "q:r", "r", "q:r"]})
    with pytest.raises(DataError, match="would both be called 'p:q:r'"):
        cells_of(table, ["y"], [("y",)], ("a", "b"))


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "pyarrow"])
def test_the_same_cells_from_every_kind_of_table(table, make):
    names, by = ["y", "x", "d", "v"], ("text",)
    first, second = (cells_of(native, names, PRODUCTS, by) for native in (table, make(table)))
    assert first.labels == second.labels
    assert np.array_equal(first.moments, second.moments)
    assert first.fingerprint() == second.fingerprint()


def test_the_fingerprint_sees_a_change_of_the_last_digit(table):
    changed = table.copy()
    changed.loc[3, "y"] = np.nextafter(changed.loc[3, "y"], 99)
    changed.loc[3, "y"] += 1e-9
    first, second = (cells_of(t, ["y"], [("y",)], ("number",)).fingerprint() for t in (table, changed))
    assert first != second
    renamed = cells_of(table.assign(number=table.number + 1), ["y"], [("y",)], ("number",)).fingerprint()
    assert first != renamed


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 1e200])
def test_what_is_not_finite_is_refused_with_its_rows(table, bad):
    table.loc[[4, 17], "x"] = bad
    frame = open_table(table).with_row_index(ROW).filter(nw.col(ROW) > 2)
    with pytest.raises(DataError, match=r"'x' is undefined.* in 2 of 237 rows \(from 0: \[4, 17\]\)"):
        moments(frame, {"x": nw.col("x")}, [("x",)], [("number",)])


def test_a_logarithm_of_zero_is_refused(table):
    table.loc[9, "x"] = 0.0
    table["x"] = table.x.abs()
    with pytest.raises(DataError, match=r"'log\(x\)' is undefined.* a logarithm needs values above 0"):
        moments(open_table(table), {"log(x)": nw.col("x").log()}, [("log(x)",)], [("number",)])


frames = st.integers(2, 6).flatmap(
    lambda groups: st.lists(
        st.tuples(st.integers(0, groups - 1), st.floats(-50, 50, width=32), st.floats(-50, 50, width=32)),
        min_size=groups + 3,
        max_size=40,
    )
)


def as_table(rows):
    return pd.DataFrame(rows, columns=["g", "x", "y"]).astype({"x": float, "y": float})


def raw(cells, product):
    """Undo the shift: Σ x and Σ x y of each group in the columns' own units."""
    place = {p: i for i, p in enumerate(cells.household)}
    n, total = cells.counts, np.zeros(len(cells.counts))
    if len(product) == 1:
        (a,) = product
        return cells.moments[:, 0, place[product]] + n * cells.shift[a]
    a, b = product
    total += cells.moments[:, place[(a,)], place[(b,)]]
    total += cells.shift[a] * cells.moments[:, 0, place[(b,)]] + cells.shift[b] * cells.moments[:, 0, place[(a,)]]
    return total + n * cells.shift[a] * cells.shift[b]


def household_cells(table):
    """Reduce x and y, and say whether both are household columns."""
    cells = cells_of(table, ["x", "y"], [("x",), ("y",)], ("g",))
    return cells, not cells.village


@settings(derandomize=True, max_examples=40, deadline=None)
@given(rows=frames, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(rows, seed):
    table = as_table(rows)
    first, second = (
        cells_of(t, ["x", "y"], [("x",), ("y",)], ("g",)) for t in (table, table.sample(frac=1, random_state=seed))
    )
    assert (first.labels, first.household, first.village) == (second.labels, second.household, second.village)
    np.testing.assert_allclose(second.moments, first.moments, rtol=1e-9, atol=1e-8)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(rows=frames, cut=st.integers(1, 8))
def test_sums_of_chunks_add_up(rows, cut):
    table = as_table(rows)
    whole, household = household_cells(table)
    chunks = [household_cells(part) for part in (table[:cut], table[cut:]) if len(part)]
    assume(household and all(one for _, one in chunks))
    for product in (("x",), ("y",), ("x", "y")):
        added = dict.fromkeys(whole.labels, 0.0)
        for cells, _ in chunks:
            for label, value in zip(cells.labels, raw(cells, product), strict=True):
                added[label] += value
        np.testing.assert_allclose(list(added.values()), raw(whole, product), rtol=1e-9, atol=1e-7)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(rows=frames, a=st.floats(-1e4, 1e4), b=st.floats(0.01, 100))
def test_an_affine_change_scales_the_moments(rows, a, b):
    table = as_table(rows)
    # Indicators are not shifted, and become something else when they are changed.
    assume(not np.isin(table.x, (0, 1)).all() and not np.isin(a + b * table.x, (0, 1)).all())
    plain, changed = household_cells(table)[0], household_cells(table.assign(x=a + b * table.x))[0]
    assume(not plain.village and not changed.village)
    i = plain.household.index(("x",))
    np.testing.assert_allclose(changed.moments[:, i, i], b**2 * plain.moments[:, i, i], rtol=1e-7, atol=1e-7 * b**2)
    assert changed.shift["x"] == pytest.approx(a + b * plain.shift["x"], rel=1e-9, abs=1e-7)


def test_the_callers_table_is_not_changed(table):
    before = table.copy(deep=True)
    cells_of(table, ["y", "x", "v"], PRODUCTS[:2], ("number",))
    pd.testing.assert_frame_equal(table, before)
