"""The documents' quantities: every figure is in its words, every link and place holds.

Second route: the digits of a value are formed here from the value, in every scale the texts print in, and looked for
as text in the words; the cutter that made the words reads them the other way round.
"""

import re
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

import povstats as ps
from povstats.documents import load

LONGEST = 40
# Texts print 215.46万 for 2,154,600, and a value kept in 10,000 yuan may be printed in yuan.
SCALES = [Decimal(1), *(Decimal(10) ** power for power in (2, 3, 4, 6, 7, 8, -4, -8))]


@pytest.fixture(scope="module")
def table():
    return ps.facts()


def spellings(value: str) -> set[str]:
    """The digits of a value as a text may print them."""
    number = abs(Decimal(value))
    forms = {format((number / scale).normalize(), "f") for scale in SCALES}
    part = Fraction(value).limit_denominator(10)
    if abs(part - Fraction(value)) < Fraction(1, 10_000):
        forms.add(f"{part.numerator}/{part.denominator}")
    return forms


def is_printed(value: str, words: str) -> bool:
    plain = re.sub(r"(?<=\d)[,万](?=\d)", "", words)  # 72,406 and 7万3481
    # A printed 13769.00 or 98.0 is the value too.
    return any(
        re.search(rf"(?<![\d.]){re.escape(form)}(?:\.0+|(?<=\.\d)0+)?(?!\d|\.\d)", plain) for form in spellings(value)
    )


def test_every_printed_figure_is_in_its_words(table):
    recorded = {row["id"]: row["value"] for row in load._rows("facts.csv")}
    digits = table[table["numeral"] == "digits"]
    lost = [
        (id, recorded[id], words)
        for id, words in zip(digits["id"], digits["words"], strict=True)
        if not is_printed(recorded[id], words)
    ]
    assert lost == []
    assert len(digits) == 1090


def test_the_check_of_digits_can_fail():
    assert is_printed("2154600", "215.46万人")
    assert is_printed("0.6667", "减少2/3")
    assert not is_printed("2154600", "215.4万人")
    assert not is_printed("53", "1853户")
    assert not is_printed("5", "5.3%")


def test_written_figures_hold_a_numeral_in_words(table):
    written = table[table["numeral"] == "written"]
    numeral = re.compile("[一二三四五六七八九十百千万半]|翻一番")
    # A village that leaves the list is counted as one; its name stands for the numeral.
    villages = written["unit"] == "villages"
    assert len(written) == 18
    assert written.loc[~villages, "words"].map(lambda words: bool(numeral.search(words))).all()
    assert written.loc[villages, "value"].eq(1).all()


def test_words_are_short_and_clean(table):
    assert table["words"].str.len().max() <= LONGEST
    assert table["words"].str.len().min() >= 4
    assert not table["words"].str.contains(r"[a-z]*[āáǎàēéěèīíǐìōóǒòūúǔùü]").any()
    assert (table["words"].str.count(r"\(") == table["words"].str.count(r"\)")).all()


def test_ids_are_unique_and_columns_are_filled(table):
    assert table["id"].is_unique
    assert len(table) == 1108
    for column in ("document", "section", "place", "topic", "indicator", "unit", "qualifier", "words", "note"):
        assert table[column].ne("").all(), column
    assert table["value"].notna().all()
    assert set(table["qualifier"]) == {"exact", "approx", "at_least", "at_most"}
    assert set(table["document"]) == {"000", "001", "002", "003", "004"}


def test_years_have_a_basis(table):
    assert set(table["year_basis"]) == {"printed", "context", "none"}
    assert (table["year"].eq("") == table["year_basis"].eq("none")).all()
    basis = table.set_index("id")["year_basis"]
    # "now" of the town, the start of reform, a news date, a journal number: read, not printed.
    assert basis[["F0184", "F0190", "F0153", "F0794", "F0173", "F0100", "F0659", "F0908"]].eq("context").all()
    assert basis[["F0644", "F0649", "F0646", "F0178", "F0874", "F0714", "F0168"]].eq("printed").all()


def test_every_place_is_known_and_none_is_idle(table):
    places = pd.DataFrame(load._rows("places.csv"))
    assert places["slug"].is_unique
    assert set(table["place"]) == set(places["slug"])
    assert places[["zh", "en"]].ne("").all(axis=None)


def test_repeats_point_at_the_first_statement_of_the_same_value(table):
    by_id = table.set_index("id")
    repeated = table[table["same_as"] != ""]
    assert set(repeated["id"]) >= {"F0168", "F0169", "F0950", "F0951"}
    for row in repeated.itertuples():
        first = by_id.loc[row.same_as]
        assert first["same_as"] == ""  # one step leads to the first statement, so there is no circle
        assert row.same_as < row.id
        assert (first["value"], first["unit"], first["place"]) == (row.value, row.unit, row.place)


def test_the_same_statement_twice_is_linked(table):
    key = ["place", "year", "indicator", "value", "unit"]
    later = table[table.duplicated(key)]
    assert later["same_as"].ne("").all()


def test_each_call_gives_a_table_of_its_own(table):
    other = ps.facts()
    other["value"] = 0.0
    assert ps.facts()["value"].equals(table["value"])


def test_files_for_people_carry_a_mark_of_their_encoding():
    for name in ("facts.csv", "places.csv"):
        assert load.data_file(f"documents/{name}").read_bytes().startswith(b"\xef\xbb\xbf")
