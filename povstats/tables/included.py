"""Rows that say whether a model has the controls or the fixed effects: Yes or No in place of their coefficients."""

from collections.abc import Sequence

from povstats.errors import ContractError, DataError
from povstats.tables.estimates import Estimated
from povstats.tables.layout import Asked
from povstats.words import say


def hidden(models: Sequence[Estimated], asked: Asked) -> set[str]:
    """Name the coefficients that are not printed."""
    wanted = [name for names in asked.controls.values() for name in names]
    wanted += [factor for factor in asked.fixed_effects.values()]
    return {term for model in models for term in model.terms if any(is_term(term, name) for name in wanted)}


def included(models: Sequence[Estimated], asked: Asked) -> list[tuple[str, list[str]]]:
    """Make the rows: a label, and Yes or No for each model.

    Raises
    ------
    ContractError
        Where no model has a control or factor.
    DataError
        Where a model has a part of the controls only.
    """
    yes, no = (say(f"journal.{word}", asked.lang) for word in ("yes", "no"))
    rows = []
    for label, names in asked.controls.items():
        if isinstance(names, str):
            raise ContractError(f"controls: {label!r} must be followed by a list of terms, as in [{names!r}]")
        rows.append((label, [yes if _has_all(model, label, names) else no for model in models]))
        _known(models, "controls", label, names)
    for label, factor in asked.fixed_effects.items():
        _known(models, "fixed_effects", label, [factor])
        rows.append((label, [yes if _has(model, factor) else no for model in models]))
    return rows


def _has_all(model: Estimated, label: str, names: Sequence[str]) -> bool:
    """Tell whether a model has the controls; some alone are neither Yes nor No."""
    there = [name for name in names if _has(model, name)]
    missing = [name for name in names if name not in there]
    if there and missing:
        raise DataError(
            f"model ({model.at}) has {', '.join(there)}, but not {', '.join(missing)}: {label!r} would be neither Yes "
            "nor No. Give the two sets labels of their own"
        )
    return bool(there)


def _has(model: Estimated, name: str) -> bool:
    return any(is_term(term, name) for term in model.terms) or _bare(name) in model.absorbed


def is_term(term: str, name: str) -> bool:
    """Tell whether a coefficient is that of a name, or of a level of it: farm[T.yes] is one of farm and of C(farm).

    Of an interaction every part must be: farm[T.yes]:aid is one of farm:aid.
    """
    parts, names = term.split(":"), name.split(":")
    return term == name or (len(parts) == len(names) and all(map(_is_level, parts, names)))


def _is_level(part: str, name: str) -> bool:
    return part == name or ("[" in part and _bare(part.partition("[")[0]) == _bare(name))


def _bare(name: str) -> str:
    """Take C() and backticks off a factor."""
    inner = name[2:-1] if name.startswith("C(") and name.endswith(")") else name
    return inner.strip("`")


def _known(models: Sequence[Estimated], argument: str, label: str, names: Sequence[str]) -> None:
    """Refuse a name that no model has: a spelling mistake would read No everywhere."""
    lost = [name for name in names if not any(_has(model, name) for model in models)]
    if lost or not names:
        terms = dict.fromkeys(term for model in models for term in model.terms)
        raise ContractError(
            f"{argument}: {label!r} names {', '.join(lost) or 'nothing'}, which no model has; the terms are "
            f"{', '.join(terms)}"
        )
