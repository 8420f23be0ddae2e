"""ps.line(): a line by name, with its year, its prices and the source it was read from."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import OptionError
from povstats.files import proven_file
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

CHINESE = ("CN-1978", "CN-2008", "CN-2010")
VINTAGES = {
    "1.90": 2011,
    "3.20": 2011,
    "5.50": 2011,
    "2.15": 2017,
    "3.65": 2017,
    "6.85": 2017,
    "3.00": 2021,
    "4.20": 2021,
    "8.30": 2021,
}
"""The World Bank's lines in dollars a person and day, and the year of their purchasing power parities."""
BANK = tuple(f"WB-{dollars}" for dollars in VINTAGES)
DAYS = 365
Status = Literal["sourced", "recalled"]


@dataclass(frozen=True, kw_only=True, repr=False)
class OfficialLine(Printed):
    """A line that an office has set; `float(line)` is its value, and every verb takes it as `line=`.

    Attributes
    ----------
    name : such as "CN-2010". year : for which it was set. value : in `unit`.
    unit : "yuan_year" (yuan a person and year) or "ppp_day" (international dollars a person and day).
    prices : year of the prices, another than `year` once it was carried. vintage : year of the purchasing power
        parities; None for a line in yuan.
    status : "sourced" or "recalled". source, url : where it was read.
    steps : what was done to it since, as (what, year, factor).
    """

    name: str
    year: int
    value: float
    unit: Literal["yuan_year", "ppp_day"]
    prices: int
    vintage: int | None
    status: Status
    source: str
    url: str = ""
    steps: tuple[tuple[Literal["cpi", "ppp"], int, float], ...] = ()

    def __float__(self) -> float:
        """Give the value."""
        return self.value

    def describe(self, lang: str) -> str:
        """Say the line in one clause."""
        unit = say(f"standards.unit_{self.unit}", lang, vintage=self.vintage or "")
        words = {"name": self.name, "year": self.year, "value": f"{self.value:,.2f}", "unit": unit}
        clauses = [say("standards.is", lang, prices=self.prices, **words)]
        clauses += [say(f"standards.step_{what}", lang, year=year, factor=f"{by:.4f}") for what, year, by in self.steps]
        told = say("standards.joint", lang).join(clauses)
        return told + say("standards.recalled", lang) if self.status == "recalled" else told

    def carried(self, to: int, cpi: Mapping[int, float] | pd.Series) -> "OfficialLine":
        r"""Carry the line to the prices of another year.

        .. math:: z_t = z_s P_t / P_s

        An official line of that year is another number: the updates of the national standards follow no published
        index.

        Parameters
        ----------
        to : the year t. cpi : the price level P by year, on any one base. Rates of change, or an index whose base is
            each year before, must first be multiplied up to a level.

        Raises
        ------
        OptionError
            Where the price level lacks one of the years, or is no number above zero there.
        """
        factor = _level(cpi, to) / _level(cpi, self.prices)
        # It stays the line that was set for its year: another year's official line is another number.
        return replace(self, value=self.value * factor, prices=to, steps=(*self.steps, ("cpi", int(to), factor)))

    def in_yuan(self, ppp: float) -> "OfficialLine":
        """Turn a line in international dollars a day into yuan a year: value × ppp × 365, at the vintage's prices.

        Parameters
        ----------
        ppp : yuan an international dollar in the year of the vintage. povstats ships none: rural and urban China have
            had factors of their own, and each vintage has another.

        Raises
        ------
        OptionError
            Where the line is in yuan already, or the factor is no number above zero.
        """
        if self.unit != "ppp_day":
            raise OptionError(f"{self.name} is in yuan a year already")
        if not math.isfinite(ppp) or ppp <= 0:
            raise OptionError(f"ppp={ppp!r} must be a number above 0: yuan an international dollar in {self.vintage}")
        step: tuple[Literal["ppp"], int, float] = ("ppp", int(self.vintage or 0), float(ppp))
        return replace(self, value=self.value * ppp * DAYS, unit="yuan_year", steps=(*self.steps, step))

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: one row."""
        return tidy_frame([{"measure": "line", "group": str(self.prices), "term": self.name, "estimate": self.value}])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the line with its source, in "zh" or "en"."""
        lang = lang or language()
        rows = (
            (say("standards.head_name", lang), self.name),
            (say("standards.head_year", lang), str(self.year)),
            (say("standards.head_value", lang), f"{self.value:,.2f}"),
            (say("standards.head_unit", lang), say(f"standards.unit_{self.unit}", lang, vintage=self.vintage or "")),
            (say("standards.head_prices", lang), str(self.prices)),
            (say("standards.head_status", lang), say(f"standards.status_{self.status}", lang)),
            (say("standards.head_source", lang), self.source or "—"),
        )
        notes = tuple(
            say(f"standards.step_{what}", lang, year=year, factor=f"{by:.4f}") for what, year, by in self.steps
        )
        return Summary((Grid(say("standards.title", lang), (), rows, notes, words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends the line."""
        lang = lang or language()
        source = say("standards.from", lang, source=self.source) if self.source else say("standards.no_source", lang)
        kind = say(
            "standards.kind_bank" if self.vintage else "standards.kind_national", lang, vintage=self.vintage or ""
        )
        return say("standards.explained", lang, line=self.describe(lang), source=source, kind=kind)


def line(name: str, year: int | None = None, *, recalled: bool = False) -> OfficialLine:
    """Give an official poverty line.

    Parameters
    ----------
    name : "CN-1978", "CN-2008" or "CN-2010", the national standards of rural China, in yuan a person and year at the
        year's prices; or "WB-1.90", "WB-2.15", "WB-3.00" and the others of the World Bank, in international dollars a
        person and day of the vintage that belongs to them.
    year : for which a national line holds; a World Bank line has none.
    recalled : also take a line that was written from memory and not found in a source; it says so.

    Returns
    -------
    OfficialLine
        Usable as `line=` wherever a line is asked for, with `carried` to other prices.

    Raises
    ------
    OptionError
        Where the name is unknown, the year is missing or has no line, or the line is only recalled.

    Source
    ------
    data/lines/card.md; World Bank, fact sheets on the lines of 2015, 2022 and 2025.
    """
    if name in BANK:
        if year is not None:
            raise OptionError(f"{name} has no year; carry it by line.carried(to=..., cpi=...)")
        dollars = name.removeprefix("WB-")
        vintage = VINTAGES[dollars]
        return OfficialLine(
            name=name,
            year=vintage,
            value=float(dollars),
            unit="ppp_day",
            prices=vintage,
            vintage=vintage,
            status="sourced",
            source="World Bank",
        )
    if name not in CHINESE:
        raise OptionError(f"line {name!r} is not known; choose one of {', '.join((*CHINESE, *BANK))}")
    return _national(name, year, recalled)


def _national(name: str, year: int | None, recalled: bool) -> OfficialLine:
    known = lines_of(name)
    there = [at for at, row in known.items() if recalled or row["status"] == "sourced"]
    if year not in known:
        raise OptionError(f"{name} has no line of {year}; it has {', '.join(map(str, there))}")
    row = known[year]
    if row["status"] == "recalled" and not recalled:
        raise OptionError(
            f"the line of {name} in {year} was written from memory and found in no source; take it with "
            f"recalled=True, which says so in every result, or another year: {', '.join(map(str, there))}"
        )
    # The standard of 2010 is told in its own year's prices; so are the others.
    return OfficialLine(
        name=name,
        year=year,
        value=float(row["value"]),
        unit="yuan_year",
        prices=year,
        vintage=None,
        status="recalled" if row["status"] == "recalled" else "sourced",
        source=row["source"],
        url=row["url"],
    )


@cache
def lines_of(name: str) -> dict[int, dict[str, str]]:
    """Give the rows of a national standard's lines, by year."""
    text = io.StringIO(proven_file("lines", "official_series.csv").decode("utf-8"))
    rows = [row for row in csv.DictReader(text) if row["standard"] == name and row["indicator"] == "line_yuan_per_year"]
    return {int(row["year"]): row for row in rows}


def _level(cpi: Mapping[int, float] | pd.Series, year: int) -> float:
    try:
        level = float(cpi[year])
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(f"cpi has no price level of {year}; give one by year, on one base") from error
    if not np.isfinite(level) or level <= 0:
        raise OptionError(f"cpi of {year} is {level:g}; a price level is a number above 0")
    return level
