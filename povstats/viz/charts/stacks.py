"""Counts over time as bars, by parts."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch
from matplotlib.text import Annotation

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import apart, beside, upright_scale
from povstats.viz.scale import CLOSE_YEARS, TICK_AIR_MM, on_axis, printed, ticks
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import GREY, INK, SMALL_POINTS, TEXT_POINTS, Look, luminance
from povstats.words import say

PARTS = 4
NAME_SHARE = 0.24
BAR = 0.72
PLOT_MM = 64.0
INSIDE_MM = 3.4
DARK = 0.45


def stacked(
    frame: pd.DataFrame,
    *,
    percent: bool = False,
    labels: Mapping[Any, str] | None = None,
    **words: Unpack[Wording],
) -> Figure:
    """Draw counts by time as stacked bars, parts named beside the last bar, totals above; one part gives plain bars.

    Whole years without a figure between others leave a gap that says so.

    Parameters
    ----------
    frame : columns time (number or date, missing where not printed), part, value (zero or more), and label (the time
        as printed) where times are missing. Up to four parts; the first stands at the bottom.
    percent : the values are shares of one whole, printed per cent.
    labels : part to the words printed for it; a part without words is printed as it is.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds these columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing or negative, a part occurs twice at one time, or there are more than four parts.
    """
    extra = [name for name in ("label",) if name in frame.columns]
    numbers = checked(frame, ["time", *extra, "part", "value"], ["value"])
    if (numbers["value"] < 0).any():
        raise DataError("bars stacked on each other cannot be negative; column 'value' has negative values")
    parts = numbers["part"].nunique(dropna=False)
    if parts > PARTS:
        raise DataError(f"{parts} parts cannot be told apart in one bar; join small ones, {PARTS} at most")
    placed = on_axis(numbers.rename(columns={"part": "group"}))
    if placed.duplicated(["group", "x"]).any():
        again = placed.loc[placed.duplicated(["group", "x"]), ["group", "tick"]].to_numpy().tolist()[:3]
        raise DataError(f"a part occurs twice at one time: {again}")
    caption = captioned(words)
    named = {part: (labels or {}).get(part, str(part)) for part in dict.fromkeys(numbers["part"])}
    return Figure(partial(_paint, placed, named, percent, caption), numbers, caption.lang, caption.headline)


def _paint(placed: pd.DataFrame, named: Mapping[Any, str], percent: bool, caption: Caption, look: Look) -> Drawing:
    """Draw bars, names, values and totals."""
    drawing = open_sheet(look, caption, look.tall(86.0))
    axes = drawing.subplots()
    table = placed.pivot(index="x", columns="group", values="value").reindex(columns=list(named))
    places = table.index.to_numpy(dtype=float)
    step = float(np.diff(places).min()) if len(places) > 1 else 1.0
    names = [wrapped(name, NAME_SHARE * look.width_mm, TEXT_POINTS) for name in named.values()]
    beside_mm = max(millimetres(line, TEXT_POINTS) for name in names for line in name.split("\n"))
    span = (places[-1] - places[0]) + step
    per_unit = (look.width_mm - 20.0 - (beside_mm if len(names) > 1 else 0.0)) / span
    labels = _bars(axes, table, named, look, (step * BAR, percent, per_unit))
    _no_figures(axes, placed, places, caption)
    axes.set_xlim(places[0] - step * 0.6, places[-1] + step * 0.6)
    # A bar's label may take several lines below it; left out, its bar would be nameless.
    room = step * per_unit - TICK_AIR_MM
    axes.set_xticks(*ticks(placed.assign(tick=[wrapped(t, room, TEXT_POINTS) for t in placed["tick"]]), per_unit))
    axes.tick_params(axis="x", length=0)
    axes.margins(y=0.09)
    upright_scale(axes, percent=percent)
    settle(drawing)
    apart(axes, labels)
    return drawing


def _bars(
    axes: Axes, table: pd.DataFrame, named: Mapping[Any, str], look: Look, how: tuple[float, bool, float]
) -> list[Annotation]:
    """Draw the bars from below, with their values where these fit, and name the parts."""
    width, percent, per_unit = how
    floor = np.zeros(len(table))
    tallest = float(table.sum(axis=1).max()) or 1.0
    direct = bool(table.iloc[-1].notna().all() and (table.iloc[-1] > 0).all())
    labels: list[Annotation] = []
    for colour, (part, name) in zip(look.fills, named.items(), strict=False):
        values = table[part].fillna(0.0).to_numpy(dtype=float)
        axes.bar(table.index, values, width, bottom=floor, color=colour, edgecolor="white", linewidth=0.5)
        ink = "white" if luminance(colour) < DARK else INK
        # A part that is the whole bar has its figure above it.
        alone = table.fillna(0.0).sum(axis=1).to_numpy(dtype=float) == values
        for x, value, low, whole in zip(table.index, values, floor, alone, strict=True):
            text = printed(value, percent=percent)
            tall = value / tallest * look.tall(PLOT_MM) >= INSIDE_MM
            if not whole and tall and millimetres(text, SMALL_POINTS) < width * per_unit:
                axes.text(x, low + value / 2, text, ha="center", va="center", color=ink, fontsize=SMALL_POINTS)
        if direct and len(named) > 1:
            edge = (float(table.index[-1]) + width / 2, float(floor[-1] + values[-1] / 2))
            labels.append(beside(axes, edge, wrapped(name, NAME_SHARE * look.width_mm, TEXT_POINTS), gap=4.0))
        floor = floor + values
    _totals(axes, table, floor, how)
    if not direct and len(named) > 1:
        handles = [Patch(color=colour, label=name) for colour, name in zip(look.fills, named.values(), strict=False)]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=2)
    return labels


def _totals(axes: Axes, table: pd.DataFrame, totals: np.ndarray, how: tuple[float, bool, float]) -> None:
    """Write the totals above the bars, the last and then from the left as far as they have room."""
    width, percent, per_unit = how
    taken: list[tuple[float, float]] = []
    for at in [len(table) - 1, *range(len(table) - 1)]:
        text = printed(float(totals[at]), percent=percent)
        half = millimetres(text, SMALL_POINTS) / 2 + 0.5
        middle = float(table.index[at]) * per_unit
        taller = [float(x) * per_unit for x, total in zip(table.index, totals, strict=True) if total > totals[at]]
        clear = all(abs(middle - x) >= half + width * per_unit / 2 for x in taller)
        if clear and all(abs(middle - other) >= half + theirs for other, theirs in taken):
            taken.append((middle, half))
            axes.annotate(text, (float(table.index[at]), float(totals[at])), xytext=(0, 2.5), ha="center",
                          textcoords="offset points", va="bottom", fontsize=SMALL_POINTS, color=INK)  # fmt: skip


def _no_figures(axes: Axes, placed: pd.DataFrame, places: np.ndarray, caption: Caption) -> None:
    """Say in the gap of a whole year that there is no figure for it."""
    whole = not placed["unprinted"].any() and all(float(x).is_integer() for x in places)
    if not whole or places[-1] - places[0] > CLOSE_YEARS:
        return
    for year in sorted(set(np.arange(places[0], places[-1] + 1)) - set(places)):
        axes.annotate(say("viz.no_figure", caption.lang), (year, 0.0), xytext=(0, 4), textcoords="offset points",
                      rotation=90, ha="center", va="bottom", fontsize=SMALL_POINTS, color=GREY)  # fmt: skip
