"""One line a group, and the average line over them."""

from collections.abc import Sequence
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Drawing
from numpy.typing import NDArray

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import spread, wrapped
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import INK, TEXT_POINTS, Look
from povstats.words import say

Array = NDArray[np.float64]

MARGIN_MM = 26.0
# With the numbers of the scale; a label of the axis below breaks rather than run off the sheet.
BESIDE_MM = MARGIN_MM + 14.0
THIN = "#b9b9b9"
GAP_MM = 3.8
PLOT_MM = 72.0


def slopes(
    frame: pd.DataFrame,
    *,
    x_label: str,
    average: pd.DataFrame,
    highlight: Sequence[object] = (),
    **words: Unpack[Wording],
) -> Figure:
    """Draw each group's fitted line thin and the average line thick.

    Parameters
    ----------
    frame : columns group, x, y; two or more rows a group.
    x_label : what x is, with its unit.
    average : columns x, y: the line of the fixed part.
    highlight : groups to be drawn dark and named.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds group, x, y of the frame, then the average line with the group's place left empty.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing, a group has one point, or a highlighted group is not in the frame.
    """
    lines = checked(frame, ["group", "x", "y"], ["x", "y"])
    middle = checked(average, ["x", "y"], ["x", "y"]).sort_values("x", kind="stable", ignore_index=True)
    sizes = lines.groupby("group", sort=False).size()
    if (sizes < 2).any():
        raise DataError(f"a line needs two points; one only in groups {sizes.index[sizes < 2].tolist()[:5]}")
    strangers = [group for group in highlight if group not in sizes.index]
    if strangers:
        raise DataError(f"highlight names groups that are not in the frame: {strangers[:5]}")
    paths = {
        group: part.sort_values("x", kind="stable")[["x", "y"]].to_numpy()
        for group, part in lines.groupby("group", sort=False)
    }
    caption = captioned(words)
    named = {group: paths.pop(group) for group in highlight}
    paint = partial(_paint, list(paths.values()), named, middle[["x", "y"]].to_numpy(), x_label, caption)
    drawn = pd.concat([lines, middle.assign(group="")[["group", "x", "y"]]], ignore_index=True)
    return Figure(paint, drawn, caption.lang, caption.headline)


def _paint(
    plain: list[Array], named: dict[object, Array], middle: Array, x_label: str, caption: Caption, look: Look
) -> Drawing:
    """Draw plain lines, named lines and the average line."""
    drawing = open_sheet(look, caption, look.tall(100.0))
    axes = drawing.subplots()
    # Opaque: layers of transparent lines make a picture several times as large.
    axes.add_collection(LineCollection(plain, colors=THIN, linewidths=0.5))
    count = len(plain) + len(named)
    ends = [(*middle[-1], say("viz.average", caption.lang, count=count), look.accent)]
    axes.plot(*middle.T, color=look.accent, lw=2.4, zorder=4)
    for group, path in named.items():
        axes.plot(*path.T, color=INK, lw=1.1, zorder=3)
        ends.append((*path[-1], str(group), INK))
    axes.autoscale_view()
    axes.margins(x=0)
    axes.set_xlabel(wrapped(x_label, look.width_mm - BESIDE_MM, TEXT_POINTS))
    axes.grid(axis="y")
    _name_ends(axes, ends, look)
    settle(drawing)
    return drawing


def _name_ends(axes: Axes, ends: list[tuple[float, float, str, str]], look: Look) -> None:
    """Name lines at their right end, pushed apart."""
    ordered = sorted(ends, key=lambda end: end[1])
    lower, upper = axes.get_ylim()
    texts = [wrapped(text, MARGIN_MM, TEXT_POINTS) for _, _, text, _ in ordered]
    line = (upper - lower) * GAP_MM / look.tall(PLOT_MM)
    sizes = [line * (text.count("\n") + 1) for text in texts]
    heights = spread([height for _, height, _, _ in ordered], sizes, (lower, upper))
    right = axes.get_xlim()[1]
    for (_, _, _, colour), text, at in zip(ordered, texts, heights, strict=True):
        axes.annotate(text, (right, at), xytext=(4, 0), textcoords="offset points", va="center",
                      color=colour, fontsize=TEXT_POINTS, linespacing=1.1, annotation_clip=False)  # fmt: skip
