"""A registry workbook to a trend: against ps.trend on the table as pandas reads it."""

import pandas as pd
import pytest

import povstats as ps
from povstats.contracts import find_contract
from povstats.errors import ContractError, DataError
from povstats.studies.figures import trend_figures
from povstats.studies.spec import read_spec

RECIPE = {
    "name": "建档立卡年度数",
    "contract": "registry",
    "sheets": "年报",
    "columns": {
        "place": "县（区）",
        "year": {"from": "年度", "as": "number"},
        "poor_persons": {"from": "贫困人口（人）", "as": "number", "unit": "人"},
        "population": {"from": "乡村人口（人）", "as": "number", "unit": "人"},
        "line": {"from": "贫困线", "as": "number", "unit": "元", "per_head": "already"},
    },
}
SPEC = {
    "kind": "trend",
    "data": "synthetic",
    "time": "year",
    "numerator": "poor_persons",
    "denominator": "population",
    "by": "place",
    "breaks": ["line"],
    "charts": ["lines"],
    "labels": {"甲县": {"zh": "甲县", "en": "Jia county"}, "乙县": {"zh": "乙县", "en": "Yi county"}},
    "sizes_mm": [84],
    "formats": ["pdf"],
}


@pytest.fixture(scope="module")
def registry():
    """Synthetic counts of two counties; the line changes in 2014."""
    years = list(range(2011, 2018))
    rows = [
        (place, year, round(start * 0.8 ** (year - 2011)), 100_000, 2300 if year < 2014 else 2800)
        for place, start in (("甲县", 30_000), ("乙县", 21_000))
        for year in years
    ]
    return pd.DataFrame(rows, columns=["县（区）", "年度", "贫困人口（人）", "乡村人口（人）", "贫困线"])


@pytest.fixture(scope="module")
def workbook(registry, tmp_path_factory):
    path = tmp_path_factory.mktemp("registry") / "年报 2011-2017.xlsx"
    with pd.ExcelWriter(path) as writer:
        registry.to_excel(writer, sheet_name="年报", index=False)
        pd.DataFrame({"说明": ["合成数据"]}).to_excel(writer, sheet_name="说明", index=False)
    return path


@pytest.fixture(scope="module")
def made(workbook, tmp_path_factory):
    return ps.study(workbook, RECIPE, SPEC, out=tmp_path_factory.mktemp("out") / "趋势")


def by_hand(registry):
    return ps.trend(
        registry,
        time="年度",
        numerator="贫困人口（人）",
        denominator="乡村人口（人）",
        by="县（区）",
        breaks=["贫困线"],
    )


def test_the_metrics_are_those_of_the_trend_itself(made, registry):
    """Second route: ps.trend on the columns as pandas made them. Ten digits are written."""
    hand = by_hand(registry)
    numbers = pd.read_csv(made.path / "tables" / "estimates.csv", keep_default_na=True)
    assert len(numbers) == len(hand.metrics)
    for column in ("first", "last", "annual_rate", "half_life"):
        assert numbers[column].to_numpy() == pytest.approx(hand.metrics[column].to_numpy(), rel=1e-8, nan_ok=True)
    series = pd.read_csv(made.path / "tables" / "series.csv")
    assert series["value"].to_numpy() == pytest.approx(hand.table["value"].to_numpy(), rel=1e-9)
    assert series["segment"].tolist() == hand.table["segment"].tolist()


def test_the_chart_is_that_of_the_trend_and_a_break_cuts_it(made, registry):
    """Second route: the numbers of Trend.plot, and by hand one break a county in 2014."""
    numbers = pd.read_csv(made.path / "figures" / "01-lines.zh.csv")
    hand = by_hand(registry).plot(lang="zh").numbers
    assert numbers["value"].to_numpy() == pytest.approx(hand["value"].to_numpy(), rel=1e-9)
    assert (made.path / "figures" / "01-lines.84mm.en.pdf").read_bytes().startswith(b"%PDF")
    [trend] = made.fits
    assert trend.table.loc[trend.table["changed"] != "", "label"].tolist() == ["2014", "2014"]


@pytest.mark.parametrize(("lang", "told"), [("zh", "贫困线"), ("en", "Poverty line")])
def test_a_break_that_is_a_number_is_named(made, lang, told):
    """Second route: the contract's title before the number; a text says itself what it is."""
    [trend] = made.fits
    plain = trend.table["basis"].tolist()
    [(_, figure), *_] = trend_figures(read_spec(SPEC), find_contract("registry"), trend, lang)
    assert "basis" in figure.numbers
    assert figure.numbers["basis"].tolist() == [f"{told} {one}" for one in plain]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_table_and_methods_use_the_words_given(made, lang):
    table = made.journal_table(lang)
    assert {"zh": "甲县", "en": "Jia county"}[lang] in table.frame.index.get_level_values(0)
    text = (made.path / f"methods.{lang}.md").read_text(encoding="utf-8")
    assert made.fits[0].explain(lang) in text
    assert "年报 2011-2017.xlsx" in text
    assert (made.path / "tables" / f"trend.{lang}.docx").exists()
    assert not (made.path / "model.R").exists()


def test_rows_without_the_count_are_left_out_and_counted(registry):
    gap = registry.copy().astype({"贫困人口（人）": "float64"})
    gap.loc[2, "贫困人口（人）"] = float("nan")
    plain = {key: value for key, value in RECIPE.items() if key != "sheets"}
    study = ps.study(gap, plain, SPEC)
    assert len(study.fits[0].table) == len(registry) - 1
    assert "1 of 14 rows" in study.explain("en")
    assert "14 行中有 1 行" in study.explain("zh")


def test_what_the_table_does_not_have_is_named(workbook):
    with pytest.raises(DataError, match="incidence"):
        ps.study(workbook, RECIPE, {**SPEC, "value": "incidence", "numerator": None, "denominator": None})
    with pytest.raises(ContractError, match="poverty"):
        ps.study(workbook, {**RECIPE, "columns": {**RECIPE["columns"], "poverty": "年度"}}, SPEC)
