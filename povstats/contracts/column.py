"""What a contract is made of: columns with their rules, and the breaches that a check finds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from povstats.errors import ContractError, allowed
from povstats.words import known, say

Kind = Literal["number", "integer", "text"]
KINDS: tuple[Kind, ...] = ("number", "integer", "text")

Rule = Literal[
    "absent",
    "empty",
    "kind",
    "missing",
    "not_finite",
    "not_whole",
    "below",
    "above",
    "level",
    "not_constant",
    "not_unique",
]


def worded(words: str, lang: str) -> str:
    """Give a label in `lang` where `words` is a key of words.toml, else the words as they are."""
    return say(words, lang) if known(words) else words


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column and what its values must be.

    Parameters
    ----------
    name : the column's name in the table.
    kind : "number", "integer" (whole numbers, however stored) or "text" (strings or categories).
    unit : unit of the values: a key of words.toml, or plain words.
    low, high : smallest and largest allowed value, in `unit`, both allowed themselves.
    levels : the allowed values of a text column; empty where any text will do.
    level_labels : what a reader calls the levels, in their order: keys of words.toml, or plain words; () for as they
        are. Sheets for entry offer these, and their recipe turns them into the levels.
    missing : whether values may be missing.
    required : whether the column must be there; one that need not be is checked where it is.
    label : what a reader calls the column: a key of words.toml, or plain words.
    source : where the values come from.

    Raises
    ------
    ContractError
        Where the declaration contradicts itself.
    """

    name: str
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    level_labels: tuple[str, ...] = ()
    missing: bool = False
    required: bool = True
    label: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ContractError(f"a column's name must be text, got {self.name!r}")
        allowed(f"kind of column {self.name!r}", self.kind, KINDS)
        self._check_texts()
        self._check_range()
        self._check_levels()

    def _check_texts(self) -> None:
        for word in ("unit", "label", "source"):
            if not isinstance(getattr(self, word), str):
                raise ContractError(f"column {self.name!r}: {word} must be text, got {getattr(self, word)!r}")
        for word in ("missing", "required"):
            if not isinstance(getattr(self, word), bool):
                raise ContractError(f"column {self.name!r}: {word} must be true or false, got {getattr(self, word)!r}")

    def _check_range(self) -> None:
        for end in (self.low, self.high):
            if end is None:
                continue
            if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
                raise ContractError(f"column {self.name!r}: low and high must be finite numbers, got {end!r}")
            if self.kind == "text":
                raise ContractError(f"column {self.name!r}: text has no low or high; give levels instead")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ContractError(f"column {self.name!r}: low {self.low} is above high {self.high}")

    def _check_levels(self) -> None:
        if self.levels and self.kind != "text":
            raise ContractError(f"column {self.name!r}: only text has levels; give low and high instead")
        odd = [level for level in self.levels if not isinstance(level, str)]
        if odd:
            raise ContractError(
                f"column {self.name!r}: levels must be text, got {odd}; in YAML put yes and no in quotes"
            )

        if self.level_labels and len(self.level_labels) != len(self.levels):
            raise ContractError(
                f"column {self.name!r} has {len(self.levels)} levels and {len(self.level_labels)} level_labels"
            )

    def level_words(self, lang: str) -> dict[str, str]:
        """Give what a reader calls each level."""
        labels = self.level_labels or self.levels
        return {level: worded(label, lang) for level, label in zip(self.levels, labels, strict=True)}

    def title(self, lang: str) -> str:
        """Give the column's label with its unit, such as "Schooling of the head (years)"."""
        label = worded(self.label, lang) if self.label else self.name
        if not self.unit:
            return label
        return say("contracts.with_unit", lang, label=label, unit=worded(self.unit, lang))


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a table must be: its columns, and which of them may not vary inside a group.

    Parameters
    ----------
    name : the contract's name.
    columns : the columns, those that must be there and those that may (`Column.required`); a table may have more.
    constant_within : {column: group column}; the column has one value in each group, as a village's
        characteristics have for its households.
    unique : the columns that together tell every row apart, such as household, or place and year; () for none.

    Raises
    ------
    ContractError
        Where a column is declared twice, or `constant_within` or `unique` names one that is not declared.
    """

    name: str
    columns: tuple[Column, ...]
    constant_within: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if not names:
            raise ContractError(f"contract {self.name!r} declares no column")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ContractError(f"contract {self.name!r} declares {twice} more than once")
        unknown = sorted({*self.constant_within, *self.constant_within.values()} - set(names))
        if unknown:
            raise ContractError(f"contract {self.name!r}: constant_within names undeclared columns {unknown}")
        unknown = sorted(set(self.unique) - set(names))
        if unknown:
            raise ContractError(f"contract {self.name!r}: unique names undeclared columns {unknown}")

    @property
    def keys(self) -> frozenset[str]:
        """The columns of free text that tell rows or groups apart."""
        free = {column.name for column in self.columns if column.kind == "text" and not column.levels}
        return frozenset(free & {*self.unique, *self.constant_within, *self.constant_within.values()})

    def titles(self, lang: str) -> dict[str, str]:
        """Give {column name: label with unit} in `lang`, for tables and charts."""
        return {column.name: column.title(lang) for column in self.columns}


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One rule that a column breaks.

    `count` counts rows, except for "absent" and "empty" (1: the column, the table) and "not_constant"
    (groups). `rows` are up to three positions counted from 0, as in `table.iloc`; `examples` the values
    there, or for "not_constant" the groups. `expected` is what the contract asks. The column of
    "not_unique" is the first of the contract's `unique`, its rows all those whose values occur more than once.
    """

    column: str
    rule: Rule
    count: int
    rows: tuple[int, ...] = ()
    examples: tuple[object, ...] = ()
    expected: str = ""

    def describe(self, lang: str) -> str:
        """Say what is broken."""
        expected = say(f"contracts.kind_{self.expected}", lang) if self.rule == "kind" else self.expected
        return say(f"contracts.rule_{self.rule}", lang, expected=expected)

    def remedy(self, lang: str) -> str:
        """Say what to do about it."""
        return say(f"contracts.remedy_{self.rule}", lang, expected=self.expected)
