"""The part of a specification that asks for a study of social capital."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from povstats.errors import OptionError
from povstats.guizhou import Plan
from povstats.studies.spec_parts import Said, entries, optional, text, texts

LISTS = ("items", "household", "village", "splits")
NAMES = ("outcome", "group", "moderator")
OPTIONAL = ("county", "funds", "poor")
"""Columns that a study may be without: null says so, where leaving the key out takes the contract's column."""
SOCIAL_KEYS = ("outcome", *LISTS, "group", "county", "moderator", "at", "funds", "poor", "line")


def social_plan(tree: Mapping[str, Any], data: Literal["real", "synthetic"], source: Said | None) -> Plan:
    """Read which column plays which part.

    Parameters
    ----------
    tree : the specification, with its nulls.

    Raises
    ------
    OptionError
        Where a part is not as it must be, or two contradict each other.
    """
    made: dict[str, Any] = {}
    for key in LISTS:
        if tree.get(key) is not None:
            made[key] = texts(tree[key], key)
    for key in NAMES:
        if tree.get(key) is not None:
            made[key] = text(tree[key], key)
    for key in OPTIONAL:
        if key in tree:
            made[key] = optional(tree[key], key)
    if tree.get("line") is not None:
        made["line"] = _money(tree["line"], "line", above=0.0)
    made["at"] = tuple(_money(one, f"at[{at}]") for at, one in enumerate(entries(tree.get("at"), "at"), 1))
    return Plan(**made, data=data, source=source)


def _money(value: object, where: str, above: float = -math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= above:
        raise OptionError(f"{where}={value!r} must be a number{' above 0' if above == 0 else ''}")
    return float(value)
