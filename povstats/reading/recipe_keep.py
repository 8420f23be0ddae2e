"""Which rows stay: conditions on the caller's own columns, and on made ones."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.errors import DataError
from povstats.reading.recipe_cells import cells
from povstats.reading.recipe_levels import Value, as_text, by_value, levels_of, matching
from povstats.reading.recipe_open import Opened, Tables
from povstats.reading.recipe_parts import Condition, Parts
from povstats.reading.recipe_report import Phrase, Step
from povstats.reading.recipe_strict import folded, hint


def keep_own(tables: Tables, parts: Parts) -> tuple[Tables, list[Step]]:
    """Apply the conditions on the caller's own columns, in order."""
    steps: list[Step] = []
    made = dict(tables)
    for condition in parts.keep:
        if condition.source is None:
            continue
        opened = made[condition.source.table]
        numeric = condition.test in ("at_least", "at_most", "above", "below")
        values, told = cells(condition.source, opened, "", numeric=numeric)
        kept, step = _kept(condition, values, condition.source.column, opened)
        steps += [*(one for one in told if one.missing or one.changed), step]
        made[condition.source.table] = opened.kept(kept)
    return made, steps


def keep_made(frame: pd.DataFrame, opened: Opened, parts: Parts) -> tuple[NDArray[np.bool_], list[Step]]:
    """Apply the conditions on made columns; answer which rows stay."""
    stays = np.ones(len(frame), bool)
    steps = []
    for condition in parts.keep:
        if condition.target:
            seen = frame.loc[stays, condition.target].reset_index(drop=True)
            kept, step = _kept(condition, seen, condition.target, opened.kept(stays))
            stays[np.flatnonzero(stays)[~kept]] = False
            steps.append(step)
    return stays, steps


def _kept(condition: Condition, values: pd.Series, name: str, opened: Opened) -> tuple[NDArray[np.bool_], Step]:
    """Tell which rows pass one condition."""
    gone = values.isna().to_numpy(dtype=bool)
    idle: list[str] = []
    if condition.test == "is_missing":
        kept = gone if condition.value else ~gone
    else:
        if gone.any() and condition.unknown == "refuse":
            raise DataError(
                f"keep: {opened.where(name)} is missing in {int(gone.sum())} rows (from 0: "
                f"{opened.positions(np.flatnonzero(gone))}), so that nobody knows whether they pass; say "
                "when_missing: drop or keep"
            )
        kept, idle = _passed(condition, values, name, opened)
        kept = np.where(gone, condition.unknown == "keep", kept)
    if not kept.any():
        raise DataError(f"keep: no row is left once {opened.where(name)} is asked for; check the condition")
    test = f"recipe.test_{condition.test}" + ("" if condition.test != "is_missing" or condition.value else "_not")
    facts = {
        "name": name,
        "test": Phrase(test, {"value": _value(condition.value)}),
        "kept": f"{int(kept.sum()):,}",
        "unknown": f"{int(gone.sum()):,}",
        "because": Phrase("recipe.because", {"words": condition.because}) if condition.because else "",
        "idle": Phrase("recipe.idle", {"values": tuple(idle)}) if idle else "",
    }
    return kept, Step(kind="keep", source=name, rows=len(values), dropped=int((~kept).sum()), facts=facts)


def _value(value: object) -> object:
    if isinstance(value, bool):
        return ""
    return (
        tuple(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _passed(condition: Condition, values: pd.Series, name: str, opened: Opened) -> tuple[NDArray[np.bool_], list[str]]:
    """Test the values that are there; name what a list has and the column has not."""
    if condition.test in ("in", "not_in"):
        inside, idle = _inside(condition, values, name, opened)
        return (inside if condition.test == "in" else ~inside), idle
    if values.dtype == object:
        raise DataError(
            f"keep: {opened.where(name)} is text, and {condition.test} needs a number; say in: or as: number"
        )
    numbers = values.to_numpy(dtype=float)
    limit = float(condition.value)  # type: ignore[arg-type]
    tests = {
        "at_least": numbers >= limit,
        "at_most": numbers <= limit,
        "above": numbers > limit,
        "below": numbers < limit,
    }
    return np.asarray(tests[condition.test], bool), []


def _inside(condition: Condition, values: pd.Series, name: str, opened: Opened) -> tuple[NDArray[np.bool_], list[str]]:
    """Tell which values are on a list of labels or codes.

    A word that is no label of a labelled column, or differs from a value in spaces and the like only, is refused; one
    that merely does not occur is told.
    """
    source = condition.source
    # Recoded values and labels put in place of codes are no codes of the file any more.
    coded = source is not None and not source.recode and source.form != "label"
    labels = by_value(opened.values.get(name, {})) if coded else {}
    levels = levels_of(values)
    words = [*map(str, levels.seen), *dict.fromkeys(labels.values())]
    wanted: set[Value] = set()
    idle = []
    for one in condition.value:  # type: ignore[attr-defined]
        by_label = {value for value, label in labels.items() if label == one}
        found = by_label or set(matching(one))
        if not by_label and not any(value in levels.seen or value in labels for value in found):
            alike = [word for word in words if folded(word) == folded(as_text(one))]
            if alike or (labels and isinstance(one, str)):
                raise DataError(f"keep: {opened.where(name)} has no value or label {one!r}{hint(one, words)}")
            idle.append(as_text(one))
        wanted |= found
    met = np.array([*(value in wanted for value in levels.seen), False], bool)
    return met[levels.place], idle
