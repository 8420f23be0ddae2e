"""A trend as a chart: which rows each kind shows, and the words around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.errors import OptionError
from povstats.poverty.trends.printed import moment_words, unit_words
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.poverty.trends.result import Kind, Trend
    from povstats.viz import Figure


@dataclass(frozen=True, slots=True)
class Words:
    """A reader's words for a chart: language, title, unit and source instead of ours, groups' labels, caveats."""

    lang: Lang
    title: str | None
    unit: str | None
    source: str | None
    labels: Mapping[str, str]
    notes: tuple[str, ...]


def drawn(trend: "Trend", kind: "Kind", words: Words) -> "Figure":
    """Draw a trend as one kind of chart."""
    from povstats.viz import charts

    _refuse_misfit(trend, kind)
    lang = words.lang
    said: dict[str, Any] = {
        "lang": lang,
        "title": words.title or say("trend.title", lang, name=trend.asked.name),
        "unit": unit_words(trend, lang) if words.unit is None else words.unit,
        "source": words.source or say("trend.own_source", lang, n=f"{len(trend.table):,}"),
        "labels": dict(words.labels),
        "notes": words.notes + (_breaks(trend, lang) if kind == "stacked" else ()),
    }
    frame = trend.table.assign(label=[moment_words(label, lang) for label in trend.table["label"]])
    share = trend.measure == "share"
    if kind in ("lines", "multiples"):
        points = frame[["group", "time", "label", "value", "segment", "basis"]]
        chart = charts.lines if kind == "lines" else charts.multiples
        return chart(points, **said, percent=share)
    if kind == "stacked":
        parts = frame.rename(columns={"group": "part"})[["time", "label", "part", "value"]]
        return charts.stacked(parts, **said)
    ends = _ends(frame)
    if kind == "slope":
        return charts.slope(ends[["group", "time", "label", "value"]], **said, percent=share)
    return charts.dumbbell(ends[["group", "label", "value", "end"]], **said, percent=share)


def _refuse_misfit(trend: "Trend", kind: "Kind") -> None:
    """Refuse a kind of chart that would mislead about this series."""
    if kind == "stacked" and trend.measure != "count":
        raise OptionError(f"kind='stacked' adds parts up, which a {trend.measure} does not allow; use kind='lines'")
    if kind in ("slope", "dumbbell"):
        broken = trend.table.loc[trend.table["changed"] != "", ["group", "label", "changed"]]
        if len(broken):
            group, label, changed = broken.iloc[0]
            raise OptionError(
                f"kind={kind!r} joins the first value to the last, and the definition changes in between"
                f"{f' in {group!r}' if group else ''} ({label}: {changed}); use kind='lines', which draws "
                "the break, or hand over the rows of one segment"
            )
        sizes = trend.table.groupby("group", sort=False).size()
        if (sizes < 2).any():
            raise OptionError(
                f"kind={kind!r} needs two times a group; one only in {sizes.index[sizes < 2].tolist()[:5]}; leave "
                "these out or use kind='lines'"
            )


def _ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the first and the last row of each group."""
    groups = frame.groupby("group", sort=False)
    pairs = [pd.concat([part.iloc[[0]].assign(end="first"), part.iloc[[-1]].assign(end="last")]) for _, part in groups]
    return pd.concat(pairs, ignore_index=True)


def _breaks(trend: "Trend", lang: Lang) -> tuple[str, ...]:
    """Say each break once, for charts that have no line to interrupt."""
    broken = trend.table[trend.table["changed"] != ""]
    cells = zip(broken["label"], broken["changed"], strict=True)
    told = dict.fromkeys((moment_words(label, lang), changed) for label, changed in cells)
    return tuple(say("trend.break", lang, when=when, changed=changed) for when, changed in told)
