"""Exhibits of the documents: complete in both languages, every figure that of its fact, nothing across a break.

Second routes: data/documents/facts.csv is read here with csv, not through the room; metrics are worked out anew from
those figures; the digits of the expected metrics were written down before the exhibits were made.
"""

import csv
import math
import re
import shutil

import pytest

from povstats import series
from povstats.documents import Derived, load
from povstats.errors import DataError
from povstats.exhibits import find, show
from povstats.exhibits.documents_digits import as_computed, as_printed
from povstats.exhibits.documents_metrics import FOLLOWED, followed, metric_lines
from povstats.exhibits.documents_tables import CHARTS
from povstats.files import data_file

IDS = tuple(CHARTS)
LANGUAGES = ("zh", "en")
NUMERAL = re.compile(r"\d[\d,]*(?:\.\d+)?")
# A printed metric has two decimals.
HALF_DIGIT = 0.5e-2 * (1 + 1e-9)


def recorded():
    with data_file("documents/facts.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


FACTS = recorded()


def number(id):
    return float(FACTS[id]["value"])


def cells(id, lang):
    """Rows of a table: (label, time, value, unit, words, place)."""
    frame = show(f"{CHARTS[id]}-table", lang).frame
    return [
        (label, *row) for (_, label), row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]


def metric(id, label, time=""):
    """The number that a table prints for a metric, in English."""
    found = [row for row in cells(id, "en") if row[0] == label and row[1] == time]
    assert len(found) == 1, found
    return float(found[0][2].replace("−", "-").replace(",", "").rstrip("%"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", IDS)
def test_chart_and_table_render_with_the_title_of_the_series(id, lang, tmp_path):
    chart, table = show(CHARTS[id], lang), show(f"{CHARTS[id]}-table", lang)
    title = series(id).title(lang)
    assert chart.title.startswith(title)
    assert table.title.startswith(title)
    assert find(CHARTS[id]).title(lang) == title
    assert len(chart.save(tmp_path / "chart")) == 3
    assert len(table.save(tmp_path / "table")) == 4


@pytest.mark.parametrize("id", IDS)
def test_the_numbers_of_both_languages_are_the_same(id):
    zh, en = (show(CHARTS[id], lang).numbers for lang in LANGUAGES)
    assert zh["value"].tolist() == en["value"].tolist()
    pairs = zip(cells(id, "zh"), cells(id, "en"), strict=True)
    assert all(NUMERAL.findall(zh[2]) == NUMERAL.findall(en[2]) and zh[4] == en[4] for zh, en in pairs)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", IDS)
def test_a_printed_figure_is_that_of_its_fact_with_words_and_place(id, lang):
    rows = [row for row in cells(id, lang) if re.search(r"F\d{4}$", row[5])]
    assert {row[5][-5:] for row in rows} == set(series(id).table.query("role != 'repeat'")["fact"])
    for _, _, value, unit, words, place in rows:
        fact = FACTS[place[-5:]]
        assert words == fact["words"]
        assert place.startswith(fact["document"])
        assert fact["section"].removeprefix("篇") in place
        digits = value.replace("−", "-").replace(",", "")
        if "2/3" in value:
            assert (fact["unit"], fact["value"]) == ("ratio", "0.6667")
            continue
        scale = 1e4 if unit in ("万人", "ten thousand persons") else 1
        assert float(re.search(r"-?[\d.]+", digits)[0]) * scale == pytest.approx(number(place[-5:]), rel=1e-12)


@pytest.mark.parametrize("id", IDS)
def test_a_time_that_is_not_printed_bears_a_star_and_its_row_no_year(id):
    for _, time, _, _, _, place in cells(id, "zh"):
        if (fact := FACTS.get(place[-5:])) is not None:
            assert time.endswith("*") == (fact["year_basis"] != "printed")


def test_drawn_values_are_those_of_the_facts():
    def drawn(id, *facts, scale=1.0):
        values = set(show(id, "en").numbers["value"].round(6))
        return {round(number(fact) / scale, 6) for fact in facts} <= values

    assert drawn("s01-ganzhou", "F0644", "F0645", "F0646", scale=1e4)
    assert drawn("s02-town", "F0176", "F0182", "F0189", "F0187")
    assert drawn("s03-xi-county", "F0660", "F0661", scale=1e4)
    assert drawn("s03-xi-county", "F0663", "F0664", scale=100)
    assert drawn("s04-province", "F0798", "F0799")
    assert drawn("s05-dousha", "F0943", "F0945", "F0947", "F0949", "F0951", "F0953")
    assert drawn("s06-dengta", "F0713", "F0715", "F0717", "F0719", "F0740")
    assert drawn(
        "s07-national-counts", "F0153", "F0793", "F0794", "F0154", "F0156", "F0120", "F0161", "F0125", scale=1e4
    )
    assert drawn("s08-later-standard", "F0173", "F0100", "F0659", "F0874", scale=1e4)


def test_a_bar_of_dousha_is_the_registry():
    sums = show("s05-dousha", "en").numbers.groupby("time")["value"].sum()
    assert sums.tolist() == [number("F0889")] * 6
    assert 2016 not in sums.index


@pytest.mark.parametrize(
    ("id", "label", "time", "expected"),
    [
        ("S01", "Poor population: annual rate", "2010 – 2015", -20.09),
        ("S01", "Poverty incidence: annual rate", "2010 – 2015", -20.83),
        ("S01", "Poverty incidence: change per year", "2010 – 2015", -4.12),
        ("S01", "Poverty incidence: years to zero at that pace", "2010 – 2015", 2.26),
        ("S01", "Poverty incidence: half-life at the annual rate", "2010 – 2015", 2.97),
        ("S01", "Population implied by count and rate", "2010", 720.602),
        ("S01", "Net fall between the two year-ends", "", 145.26),
        ("S02", "Poverty incidence: annual rate", "2014 – 2016", -16.69),
        ("S02", "Persons watched to those remaining", "", 1.24),
        ("S03", "Elasticity of incidence to income", "", -3.14),
        ("S03", "Poor of the prefecture implied by the stated share", "", 37.2188),
        ("S04", "Mean income of the poor: annual rate", "2000 – 2010", 12.80),
        ("S05", "Exits of 2017, share of the registry", "", 54.33),
        ("S06", "That sum less the persons accepted", "", 11),
        ("S07", "Absolute poor: annual rate", "2002 – 2007", -12.11),
        ("S07", "Low-income of 2003, implied", "", 5617),
        ("S08", "Years to zero at the stated pace", "", 5.83),
    ],
)
def test_metrics_are_those_worked_out_by_hand(id, label, time, expected):
    assert metric(id, label, time) == pytest.approx(expected, abs=HALF_DIGIT)


def test_a_rate_is_worked_out_anew_from_the_facts():
    rate = (number("F0120") / number("F0154")) ** (1 / 5) - 1
    assert metric("S07", "Absolute poor: annual rate", "2002 – 2007") == pytest.approx(100 * rate, abs=HALF_DIGIT)
    half = 5 * math.log(2) / math.log(number("F0644") / number("F0645"))
    shown = metric("S01", "Poor population: half-life at the annual rate", "2010 – 2015")
    assert shown == pytest.approx(half, abs=HALF_DIGIT)


@pytest.mark.parametrize("id", IDS)
def test_no_metric_crosses_a_break_or_an_unprinted_length_of_time(id):
    for what in FOLLOWED[id]:
        trend = followed(series(id), what)
        for row in trend.metrics.itertuples():
            segment = trend.table[trend.table["segment"] == row.segment]
            assert {row.start, row.end} <= set(segment["label"])
            assert segment["basis"].nunique() == 1
    for line in metric_lines(series(id), "en"):
        yearly = "rate" in line.label.split(": ")[-1] or "per year" in line.label or "years" in line.label
        if yearly and "implied" not in line.label:
            assert re.fullmatch(r"\d{4} – \d{4}", line.time), line


def test_xi_county_and_the_later_standard_have_no_yearly_metric():
    assert {line.label for line in metric_lines(series("S08"), "en")} == set()
    labels = [line.label for line in metric_lines(series("S03"), "en")]
    assert [label for label in labels if ": " in label] == [label for label in labels if label.endswith(": change")]
    assert labels


def test_a_formula_across_a_break_or_beyond_arithmetic_is_refused(monkeypatch, tmp_path):
    shutil.copytree(data_file("documents"), tmp_path / "documents")
    monkeypatch.setattr(load, "data_file", lambda name: tmp_path / name)
    load._rows.cache_clear()
    plan = tmp_path / "documents" / "series" / "S08.toml"
    text = plan.read_text(encoding="utf-8")
    for formula, message in (
        ("F0659 - F0874", "across a change of basis"),
        ("F0001 - F0100", "needs facts of the series"),
        ("F0100 ** 2", r"more than facts, numbers"),
        ("exit(F0100)", r"more than facts, numbers"),
        ("F0100 /", "cannot be read"),
    ):
        block = f'\n[[derived]]\nzh = "甲"\nen = "a"\nformula = "{formula}"\nunit = "persons"\n'
        plan.write_text(text + block, encoding="utf-8")
        with pytest.raises(DataError, match=message):
            load.series("S08")


def test_digits_follow_the_text():
    assert as_printed(2154600, "persons", "215.46万人").text == "215.46"
    assert as_printed(5290, "persons", "5290人").unit == "persons"
    assert as_printed(-0.003, "points", "下降0.3个百分点").text == "−0.3"
    assert as_computed(-0.20093, "share").text == "−20.09%"
    assert as_computed(7206020.07, "persons", myriads=True).text == "720.602"
    assert Derived(label={}, value=1.0, unit="ratio", formula="F0001 / F0002").facts == ("F0001", "F0002")
