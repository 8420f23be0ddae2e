"""Exhibits of targeting and of several deprivations: what is synthetic says so, numbers are those of plain pandas.

Second routes: counts and weighted means by pandas on the same files; the documents' numbers by their facts.
"""

import re

import numpy as np
import pytest

import povstats as ps
from povstats.exhibits import everything, multidimensional, targeting
from povstats.tables import Table
from povstats.words import LANGUAGES

KNOWN = {one.id: one for one in everything() if one.id.startswith(("targeting-", "multi-"))}
SYNTHETIC = [id for id, one in KNOWN.items() if one.data == "synthetic"]
CLAIMS = re.compile(r"\b(agrees?|confirms?|replicates?)\b|一致|证实|复现了", re.IGNORECASE)
MARK = {"zh": "模拟", "en": "ynthetic"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", SYNTHETIC)
def test_what_is_synthetic_says_so(id, lang):
    made = KNOWN[id].maker(lang)
    assert MARK[lang] in made.title
    told = [made.title, *made.notes] if isinstance(made, Table) else [made.title, made.drawing._supxlabel.get_text()]
    assert all(MARK[lang] in words for words in told[:2])
    assert CLAIMS.search(" ".join(told)) is None


@pytest.mark.parametrize("id", KNOWN)
def test_both_languages_have_the_same_numerals(id):
    """Cell by cell in tables, row by row in figures."""
    zh, en = (KNOWN[id].maker(lang) for lang in ("zh", "en"))
    if isinstance(zh, Table):
        digits = [[re.findall(r"[\d.,]+", cell) for cell in one.frame.to_numpy().ravel()] for one in (zh, en)]
        assert digits[0] == digits[1]
        return
    numbers = [one.numbers.select_dtypes("number").to_numpy() for one in (zh, en)]
    np.testing.assert_array_equal(*numbers)


def test_insurance_by_pandas():
    table = ps.datasets.vietnam_persons_1998()
    poor = table["expenditure_per_head"] < ps.datasets.poverty_line("vietnam_1998").value
    insured = table["insured"] == "yes"
    found = targeting.covered()["all"]
    assert found["exclusion_error"].estimate[""] == pytest.approx((poor & ~insured).sum() / poor.sum(), rel=1e-12)
    assert found["inclusion_error"].estimate[""] == pytest.approx((insured & ~poor).sum() / insured.sum(), rel=1e-12)
    assert sum(int(targeting.covered()[age]["coverage"].n.iloc[0]) for age in targeting.AGES if age != "all") == 27_765


def test_the_town_has_the_documents_numbers():
    """169 of 0.26 % are 65,000 persons; the made counts stand in the table."""
    found = targeting.field_check()
    assert found.totals.sum() == pytest.approx(65_000, rel=1e-12)
    assert found.totals[0, :2].tolist() == [169, 5662]
    assert found.frame.loc["missed", "estimate"] == pytest.approx(7 / 1200, rel=1e-12)


def test_deprivations_by_pandas():
    flags = multidimensional.deprived()
    score = flags["expenditure"] * 2 + flags["education"] * 2 + flags["insurance"] * 1 + flags["illness"]
    found = multidimensional.measured("1/3").whole
    assert found["headcount"].estimate[""] == pytest.approx((score >= 2).mean(), rel=1e-12)
    assert found["m0"].estimate[""] == pytest.approx((score * (score >= 2)).mean() / 6, rel=1e-12)
    rule = multidimensional.guarantees().rule
    lacks = flags["education"] | flags["insurance"]
    assert rule["blocked"].estimate[""] == pytest.approx(lacks.mean(), rel=1e-12)


def test_what_lasts_shows_among_the_poor():
    """Over all households chances come true; among the first poor the made lasting part is seen."""
    for lasting in multidimensional.LASTING:
        told, poor = multidimensional.calibrated(lasting)
        assert told.chance == pytest.approx(told.observed, abs=0.03)
        assert (poor.observed - poor.chance > 0.1) == (lasting > 0)


def test_low_pay_by_numpy():
    """The next year by a merge, the Brier score written out; every man is seen again."""
    table = ps.datasets.wage_panel()
    line = 0.6 * table["wage"].median()
    pairs = table[table["year"] == 1983].merge(table[table["year"] == 1984], on="man", suffixes=("", "_next"))
    told, poor = multidimensional.low_paid(1983)
    assert told.observed == pytest.approx((pairs["wage_next"] < line).mean(), rel=1e-12)
    low = pairs["wage"] < line
    assert poor.observed == pytest.approx((pairs["wage_next"][low] < line).mean(), rel=1e-12)
    assert (told.n, poor.n, told.lost) == (545, int(low.sum()), 0)
    assert told.reference == pytest.approx(told.observed * (1 - told.observed), rel=1e-12)


def test_bounds_of_the_stated_guarantees_by_hand():
    """Dengta: 98.2 % have tap water, 100 % insurance, safe houses; Dousha: 1 or 2 of 2,386 children."""
    cells = KNOWN["multi-documents"].maker("en").frame
    assert cells.iloc[:, 0].tolist() == ["—", "—", "—", "0.0", "0.0", "1.8", "1.8–1.8"]
    assert cells.iloc[2, 1] == f"{100 / 2386:.2f}–{200 / 2386:.2f}"
