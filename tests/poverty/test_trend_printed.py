"""What a reader of a trend sees, in both languages, and the frames that its charts are given."""

from typing import Any

import pandas as pd
import pytest

import povstats as ps
from povstats.errors import OptionError
from povstats.poverty import Trend, trend
from povstats.printing import width
from povstats.viz import charts


@pytest.fixture
def rates() -> Trend:
    table = pd.DataFrame(
        {
            "place": ["镇"] * 3 + ["县"] * 2,
            "t": ["2014", "2016", "目前", "2014", "2016"],
            "v": [0.085, 0.059, 0.0026, 0.3, 0.1],
            "n": [5290, 3654, 169, 9000, 3000],
        }
    )
    return trend(table, time="t", value="v", numerator="n", by="place")


@pytest.fixture
def counts() -> Trend:
    """Two parts on two lines, in 10,000 persons."""
    table = pd.DataFrame(
        {
            "part": ["absolute", "low-income"] * 3,
            "year": [2003, 2003, 2004, 2004, 2005, 2005],
            "poor": [2900, 5617, 2610, 4977, 2365, 4067],
            "line": [637, 637, 668, 668, 668, 668],
        }
    )
    return trend(table, time="year", value="poor", by="part", breaks="line")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_have_one_width(rates: Trend, lang: str) -> None:
    title, rule, *table = rates.summary(lang).splitlines()
    assert {width(line) for line in [rule, *table[: 3 + len(rates.metrics)]]} == {len(rule)}
    assert title.startswith("v")


def test_shares_print_in_per_cent_and_stay_shares(rates: Trend) -> None:
    assert "30.00%" in rates.summary("en")
    assert "-20.00" in rates.summary("en")
    assert rates.metrics.loc[rates.metrics["group"] == "县", "change"].iloc[0] == pytest.approx(-0.2)


def test_breaks_and_missing_times_are_said(rates: Trend, counts: Trend) -> None:
    assert "时间未标明" in rates.summary("zh")
    assert "not printed" in rates.explain("en")
    assert "absolute: The definition changes from 2004 on (line: 637 → 668)." in counts.summary("en")
    assert "自 2004 起口径变化（line: 637 → 668）" in counts.explain("zh")
    assert counts.explain("en").count("The definition changes") == 2


def test_the_paragraph_has_the_numbers(rates: Trend) -> None:
    told = rates.explain("en")
    assert "县: The share moved from 30.00% (2014) to 10.00% (2016), a change of -20.00 percentage points, " in told
    assert "over 2 years, -10.00 percentage points a year, a compound rate of -42.3% a year, 1.00 years to zero" in told
    assert "The population moved from 30,000 (2014) to 30,000 (2016)" in told


def test_long_trends_are_told_in_part() -> None:
    table = pd.DataFrame({"g": [i // 2 for i in range(20)], "t": [2010, 2011] * 10, "v": [0.4, 0.2] * 10})
    assert "Further rows are in the table of metrics: 4." in trend(table, time="t", value="v", by="g").explain("en")


def test_every_sentence_has_both_languages() -> None:
    """Every measure, way in and reason."""
    times, words = [2010, 2011, 2012], ["2010", "目前", None]
    for values in ([0.4, 0.2, 0.1], [0.4, 0.2, 0.0], [0.0, 0.2, 0.4], [500, 300, 200]):
        for when in (times, words):
            table = pd.DataFrame({"t": when, "v": values, "d": 1000.0, "b": [1, 1, 2]})
            ways: list[dict[str, Any]] = [{"value": "v"}, {"numerator": "v"}, {"numerator": "v", "denominator": "d"}]
            ways += [{"value": "v", "measure": "amount"}, {"value": "v", "breaks": "b"}]
            for way in ways:
                found = trend(table, time="t", **way)
                for lang in ("zh", "en"):
                    assert found.explain(lang)
                    assert "<table>" in found.summary(lang)._repr_html_()
    before = ps.language()
    try:
        ps.language("zh")
        assert repr(found) == found.summary("zh")
        assert found._repr_html_() == found.summary("zh")._repr_html_()
    finally:
        ps.language(before)


class Sheet:
    """Stands in for a chart and keeps what it is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        monkeypatch.setitem(vars(charts), kind, self)

    def __call__(self, frame: pd.DataFrame, **words: Any) -> str:
        self.frame, self.words = frame, words
        return "a figure"


def test_lines_get_every_time_segment_and_basis(counts: Trend, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("lines", "multiples"):
        sheet = Sheet(monkeypatch, kind)
        assert counts.plot(kind, lang="en", title="T", unit="10,000 persons", source="S", notes=("N",)) == "a figure"
        assert sheet.frame.columns.tolist() == ["group", "time", "label", "value", "segment", "basis"]
        assert sheet.frame["segment"].tolist() == [1, 2, 2, 1, 2, 2]
        assert sheet.words["percent"] is False
        assert [sheet.words[key] for key in ("title", "unit", "source", "notes")] == [
            "T",
            "10,000 persons",
            "S",
            ("N",),
        ]


def test_words_are_ours_where_none_are_given(rates: Trend, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(monkeypatch, "lines")
    rates.plot(lang="zh", labels={"镇": "某镇"})
    assert sheet.words["percent"] is True
    assert (sheet.words["unit"], sheet.words["title"], sheet.words["labels"]) == ("%", "v的变化", {"镇": "某镇"})
    assert sheet.frame["label"].tolist() == ["2014", "2016", "目前", "2014", "2016"]
    assert sheet.frame["time"].isna().tolist() == [False, False, True, False, False]


def test_slope_and_dumbbell_get_both_ends(rates: Trend, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(monkeypatch, "dumbbell")
    rates.plot("dumbbell", lang="en")
    assert sheet.frame["end"].tolist() == ["first", "last"] * 2
    assert sheet.frame["value"].tolist() == [0.085, 0.0026, 0.3, 0.1]
    sheet = Sheet(monkeypatch, "slope")
    rates.plot("slope", lang="en")
    assert sheet.frame["label"].tolist() == ["2014", "目前", "2014", "2016"]


def test_a_stack_says_its_breaks_in_notes(counts: Trend, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(monkeypatch, "stacked")
    counts.plot("stacked", lang="en", notes=("Two lines.",))
    assert sheet.frame.columns.tolist() == ["time", "label", "part", "value"]
    assert sheet.words["notes"] == ("Two lines.", "The definition changes from 2004 on (line: 637 → 668).")


def test_charts_that_would_mislead_are_refused(rates: Trend, counts: Trend) -> None:
    with pytest.raises(OptionError, match="kind='pie' is not one of 'lines'"):
        rates.plot("pie")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="adds parts up, which a share does not allow"):
        rates.plot("stacked")
    for kind in ("slope", "dumbbell"):
        with pytest.raises(OptionError, match=r"changes in between in 'absolute' \(2004: line: 637 → 668\)"):
            counts.plot(kind)
        alone = trend(pd.DataFrame({"t": [2010], "v": [0.4]}), time="t", value="v")
        with pytest.raises(OptionError, match="needs two times a group"):
            alone.plot(kind)


@pytest.mark.parametrize("kind", ["lines", "slope", "dumbbell", "multiples"])
def test_charts_draw_the_numbers_of_the_trend(rates: Trend, kind: Any) -> None:
    """The real charts: what the figure says it shows is what the table holds."""
    figure = rates.plot(kind, lang="zh")
    shown = rates.table["value"].tolist()
    ends = [shown[at] for at in (0, 2, 3, 4)]
    assert figure.numbers["value"].tolist() == (shown if kind in ("lines", "multiples") else ends)
    assert figure.title == "v的变化（%）"


def test_a_stack_draws_its_counts(counts: Trend) -> None:
    figure = counts.plot("stacked", lang="en", unit="10,000 persons")
    assert figure.numbers["value"].sum() == counts.table["value"].sum()
