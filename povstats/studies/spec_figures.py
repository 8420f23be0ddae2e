"""The part of a specification that asks for figures of a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from povstats.errors import OptionError
from povstats.studies.spec_parts import Said, choice, entries, mapping, optional, text, texts, words

FIGURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "caterpillar": (("effect", "group"), ()),
    "slopes": (("term", "at"), ("term",)),
    "johnson_neyman": (("term", "moderator", "control"), ("term", "moderator")),
    "influence": (("level", "term"), ()),
    "residuals": ((), ()),
}
"""By kind: the keys that it knows, and those that it needs."""
SIZES_MM = (84.0, 174.0)
"""One column of a journal, and two."""
FORMATS = ("pdf", "png")
ALL_FORMATS = ("pdf", "png", "tiff", "svg", "eps")


@dataclass(frozen=True)
class FigureSpec:
    """One figure.

    Attributes
    ----------
    kind : one of FIGURES. model : which of the formulas, from 1. options : the kind's own keys.
    title : in both languages; None takes the house's.
    """

    kind: str
    model: int
    options: Mapping[str, Any]
    title: Said | None


def figure_specs(value: object, models: int) -> tuple[FigureSpec, ...]:
    """Read the figures; where no model is named, the last formula's is drawn.

    Raises
    ------
    OptionError
        Where a kind is unknown, lacks what it needs, or draws a model that there is not.
    """
    made = []
    for at, entry in enumerate(entries(value, "figures"), 1):
        where = f"figures[{at}]"
        tree = {"kind": entry} if isinstance(entry, str) else entry
        if not isinstance(tree, Mapping):
            raise OptionError(f"{where} must be a mapping with a kind, got {entry!r}")
        kind = choice(tree.get("kind"), tuple(FIGURES), f"{where}.kind")
        known, needed = FIGURES[kind]
        fields = mapping(tree, ("kind", "model", "title", *known), f"{where} ({kind})", needed)
        number = fields.get("model", models)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= models:
            raise OptionError(f"{where}.model={number!r} must be a number from 1 to {models}, one of the formulas")
        options = {key: _option(key, fields[key], where) for key in known if key in fields}
        made.append(FigureSpec(kind, number, options, words(fields.get("title"), f"{where}.title")))
    return tuple(made)


def sizes(value: object) -> tuple[float, ...]:
    """Read the widths in millimetres."""
    if value is None:
        return SIZES_MM
    listed = entries(value, "sizes_mm")
    odd = [one for one in listed if isinstance(one, bool) or not isinstance(one, int | float) or not 60 <= one <= 400]
    if odd or not listed:
        raise OptionError(f"sizes_mm must be widths from 60 to 400, got {value!r}")
    return tuple(dict.fromkeys(float(one) for one in listed))


def formats(value: object) -> tuple[str, ...]:
    """Read the formats of figures."""
    if value is None:
        return FORMATS
    listed = texts(value, "formats")
    for one in listed:
        choice(one, ALL_FORMATS, "formats")
    if not listed:
        raise OptionError(f"formats must name at least one of {', '.join(ALL_FORMATS)}")
    return tuple(dict.fromkeys(listed))


def _option(key: str, value: object, where: str) -> Any:
    if key == "control":
        return choice(value, ("pointwise", "fdr"), f"{where}.control")
    if key != "at":
        return optional(value, f"{where}.{key}")
    if not isinstance(value, Mapping) or not value:
        raise OptionError(f"{where}.at must map moderators to values, such as {{aid_funds: [100, 300]}}; got {value!r}")
    return {text(name, f"{where}.at"): list(part) if isinstance(part, tuple) else part for name, part in value.items()}
