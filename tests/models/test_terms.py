"""Each function of the list against plain numpy on the rows; what is learned is learned once.

SAME: the same few operations in another order. POLYNOMIAL: the recurrence against a QR of the powers, whose
conditioning grows with the degree. FIT: where a search stops that saw other last digits.
"""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.engine import open_table
from povstats.engine.moments import evaluate
from povstats.errors import DataError, FormulaError
from povstats.models import fit_hlm
from povstats.models.terms import columns_of, learn

SAME = 1e-13
POLYNOMIAL = 1e-9
FIT = 1e-8
MAKERS = {"pandas": lambda t: t, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(11)
    x = rng.lognormal(1, 0.4, 60)
    return pd.DataFrame({"x": x, "z": rng.normal(size=60), "k": rng.integers(1, 4, 60), "o d d": x**2})


def values_of(text, native, learned_on=None):
    """Evaluate a factor's pieces on a table, learned on another."""
    factor = learn(text, open_table(native if learned_on is None else learned_on))
    frame = open_table(native)
    return {name: evaluate(frame, name, piece) for name, piece in factor.pieces.items()}


PLAIN = {
    "x": lambda t: t.x,
    "k": lambda t: t.k,
    "`o d d`": lambda t: t["o d d"],
    "log(x)": lambda t: np.log(t.x),
    "exp(z)": lambda t: np.exp(t.z),
    "sqrt(x)": lambda t: np.sqrt(t.x),
    "center(x)": lambda t: t.x - t.x.mean(),
    "scale(x)": lambda t: (t.x - t.x.mean()) / t.x.std(ddof=1),
    "I(x)": lambda t: t.x,
    "I(x ** 2)": lambda t: t.x**2,
    "I(x ** 0.5)": lambda t: np.sqrt(t.x),
    "I(x * z)": lambda t: t.x * t.z,
    "I(x + 2 * z)": lambda t: t.x + 2 * t.z,
    "I(x - z)": lambda t: t.x - t.z,
    "I(1 - x)": lambda t: 1 - t.x,
    "I(-z)": lambda t: -t.z,
    "I(x / k)": lambda t: t.x / t.k,
    "I(1 / x)": lambda t: 1 / t.x,
    "I(2 ** k)": lambda t: 2.0**t.k,
    "I((x + z) * (x - z))": lambda t: t.x**2 - t.z**2,
    "log(I(x / k))": lambda t: np.log(t.x / t.k),
    "log(x + 1)": lambda t: np.log1p(t.x),
    "center(log(x))": lambda t: np.log(t.x) - np.log(t.x).mean(),
    "scale(`o d d`)": lambda t: (t["o d d"] - t["o d d"].mean()) / t["o d d"].std(),
    "exp(log(sqrt(x)))": lambda t: np.sqrt(t.x),
}


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_function_is_what_numpy_says(table, text, kind):
    ((name, values),) = values_of(text, MAKERS[kind](table)).items()
    assert name == text.strip("`")
    np.testing.assert_allclose(values, PLAIN[text](table), rtol=SAME, atol=SAME * 10)


@pytest.mark.parametrize("degree", [1, 2, 3, 6])
@pytest.mark.parametrize("kind", MAKERS)
def test_poly_is_the_orthonormal_basis_of_the_powers(table, degree, kind):
    found = values_of(f"poly(x, {degree})", MAKERS[kind](table))
    assert list(found) == [f"poly(x, {degree})[{k}]" for k in range(1, degree + 1)]
    centred = table.x - table.x.mean()
    basis = np.linalg.qr(np.vander(centred, degree + 1, increasing=True))[0][:, 1:]
    made = np.column_stack(list(found.values()))
    np.testing.assert_allclose(made * np.sign((made * basis).sum(axis=0)), basis, atol=POLYNOMIAL)
    np.testing.assert_allclose(made.T @ made, np.eye(degree), atol=POLYNOMIAL)


def test_poly_of_years_keeps_its_digits():
    years = pd.DataFrame({"year": np.tile(np.arange(2001, 2021), 5)})
    made = np.column_stack(list(values_of("poly(year, 4)", years).values()))
    np.testing.assert_allclose(made.T @ made, np.eye(4), atol=POLYNOMIAL)
    np.testing.assert_allclose(made.sum(axis=0), 0, atol=POLYNOMIAL)


@pytest.mark.parametrize("text", ["center(x)", "scale(x)", "poly(x, 2)", "center(log(x))"])
def test_new_data_use_what_the_first_data_taught(table, text):
    new = table.iloc[10:14].assign(x=lambda t: t.x + 5)
    both = pd.concat([table, new])
    taught = values_of(text, both, learned_on=table)
    alone = values_of(text, new, learned_on=table)
    for name, values in alone.items():
        np.testing.assert_allclose(values, taught[name][len(table) :], rtol=SAME)
    if text == "scale(x)":
        expected = (new.x - table.x.mean()) / table.x.std()
        np.testing.assert_allclose(alone[text], expected, rtol=SAME)
    again = values_of(text, new, learned_on=new)
    assert not np.allclose(next(iter(again.values())), next(iter(alone.values())))


def categorical(kind):
    """Give a column with the values b, a, c, b … of one kind, and the order in which its levels should stand."""
    plain = pd.Series(["b", "a", "c", "b"] * 6)
    match kind:
        case "pandas text":
            return pd.DataFrame({"c": plain}), ["a", "b", "c"]
        case "pandas string":
            return pd.DataFrame({"c": plain.astype("string")}), ["a", "b", "c"]
        case "pandas categorical":
            return pd.DataFrame({"c": pd.Categorical(plain, ["c", "unused", "b", "a"])}), ["c", "b", "a"]
        case "pandas ordered":
            return pd.DataFrame({"c": pd.Categorical(plain, ["b", "c", "a"], ordered=True)}), ["b", "c", "a"]
        case "polars text":
            return pl.DataFrame({"c": plain.to_list()}), ["a", "b", "c"]
        case "polars enum":
            return pl.DataFrame({"c": pl.Series(plain.to_list(), dtype=pl.Enum(["c", "u", "b", "a"]))}), ["c", "b", "a"]
        case "pyarrow dictionary":
            return pa.table({"c": pa.array(pd.Categorical(plain, ["c", "b", "a"]))}), ["c", "b", "a"]
    raise AssertionError(kind)


KINDS = [
    "pandas text",
    "pandas string",
    "pandas categorical",
    "pandas ordered",
    "polars text",
    "polars enum",
    "pyarrow dictionary",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["c", "C(c)"])
def test_levels_stand_in_their_order_and_unused_ones_are_left_out(kind, text):
    native, order = categorical(kind)
    found = values_of(text, native)
    assert list(found) == [f"{text}[{level}]" for level in order]
    plain = np.array(["b", "a", "c", "b"] * 6)
    for level in order:
        np.testing.assert_array_equal(found[f"{text}[{level}]"], (plain == level).astype(float))


def test_a_polars_categorical_has_each_level_once():
    found = values_of("c", pl.DataFrame({"c": pl.Series(["q", "p", "q"], dtype=pl.Categorical)}))
    assert sorted(found) == ["c[p]", "c[q]"]
    np.testing.assert_array_equal(found["c[q]"], [1, 0, 1])


@pytest.mark.parametrize("kind", MAKERS)
def test_truth_values_have_false_first(kind):
    found = values_of("b", MAKERS[kind](pd.DataFrame({"b": [True, False, True]})))
    assert list(found) == ["b[False]", "b[True]"]
    np.testing.assert_array_equal(found["b[True]"], [1, 0, 1])


@pytest.mark.parametrize("kind", MAKERS)
def test_numbers_become_levels_only_in_C(kind):
    native = MAKERS[kind](pd.DataFrame({"k": [10, 9, 10, 2]}))
    assert list(values_of("k", native)) == ["k"]
    assert list(values_of("C(k)", native)) == ["C(k)[2]", "C(k)[9]", "C(k)[10]"]


def test_chinese_levels_and_names():
    native = pd.DataFrame({"民族": ["汉族", "苗族", "布依族", "苗族"]})
    assert list(values_of("民族", native)) == [f"民族[{level}]" for level in sorted({"汉族", "苗族", "布依族"})]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("x", ("x",)),
        ("log(x)", ("x",)),
        ("I(x * z + x)", ("x", "z")),
        ("log(`a b` + `c.d`)", ("a b", "c.d")),
        ("log(log)", ("log",)),
        ("log(`log`)", ("log",)),
        ("poly(scale, 2)", ("scale",)),
    ],
)
def test_columns_that_a_factor_reads(text, columns):
    assert columns_of(text) == columns


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("t", DataError, "one level only"),
        ("when", DataError, "turn it into numbers, text or a categorical"),
        ("log(c)", DataError, "'c' is .*, not a number"),
        ("I(c * x)", DataError, "'c' is .*, not a number"),
        ("log(b)", DataError, "'b' is .*, not a number"),
        ("poly(k, 3)", DataError, "needs more than 3 distinct values"),
        ("scale(one)", DataError, "does not vary"),
        ("poly(z, 1.5)", FormulaError, "a degree from 1 to 9"),
        ("log(x, z)", FormulaError, "takes one argument"),
        ("C(x + z)", FormulaError, "takes one column"),
        ("abs(x)", FormulaError, "is not on the list"),
        ("xx", FormulaError, "no column 'xx'"),
    ],
)
def test_refusals(table, text, error, told):
    full = table.assign(t="only", when=pd.Timestamp("2020-01-01"), c=list("ab") * 30, b=[True, False] * 30, one=1.0)
    with pytest.raises(error, match=told):
        learn(text, open_table(full))


@pytest.mark.parametrize("kind", MAKERS)
def test_a_fit_gives_the_same_numbers_on_every_kind_of_table(kind):
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(9), 7)
    rows = pd.DataFrame(
        {
            "y": np.exp(0.1 * rng.normal(size=63) + 0.1 * rng.normal(size=9)[group] + 2),
            "x": rng.lognormal(size=63),
            "c": rng.choice(["一", "二", "三"], 63),
            "b": rng.uniform(size=63) > 0.5,
            "k": rng.integers(0, 3, 63),
            "g": group,
        }
    )
    text = "log(y) ~ c + c:scale(x) + b + C(k) + I(x^2) + (1 + b | g)"
    plain, other = fit_hlm(text, rows), fit_hlm(text, MAKERS[kind](rows))
    assert list(plain.params.index) == list(other.params.index)
    np.testing.assert_allclose(other.params, plain.params, rtol=FIT)
    assert other.loglik == pytest.approx(plain.loglik, rel=SAME)


@pytest.fixture
def grouped():
    rng = np.random.default_rng(12)
    g = rng.integers(0, 8, 120)
    x = rng.gamma(3, 1, 120) + g
    return pd.DataFrame({"g": [f"v{i}" for i in g], "k": g % 3, "x": x, "y": rng.normal(size=120) + 0.3 * x})


@pytest.mark.parametrize("inner", ["x", "log(x)", "I(x ** 2)"])
@pytest.mark.parametrize("named", ["within({}, g)", "between({}, g)", "within({})", "between({})"])
def test_means_by_group_are_pandas(grouped, inner, named):
    text = named.format(inner)
    values = {"x": grouped.x, "log(x)": np.log(grouped.x), "I(x ** 2)": grouped.x**2}[inner]
    means = values.groupby(grouped.g).transform("mean")
    column = values - means if named.startswith("within") else means
    # `g` may be left out where the model has one grouping.
    fit = fit_hlm(f"y ~ {text} + (1 | g)", grouped)
    other = fit_hlm("y ~ c + (1 | g)", grouped.assign(c=column))
    assert fit.params.iloc[1] == pytest.approx(other.params["c"], rel=1e-8)
    assert fit.loglik == pytest.approx(other.loglik, rel=1e-12)
    assert fit.params.index[1] == text


def test_means_by_group_are_learned_once(grouped):
    fit = fit_hlm("y ~ within(x, g) * between(x, g) + (1 | k)", grouped)
    means = grouped.groupby("g").x.mean()
    new = pd.DataFrame({"g": ["v1", "v1", "v4"], "k": [0, 1, 2], "x": [9.0, 1.0, 2.0]})
    between = means[new.g].to_numpy()
    within = new.x.to_numpy() - between
    expected = np.column_stack([np.ones(3), within, between, within * between]) @ fit.params.to_numpy()
    np.testing.assert_allclose(fit.predict(new, effects="marginal"), expected, rtol=1e-12)
    with pytest.raises(DataError, match="groups of 'g' that the fit has not seen"):
        fit.predict(new.assign(g="nowhere"), effects="marginal")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("y ~ within(x) + (1 | g) + (1 | k)", "write within"),
        ("y ~ within(x, nowhere) + (1 | g)", "no column 'nowhere'"),
        ("y ~ within(x, g, k) + (1 | g)", "write within"),
        ("y ~ I(within(x, g) + 1) + (1 | g)", "is not on the list"),
        ("y ~ between(y2, g) + (1 | g)", "no column 'y2'"),
    ],
)
def test_means_by_group_refuse(grouped, formula, told):
    with pytest.raises(FormulaError, match=told):
        fit_hlm(formula, grouped)
