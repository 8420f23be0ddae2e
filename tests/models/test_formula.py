"""The grammar: what a formula means is written out by hand; what is no formula is refused and runs nothing."""

import builtins
import subprocess
import time

import numpy as np
import pandas as pd
import pytest

from povstats.errors import DataError, FormulaError, PovstatsError
from povstats.models import fit_hlm
from povstats.models.formula import parse
from povstats.models.model import needed_columns

SECONDS = 2.0
"""A hostile formula must be refused in less; on two slow cores a fit takes a tenth of that."""
LONG = 1000
"""Characters: no message is longer, however long the formula."""


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(12), 8)
    x, z = rng.normal(4, 1, 96), rng.normal(size=96)
    y = 9 + x + rng.normal(size=12)[group] + rng.normal(size=96)
    return pd.DataFrame({"y": y, "x": x, "z": z, "c": list("abc") * 32, "k": [1, 2, 3, 4] * 24, "g": group})


def fixed(text):
    return [":".join(term) for term in parse(text).fixed]


@pytest.mark.parametrize(
    ("right", "terms"),
    [
        ("1", [""]),
        ("x", ["", "x"]),
        ("x + z", ["", "x", "z"]),
        ("z + x", ["", "z", "x"]),
        ("x + x", ["", "x"]),
        ("1 + x", ["", "x"]),
        ("0 + x", ["x"]),
        ("x - 1", ["x"]),
        ("-1 + x", ["x"]),
        ("x + z - x", ["", "z"]),
        ("x:z", ["", "x:z"]),
        ("x * z", ["", "x", "z", "x:z"]),
        ("x * z - x", ["", "z", "z:x"]),
        ("x * z - x:z", ["", "x", "z"]),
        ("x / z", ["", "x", "x:z"]),
        ("(x + z)^2", ["", "x", "z", "x:z"]),
        ("(x + z)**2", ["", "x", "z", "x:z"]),
        ("(x + z + w)^2", ["", "x", "z", "w", "x:z", "x:w", "z:w"]),
        ("(x + z + w)^3", ["", "x", "z", "w", "x:z", "x:w", "z:w", "x:z:w"]),
        ("x * (z + w)", ["", "x", "z", "w", "x:z", "x:w"]),
        ("x:z + x", ["", "x", "x:z"]),
        ("x:x", ["", "x"]),
        ("log(x) * C(k)", ["", "log(x)", "C(k)", "log(x):C(k)"]),
        ("I(x^2)", ["", "I(x ** 2)"]),
        ("I(x * z)", ["", "I(x * z)"]),
        ("poly(x, 2):z", ["", "poly(x, 2):z"]),
        ("x\n+ z", ["", "x", "z"]),
    ],
)
def test_the_fixed_part(right, terms):
    assert fixed(f"y ~ {right} + (1 | g)") == terms


@pytest.mark.parametrize(
    ("bar", "terms", "group", "correlated"),
    [
        ("(1 | g)", [""], ("g",), True),
        ("(x | g)", ["", "x"], ("g",), True),
        ("(1 + x | g)", ["", "x"], ("g",), True),
        ("(0 + x | g)", ["x"], ("g",), True),
        ("(x - 1 | g)", ["x"], ("g",), True),
        ("(x * z | g)", ["", "x", "z", "x:z"], ("g",), True),
        ("(x || g)", ["", "x"], ("g",), False),
        ("(0 + x || g)", ["x"], ("g",), False),
        ("(1|a:b)", [""], ("a", "b"), True),
        ("(1 | a : b : d)", [""], ("a", "b", "d"), True),
        ("(1 | `行政 村`)", [""], ("行政 村",), True),
        ("(1 | `a b`:c)", [""], ("a b", "c"), True),
        ("(| g)", [""], ("g",), True),
    ],
)
def test_a_random_term(bar, terms, group, correlated):
    (term,) = parse(f"y ~ x + {bar}").random
    assert [":".join(part) for part in term.terms] == terms
    assert (term.group, term.correlated) == (group, correlated)


@pytest.mark.parametrize("text", ["y ~ x + (1 | g) - 1", "y ~ (1 | g) - 1 + x", "y ~ 0 + (1 | g) + x"])
def test_the_intercept_leaves_the_fixed_part_not_the_bar(text):
    assert fixed(text) == ["x"]
    assert parse(text).random[0].terms == ((),)


def test_several_bars_and_the_order_of_bars_among_terms():
    formula = parse("y ~ (1 | g) + x + (0 + x | g) + z")
    assert [":".join(term) for term in formula.fixed] == ["", "x", "z"]
    assert [bar.text for bar in formula.random] == ["(1 | g)", "(0 + x | g)"]


def test_chinese_names_and_full_width_operators():
    wide = parse("收入～教育＋土地＊信任＋（1｜村）")
    plain = parse("收入~教育+土地*信任+(1|村)")
    assert (wide.response, wide.fixed) == (plain.response, plain.fixed)
    assert plain.fixed == ((), ("教育",), ("土地",), ("信任",), ("土地", "信任"))
    assert wide.random[0].group == plain.random[0].group == ("村",)
    assert plain.notes == ()
    (note,) = wide.notes
    assert set(note.split()) == set("～＋＊（）｜")


def test_full_width_space_and_comma_and_caret():
    assert fixed("y　~　poly(x，2)＋(x＋z)＾2 + (1 | g)") == fixed("y ~ poly(x, 2) + (x + z)^2 + (1 | g)")


def test_full_width_signs_inside_backticks_belong_to_the_name():
    formula = parse("y ~ `收入（元）` + (1 | g)")
    assert formula.fixed == ((), ("`收入（元）`",))
    assert formula.notes == ()
    assert needed_columns(formula) == ("y", "收入（元）", "g")


@pytest.mark.parametrize("name", ["总 支出", "a.b", "x^2", "x|z", "a~b", "2x", "x+z"])
def test_backticks_admit_any_column_name(table, name):
    odd = table.rename(columns={"x": name})
    plain = fit_hlm("y ~ log(x) + x + (1 + x | g)", table)
    fit = fit_hlm(f"y ~ log(`{name}`) + `{name}` + (1 + `{name}` | g)", odd)
    assert np.array_equal(fit.params, plain.params)
    assert fit.params.index[2] == name
    assert list(fit.random_cov["g"]) == ["Intercept", name]


def test_a_column_may_bear_a_keyword_as_its_name(table):
    named = fit_hlm("y ~ `for` + (1 | g)", table.rename(columns={"x": "for"}))
    assert np.array_equal(named.params, fit_hlm("y ~ x + (1 | g)", table).params)


def test_a_column_may_bear_a_functions_name(table):
    named = fit_hlm("y ~ log(log) + scale + (1 | g)", table.rename(columns={"x": "log", "z": "scale"}))
    assert np.array_equal(named.params, fit_hlm("y ~ log(x) + z + (1 | g)", table).params)


def test_columns_that_a_formula_reads():
    text = "log(y) ~ I(x^2 / w) * C(k) + poly(`a b`, 2) + (1 + z | v:h)"
    assert set(needed_columns(parse(text))) == {"y", "x", "w", "k", "a b", "z", "v", "h"}


@pytest.mark.parametrize(
    ("bar", "groups"),
    [
        ("(1 | county/village)", [("county",), ("county", "village")]),
        ("(1 | 县 / 村)", [("县",), ("县", "村")]),
        ("(1 | a/b/c)", [("a",), ("a", "b"), ("a", "b", "c")]),
        ("(1 | a:b/c)", [("a", "b"), ("a", "b", "c")]),
        ("(1 | `my county`/g) + (0 + x | g)", [("my county",), ("my county", "g"), ("g",)]),
    ],
)
def test_a_slash_nests(bar, groups):
    assert [term.group for term in parse(f"y ~ x + {bar}").random] == groups


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs one outcome and one '~'"),
        ("y", "needs one outcome and one '~'"),
        ("~ x + (1 | g)", "needs one outcome and one '~'"),
        ("y ~ x ~ z + (1 | g)", "needs one outcome and one '~'"),
        ("y + x ~ z + (1 | g)", "must be one outcome"),
        ("y:x ~ z + (1 | g)", "must be one outcome"),
        ("1 ~ x + (1 | g)", "must be one outcome"),
        ("y ~ x + (1 | g", "opens a bracket"),
        ("y ~ x) + (1 | g)", "closes a bracket"),
        ("y ~ `x + (1 | g)", "backtick without its partner"),
        ("y ~ x + 1 | g", "in brackets of its own"),
        ("y ~ x * (1 | g)", "in brackets of its own"),
        ("y ~ (1 | g) * x", "in brackets of its own"),
        ("y ~ (1 | g | h)", "in brackets of its own"),
        ("y ~ x + (1 ||| g)", "in brackets of its own"),
        ("y ~ x + (1 | )", "must be a grouping column"),
        ("y ~ x + (1 | C(g))", "must be a grouping column"),
        ("y ~ x + (1 | g + h)", "must be a grouping column"),
        ("y ~ x + (1 | g & h)", "must be a grouping column"),
        ("y ~ x + (1 | 3)", "must be a grouping column"),
        ("y ~ x + (0 | g)", "nothing that varies between groups"),
        ("y ~ x + (1 | county/)", "must be a grouping column"),
        ("y ~ x + (1 | county/g/county)", "names a grouping column twice"),
        ("y ~ . + (1 | g)", "name the predictors"),
        ("y ~ x + . + (1 | g)", "name the predictors"),
        ("y ~ 2 * x + (1 | g)", "cannot be read"),
        ("y ~ 2:x + (1 | g)", "numbers do not scale"),
        ("y ~ x + 2 + (1 | g)", "cannot be read"),
        ("y ~ x % z + (1 | g)", "cannot be read"),
        ("y ~ x z + (1 | g)", "cannot be read"),
        ("y ~ x // z + (1 | g)", "cannot be read"),
        ("y ~ 'x' + (1 | g)", "cannot be read"),
        ("y ~ x; z + (1 | g)", "cannot be read"),
        ("y ~ x +* z + (1 | g)", "cannot be read"),
        ("y ~ () + (1 | g)", "cannot be read"),
        ("y ~ [x ~ z] + (1 | g)", "cannot be read"),
        ("y ~ x\x00 + (1 | g)", "cannot be read"),
        ("y ~ x - (1 | g)", "cannot be read"),
    ],
)
def test_what_is_no_formula_is_refused(text, told):
    with pytest.raises(FormulaError, match=told.replace("(", r"\(")):
        parse(text)


HOSTILE = [
    "__import__('os').system('touch {mark}')",
    "I(__import__('os').system('touch {mark}'))",
    "log(__import__('pathlib').Path('{mark}').touch())",
    "open('{mark}', 'w')",
    "I(open('{mark}', 'w').write('x'))",
    "eval('x')",
    "exec('x = 1')",
    "I(exec('x = 1'))",
    "C(print('x'))",
    "poly(print('x'), 2)",
    "poly(x, print('x'))",
    "x.__class__",
    "I(x.__class__)",
    "I(().__class__.__bases__[0].__subclasses__())",
    "log(x).real",
    "I(x.sum())",
    "I(x[0])",
    "x[0]",
    "(lambda: 1)()",
    "I((lambda: 1)())",
    "I(lambda x: x)",
    "I([x for x in (1, 2)])",
    "I([i for i in x])",
    "I({{x: z}})",
    "I({{x, z}})",
    "I((x, z))",
    "I((x := z))",
    "I(f'{{x}}')",
    "I('text')",
    "I(b'bytes')",
    "I(*x)",
    "I(**x)",
    "I(x if z else x)",
    "I(x and z)",
    "I(not x)",
    "I(x < z)",
    "I(x == z)",
    "I(x is z)",
    "I(x in z)",
    "I(x @ z)",
    "I(x % z)",
    "I(x // z)",
    "I(x << 3)",
    "I(x | z)",
    "I(x & z)",
    "I(~x)",
    "I(+x)",
    "I(x + True)",
    "I(x + None)",
    "I(x + ...)",
    "I(x + 1j)",
    "I(await_(x))",
    "I(yield_)",
    "I(1)",
    "I(2 * 3)",
    "log(2)",
    "C(2)",
    "poly(x)",
    "poly(x, 0)",
    "poly(x, 10)",
    "poly(x, -1)",
    "poly(x, 2.0)",
    "poly(x, True)",
    "poly(x, 10**9)",
    "poly(x, degree=2)",
    "log(x, z)",
    "log(x, base=2)",
    "log()",
    "C(x, z)",
    "C(C(k))",
    "C(k + 1)",
    "log(C(k))",
    "I(poly(x, 2))",
    "sqrt(abs(x))",
    "log10(x)",
    "np.log(x)",
    "bs(x, df=4)",
    "Q('x')",
    "quantile(x)",
    "lambda",
    "import",
    "None",
    "True",
    "(x + z)**1000",
    "((x + z)**99)**99",
    "(x + z)**" + "9" * 30,
    "(x + z)**" + "9" * 5000,
    "*".join(f"x{i}" for i in range(40)),
    "I(" + "9" * 5000 + " * x)",
    "I(" + "-" * 5000 + "x)",
    "I(" + "(" * 300 + "x" + ")" * 300 + ")",
    "I(" + " + ".join(["x"] * 3000) + ")",
    "log(" * 400 + "x" + ")" * 400,
]


@pytest.mark.parametrize("part", HOSTILE, ids=lambda part: part[:40])
@pytest.mark.parametrize("where", ["y ~ z + (1 + {} | g)", "{} ~ z + (1 | g)"])
def test_hostile_formulas_run_nothing(table, part, where, tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    text = where.format(part.format(mark=mark) if "{" in part else part)

    def never(*_args, **_kwargs):
        raise AssertionError("a formula ran code")

    monkeypatch.setattr("os.system", never)
    monkeypatch.setattr(subprocess, "Popen", never)
    for name in ("eval", "print"):
        monkeypatch.setattr(builtins, name, never)
    began = time.perf_counter()
    with pytest.raises(FormulaError) as caught:
        fit_hlm(text, table)
    assert time.perf_counter() - began < SECONDS
    assert len(str(caught.value)) < LONG
    assert not mark.exists()


@pytest.mark.parametrize(
    "part", ["I(9**9**9**9 * x)", "I(x**1e308)", "I(x / 0)", "exp(I(x * 1000))", "center(log(z))", "poly(log(z), 2)"]
)
def test_numbers_that_overflow_are_refused_with_their_rows(table, part):
    with pytest.raises(DataError, match=r"in \d+ of 96 rows \(from 0: \["):
        fit_hlm(f"y ~ x + {part} + (1 | g)", table)


def test_every_refusal_has_one_parent(table):
    for text in ("y ~", "y ~ nothing + (1 | g)", "y ~ log(z) + (1 | g)", "y ~ x + k + I(x + k) + (1 | g)"):
        with pytest.raises(PovstatsError):
            fit_hlm(text, table)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("y ~ x", "no random term"),
        ("y ~ x + (1 | g:k) + (0 + x | k:g)", "are the same groups"),
        ("y ~ x + y + (1 | g)", "stands on the right side too"),
        ("c ~ x + (1 | g)", "must be one numeric column"),
        ("C(k) ~ x + (1 | g)", "must be one numeric column"),
        ("poly(x, 2) ~ z + (1 | g)", "must be one numeric column"),
        ("y ~ x + (1 + c || g)", "programs disagree"),
        ("y ~ x + (1 | g) + (1 | g)", "Intercept over g varies twice"),
        ("y ~ x + (1 | g) + (x | g)", "Intercept over g varies twice"),
        ("y ~ 0 + (1 | g)", "no fixed part"),
        ("y ~ educ + (1 | g)", "no column 'educ'"),
        ("y ~ x + (1 | village)", "no column 'village'"),
    ],
)
def test_models_that_are_not_fitted(table, text, told):
    with pytest.raises(FormulaError, match=told):
        fit_hlm(text, table)


def test_a_near_name_is_told(table):
    with pytest.raises(FormulaError, match="near to it: education"):
        fit_hlm("y ~ eduction + (1 | g)", table.rename(columns={"x": "education"}))


def test_two_columns_of_one_printed_name_are_refused(table):
    with pytest.raises(FormulaError, match="names two different columns"):
        fit_hlm("y ~ c + `c[b]` + (1 | g)", table.rename(columns={"x": "c[b]"}))
