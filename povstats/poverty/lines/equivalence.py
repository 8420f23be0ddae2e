"""ps.equivalised(): a household's money divided by what its members need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.panels import opened, totals
from povstats.engine.source import Table, open_lazily
from povstats.errors import DataError, OptionError, allowed, finite
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

Scale = Literal["per_capita", "square_root", "oecd_modified", "oecd_old", "power"]
SCALES: tuple[Scale, ...] = ("per_capita", "square_root", "oecd_modified", "oecd_old", "power")
NEEDS: dict[str, tuple[float, float]] = {"oecd_modified": (0.5, 0.3), "oecd_old": (0.7, 0.5)}
"""Weights of a further adult and of a child, the first adult being one."""


@dataclass(frozen=True, eq=False, repr=False)
class Equivalised(Printed):
    """A table with one more column.

    Attributes
    ----------
    table : the caller's table with `column`; a lazy one stays lazy. column : its name.
    scale : which. power : θ of the scale "power"; 1 per head and 0.5 the square root.
    money, size, children : the columns it was made from.
    """

    table: Any
    column: str
    scale: Scale
    power: float
    money: str
    size: str
    children: str | None

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the constants of the scale."""
        if self.scale in NEEDS:
            adult, child = NEEDS[self.scale]
            pairs = {"first adult": 1.0, "further adult": adult, "child": child}
        else:
            pairs = {"power": self.power}
        return tidy_frame([{"measure": "scale", "term": term, "estimate": value} for term, value in pairs.items()])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the scale, in "zh" or "en"."""
        lang = lang or language()
        rows = (
            (say("standards.head_column", lang), self.column),
            (say("standards.head_scale", lang), say(f"standards.scale_{self.scale}", lang, power=f"{self.power:g}")),
        )
        return Summary((Grid(say("standards.scale_title", lang), (), rows, words=2),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say what was divided by what."""
        lang = lang or language()
        told = say(f"standards.scale_{self.scale}", lang, power=f"{self.power:g}")
        return say("standards.scale_explained", lang, column=self.column, money=self.money, size=self.size, scale=told)


def equivalised(
    table: Table,
    money: str,
    *,
    size: str,
    scale: Scale,
    children: str | None = None,
    power: float | None = None,
    column: str = "equivalised",
) -> Equivalised:
    r"""Divide a household's income or consumption by an equivalence scale.

    .. math:: y = x / n^\theta, \qquad y = x / \{1 + a (n - c - 1) + b\, c\}

    with n the members and c the children among them: per_capita has θ = 1, square_root θ = 1/2, power the θ given;
    oecd_modified has a = 0.5, b = 0.3, oecd_old a = 0.7, b = 0.5.

    Parameters
    ----------
    table : any table; not changed.
    money : column of the household's total, not of an amount a head.
    size, children : columns of members and of children (under 14) among them.
    scale : which. power : θ between 0 and 1, of scale "power" alone. column : name of the new column.

    Returns
    -------
    Equivalised
        `.table` with the new column, of the caller's kind.

    Raises
    ------
    OptionError
        Where the scale is unknown, the children or θ it needs are not given, or the column is there already.
    DataError
        Where a household has no member, or as many children as members or more.

    Source
    ------
    Buhmann et al. (1988), Review of Income and Wealth 34; Hagenaars, de Vos and Zaidi (1994), Eurostat; OECD (1982).
    """
    allowed("scale", scale, SCALES)
    theta = _theta(scale, power)
    if (scale in NEEDS) != (children is not None):
        raise OptionError(f"scale={scale!r} needs {'a' if scale in NEEDS else 'no'} column of children")
    needed = [money, size, *([children] if children else [])]
    checked = opened(table, needed)
    frame = open_lazily(table)
    if column in frame.collect_schema().names():
        raise OptionError(f"the table has a column {column!r} already; name another by column=...")
    _refuse(totals(checked, [], _bad(size, children)), size, children)
    members = nw.col(size).cast(nw.Float64)
    if children is None:
        made = frame.with_columns((nw.col(money) / members**theta).alias(column))
    else:
        adult, child = NEEDS[scale]
        young = nw.col(children).cast(nw.Float64)
        made = frame.with_columns(
            (nw.col(money) / (1.0 + adult * (members - young - 1.0) + child * young)).alias(column)
        )
    return Equivalised(made.to_native(), column, scale, theta, money, size, children)


def _theta(scale: Scale, power: float | None) -> float:
    if (scale == "power") != (power is not None):
        raise OptionError("power=... belongs to scale='power', which needs it")
    if power is not None and not (finite(power) and 0 <= power <= 1):
        raise OptionError(f"power={power!r} must be between 0 (one income for all) and 1 (per head)")
    return {"per_capita": 1.0, "square_root": 0.5}.get(scale, float(power or 0.0))


def _bad(size: str, children: str | None) -> dict[str, nw.Expr]:
    found = {"empty": (nw.col(size) < 1).cast(nw.Int64)}
    if children is not None:
        odd = (nw.col(children) < 0) | (nw.col(children) >= nw.col(size))
        found["young"] = odd.cast(nw.Int64)
    return found


def _refuse(counts: pd.DataFrame, size: str, children: str | None) -> None:
    told: Sequence[tuple[str, str]] = (
        ("empty", f"column {size!r} is below one member"),
        ("young", f"column {children!r} is below 0, or leaves no adult among the members"),
    )
    for key, words in told:
        if key in counts and int(counts[key].iloc[0]):
            raise DataError(f"{words} in {int(counts[key].iloc[0])} rows; correct them")
