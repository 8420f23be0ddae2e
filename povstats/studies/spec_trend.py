"""The part of a specification that asks for a trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from povstats.errors import OptionError
from povstats.studies.spec_parts import Said, choice, optional, text, texts, words

CHARTS = ("lines", "slope", "dumbbell", "stacked", "multiples")
MEASURES = ("share", "count", "amount")
TREND_KEYS = ("time", "value", "numerator", "denominator", "by", "breaks", "measure", "charts", "unit")


@dataclass(frozen=True)
class TrendSpec:
    """What is followed over time, as in povstats.trend, and which charts are drawn.

    Attributes
    ----------
    time, value, numerator, denominator, by, breaks, measure : as in povstats.trend.
    charts : kinds of `Trend.plot`. unit : of the values, in both languages; None leaves it to the trend.
    """

    time: str
    value: str | None
    numerator: str | None
    denominator: str | None
    by: str | None
    breaks: tuple[str, ...]
    measure: Any
    charts: tuple[Any, ...]
    unit: Said | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        named = (self.time, self.value, self.numerator, self.denominator, self.by)
        return (*(one for one in named if one), *self.breaks)


def trend_spec(fields: Mapping[str, Any]) -> TrendSpec:
    """Read the trend.

    Raises
    ------
    OptionError
        Where there is no time or nothing to follow, or a part is not as it must be.
    """
    if not (fields.get("value") or fields.get("numerator")):
        raise OptionError("a trend needs value, or numerator (with denominator, for a share)")
    charts = texts(fields.get("charts", ["lines"]), "charts")
    for one in charts:
        choice(one, CHARTS, "charts")
    measure = fields.get("measure")
    return TrendSpec(
        time=text(fields.get("time"), "time"),
        value=optional(fields.get("value"), "value"),
        numerator=optional(fields.get("numerator"), "numerator"),
        denominator=optional(fields.get("denominator"), "denominator"),
        by=optional(fields.get("by"), "by"),
        breaks=texts(fields.get("breaks"), "breaks"),
        measure=None if measure is None else choice(measure, MEASURES, "measure"),
        charts=tuple(dict.fromkeys(charts)),
        unit=words(fields.get("unit"), "unit"),
    )
