"""From a recipe's tree to its sources: a column of the caller's with what is done to its values."""

from collections.abc import Mapping
from typing import Any, Literal

from povstats.errors import ContractError
from povstats.reading.recipe_parts import FORMS, ROLES, Code, Plain, Source
from povstats.reading.recipe_strict import Tree, choice, fields, flag, listed, needed, number, words

SHARED = (
    "table",
    "tidy",
    "as",
    "unreadable",
    "missing",
    "file_missing",
    "recode",
    "order",
    "others",
    "reverse",
    "times",
)
"""What a source may say, and a column for all its sources."""

SOURCE = ("from", *SHARED)


def made_source(entry: object, where: str, shared: Mapping[str, Any], missing: Tree, file_missing: bool) -> Source:
    """Make a source.

    Parameters
    ----------
    entry : a column's name, or a mapping with `from`.
    shared : what the column says for all its sources; the source's own words win.
    missing, file_missing : what the recipe says for all columns.
    """
    own = fields(entry, SOURCE, where) if isinstance(entry, dict) else {"from": words(entry, where)}
    column = words(needed(own, "from", where, "the name of your column"), f"{where}: from")
    said = {**shared, **own}
    where = f"{where}, {column!r}" if not where.endswith(repr(column)) else where
    codes, labels = _missing(said.get("missing", {}), missing, where)
    rest = said.get("others", "refuse")
    others: Literal["refuse", "missing", "keep"] = choice(rest, ("refuse", "missing", "keep"), f"{where}: others")
    recode = _recode(said, where)
    if "others" in said and not recode:
        raise ContractError(f"{where}: others says what becomes of values that recode does not name; give recode")
    form = choice(said.get("as", ""), FORMS, f"{where}: as")
    if form == "label" and recode:
        raise ContractError(f"{where}: as: label and recode exclude each other; recode by label does both")
    text = said.get("unreadable", "refuse")
    unreadable: Literal["refuse", "missing"] = choice(text, ("refuse", "missing"), f"{where}: unreadable")
    if "unreadable" in said and form != "number":
        raise ContractError(f"{where}: unreadable goes with as: number")
    return Source(
        column=column,
        table=choice(said.get("table", "household"), ROLES, f"{where}: table"),
        tidy=flag(said.get("tidy", False), f"{where}: tidy"),
        form=form,
        unreadable=unreadable,
        missing=codes,
        named=tuple(said["missing"]) if isinstance(said.get("missing"), dict) else (),
        missing_labels=labels,
        file_missing=flag(said.get("file_missing", file_missing), f"{where}: file_missing"),
        recode=recode,
        others=others,
        reverse=_ends(said["reverse"], where) if "reverse" in said else (),
        times=number(said.get("times", 1.0), f"{where}: times"),
    )


def missing_codes(tree: object, where: str) -> Tree:
    """Check the codes that count as missing, each with the label expected."""
    if not isinstance(tree, dict):
        raise ContractError(
            f"{where}: missing must map each code to the label it has, such as {{99: 不知道}}, with null where it has "
            f"none; got {tree!r}"
        )
    for code, labels in tree.items():
        if isinstance(code, bool):
            raise ContractError(f"{where}: missing code {code!r} is a truth value; put yes and no in quotes")
        for label in listed(labels, f"{where}: missing: {code}"):
            if label is not None and not isinstance(label, str):
                raise ContractError(f"{where}: missing: the label of {code!r} must be text or null, got {label!r}")
    return tree


def _missing(own: object, everywhere: Tree, where: str) -> tuple[Any, tuple[str, ...]]:
    """Join a column's missing codes to the recipe's; "none" is none at all, a list names labels."""
    if own == "none":
        return (), ()
    if isinstance(own, list):
        odd = [label for label in own if not isinstance(label, str)]
        if odd:
            raise ContractError(
                f"{where}: missing: a list holds labels; {odd} are codes, which need the label expected: "
                f"{{{odd[0]}: 不知道}}, with null where it has none"
            )
        labels, codes = tuple(own), everywhere
    else:
        labels, codes = (), {**everywhere, **missing_codes(own, where)}
    return tuple((code, tuple(listed(label, where))) for code, label in codes.items()), labels


def _recode(said: Mapping[str, Any], where: str) -> tuple[tuple[Code, Plain], ...]:
    """Read new values by label or code; `order` numbers labels or codes from 1."""
    if "recode" in said and "order" in said:
        raise ContractError(f"{where}: recode and order exclude each other")
    if "order" in said:
        steps = said["order"]
        if not isinstance(steps, list) or len(steps) < 2 or len(set(map(str, steps))) < len(steps):
            raise ContractError(f"{where}: order must be a list of two or more labels or codes, from 1 upwards")
        pairs = [(step, place) for place, step in enumerate(steps, start=1)]
    elif "recode" in said:
        if not isinstance(said["recode"], dict) or not said["recode"]:
            raise ContractError(f"{where}: recode must map labels or codes to values; got {said['recode']!r}")
        pairs = list(said["recode"].items())
    else:
        return ()
    for key, value in pairs:
        if isinstance(key, bool) or not isinstance(key, str | int | float):
            raise ContractError(f"{where}: recode: {key!r} is no label or code; put yes and no in quotes")
        if isinstance(value, bool) or not (value is None or isinstance(value, str | int | float)):
            raise ContractError(f"{where}: recode: {key!r} must become text, a number or null, got {value!r}")
    return tuple(pairs)


def _ends(value: object, where: str) -> tuple[float, float]:
    """Read the two ends of a scale."""
    if not isinstance(value, list) or len(value) != 2:
        raise ContractError(f"{where}: reverse must be the two ends of the scale, such as [1, 5]; got {value!r}")
    low, high = (number(end, f"{where}: reverse") for end in value)
    if low >= high:
        raise ContractError(f"{where}: reverse: the first end must be the smaller; got {value!r}")
    return low, high
