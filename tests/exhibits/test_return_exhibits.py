"""Exhibits of return to poverty: numbers by hand, labels, the same numerals in both languages."""

import re

import pytest

import povstats as ps
from povstats.exhibits import dynamics, everything
from povstats.tables import Table

KNOWN = {one.id: one for one in everything() if one.id.startswith("return-")}
NUMERALS = re.compile(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?")


def table(id, lang):
    return KNOWN[id].maker(lang)


@pytest.mark.parametrize("id", [id for id, one in KNOWN.items() if id not in ("return-moves",)])
def test_both_languages_have_the_same_numerals(id):
    """Cell by cell; columns of words apart."""
    zh, en = (table(id, lang) for lang in ("zh", "en"))
    if not isinstance(zh, Table):
        numbers = [one.numbers.select_dtypes("number") for one in (zh, en)]
        assert numbers[0].equals(numbers[1])
        return
    for row in range(len(zh.frame)):
        for left, right in zip(zh.frame.iloc[row], en.frame.iloc[row], strict=True):
            assert NUMERALS.findall(str(left)) == NUMERALS.findall(str(right))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_low_pay_is_never_called_poverty_without_a_word(lang):
    words = {"zh": "低工资而非家庭贫困", "en": "not household poverty"}[lang]
    for id, one in KNOWN.items():
        if one.data != "real":
            continue
        made = one.maker(lang)
        told = " ".join(made.notes) if isinstance(made, Table) else made.drawing._supxlabel.get_text()
        assert words in told.replace("\n", "" if lang == "zh" else " "), id
        assert "低工资" in made.title or "low pay" in made.title.lower()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_made_up_households_are_labelled(lang):
    made = table("return-five", lang)
    mark = {"zh": "模拟", "en": "Synthetic"}[lang]
    assert made.title.startswith(mark)
    assert made.notes[-1].startswith(mark)


def test_made_up_households_by_hand():
    """Returns: A in 5, B in 3, F in 4. Out after an exit and seen: A 3 4, B 2 4, E 2 3 4, F 2 3. Exits from the third
    year on: A, B, G, H. The poor: A 5, B 3, C 3 4 5, F 4 5, G 3 4, H 4. After one step B
    alone of A, B, B, E, F is back.
    """
    rows = dynamics.made_up().frame().set_index("definition")
    counts = {name: (int(row["events"]), int(row["n"])) for name, row in rows.iterrows()}
    assert counts == {
        "hazard": (3, 9), "per_exit": (3, 4), "share_of_poor": (3, 10), "cumulative": (1, 5), "wrong_exit": (2, 5),
    }  # fmt: skip
    shown = table("return-five", "en").frame.iloc[:, 0].tolist()
    assert shown == ["33.3", "75.0", "30.0", "20.0", "40.0"]


def test_the_documents_numbers_are_those_of_the_facts():
    """The steady state is 8 / 19.5, worked out here from the quotes' own figures."""
    cells = table("return-documents", "en").frame.iloc[:, 0].tolist()
    assert cells[:4] == ["51.9%", "95%", "8%", "11.5%"]
    assert cells[-1] == "41.0%"
    assert dynamics.steady_state() == pytest.approx(8 / 19.5, rel=1e-12)
    known = ps.facts().set_index("id")
    for fact, cell in zip(dynamics.STATED[:4], cells, strict=False):
        assert cell.removesuffix("%") in known.loc[fact, "words"]
