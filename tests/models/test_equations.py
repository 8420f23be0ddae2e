"""Equations of all levels.

Second routes: the lines of Raudenbush & Bryk (2002) written out by hand; and every level's equations worked out number
by number, from the households' up, against the fit's own predictions with its effects, which know no equations.
RELATIVE: the same sum in another order.
"""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.models import fit_hlm
from povstats.models.interpretation.writing.equation_writing import escaped, symbol, unescaped
from povstats.words import language

RELATIVE = 1e-10
FORMULAS = [
    "y ~ x * w + (1 + x | village)",
    "y ~ x * w * c + (1 + x | county/village)",
    "y ~ x * w + C(county) + (1 + x || village)",
    "y ~ x * w + x * C(county) + (1 | village)",
    "y ~ x * w + (1 + x | village) + (1 | enumerator)",
    "y ~ x + w * c + (1 + w | county) + (1 | village)",
    "y ~ 0 + x + w:x + (0 + x | village)",
    "y ~ 1 + (1 + x | village)",
    "y ~ log(z) + poly(x, 2) + between(x, village) + (1 | village)",
]


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """Synthetic: 900 households in 48 villages of 6 counties, visited by 9 enumerators."""
    rng = np.random.default_rng(5)
    village = np.repeat(np.arange(48), 19)[:900]
    county, enumerator = village // 8, rng.integers(0, 9, 900)
    frame = pd.DataFrame({"village": village, "county": county, "enumerator": enumerator})
    frame = frame.assign(x=rng.normal(size=900), z=rng.uniform(1, 3, 900))
    frame["w"], frame["c"] = rng.normal(size=48)[village], rng.normal(size=6)[county]
    noise = rng.normal(size=900) + rng.normal(size=48)[village] + 0.5 * rng.normal(size=48)[village] * frame["x"]
    noise += rng.normal(size=6)[county] * (1 + frame["w"]) + rng.normal(size=9)[enumerator]
    return frame.assign(y=1 + frame["x"] * (1 + frame["w"]) + noise)


def values(fit, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every piece row by row, by the model's own expressions."""
    import narwhals as nw

    frame = nw.from_native(table)
    as_expr = {name: nw.col(piece) if isinstance(piece, str) else piece for name, piece in fit.model.pieces.items()}
    return {name: frame.select(v=expr.cast(nw.Float64))["v"].to_numpy() for name, expr in as_expr.items()}


def effects(fit, made, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every random effect row by row."""
    out = {}
    for one in made.system.effects:
        by = fit.model.groupings[one.group]
        key = table[list(by)].astype(str).agg(":".join, axis=1) if len(by) > 1 else table[by[0]]
        blups = fit.random_effects[one.group]
        for column, sign in zip(one.columns, one.symbols, strict=True):
            out[symbol(sign, tex=False)] = blups[column.name].loc[key].to_numpy()
    return out


@pytest.mark.parametrize("formula", FORMULAS)
def test_equations_worked_out_level_by_level_are_the_predictions(survey, formula):
    fit = fit_hlm(formula, survey)
    made = fit.equations("en")
    known = dict(zip(made.symbols()["symbol"], made.symbols()["estimate"], strict=True))
    known |= effects(fit, made, survey)
    known[symbol(made.system.residual, tex=False)] = 0.0
    pieces = values(fit, survey)

    def worked(equation):
        total = np.zeros(len(survey))
        for part in equation.right:
            total = total + known[symbol(part.symbol, tex=False)] * np.prod([pieces[p] for p in part.pieces], axis=0)
        return total

    expected = fit.predict(survey).to_numpy()
    assert worked(made.system.combined) == pytest.approx(expected, rel=RELATIVE, abs=1e-9)
    for level in reversed(made.system.levels[1:]):
        known |= {symbol(equation.left, tex=False): worked(equation) for equation in level}
    (rows,) = made.system.levels[0]
    assert worked(rows) == pytest.approx(expected, rel=RELATIVE, abs=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_predictor_stands_at_the_level_where_it_is_constant(survey, formula):
    """The index of a symbol or predictor names the groups over which it has one value; the data say the same."""
    fit = fit_hlm(formula, survey)
    made = fit.equations("en")
    letters = dict(zip([g for stage in made.system.stages for g in stage], "jkl", strict=False))
    by_letter = {letter: list(fit.model.groupings[group]) for group, letter in letters.items()}
    pieces = values(fit, survey)
    for piece, index in made.system.index.items():
        if "i" in index:
            assert not any(
                (survey.assign(v=pieces[piece]).groupby(by)["v"].nunique() == 1).all() for by in by_letter.values()
            )
        else:
            spread = survey.assign(v=pieces[piece]).groupby(by_letter[index[0]])["v"].agg(np.ptp)
            assert spread.max() < 1e-12


def test_three_levels_as_raudenbush_and_bryk_write_them(survey):
    lines = fit_hlm("y ~ x * w * c + (1 + x | county/village)", survey).equations("en").lines()
    assert lines == {
        "Level 1: rows": ["y_ijk = π_0jk + π_1jk·x_ijk + e_ijk"],
        "Level 2: county:village": [
            "π_0jk = β_00k + β_01k·w_jk + r_0jk",
            "π_1jk = β_10k + β_11k·w_jk + r_1jk",
        ],
        "Level 3: county": [
            "β_00k = γ_000 + γ_001·c_k + u_00k",
            "β_01k = γ_010 + γ_011·c_k",
            "β_10k = γ_100 + γ_101·c_k + u_10k",
            "β_11k = γ_110 + γ_111·c_k",
        ],
        "Combined": [
            "y_ijk = γ_000 + γ_100·x_ijk + γ_010·w_jk + γ_001·c_k + γ_110·x_ijk·w_jk + γ_101·x_ijk·c_k + γ_011·w_jk·c_k"
            " + γ_111·x_ijk·w_jk·c_k + u_00k + u_10k·x_ijk + r_0jk + r_1jk·x_ijk + e_ijk"
        ],
        "Distributions": [
            "e_ijk ~ N(0, σ²)",
            "(u_00k, u_10k) ~ N(0, [τ(k)_00 τ(k)_01; τ(k)_01 τ(k)_11])",
            "(r_0jk, r_1jk) ~ N(0, [τ(j)_00 τ(j)_01; τ(j)_01 τ(j)_11])",
        ],
    }


def test_high_school_and_beyond_in_both_languages():
    """Raudenbush & Bryk (2002), eq. 4.13 to 4.15: intercepts and slopes as outcomes."""
    formula = "math ~ within(ses, school) * (between(ses, school) + sector) + (1 + within(ses, school) | school)"
    words = {
        "within(ses, school)": "SES",
        "between(ses, school)": "平均_SES",
        "sector[T.Public]": "公立",
        "nobs": "学生",
    }
    fit = fit_hlm(formula, ps.datasets.high_school_1982())
    made = fit.equations("zh", labels=words | {"school": "学校"})
    assert made.lines()["第 1 层：学生"] == ["math_ij = β_0j + β_1j·SES_ij + r_ij"]
    assert made.lines()["第 2 层：学校"] == [
        "β_0j = γ_00 + γ_01·平均_SES_j + γ_02·公立_j + u_0j",
        "β_1j = γ_10 + γ_11·平均_SES_j + γ_12·公立_j + u_1j",
    ]
    assert made.lines("en")["Distributions"] == ["r_ij ~ N(0, σ²)", "(u_0j, u_1j) ~ N(0, [τ_00 τ_01; τ_01 τ_11])"]
    assert (
        r"\beta_{1j} &= \gamma_{10} + \gamma_{11}\,\text{平均\_SES}_{j} + \gamma_{12}\,\text{公立}_{j} + u_{1j}"
        in made.latex
    )
    found = made.symbols().set_index("symbol")
    assert found.loc["γ_12", "estimate"] == fit.params["within(ses, school):sector[T.Public]"]
    assert found.loc["τ_11", "estimate"] == fit.random_cov["school"].iloc[1, 1]
    assert made.tidy()["estimate"].tolist() == found["estimate"].tolist()
    told = made.explain()
    assert "7,185 行" in told
    assert "学校 160 组" in told
    assert "跨层交互项（SES × 平均_SES、SES × 公立）" in told
    assert "160 groups of 学校" in made.explain("en")
    for lang in ("zh", "en"):
        text = str(made.summary(lang))
        assert "β_0j = γ_00" in text
        assert f"{fit.sigma2:.4f}" in text


def test_many_indicators_are_written_by_the_first_and_the_last(survey):
    made = fit_hlm("y ~ x + C(county) + (1 | village)", survey).equations("en")
    (line,) = [line for line in made.lines()["Level 2: village"] if line.startswith("β_0j")]
    assert line == "β_0j = γ_00 + γ_01·C(county)[1]_j + … + γ_05·C(county)[5]_j + u_0j"
    assert r" + \cdots + " in made.latex
    # None is lost from the list of symbols.
    assert made.symbols()["symbol"].str.fullmatch(r"γ_0[0-5]").sum() == 6


def test_coefficients_beyond_the_ninth_keep_their_numbers_apart(survey):
    table = survey.assign(k=np.arange(len(survey)) % 13)
    signs = fit_hlm("y ~ C(k) + (1 | village)", table).equations("en").symbols()["symbol"]
    assert {"γ_10", "γ_90", "γ_10,0", "γ_12,0"} <= set(signs)
    assert signs.is_unique


def test_latex_is_balanced_and_escaped(survey):
    table = survey.rename(columns={"x": "50% & more_{x}"})
    made = fit_hlm("y ~ `50% & more_{x}` + (1 + `50% & more_{x}` | village)", table).equations("en")
    latex = made.latex
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert re.findall(r"\\(begin|end)\{(\w+\*?)\}", latex).count(("begin", "align*")) == 1
    assert r"\text{50\% \& more\_\{x\}}_{ij}" in latex
    assert escaped("a\\b~^$#") == r"a\textbackslash{}b\textasciitilde{}\textasciicircum{}\$\#"
    assert made._repr_latex_() == latex
    assert unescaped(escaped("a\\b~^$#_{}&%")) == "a\\b~^$#_{}&%"


def test_pages_and_notebooks_get_mathml_with_the_names_as_they_are(survey):
    table = survey.rename(columns={"x": "50% & more_{x}", "village": "村"})
    made = fit_hlm("y ~ `50% & more_{x}` + (1 + `50% & more_{x}` | 村)", table).equations()
    page = ElementTree.fromstring(f"<div>{made._repr_html_()}</div>")  # well formed
    names = {text.text for text in page.iter() if text.tag.endswith("mtext")}
    assert "50% & more_{x}" in names
    # One row an equation: two levels, the combined one, two distributions.
    lines = made.lines()
    assert sum(1 for _ in page.iter("tr")) == sum(map(len, lines.values()))
    assert "\\" not in "".join(page.itertext())
    language("zh")
    try:
        assert "层" in made._repr_html_()
    finally:
        language("en")


def test_long_equations_break_where_the_page_ends(survey):
    """Joined again, the lines of LaTeX are the equation; none but a single addend is longer than a page is wide."""
    names = {f"x{i}": f"a_predictor_with_a_long_name_{i}" for i in range(6)}
    table = survey.assign(**{long: survey["x"] ** (i + 1) for i, long in enumerate(names.values())})
    made = fit_hlm(f"y ~ {' + '.join(names.values())} + (1 | village)", table).equations("en")
    first = made.latex.split(r"\\[1ex]")[0]
    lines = first.split(r" \\ &\quad + ")
    assert len(lines) > 3
    plain = made.lines()["Level 1: rows"][0]
    assert " + ".join(lines).count(" + ") == plain.count(" + ")
    room = 84 - len("y_ij")
    for line in lines[1:]:
        signs = len(re.sub(r"\\text|\\beta|\\,|[{}\\]", "", line))
        assert signs <= room or " + " not in line
    assert r"&\quad" not in fit_hlm("y ~ x + (1 | village)", survey).equations("en").latex


def test_weights_that_are_precisions_divide_the_variance(survey):
    fit = fit_hlm("y ~ x + (1 | village)", survey, precision="z")
    assert fit.equations("en").lines()["Distributions"][0] == "r_ij ~ N(0, σ²/z_ij)"
    assert r"\sigma^2/\text{z}_{ij}" in fit.equations("en").latex
