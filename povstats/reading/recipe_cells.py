"""What is done to the values of one source, in a fixed order, each step counted.

The order: tidy → number → missing → label or recode → reverse → times. All work on the distinct values.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Unpack
from unicodedata import normalize

import pandas as pd

from povstats.errors import DataError
from povstats.reading.recipe_codes import absent_labels, missing_steps, recoded
from povstats.reading.recipe_levels import Levels, Value, as_text, by_value, levels_of, shown
from povstats.reading.recipe_open import Opened
from povstats.reading.recipe_parts import Source
from povstats.reading.recipe_report import Step, Told
from povstats.reading.recipe_strict import visible

WRITTEN = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?|[+-]?\.\d+")
Made = tuple[Levels, list[Step]]


def cells(source: Source, opened: Opened, column: str, *, numeric: bool) -> tuple[pd.Series, list[Step]]:
    """Take a source's column and do what the source says.

    Parameters
    ----------
    column : the made column, for the report.
    numeric : whether numbers are needed.

    Raises
    ------
    DataError
        Where a label differs from the expected one, a value is covered by no rule, or text stands where a number is
        needed.
    """
    levels = levels_of(opened.frame[source.column])
    steps: list[Step] = []

    def note(kind: str, **said: Unpack[Told]) -> None:
        steps.append(Step(kind=kind, column=column, source=source.column, rows=len(levels.place), **said))

    if source.tidy:
        levels = _mapped(levels, _tidied, lambda n, ex: note("tidy", changed=n, examples=ex))
    gone, told = missing_steps(source, opened, levels, column)
    if source.form == "number":
        levels = _numbers(source, opened, levels, gone, note)
        # A full-width ９９ is a code only now.
        gone, told = missing_steps(source, opened, levels, column)
    steps += told
    levels = replace(levels, seen=[None if out else v for v, out in zip(levels.seen, gone, strict=True)])
    if source.form == "label":
        levels = _labels(source, opened, levels, note)
    elif source.recode:
        levels, step = recoded(source, opened, levels, column)
        steps.append(step)
    if source.form == "text":
        levels = _mapped(levels, as_text, lambda n, ex: note("text", changed=n, examples=ex))
    if numeric or source.reverse or source.times != 1.0:
        _require_numbers(source, opened, levels)
    if source.reverse:
        levels = _reversed(source, opened, levels, note)
    if source.times != 1.0:
        by = {"factor": f"{source.times:g}"}
        levels = _mapped(levels, lambda v: float(v) * source.times, lambda n, ex: note("times", changed=n, facts=by))
    return levels.series(), steps


def _mapped(levels: Levels, change: Callable[[Value], Value], tell: Callable[[int, tuple[str, ...]], None]) -> Levels:
    """Change every value, and tell how many rows changed, with examples."""
    made = [None if value is None else change(value) for value in levels.seen]
    moved = [type(a) is not type(b) or a != b for a, b in zip(levels.seen, made, strict=True)]
    tell(levels.count(moved), examples(levels.seen, made, moved))
    return replace(levels, seen=made)


def examples(before: Iterable[object], after: Iterable[object], met: Iterable[bool]) -> tuple[str, ...]:
    """Show the first changes."""
    pairs = [f"{_show(a)} → {_show(b)}" for a, b, moved in zip(before, after, met, strict=True) if moved]
    return tuple(pairs[:3])


def _show(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)


def _tidied(value: Value) -> Value:
    return visible(normalize("NFKC", value)).strip() if isinstance(value, str) else value


def _numbers(source: Source, opened: Opened, levels: Levels, gone: list[bool], note: Callable[..., None]) -> Levels:
    """Read text as numbers; what cannot be read is refused, or becomes missing where the recipe says so."""
    made = [v if out or not isinstance(v, str) else _read(v) for v, out in zip(levels.seen, gone, strict=True)]
    blank = [isinstance(v, str) and not v.strip() and not out for v, out in zip(levels.seen, gone, strict=True)]
    lost = [isinstance(v, str) and m is None and not b for v, m, b in zip(levels.seen, made, blank, strict=True)]
    if any(lost) and source.unreadable == "refuse":
        told = [f"{v!r} ({n} rows)" for v, n, bad in zip(levels.seen, levels.counts, lost, strict=True) if bad]
        raise DataError(
            f"{opened.where(source.column)}: {levels.count(lost)} cells are no numbers: {'; '.join(told[:10])}"
            f"{' …' if len(told) > 10 else ''} (rows from 0: {opened.positions(levels.first_rows(lost))}); name the "
            "codes under missing, or say unreadable: missing"
        )
    moved = [isinstance(v, str) and isinstance(m, int | float) for v, m in zip(levels.seen, made, strict=True)]
    odd = examples(
        levels.seen, made, (str(v) != str(m) and x for v, m, x in zip(levels.seen, made, moved, strict=True))
    )
    note("number", changed=levels.count(moved), examples=odd or examples(levels.seen, made, moved))
    for kind, met in (("blank", blank), ("unreadable", lost)):
        if any(met):
            texts = tuple(repr(v) for v, bad in zip(levels.seen, met, strict=True) if bad)
            note(kind, missing=levels.count(met), examples=texts[:10])
    return replace(levels, seen=made)


def _read(text: str) -> Value | None:
    """Read a number as people write it: 1,200, １２００, −3; None where it is none."""
    plain = normalize("NFKC", text).replace("−", "-").strip()
    if not WRITTEN.fullmatch(plain):
        return None
    plain = plain.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _labels(source: Source, opened: Opened, levels: Levels, note: Callable[..., None]) -> Levels:
    """Put the labels of the file in place of codes."""
    known = by_value(opened.values.get(source.column, {}))
    bare = [value is not None and value not in known for value in levels.seen]
    if any(bare):
        values = [value for value, out in zip(levels.seen, bare, strict=True) if out]
        raise DataError(
            f"{opened.where(source.column)}: {levels.count(bare)} cells have no label in the file: {shown(values)} "
            f"(rows from 0: {opened.positions(levels.first_rows(bare))}); name them under missing, or recode them"
        )
    return _mapped(levels, lambda value: known[value], lambda n, ex: note("label", changed=n, examples=ex))


def _require_numbers(source: Source, opened: Opened, levels: Levels) -> None:
    """Refuse text, infinite values, and codes labelled as no answer, where numbers are needed."""
    texts = [isinstance(value, str) for value in levels.seen]
    if any(texts):
        values = [value for value, out in zip(levels.seen, texts, strict=True) if out]
        raise DataError(
            f"{opened.where(source.column)} holds text in {levels.count(texts)} rows, such as {shown(values)}; say as: "
            "number where it is a number, or recode where it is an answer"
        )
    infinite = [isinstance(value, float) and math.isinf(value) for value in levels.seen]
    if any(infinite):
        raise DataError(
            f"{opened.where(source.column)} is infinite in {levels.count(infinite)} rows; name it under missing"
        )
    if not source.recode:
        absent_labels(source, opened, levels)


def _reversed(source: Source, opened: Opened, levels: Levels, note: Callable[..., None]) -> Levels:
    """Turn a scale round, once all values are on it."""
    low, high = source.reverse
    off = [isinstance(value, int | float) and not low <= value <= high for value in levels.seen]
    if any(off):
        values = [value for value, out in zip(levels.seen, off, strict=True) if out]
        raise DataError(
            f"{opened.where(source.column)}: reverse: [{low:g}, {high:g}] is not the scale: {levels.count(off)} values "
            f"are off it: {shown(values)} (rows from 0: {opened.positions(levels.first_rows(off))}); name missing "
            "codes under missing, or correct the ends"
        )
    total = low + high
    facts = {"low": f"{low:g}", "high": f"{high:g}", "total": f"{total:g}"}
    return _mapped(
        levels,
        lambda v: total - v if isinstance(v, int | float) else v,
        lambda n, ex: note("reverse", changed=n, examples=ex, facts=facts),
    )
