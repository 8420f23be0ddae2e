"""Regression tables: the digits of all formats against each other and against Python's own formatting."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from povstats.contracts import tidy_frame
from povstats.errors import ContractError, DataError, OptionError
from povstats.tables import regression_table
from povstats.tables.digits import bracketed, decimals, plain, stars
from povstats.words import language


class Fitted:
    """A result with nothing but tidy()."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def tidy(self) -> pd.DataFrame:
        return self.frame


def coef(term: str, estimate: float, se: float, p: float) -> dict[str, object]:
    return {"measure": "coef", "term": term, "estimate": estimate, "se": se, "p": p}


def part(measure: str, estimate: float, group: str = "", term: str = "") -> dict[str, object]:
    return {"measure": measure, "group": group, "term": term, "estimate": estimate}


# Synthetic numbers of two models; the second has a random slope and an interaction.
SMALL = tidy_frame(
    [
        coef("Intercept", 7.5124, 0.0271, 1e-9),
        coef("size", -0.0712, 0.0412, 0.084),
        part("variance", 0.12114, "commune", "Intercept"),
        part("variance", 0.1632, "residual"),
        part("icc", 0.4261, "commune"),
        part("fit", -3763.924, term="loglik"),
        part("nobs", 5999),
        part("ngroups", 194, "commune"),
    ]
)
LARGE = tidy_frame(
    [
        coef("Intercept", 7.1, 0.5, 0.2),
        coef("educ", 0.03214, 0.0021, 0.03),
        coef("size", -0.0688, 0.0402, 0.3),
        coef("educ:size", 0.00021, 0.000131, np.nan),
        part("variance", 0.1, "commune", "Intercept"),
        part("variance", 0.000321, "commune", "educ"),
        part("covariance", -0.00123, "commune", "Intercept, educ"),
        part("variance", 0.15, "residual"),
        part("fit", -3700.1, term="loglik"),
        part("fit", 7410.2, term="aic"),
        part("nobs", 5999),
        part("ngroups", 194, "commune"),
    ]
)


def cells(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return [(*index[1:], *row) for index, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)]


def test_rows_are_aligned_by_term_in_order_of_first_appearance() -> None:
    table = regression_table([Fitted(SMALL), LARGE], lang="en", labels={"educ": "Schooling", "commune": "Commune"})
    assert cells(table.frame) == [
        ("Intercept", "7.512***", "7.100"),
        ("", "(0.027)", "(0.500)"),
        ("size", "−0.071*", "−0.069"),
        ("", "(0.041)", "(0.040)"),
        ("Schooling", "", "0.0321**"),
        ("", "", "(0.0021)"),
        ("Schooling × size", "", "0.00021"),
        ("", "", "(0.00013)"),
        ("Commune: intercept", "0.121", "0.100"),
        ("Commune: Schooling", "", "0.000321"),
        ("Commune: covariance of intercept and Schooling", "", "−0.00123"),
        ("Residual", "0.163", "0.150"),
        ("Intraclass correlation, Commune", "0.426", ""),
        ("Observations", "5999", "5999"),
        ("Groups: Commune", "194", "194"),
        ("Log-likelihood", "−3763.92", "−3700.10"),
    ]
    assert list(table.frame.columns) == ["(1)", "(2)"]
    blocks = table.frame.index.get_level_values(0)
    assert list(dict.fromkeys(blocks)) == ["Fixed effects", "Variance components", "Sample and fit"]


def test_a_comma_inside_a_term_is_no_border_between_terms() -> None:
    own, other = "within(ses, school)", "kind[T.a, b]"
    rows = [
        coef(own, 2.0, 0.1, 0.0),
        part("variance", 0.7, "school", own),
        part("covariance", 0.1, "school", f"Intercept, {own}"),
        part("covariance", 0.2, "school", f"{own}, {other}"),
    ]
    table = regression_table([tidy_frame(rows)], lang="en", labels={own: "Status", other: "Kind"})
    labels = [label for _, label in table.frame.index if label.startswith("school")]
    assert labels == [
        "school: Status",
        "school: covariance of intercept and Status",
        "school: covariance of Status and Kind",
    ]


def test_styles_say_what_they_print() -> None:
    for lang, style, told in (
        ("en", "en-journal", "*** p < 0.01"),
        ("zh", "en-journal", "*** p < 0.01"),
        ("en", "cn-journal", "1%, 5% and 10%"),
        ("zh", "cn-journal", "分别表示在 1%、5%、10% 的水平上显著"),
    ):
        table = regression_table([SMALL], lang=lang, style=style)
        assert told in table.notes[0]
        assert table.frame.iloc[0, 0] == "7.512***"
    bare = regression_table([SMALL, LARGE], lang="zh", style="no-stars", notes=["限制最大似然估计。"])
    assert "*" not in str(bare)
    assert bare.notes == ("注：括号内为标准误。", "限制最大似然估计。")
    assert bare.frame.index[0] == ("固定效应", "常数项")
    assert ("随机效应（方差成分）", "commune：截距") in list(bare.frame.index)


def test_language_of_the_session_is_the_default() -> None:
    try:
        language("zh")
        assert regression_table([SMALL]).title == "回归结果"
    finally:
        language("en")
    assert regression_table([SMALL]).title == "Regression results"


@pytest.mark.parametrize(
    ("p", "mark"),
    [
        (0.0, "***"), (np.nextafter(0.01, 0), "***"), (0.01, "**"), (np.nextafter(0.05, 0), "**"), (0.05, "*"),
        (np.nextafter(0.1, 0), "*"), (0.1, ""), (1.0, ""), (float("nan"), ""),
    ],
)  # fmt: skip
def test_stars_begin_strictly_below_their_level(p: float, mark: str) -> None:
    assert stars(p) == mark


def test_digits_against_python_formatting() -> None:
    rng = np.random.default_rng(1)
    for value, se in zip(rng.normal(0, 3, 300), 10 ** rng.uniform(-6, 1, 300), strict=True):
        places = decimals([se], 2)
        assert plain(value, places).replace("−", "-") in (
            f"{value:.{places}f}",
            f"{value:.{places}f}".lstrip("-"),
        )
        digits = bracketed(se, places).strip("()").replace(".", "").lstrip("0")
        assert len(digits) >= 2, "a standard error shows two digits"
        assert 3 <= places <= 8
    assert plain(-0.0001, 3) == "0.000"
    assert plain(-0.0006, 3) == "−0.001"
    assert (plain(float("nan"), 3), bracketed(float("nan"), 3)) == ("", "")
    assert decimals([], 3) == decimals([0.0, float("nan")], 3) == 3


def digits_of(text: str) -> list[str]:
    """Read all numbers of a text, whatever the minus sign of the format."""
    return re.findall(r"-?\d+(?:\.\d+)?\*{0,3}", text.replace("$-$", "-").replace("−", "-"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_digits_are_the_same_in_html_tex_docx_and_csv(lang: str, tmp_path: Path) -> None:
    from docx import Document

    names = ["零模型", "随机斜率 & 50%"]
    table = regression_table([SMALL, LARGE], lang=lang, names=names, labels={"educ": "教育 $x_1$ <b>"})
    paths = table.save(tmp_path / "models")
    assert [path.name for path in paths] == [f"models.{lang}.{e}" for e in ("html", "tex", "docx", "csv")]
    page, tex, word, sheet = paths
    wanted = [d for row in table.frame.to_numpy() for cell in row for d in digits_of(cell)]
    assert len(wanted) == 25

    tags = re.findall(r'<td class="gt_row gt_center">(.*?)</td>', page.read_text(encoding="utf-8"))
    assert [d for tag in tags for d in digits_of(tag)] == wanted
    body = tex.read_text(encoding="utf-8").split(r"\midrule")[1].split(r"\bottomrule")[0]
    lines = [line.split(" & ", 1)[1] for line in body.splitlines() if " & " in line]
    assert [d for line in lines for d in digits_of(line)] == wanted
    rows = [[cell.text for cell in row.cells][1:] for row in Document(str(word)).tables[0].rows][2:]
    kept = [row for row in rows if not any(t in row for t in table.frame.index.get_level_values(0))]
    assert [d for row in kept for cell in row for d in digits_of(cell)] == wanted
    back = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [d for row in back.iloc[:, 2:].to_numpy() for cell in row for d in digits_of(cell)] == wanted
    assert list(back.columns[2:]) == ["零模型 (1)", "随机斜率 & 50% (2)"]
    # A spreadsheet would read (0.027) as −0.027.
    assert "(0." not in sheet.read_text(encoding="utf-8-sig")
    assert back.iloc[1, 2] == "0.027"


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(ContractError, match="empty"):
        regression_table([])
    with pytest.raises(ContractError, match=r"model \(2\).*nine columns"):
        regression_table([SMALL, "a model"])
    with pytest.raises(ContractError, match="nine columns"):
        regression_table([SMALL.drop(columns="se")])
    with pytest.raises(ContractError, match="1 names for 2 models"):
        regression_table([SMALL, LARGE], names=["one"])
    with pytest.raises(DataError, match="twice"):
        regression_table([pd.concat([SMALL, SMALL])])
    with pytest.raises(OptionError, match="en-journal"):
        regression_table([SMALL], style="journal")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="lang"):
        regression_table([SMALL], lang="fr")


def test_the_frames_stay() -> None:
    before = LARGE.copy()
    regression_table([LARGE], labels={"educ": "x"})
    pd.testing.assert_frame_equal(LARGE, before)
