"""Numbers that are stored as text: converted where a whole column is plain numbers, else left alone and told."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from povstats.reading.note import Note, listed, number

PLAIN = r" *[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *"
WHOLE = r" *[+-]?[0-9]+ *"
CODE = r" *[+-]?(?:0[0-9].*|[0-9]{16,} *)"
"""Numbers with leading zeros or beyond 15 digits are identifiers: as numbers they would lose digits."""
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ALMOST = 0.5
"""A column of which so many different values are numbers is told to hold others."""


def typed(name: str, texts: "pd.Series[str]") -> tuple["pd.Series[float] | pd.Series[str]", list[Note]]:
    """Convert a column of text to numbers where all its values are plain ones.

    Parameters
    ----------
    name : the column's name. texts : its values; missing where the cell is empty.

    Returns
    -------
    series, notes
        Integers, decimals (also where integers have missing values), or the texts as they were; and what was found.
    """
    places, unique = pd.factorize(texts)
    levels = pd.Series(unique, dtype="str")
    if not len(levels):
        return texts.astype("str"), []
    plain = levels.str.fullmatch(PLAIN).to_numpy(dtype=bool)
    coded = levels.str.fullmatch(CODE).to_numpy(dtype=bool)
    if plain.all() and not coded.any():
        return _numbers(levels, places, texts.index), []
    if (plain | coded).all():
        examples = listed(repr(level) for level in levels[coded])
        return texts.astype("str"), [Note("reading.identifiers", {"column": name, "examples": examples})]
    counts = np.bincount(places[places >= 0], minlength=len(levels))
    odd = {str(levels[i]): int(counts[i]) for i in np.flatnonzero(~plain)}
    return texts.astype("str"), _obstacles(name, odd, float(plain.mean()))


def _numbers(levels: "pd.Series[str]", places: np.ndarray, index: pd.Index) -> "pd.Series[float]":
    """Give the numbers, by Python's own conversion, which rounds correctly."""
    lost = places < 0
    if levels.str.fullmatch(WHOLE).all() and not lost.any():
        whole = np.fromiter((int(level) for level in levels), dtype=np.int64, count=len(levels))
        return pd.Series(whole[places], index=index)
    values = np.fromiter((float(level) for level in levels), dtype=np.float64, count=len(levels))
    return pd.Series(np.where(lost, np.nan, values[places]), index=index)


def _obstacles(name: str, odd: Mapping[str, int], share: float) -> list[Note]:
    """Say what keeps a column from being numbers, by kind."""
    kinds: dict[str, dict[str, int]] = {"full_width": {}, "thousands": {}, "almost": {}}
    for text, count in odd.items():
        kinds[_kind(text)][text] = count
    if not share and len(kinds["almost"]) > _ALMOST * len(odd):
        return []  # a column of words
    if share < _ALMOST and len(kinds["almost"]) > _ALMOST * (len(odd) / max(1 - share, 1e-9)):
        return []
    return [
        Note(
            f"reading.{kind}",
            {
                "column": name,
                "count": number(sum(found.values())),
                "examples": listed(repr(text) for text in found),
            },
        )
        for kind, found in kinds.items()
        if found
    ]


def _kind(text: str) -> str:
    """Tell full-width digits and thousands separators from what is no number at all."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if folded != text.strip() and re.fullmatch(PLAIN, folded.replace(",", "")):
        return "full_width"
    return "thousands" if _THOUSANDS.fullmatch(text.strip()) else "almost"
