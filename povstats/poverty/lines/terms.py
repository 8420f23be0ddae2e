"""ps.zhejiang_line(): a line set once a term from last year's incomes, beside one that moves every year."""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import (
    Frame,
    in_order,
    opened,
    refuse_missing,
    totals,
)
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite, share
from povstats.poverty.inequality.location import mean, quantile
from povstats.printing import Grid, Printed, Summary
from povstats.survey import Design
from povstats.words import Lang, language, say

LISTS = ("term", "yearly")


@dataclass(frozen=True)
class TermRule:
    """The rule of a term's line.

    Parameters
    ----------
    share : of last year's mean income. floor : the least share of the population that the list must hold.
    years : of a term.
    """

    share: float = 0.45
    floor: float = 0.10
    years: int = 5

    def __post_init__(self) -> None:
        """Refuse what is no rule."""
        share("floor", self.floor, 0.1)
        if not finite(self.share) or not 0 < self.share < 1:
            raise OptionError(f"share={self.share!r} must be between 0 and 1, such as 0.45")
        if isinstance(self.years, bool) or not isinstance(self.years, int) or self.years < 1:
            raise OptionError(f"years={self.years!r} must be a whole number of years, such as 5")


@dataclass(frozen=True, eq=False, repr=False)
class TermLines(Printed):
    """Lines by year under both rules, and what they do to the list of the poor.

    Attributes
    ----------
    years : one row a year of the lists, by `year`: term (its first year), mean and floor_quantile of the year before,
        term_line, term_bound ("share" or "floor": what made the line), yearly_line, yearly_bound; population, and of
        both lists the persons listed, entered and left since the year before (missing in the first).
    missed : in `years`: persons below the yearly line who are not on the term's list. kept : persons on the term's
        list who are not below the yearly line.
    rule : the rule. welfare, unit, size : the columns.
    """

    years: pd.DataFrame
    rule: TermRule
    welfare: str
    unit: str
    size: str | None

    @property
    def churn(self) -> pd.Series:
        """Persons who entered or left a list over all years, as a share of those listed, by list."""
        found = {}
        for name in LISTS:
            after = self.years.iloc[1:]
            moved = after[f"{name}_entered"].sum() + after[f"{name}_left"].sum()
            found[name] = moved / after[f"{name}_listed"].sum()
        return pd.Series(found, name="churn")

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: lines, lists and moves by year, and both churns."""
        rows: list[dict[str, object]] = []
        for year, row in self.years.iterrows():
            for name in LISTS:
                for what in ("line", "listed", "entered", "left"):
                    rows.append({"measure": what, "group": str(year), "term": name, "estimate": row[f"{name}_{what}"]})
        rows += [{"measure": "churn", "term": name, "estimate": value} for name, value in self.churn.items()]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print lines and lists by year, in "zh" or "en"."""
        lang = lang or language()
        keys = ("year", "term_line", "bound", "yearly_line", "term_listed", "yearly_listed", "term_moves", "moves")
        head = tuple(say(f"standards.head_{key}", lang) for key in keys)
        rows = []
        for year, row in self.years.iterrows():
            moves = [_moves(row, name) for name in LISTS]
            bound = say(f"standards.bound_{row['term_bound']}", lang)
            listed = [f"{row[f'{name}_listed'] / row['population']:.1%}" for name in LISTS]
            rows.append((str(year), f"{row['term_line']:,.0f}", bound, f"{row['yearly_line']:,.0f}", *listed, *moves))
        churn = self.churn
        words = {"term": f"{churn['term']:.1%}", "yearly": f"{churn['yearly']:.1%}"}
        notes = (say("standards.note_moves", lang), say("standards.note_churn", lang, **words))
        return Summary((Grid(say("standards.term_title", lang), head, tuple(rows), notes, words=1),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say how the lines are made, and what the term does to the list."""
        lang, churn = lang or language(), self.churn
        return say(
            "standards.term_explained",
            lang,
            share=f"{self.rule.share:.0%}",
            floor=f"{self.rule.floor:.0%}",
            years=self.rule.years,
            welfare=self.welfare,
            term=f"{churn['term']:.1%}",
            yearly=f"{churn['yearly']:.1%}",
            missed=f"{(self.years['missed'] / self.years['population']).mean():.1%}",
        )


def _moves(row: pd.Series, name: str) -> str:
    entered, left = row[f"{name}_entered"], row[f"{name}_left"]
    return "—" if pd.isna(entered) else f"+{entered / row['population']:.1%} −{left / row['population']:.1%}"


def zhejiang_line(
    table: Table,
    welfare: str,
    *,
    unit: str,
    year: str,
    size: str | None = None,
    weights: str | None = None,
    rule: TermRule | None = None,
) -> TermLines:
    r"""Set the line of a term by Zhejiang's rule, and compare its list with that of a line set every year.

    .. math:: z_s = \max\{ a\, \mu_{s-1},\; q_{s-1}(b) \}, \qquad
        \text{list of } t = \{ i : y_{i,s-1} \le z_s \}, \quad s \le t < s + T

    with s the first year of the term, μ the mean and q(b) the smallest income up to which the share b of the
    population lies. The yearly rule has s = t in every year.

    Parameters
    ----------
    table : one row a unit and year, as for `povstats.headcount`; the first list is of the year after the first.
    welfare : column of net income a person.
    unit, year : columns of the household (or person) and of the year of the income, a whole number.
    size, weights : columns of persons of a row, and of its weight.
    rule : the share, the floor and the years of a term; None is 45 per cent, 10 per cent and five years.

    Returns
    -------
    TermLines
        Lines, lists, entries and exits by year; `churn`; who is missed and kept by not moving.

    Raises
    ------
    DataError
        Where a column is not there or missing in rows, a unit has a year twice, a year lies between others without
        rows, or there are fewer than two years.

    Notes
    -----
    A unit without an income in the year on which a list rests is not on it; entries and exits count units that have
    both. Source of the rule: Zhejiang's description of its line, quoted among the documents (facts F0424–F0445).
    """
    rule = rule or TermRule()
    extra = [name for name in (size, weights) if name is not None]
    frame = opened(table, [unit, year, welfare, *extra])
    refuse_missing(frame, [unit, year, welfare, *extra], "zhejiang_line")
    known = _lines(table, welfare, year, Design(weights=weights), size, rule)
    listed = _listed(frame, (unit, year, welfare), extra, known)
    sums = totals(listed, ["list year"], _sums())
    years = known.join(sums.drop(columns="rows").set_index("list year"))
    years.loc[years.index[0], [f"{name}_{what}" for name in LISTS for what in ("entered", "left")]] = float("nan")
    return TermLines(years, rule, welfare, unit, size)


def _lines(table: Table, welfare: str, year: str, design: Design, size: str | None, rule: TermRule) -> pd.DataFrame:
    """Work out the lines of the years after those of the incomes."""
    middle = mean(table, welfare, by=year, design=design, size=size).estimate
    low = quantile(table, welfare, rule.floor, by=year, design=design, size=size).estimate
    known = pd.DataFrame({"mean": middle, "floor_quantile": low})
    known.index = pd.Index([int(float(str(at))) + 1 for at in known.index], name="year")
    known = known.sort_index()
    gaps = sorted(set(range(known.index[0], known.index[-1] + 1)) - set(known.index))
    if gaps or len(known) < 2:
        lacking = f"no rows of {[gap - 1 for gap in gaps]}" if gaps else "there is one"
        raise DataError(f"zhejiang_line needs two years or more in a row; {lacking}")
    first = known.index[0]
    known["term"] = first + (known.index - first) // rule.years * rule.years
    by_share, floor = rule.share * known["mean"], known["floor_quantile"]
    known["yearly_line"] = by_share.clip(lower=floor)
    known["yearly_bound"] = (by_share >= floor).map({True: "share", False: "floor"})
    for column in ("line", "bound"):
        known[f"term_{column}"] = known[f"yearly_{column}"].reindex(known["term"]).to_numpy()
    return known


def _listed(frame: Frame, columns: Sequence[str], extra: Sequence[str], known: pd.DataFrame) -> Frame:
    """Write for every row whether its unit is on either list of the next year, and was on that of this year."""
    unit, year, welfare = columns
    at = nw.col(year).cast(nw.Int64) + 1
    weight = nw.lit(1.0)
    for name in extra:
        weight = weight * nw.col(name).cast(nw.Float64)
    frame = frame.with_columns(**{"list year": at, "weight": weight})
    first, years = int(known.index[0]), int((known["term"] == known.index[0]).sum())
    term = (nw.col("list year") - first) // years * years + first
    frame = frame.with_columns(term=term, yearly=nw.col(welfare) <= _by_year("list year", known["yearly_line"]))
    base = nw.when(nw.col("list year") == nw.col("term")).then(nw.col(welfare))
    frame = frame.with_columns(base=base).with_columns(base=nw.col("base").max().over(unit, "term"))
    frame = frame.with_columns(
        **{
            "term list": (nw.col("base") <= _by_year("list year", known["term_line"])).fill_null(False).cast(nw.Int8),
            "yearly list": nw.col("yearly").cast(nw.Int8),
        }
    )
    return in_order(frame, unit, year, ["term list", "yearly list", "list year"])


def _by_year(year: str, values: pd.Series) -> nw.Expr:
    """Write a number that depends on the year."""
    found = nw.lit(float(values.iloc[-1]))
    for at, value in list(values.items())[:-1]:
        found = nw.when(nw.col(year) == int(at)).then(nw.lit(float(value))).otherwise(found)
    return found


def _sums() -> dict[str, nw.Expr]:
    weight, follows = nw.col("weight"), nw.col("previous list year") == nw.col("list year") - 1
    sums = {"population": weight}
    for name in LISTS:
        now, before = nw.col(f"{name} list"), nw.col(f"previous {name} list")
        sums[f"{name}_listed"] = weight * now
        sums[f"{name}_entered"] = weight * (follows & (now == 1) & (before == 0)).cast(nw.Int8)
        sums[f"{name}_left"] = weight * (follows & (now == 0) & (before == 1)).cast(nw.Int8)
    term, yearly = nw.col("term list"), nw.col("yearly list")
    sums["missed"] = weight * ((term == 0) & (yearly == 1)).cast(nw.Int8)
    sums["kept"] = weight * ((term == 1) & (yearly == 0)).cast(nw.Int8)
    return sums
