"""Coding of factors: names and columns against matrices written by hand (R's model.matrix has the same columns), and
against formulaic's own.

EXACT: indicators and products of two numbers. SPACE: projections of sixty rows on a dozen columns.
"""

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from povstats.engine import open_table
from povstats.models import fit_hlm
from povstats.models.formula import parse
from povstats.models.interpretation.prediction.prediction_rows import design
from povstats.models.model import compile_model

SPACE = 1e-10


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "y": rng.normal(size=60),
            "x": rng.normal(size=60),
            "z": rng.normal(size=60),
            "c": ["a", "b", "c"] * 20,
            "h": ["p", "q"] * 30,
            "g": np.repeat(np.arange(10), 6),
        }
    )


def made(right, table):
    """Give names and matrix of the fixed part."""
    model = compile_model(parse(f"y ~ {right} + (1 | g)"), open_table(table))
    return [column.name for column in model.fixed], design(model, open_table(table), model.fixed)


HAND = {
    "c": (["Intercept", "c[T.b]", "c[T.c]"], lambda d: [1, d["b"], d["c"]]),
    "0 + c": (["c[a]", "c[b]", "c[c]"], lambda d: [d["a"], d["b"], d["c"]]),
    "c * x": (
        ["Intercept", "c[T.b]", "c[T.c]", "x", "c[T.b]:x", "c[T.c]:x"],
        lambda d: [1, d["b"], d["c"], d["x"], d["b"] * d["x"], d["c"] * d["x"]],
    ),
    "x * c": (
        ["Intercept", "x", "c[T.b]", "c[T.c]", "x:c[T.b]", "x:c[T.c]"],
        lambda d: [1, d["x"], d["b"], d["c"], d["b"] * d["x"], d["c"] * d["x"]],
    ),
    "0 + c * x": (
        ["c[a]", "c[b]", "c[c]", "x", "c[T.b]:x", "c[T.c]:x"],
        lambda d: [d["a"], d["b"], d["c"], d["x"], d["b"] * d["x"], d["c"] * d["x"]],
    ),
    "0 + c:x": (["c[a]:x", "c[b]:x", "c[c]:x"], lambda d: [d[k] * d["x"] for k in "abc"]),
    "c/x": (
        ["Intercept", "c[T.b]", "c[T.c]", "c[a]:x", "c[b]:x", "c[c]:x"],
        lambda d: [1, d["b"], d["c"], *(d[k] * d["x"] for k in "abc")],
    ),
    "x + c:x": (
        ["Intercept", "x", "x:c[T.b]", "x:c[T.c]"],
        lambda d: [1, d["x"], d["b"] * d["x"], d["c"] * d["x"]],
    ),
    "c * h": (
        ["Intercept", "c[T.b]", "c[T.c]", "h[T.q]", "c[T.b]:h[T.q]", "c[T.c]:h[T.q]"],
        lambda d: [1, d["b"], d["c"], d["q"], d["b"] * d["q"], d["c"] * d["q"]],
    ),
    "c + c:h": (
        ["Intercept", "c[T.b]", "c[T.c]", "c[a]:h[T.q]", "c[b]:h[T.q]", "c[c]:h[T.q]"],
        lambda d: [1, d["b"], d["c"], *(d[k] * d["q"] for k in "abc")],
    ),
    "h + c:h": (
        ["Intercept", "h[T.q]", "h[p]:c[T.b]", "h[q]:c[T.b]", "h[p]:c[T.c]", "h[q]:c[T.c]"],
        lambda d: [1, d["q"], d["p"] * d["b"], d["q"] * d["b"], d["p"] * d["c"], d["q"] * d["c"]],
    ),
    "0 + c:h": (
        ["c[a]:h[p]", "c[b]:h[p]", "c[c]:h[p]", "c[a]:h[q]", "c[b]:h[q]", "c[c]:h[q]"],
        lambda d: [d[k] * d[m] for m in "pq" for k in "abc"],
    ),
    "0 + c + h": (["c[a]", "c[b]", "c[c]", "h[T.q]"], lambda d: [d["a"], d["b"], d["c"], d["q"]]),
    "0 + x + c": (["x", "c[a]", "c[b]", "c[c]"], lambda d: [d["x"], d["a"], d["b"], d["c"]]),
    "0 + x + c + h": (
        ["x", "c[a]", "c[b]", "c[c]", "h[T.q]"],
        lambda d: [d["x"], d["a"], d["b"], d["c"], d["q"]],
    ),
    "c:x + h:x": (
        ["Intercept", "c[a]:x", "c[b]:x", "c[c]:x", "x:h[T.q]"],
        lambda d: [1, *(d[k] * d["x"] for k in "abc"), d["q"] * d["x"]],
    ),
    "0 + h + c:x": (
        ["h[p]", "h[q]", "c[a]:x", "c[b]:x", "c[c]:x"],
        lambda d: [d["p"], d["q"], *(d[k] * d["x"] for k in "abc")],
    ),
    "x * z * h": (
        ["Intercept", "x", "z", "h[T.q]", "x:z", "x:h[T.q]", "z:h[T.q]", "x:z:h[T.q]"],
        lambda d: [
            1,
            d["x"],
            d["z"],
            d["q"],
            d["x"] * d["z"],
            d["x"] * d["q"],
            d["z"] * d["q"],
            d["x"] * d["z"] * d["q"],
        ],
    ),
    "C(h) + I(x^2)": (["Intercept", "C(h)[T.q]", "I(x ** 2)"], lambda d: [1, d["q"], d["x"] ** 2]),
}


@pytest.mark.parametrize("right", HAND)
def test_columns_written_by_hand(table, right):
    known = {key: (table.c == key).to_numpy(float) for key in "abc"}
    known |= {key: (table.h == key).to_numpy(float) for key in "pq"}
    known |= {key: table[key].to_numpy() for key in "xz"}
    names, expected = HAND[right]
    found, matrix = made(right, table)
    assert found == names
    expected_matrix = np.column_stack([np.broadcast_to(column, 60) for column in expected(known)])
    np.testing.assert_allclose(matrix, expected_matrix, rtol=1e-15)


@pytest.mark.parametrize(
    "right",
    ["c * h * x", "0 + c * h * x", "(c + h + x + z)**2", "c:x + h:x", "0 + c + h", "c/h/x", "h:x + c", "x:z + c:z"],
)
def test_the_space_is_formulaics(table, right):
    own, other = made(right, table)[1], np.asarray(model_matrix(right, table), dtype=float)
    assert own.shape == other.shape
    for a, b in ((own, other), (other, own)):
        residual = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
        assert np.abs(residual).max() < SPACE


@pytest.mark.parametrize(
    ("bar", "effects"),
    [
        ("(c | g)", ["Intercept", "c[T.b]", "c[T.c]"]),
        ("(0 + c | g)", ["c[a]", "c[b]", "c[c]"]),
        ("(1 | g) + (0 + h | g)", ["Intercept", "h[p]", "h[q]"]),
        ("(x * h | g)", ["Intercept", "x", "h[T.q]", "x:h[T.q]"]),
        ("(x + z || g)", ["Intercept", "x", "z"]),
    ],
)
def test_the_bar_codes_by_itself(table, bar, effects):
    model = compile_model(parse(f"y ~ x + {bar}"), open_table(table))
    assert list(model.effects("g")) == effects
    sizes = [len(columns) for columns in model.sets("g")]
    assert sizes == ([1, 1, 1] if "||" in bar else [1, 2] if "+ (0" in bar else [len(effects)])


def test_a_product_is_the_same_however_it_is_written(table):
    one, other = (fit_hlm(f"y ~ x + z + {term} + (1 | g)", table) for term in ("x:z", "z:x"))
    assert np.array_equal(one.params, other.params)
    with_both = parse("y ~ x:z + z:x + (1 | g)")
    assert len(with_both.fixed) == 2


def test_the_reference_is_the_first_level(table):
    text = fit_hlm("y ~ c + (1 | g)", table, method="ml")
    turned = table.assign(c=pd.Categorical(table.c, ["c", "b", "a"]))
    other = fit_hlm("y ~ c + (1 | g)", turned, method="ml")
    assert list(other.params.index) == ["Intercept", "c[T.b]", "c[T.a]"]
    assert other.params["c[T.a]"] == pytest.approx(-text.params["c[T.c]"], rel=1e-8)
    assert other.params["Intercept"] == pytest.approx(text.params["Intercept"] + text.params["c[T.c]"], rel=1e-8)
    assert other.loglik == pytest.approx(text.loglik, rel=1e-12)
