"""The journal table: brackets, Yes and No, statistics, mixed kinds of results, and files that hold together.

Second routes: cells against the attributes of the fits printed by Python itself (t = params / std_errors and so on);
the LaTeX by counting environments and columns; the Word file by reading it back with python-docx. Widths are in cm:
A4 or Letter upright leaves 16 cm between margins of 2.5 cm.
"""

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from docx.shared import Cm

from povstats.contracts import tidy_frame
from povstats.datasets import vietnam_1998
from povstats.errors import ContractError, DataError, OptionError
from povstats.models import fit_hlm, fit_within
from povstats.tables import Table, regression_table

OUTCOME, CONTROLS = "log_expenditure_per_head", ["age", "farm"]


@pytest.fixture(scope="module")
def households() -> pd.DataFrame:
    """Every second commune of the real survey, in six synthetic regions."""
    table = vietnam_1998()
    table = table[table["commune"] % 2 == 0]
    return table.assign(region=table["commune"] % 12 // 2)


@pytest.fixture(scope="module")
def fits(households):
    plain = fit_hlm(f"{OUTCOME} ~ education + (1 | commune)", households)
    whole = fit_hlm(f"{OUTCOME} ~ education + age + farm + C(region) + (1 + education | commune)", households)
    within = fit_within(f"{OUTCOME} ~ education + age + farm", households, group="commune")
    return plain, whole, within


def row(table: Table, label: str, below: bool = False) -> list[str]:
    """Cells of the row with a label, or of the row below it."""
    at = [words for _, words in table.frame.index].index(label)
    return table.frame.iloc[at + below].tolist()


def number(text: str) -> float:
    return float(text.strip("()*").replace("−", "-"))


def test_what_stands_below_is_the_fits_own_number_and_named(fits):
    plain = fits[0]
    told = {"se": "标准误", "t": "t 值", "interval": "方括号内为 95% 置信区间", "p": "p 值"}
    for below, words in told.items():
        table = regression_table(fits, below=below, lang="zh", style="no-stars")
        assert table.notes[0].startswith("注：")
        assert words in table.notes[0]
        for cell, fit in zip(row(table, "education", below=True), fits, strict=True):
            b, se, p = (s["education"] for s in (fit.params, fit.std_errors, fit.pvalues))
            low, high = fit.conf_int().loc["education"]
            printed = {"se": f"({se:.4f})", "t": f"({b / se:.2f})", "interval": f"[{low:.4f}, {high:.4f}]"}
            assert cell == (printed | {"p": "(<0.001)" if p < 0.001 else f"({p:.3f})"})[below]
    assert regression_table([plain], lang="zh", below="p").frame.iloc[1, 0] == "(<0.001)"


def test_controls_and_fixed_effects_give_way_to_yes_and_no(fits):
    table = regression_table(
        fits,
        lang="zh",
        controls={"控制变量": CONTROLS},
        fixed_effects={"地区固定效应": "C(region)", "社固定效应": "commune"},
        style="cn-journal",
    )
    labels = [words for _, words in table.frame.index]
    assert row(table, "控制变量") == ["否", "是", "是"]
    assert row(table, "地区固定效应") == ["否", "是", "否"]
    assert row(table, "社固定效应") == ["否", "否", "是"]
    assert not [words for words in labels if re.search(r"age|farm|region", words)]
    assert row(table, "education")[0].endswith("***")
    english = regression_table(fits, lang="en", controls={"Controls": CONTROLS})
    assert row(english, "Controls") == ["No", "Yes", "Yes"]
    # Their coefficients are there where they are not named.
    assert "C(region)[T.1]" in [words for _, words in english.frame.index]


def test_a_part_of_the_controls_is_neither_yes_nor_no(fits, households):
    part = fit_hlm(f"{OUTCOME} ~ education + age + (1 | commune)", households)
    with pytest.raises(DataError, match=r"model \(2\) has age, but not farm.*labels of their own"):
        regression_table([fits[1], part], controls={"Controls": CONTROLS})
    both = regression_table([fits[1], part], controls={"Age": ["age"], "Farm": ["farm"]}, lang="en")
    assert (row(both, "Age"), row(both, "Farm")) == (["Yes", "Yes"], ["Yes", "No"])


def test_names_that_no_model_has_are_refused(fits):
    with pytest.raises(ContractError, match=r"controls: 'C' names agee.*the terms are Intercept"):
        regression_table(fits, controls={"C": ["agee"]})
    with pytest.raises(ContractError, match=r"fixed_effects: 'F' names C\(county\)"):
        regression_table(fits, fixed_effects={"F": "C(county)"})
    with pytest.raises(ContractError, match=r"a list of terms, as in \['age'\]"):
        regression_table(fits, controls={"C": "age"})  # type: ignore[dict-item]
    with pytest.raises(ContractError, match="order names wealth"):
        regression_table(fits, order=["wealth"])
    with pytest.raises(ContractError, match="hide them all"):
        regression_table(fits[:1], controls={"All": ["Intercept", "education"]})
    with pytest.raises(ContractError, match="'aic', which no model has"):
        regression_table(fits[2:], statistics=["aic"])
    with pytest.raises(OptionError, match="below='sd'"):
        regression_table(fits, below="sd")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="statistics='rmse'"):
        regression_table(fits, statistics=["rmse"])
    with pytest.raises(TypeError, match="controlled"):
        regression_table(fits, controlled={})  # type: ignore[call-arg]


def test_a_factor_in_order_stands_for_its_levels_alone_and_in_interactions():
    table = vietnam_1998().iloc[:1500]
    fit = fit_hlm("log(expenditure_per_head) ~ education * farm + age + (1 | commune)", table)
    made = regression_table([fit], lang="en", order=["C(farm)", "education:farm"])
    fixed = [label for block, label in made.frame.index if block == "Fixed effects" and label]
    assert fixed[:2] == ["farm[T.yes]", "education × farm[T.yes]"]
    assert fixed[2:] == ["education", "age", "Intercept"]
    with pytest.raises(ContractError, match="order names farm:age"):
        regression_table([fit], order=["farm:age"])


def test_order_statistics_and_the_readers_own_words(fits):
    labels = {"nobs": "Households", "ngroups[commune]": "Communes", "aic": "Akaike", "icc": "ICC"}
    table = regression_table(
        fits[:2], lang="en", order=["education"], statistics=("bic", "aic"), labels=labels, title="T", notes=["own"]
    )
    words = [words for _, words in table.frame.index]
    assert words[0] == "education"
    assert words[-4:] == ["Households", "Communes", "BIC", "Akaike"]
    assert "Log-likelihood" not in words
    assert [number(cell) for cell in row(table, "Akaike")] == pytest.approx([f.aic for f in fits[:2]], abs=0.005)
    assert [number(cell) for cell in row(table, "BIC")] == pytest.approx([f.bic for f in fits[:2]], abs=0.005)
    assert row(table, "Communes") == ["97", "97"]
    assert [number(cell) for cell in row(table, "ICC")] == pytest.approx([f.icc() for f in fits[:2]], abs=0.0005)
    assert (table.title, table.notes[1]) == ("T", "own")


def test_robust_within_pooled_and_model_results_stand_in_one_table(fits):
    plain, _, within = fits
    robust = plain.robust("CR2")
    pooled = tidy_frame([{"measure": "coef", "term": "education", "estimate": 0.03, "se": 0.002, "p": 1e-9}])
    table = regression_table(
        [plain, robust, within, pooled], lang="en", style="no-stars", labels={"commune": "Commune"}
    )
    # One row: the kind of covariance does not make another coefficient of it.
    cells = row(table, "education", below=True)
    assert cells[0] == f"({plain.std_errors['education']:.4f})"
    assert cells[1] == f"({robust.std_errors['education']:.4f})" != cells[0]
    assert cells[2:] == [f"({within.std_errors['education']:.4f})", "(0.0020)"]
    # The robust column has the sample and variances of its fit.
    assert row(table, "Observations")[:2] == [str(plain.nobs)] * 2
    assert row(table, "Residual")[0] == row(table, "Residual")[1] != ""
    assert row(table, "R², within groups") == ["", "", f"{within.rsquared:.3f}", ""]
    note = table.notes[0]
    assert "(1): restricted maximum likelihood (REML), t tests with Satterthwaite" in note
    assert (
        "(2): restricted maximum likelihood (REML), cluster-robust standard errors CR2 (97 clusters: Commune)" in note
    )
    assert "(3): fixed effects of Commune, cluster-robust standard errors CR1 (97 clusters)." in note
    assert "(4)" not in note


def test_a_model_may_come_in_parts(fits):
    plain = fits[0]
    table = regression_table([plain, (plain.robust("CR0"), plain, plain.variance_shares(n=0))], lang="zh")
    assert [row(table, f"{word} R²")[1] for word in ("边际", "条件")] == [f"{value:.3f}" for value in plain.r2()]
    assert row(table, "边际 R²")[0] == ""
    assert "模型 (2)：采用限制性极大似然（REML）估计，标准误为聚类稳健标准误 CR0" in table.notes[0]


def test_one_inference_is_said_once_and_weights_are_told(households, fits):
    note = regression_table(fits[:2], lang="en", style="no-stars").notes[0]
    assert note == (
        "Note: Standard errors in parentheses. Restricted maximum likelihood (REML), t tests with Satterthwaite "
        "degrees of freedom."
    )
    table = households.assign(w=1.0 + households["commune"] % 3)
    weighted = fit_hlm(f"{OUTCOME} ~ education + (1 | commune)", table, method="ml", sampling_weights={"commune": "w"})
    told = regression_table([weighted], lang="zh", labels={"commune": "社"}).notes[0]
    assert "抽样加权的伪极大似然估计，标准误为聚类稳健标准误（按社聚类，共 97 个），采用大样本" not in told
    assert "抽样加权的伪极大似然估计，标准误为聚类稳健标准误（按社聚类，共 97 个），采用 z 检验" in told
    kenward = fit_hlm(f"{OUTCOME} ~ education + (1 | commune)", households, df="kenward-roger")
    assert "Kenward–Roger" in regression_table([kenward], lang="zh").notes[0]


@pytest.mark.parametrize("below", ["t", "interval"])
def test_a_sheet_of_numbers_has_no_brackets(fits, below, tmp_path: Path):
    path = regression_table(fits, lang="en", below=below).save(tmp_path / "m")[3]
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    name = {"t": "education [t]", "interval": "education [95% interval]"}[below]
    cells = frame.loc[frame["Row"] == name].iloc[0, 2:].tolist()
    assert not re.search(r"[()\[\]]", "".join(cells))
    first = [float(cell.split(",")[0]) for cell in cells]
    b, se = fits[0].params["education"], fits[0].std_errors["education"]
    expected = b / se if below == "t" else fits[0].conf_int().loc["education", "low"]
    assert first[0] == pytest.approx(expected, abs=0.005 if below == "t" else 5e-5)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_latex_holds_together(fits, lang, tmp_path: Path):
    """No TeX is needed: environments close in order, every row has as many & as the head, no sign is left raw."""
    names = ["A & B"] * 3 + ["50%_x"] * 3
    tex = regression_table([*fits, *fits], lang=lang, names=names, below="interval").save(tmp_path / "m")[1]
    text = tex.read_text(encoding="utf-8")
    open_ones: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert open_ones == []
    columns = re.search(r"\\begin\{tabular\}\{@\{\}(l+c+)\}", text)
    assert columns is not None
    width = len(columns.group(1))
    body = text[columns.end() : text.index(r"\end{tabular}")]
    for line in body.replace(r"\&", "").split(r"\\"):
        cells = line.split("&")
        spans = sum(int(span) - 1 for span in re.findall(r"\\multicolumn\{(\d+)\}", line))
        alone = r"\emph" in line or line.strip() in ("", r"\bottomrule")
        assert alone or len(cells) + spans == width
    assert text.count("{") == text.count("}")
    assert not re.search(r"(?<!\\)[_#]|(?<!\\)%", body)


def test_latex_shrinks_a_table_wider_than_its_page_and_no_other(fits, tmp_path: Path):
    wide = regression_table([*fits, *fits], lang="en", below="interval").save(tmp_path / "wide")[1].read_text("utf-8")
    assert "graphicx" in wide.splitlines()[0]
    opened = wide.index(r"\resizebox{\ifdim\width>\linewidth")
    assert opened < wide.index(r"\begin{tabular}") < wide.index(r"\end{tabular}}") < wide.index(r"\end{threeparttable}")
    slim = regression_table(fits[:1], lang="en").save(tmp_path / "slim")[1].read_text("utf-8")
    assert "resizebox" not in slim
    assert "graphicx" not in slim


def test_a_note_has_no_blanks_about_the_readers_own_chinese(fits):
    note = regression_table(fits, lang="zh", labels={"commune": "乡（社）"}).notes[0]
    assert "乡（社）固定效应" in note


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_six_models_stand_upright_in_word_and_no_number_is_broken(fits, lang, tmp_path: Path):
    path = regression_table([*fits, *fits], lang=lang).save(tmp_path / "m")[2]
    document = Document(str(path))
    assert document.sections[0].page_width < document.sections[0].page_height
    table = document.tables[0]
    widths = [column.width for column in table.columns]
    assert sum(widths) <= Cm(16.05)
    size = min(run.font.size.pt for cell in table.rows[2].cells for run in cell.paragraphs[0].runs)
    longest = max(len(part) for line in table.rows for cell in line.cells[1:] for part in cell.text.split())
    # Times New Roman: a digit is half an em; 0.2 cm are the cell's margins.
    assert longest * size / 2 * 0.0353 + 0.2 < min(widths[1:]) / Cm(1)
    with zipfile.ZipFile(path) as package:
        xml = package.read("word/document.xml").decode()
    assert len(re.findall('w:eastAsia="SimSun"', xml)) == len(re.findall("<w:r>", xml))
    # Three rules: above, below the head, at the foot; none upright.
    assert set(re.findall(r"<w:(top|bottom|left|right) w:val=\"single\"", xml)) == {"top", "bottom"}


def test_more_models_than_fit_upright_lie_on_their_side(fits, tmp_path: Path):
    document = Document(str(regression_table([*fits] * 3, lang="zh").save(tmp_path / "m")[2]))
    section = document.sections[0]
    assert section.page_width > section.page_height
    widths = [column.width for column in document.tables[0].columns]
    assert len(set(widths[1:])) == 1
    assert sum(widths) <= section.page_width - section.left_margin - section.right_margin
