"""What a recipe is made of, once its words are checked: where a column comes from and what is done to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["", "number", "text", "label"]
FORMS: tuple[Form, ...] = ("", "number", "text", "label")
Size = Literal["registered", "resident"]
SIZES: tuple[Size, ...] = ("registered", "resident")
Role = Literal["household", "village"]
ROLES: tuple[Role, ...] = ("household", "village")
Code = str | int | float
Plain = str | int | float | None

TESTS = ("in", "not_in", "at_least", "at_most", "above", "below", "is_missing")
"""What a row may be kept by."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A column of the caller's, and what is done to its values, in this order.

    Parameters
    ----------
    column, table : whose column it is.
    tidy : full-width letters and digits to half-width, spaces at the ends and invisible signs away.
    form : "number" reads text as numbers, "text" writes numbers as text, "label" puts the value labels in place of
        codes, "" leaves the values.
    unreadable : what becomes of text that is no number.
    missing : {code: labels that the file may have for it; None is no label}; values that count as missing.
    named : the codes among them that the column itself names, not the recipe for all columns.
    missing_labels : labels whose codes count as missing.
    file_missing : whether the codes that the file itself declares missing are.
    recode : {label or code: new value, None for missing}; () for none.
    others : what becomes of values that `recode` does not name.
    reverse : smallest and largest value of the scale that is turned round; () for none.
    times : a factor.
    """

    column: str
    table: Role = "household"
    tidy: bool = False
    form: Form = ""
    unreadable: Literal["refuse", "missing"] = "refuse"
    missing: tuple[tuple[Code, tuple[str | None, ...]], ...] = ()
    named: tuple[Code, ...] = ()
    missing_labels: tuple[str, ...] = ()
    file_missing: bool = False
    recode: tuple[tuple[Code, Plain], ...] = ()
    others: Literal["refuse", "missing", "keep"] = "refuse"
    reverse: tuple[float, ...] = ()
    times: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Logged:
    """How a column was logged: base ("natural" or a number), what was added before, whether it stays a logarithm."""

    base: str | float
    plus: float = 0.0
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class PerHead:
    """What a total is divided by: the recipe's household size, a column of its own, or nothing as it is per head."""

    how: Literal["size", "column", "already"]
    source: Source | None = None
    definition: Size | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """A column to be made.

    Parameters
    ----------
    name : what it is called; `own` where the contract has no such column.
    how : "one" column, a "key" of several, their "sum" or "mean", or a "constant".
    answered : how many of several items must be there; None for all.
    unanswered : in a sum, whether an item that is not there counts as "zero" or as the mean of the others ("prorate").
    logged, unit, per_head : done after the columns are put together, in this order; `unit` is (from, to).
    """

    name: str
    own: bool
    how: Literal["one", "key", "sum", "mean", "constant"]
    sources: tuple[Source, ...] = ()
    constant: Plain = None
    answered: int | None = None
    unanswered: Literal["", "zero", "prorate"] = ""
    logged: Logged | None = None
    unit: tuple[str, str] | None = None
    per_head: PerHead | None = None


@dataclass(frozen=True, kw_only=True)
class HouseholdSize:
    """Who counts in a household.

    Parameters
    ----------
    source : the column with the number of persons.
    definition : whether it counts those registered there (户籍) or those who live there (常住).
    counted : whether the column counts the migrants.
    in_divisor : whether the size does: "yes", "no", or "months", as parts of a year at home.
    migrants : the column with their number; None where none is needed.
    months : the column with the months that all migrants of the household were at home, added up.
    zero : what becomes of a household in which nobody is left.
    """

    source: Source
    definition: Size
    counted: bool
    in_divisor: Literal["yes", "no", "months"]
    migrants: Source | None = None
    months: Source | None = None
    zero: Literal["refuse", "missing"] = "refuse"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Which rows are kept: those where a column of the caller's (`source`) or a made one (`target`) passes a test.

    `unknown` says what becomes of rows where the value is missing; `because` is the reason, for the report.
    """

    source: Source | None
    target: str
    test: str
    value: object
    unknown: Literal["refuse", "drop", "keep"] = "refuse"
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Join:
    """Which columns of the households name a village of the village table, and what becomes of those unmatched."""

    household: tuple[Source, ...]
    village: tuple[Source, ...]
    unmatched_households: Literal["refuse", "keep", "drop"] = "refuse"
    unmatched_villages: Literal["refuse", "drop"] = "drop"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A whole recipe. `sheets` maps a table to a sheet of an .xlsx; "" is the only table."""

    name: str
    contract: str
    note: str
    sheets: Mapping[str, str]
    encoding: str | None
    keep: tuple[Condition, ...]
    join: Join | None
    size: HouseholdSize | None
    targets: tuple[Target, ...]

    def sources(self) -> list[Source]:
        """List every column of the caller's that the recipe reads."""
        found = [source for target in self.targets for source in target.sources]
        found += [t.per_head.source for t in self.targets if t.per_head is not None and t.per_head.source is not None]
        found += [one.source for one in self.keep if one.source is not None]
        if self.join is not None:
            found += [*self.join.household, *self.join.village]
        if self.size is not None:
            found += [one for one in (self.size.source, self.size.migrants, self.size.months) if one is not None]
        return found
