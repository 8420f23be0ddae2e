"""The one checker: every breach of every rule, told at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from os import PathLike
from typing import Any, Protocol

import narwhals as nw

from povstats.contracts.column import Column, Contract, Rule, Violation
from povstats.contracts.find import find_contract
from povstats.contracts.report import CheckReport
from povstats.engine.columns import ROW, missing
from povstats.engine.source import Table, open_table

EXAMPLES = 3


@dataclass(frozen=True)
class _Flag:
    """A rule on a column: the expression is true in the rows that break it."""

    column: str
    rule: Rule
    broken: nw.Expr
    expected: str = ""


class Mapped(Protocol):
    """What a recipe makes: a table, the caller's own columns behind each of its columns, and the rows it came from."""

    @property
    def table(self) -> Table:
        """The made table."""

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """{made column: own columns}."""

    @property
    def rows(self) -> Sequence[int]:
        """Position of each made row in the caller's own table."""


class Maps(Protocol):
    """What turns a caller's own table into one with a contract's columns; `povstats.recipe` makes it."""

    def apply(self, data: Any) -> Mapped:
        """Make the table."""


def check(table: Table, contract: "str | PathLike[str] | Contract", recipe: "Maps | None" = None) -> CheckReport:
    """Check a table against a contract and report every breach.

    Parameters
    ----------
    table : a pandas or polars frame, a pyarrow table, or the path of a .csv or .parquet file; also what
        `povstats.read` or a recipe's `apply` gave. Never changed.
    contract : a Contract, the name of one of povstats' own ("survey"), or a path to a .yaml file.
    recipe : what `povstats.recipe` gave; it is applied first, unless `table` is already what it made. Columns then
        go by the caller's own names, and rows by their positions in the caller's own table.

    Returns
    -------
    CheckReport
        `ok` and `violations`: column, rule, how many rows, up to three examples with their positions (from
        0), and what to do. Columns that the contract does not name are left alone.

    Raises
    ------
    ContractError
        Where the contract itself cannot be found or read.
    EngineError, DataError
        Where the table cannot be opened, or refuses the recipe.
    """
    found = find_contract(contract)
    made = table if recipe is None or _is_mapped(table) else recipe.apply(table)
    # A pandas frame with a column "table" has that attribute too, but is no dataclass.
    frame = open_table(made.table if is_dataclass(made) and hasattr(made, "table") else made)
    violations = [
        *_absent(frame, found),
        *_row_breaches(frame, found),
        *_varying(frame, found),
        *_repeated(frame, found),
    ]
    order = {column.name: place for place, column in enumerate(found.columns)}
    violations.sort(key=lambda violation: order.get(violation.column, -1))
    looked_at = tuple(one.name for one in found.columns if one.required or one.name in frame.columns)
    report = CheckReport(contract=found, rows=len(frame), violations=tuple(violations), columns=looked_at)
    return _in_own_words(report, made) if _is_mapped(made) else report


def _is_mapped(table: Table) -> bool:
    return is_dataclass(table) and hasattr(table, "names") and hasattr(table, "rows")


def _in_own_words(report: CheckReport, made: Mapped) -> CheckReport:
    """Name the rows of the caller's own table, and keep the own names of the columns."""
    own = [replace(broken, rows=tuple(int(made.rows[row]) for row in broken.rows)) for broken in report.violations]
    return replace(report, violations=tuple(own), names=dict(made.names))


def _absent(frame: nw.DataFrame[Any], contract: Contract) -> Iterator[Violation]:
    """Find the columns that are not there, and a table without rows, which would keep any rule on values."""
    for column in contract.columns:
        if column.required and column.name not in frame.columns:
            yield Violation(column=column.name, rule="absent", count=1, expected=column.name)
    if len(frame) == 0:
        yield Violation(column="", rule="empty", count=1)


def _row_breaches(frame: nw.DataFrame[Any], contract: Contract) -> list[Violation]:
    """Count the rows that break a rule in one pass, then look for examples of the broken ones."""
    there = [column for column in contract.columns if column.name in frame.columns]
    flags = [flag for column in there for flag in _flags(column, frame, key=column.name in contract.keys)]
    if not flags or len(frame) == 0:
        return []
    counts = frame.select(flag.broken.sum().alias(str(place)) for place, flag in enumerate(flags)).row(0)
    return [
        _with_examples(frame, flag, int(count))
        for flag, count in zip(flags, counts, strict=True)
        if count is not None and count > 0
    ]


def _flags(column: Column, frame: nw.DataFrame[Any], *, key: bool) -> list[_Flag]:
    """Turn a column's declaration into the rules for the column as it is stored."""
    value, dtype = nw.col(column.name), frame.schema[column.name]
    absent = missing(frame, column.name)
    flags = [] if column.missing else [_Flag(column.name, "missing", absent)]
    if not _fits(dtype, column, key=key):
        return [*flags, _Flag(column.name, "kind", ~absent, column.kind)]
    if column.kind == "text":
        strange = ~absent & ~value.cast(nw.String).is_in(column.levels)
        return [*flags, _Flag(column.name, "level", strange, _listed(column))] if column.levels else flags
    usable = ~absent
    if dtype.is_float():
        usable = ~absent & value.is_finite()
        flags.append(_Flag(column.name, "not_finite", ~absent & ~value.is_finite()))
        if column.kind == "integer":
            flags.append(_Flag(column.name, "not_whole", usable & (value % 1 != 0)))
    if column.low is not None:
        flags.append(_Flag(column.name, "below", usable & (value < column.low), f"{column.low:,.12g}"))
    if column.high is not None:
        flags.append(_Flag(column.name, "above", usable & (value > column.high), f"{column.high:,.12g}"))
    return flags


def _fits(dtype: nw.dtypes.DType, column: Column, *, key: bool) -> bool:
    """Tell whether a column stored as `dtype` can hold values of the declared kind.

    A key may be numbered: a .csv file cannot say that its digits are text.
    """
    if column.kind == "text":
        return isinstance(dtype, nw.String | nw.Categorical | nw.Enum) or (key and dtype.is_integer())
    return dtype.is_integer() or dtype.is_float()


def _listed(column: Column) -> str:
    """List the allowed levels."""
    return ", ".join(repr(level) for level in column.levels)


def _with_examples(frame: nw.DataFrame[Any], flag: _Flag, count: int) -> Violation:
    """Look up the first rows that break a rule."""
    place = f"{flag.column}_row"
    few = frame.select(flag.column).with_row_index(place).filter(flag.broken).head(EXAMPLES)
    return Violation(
        column=flag.column,
        rule=flag.rule,
        count=count,
        rows=tuple(int(row) for row in few[place].to_list()),
        examples=tuple(few[flag.column].to_list()),
        expected=flag.expected,
    )


def _varying(frame: nw.DataFrame[Any], contract: Contract) -> Iterator[Violation]:
    """Find the groups in which a column that should be constant has several values."""
    # Where a column is absent, or its values are a medley of types, the breach of that is told already.
    sound = {
        column.name: missing(frame, column.name)
        for column in contract.columns
        if column.name in frame.columns and _fits(frame.schema[column.name], column, key=column.name in contract.keys)
    }
    for column, group in contract.constant_within.items():
        if not {column, group} <= set(sound):
            continue
        pairs = frame.select(group, column).filter(~sound[group] & ~sound[column]).unique()
        sizes = pairs.group_by(group).agg(nw.len().alias(f"{column}_values"))
        varied = sizes.filter(nw.col(f"{column}_values") > 1).sort(group)
        if len(varied):
            yield Violation(
                column=column,
                rule="not_constant",
                count=len(varied),
                examples=tuple(varied[group].head(EXAMPLES).to_list()),
                expected=group,
            )


def _repeated(frame: nw.DataFrame[Any], contract: Contract) -> Iterator[Violation]:
    """Find the rows that the columns which should tell them apart do not tell apart."""
    key = list(contract.unique)
    if not key or not set(key) <= set(frame.columns) or len(frame) == 0:
        return
    # Missing keys are breaches of their own.
    absent = [missing(frame, column) for column in key]
    whole = frame.select(key).with_row_index(ROW).filter(~nw.any_horizontal(*absent, ignore_nulls=True))
    twice = whole.filter(whole.select(key).is_duplicated())
    if len(twice):
        few = twice.head(EXAMPLES)
        values = [few[column].to_list() for column in key]
        yield Violation(
            column=key[0],
            rule="not_unique",
            count=len(twice),
            rows=tuple(int(row) for row in few[ROW].to_list()),
            examples=tuple(one[0] if len(key) == 1 else one for one in zip(*values, strict=True)),
            expected=", ".join(key),
        )
