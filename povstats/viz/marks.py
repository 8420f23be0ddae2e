"""What several charts put beside their marks: labels that make room for each other, and breaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import offset_copy

from povstats.viz.lettering import millimetres, spread, wrapped
from povstats.viz.theme import GREY, INK, SMALL_POINTS, TEXT_POINTS
from povstats.words import say

NOTE_MM = 34.0
# Nearer labels need no leader unless they are moved.
FAR_POINTS = 20.0
MOVED_POINTS = 3.5
LABEL_MM = 3.9


@dataclass(frozen=True, slots=True)
class Break:
    """A change of definition within a group: where, and what is different after it."""

    group: object
    x: float
    what: str


def beside(
    axes: Axes, xy: tuple[float, float], text: str, *, colour: str = INK, left: bool = False, gap: float = 5.0
) -> Annotation:
    """Write a label right (or left) of the plot at a point's height; a leader shows where it would not be plain."""
    drawing = axes.get_figure(root=True)
    outside = offset_copy(axes.get_yaxis_transform(), drawing, x=-gap if left else gap, y=0.0, units="points")
    label: Annotation = axes.annotate(
        text, xy, xytext=(0.0 if left else 1.0, xy[1]), textcoords=outside, va="center", ha="right" if left else "left",
        color=colour, fontsize=TEXT_POINTS, linespacing=1.05, annotation_clip=False, zorder=6,
        arrowprops={"arrowstyle": "-", "lw": 0.4, "color": GREY, "shrinkA": 1.5, "shrinkB": 2.5,
                    "relpos": (1.0 if left else 0.0, 0.5)},
    )  # fmt: skip
    assert label.arrow_patch is not None
    label.arrow_patch.set_visible(False)
    return label


def apart(axes: Axes, labels: Iterable[Annotation]) -> None:
    """Push labels of one column apart, up and down, within the axes; the drawing must have been laid out."""
    ordered = sorted(labels, key=lambda label: label.xy[1])
    if not ordered:
        return
    points = [axes.transData.transform(label.xy) for label in ordered]
    # The extent of the text alone, without that of its leader.
    boxes = [Text.get_window_extent(label) for label in ordered]
    sizes = [float(box.height) for box in boxes]
    limits = (axes.bbox.y0 - sizes[0] / 2, axes.bbox.y1 + sizes[-1] / 2)
    per_point = axes.get_figure(root=True).dpi / 72  # type: ignore[union-attr]
    heights = spread([float(y) for _, y in points], sizes, limits)
    for label, box, (x, y), height in zip(ordered, boxes, points, heights, strict=True):
        label.set_y(axes.transData.inverted().transform((x, height))[1])
        far = max(box.x0 - x, x - box.x1) > FAR_POINTS * per_point
        assert label.arrow_patch is not None
        label.arrow_patch.set_visible(bool(far or abs(height - y) >= MOVED_POINTS * per_point))


def breaks_of(placed: pd.DataFrame, lang: str) -> list[Break]:
    """List where segments of a group meet, half-way between their points."""
    found = []
    for group, part in placed.groupby("group", sort=False):
        rows = part.to_dict("records")
        for left, right in pairwise(rows):
            if left["segment"] != right["segment"]:
                what = right.get("basis")
                told = say("viz.break", lang) if pd.isna(what) or not str(what) else str(what)
                found.append(Break(group, (left["x"] + right["x"]) / 2, told))
    return found


def draw_breaks(axes: Axes, breaks: Iterable[Break]) -> None:
    """Draw each break as a thin dotted upright."""
    for x in sorted({one.x for one in breaks}):
        axes.axvline(x, color=GREY, lw=0.7, ls=(0, (1.2, 1.8)), zorder=1)


def name_breaks(axes: Axes, breaks: list[Break], mm_per_unit: float) -> None:
    """Say above the plot what changes at each upright, neighbours on different heights."""
    lowest, highest = axes.get_xlim()
    ends: list[float] = []
    for x in sorted({one.x for one in breaks}):
        told = "\n".join(dict.fromkeys(one.what for one in breaks if one.x == x))
        text = wrapped(told, NOTE_MM, SMALL_POINTS)
        left = x > (lowest + highest) / 2
        reach = (x - NOTE_MM / mm_per_unit, x) if left else (x, x + NOTE_MM / mm_per_unit)
        floor = next((at for at, end in enumerate(ends) if end <= reach[0]), len(ends))
        ends[floor : floor + 1] = [reach[1]]
        axes.annotate(
            text, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2 + 18 * floor), color=INK,
            textcoords="offset points", va="bottom", ha="right" if left else "left", fontsize=SMALL_POINTS,
            linespacing=1.05,
        )  # fmt: skip


def scale_words(*, percent: bool) -> FuncFormatter:
    """Print the values of an axis with the digits they need."""
    factor, sign = (100, "%") if percent else (1, "")
    return FuncFormatter(lambda value, _: f"{value * factor:,.10g}{sign}")


def named(name: str, value: str, width_mm: float, *, name_last: bool = False) -> str:
    """Join name and value on one line where it is wide enough, else one below the other."""
    whole = f"{value}  {name}" if name_last else f"{name} {value}"
    if millimetres(whole, TEXT_POINTS) <= width_mm:
        return whole
    return f"{wrapped(name, width_mm, TEXT_POINTS)}\n{value}"


def room_for(texts: Iterable[str]) -> float:
    """Give the height in millimetres of labels one below the other."""
    return sum(LABEL_MM + 3.2 * text.count("\n") for text in texts)


def upright_scale(axes: Axes, *, percent: bool) -> None:
    """Start an axis of values at zero where none is negative, and print shares per cent and counts with commas."""
    if axes.dataLim.y0 >= 0:
        axes.set_ylim(bottom=0.0)
    axes.yaxis.set_major_formatter(scale_words(percent=percent))
    axes.grid(axis="y")
