"""One line a group, and the average line over them."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from povstats.errors import DataError
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import spread, wrapped
from povstats.viz.sheet import checked, heading, open_sheet
from povstats.viz.theme import ACCENT, INK, TEXT_POINTS, house_style
from povstats.words import Lang, say

MARGIN_MM = 26.0
THIN = "#b9b9b9"
GAP_MM = 3.8
PLOT_MM = 72.0


def slopes(
    frame: pd.DataFrame,
    *,
    lang: Lang,
    title: str,
    unit: str,
    source: str,
    x_label: str,
    average: pd.DataFrame,
    highlight: Sequence[object] = (),
) -> Figure:
    """Draw each group's fitted line thin and the average line thick.

    Parameters
    ----------
    frame : columns group, x, y; two or more rows a group.
    lang : "zh" or "en".
    title : what the lines show, without the unit.
    unit : unit of y, printed behind the title.
    source : where the data come from.
    x_label : what x is, with its unit.
    average : columns x, y: the line of the fixed part.
    highlight : groups to be drawn dark and named.

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
    headline = heading(title, unit, lang)
    with house_style():
        drawing, axes = open_sheet(headline, source, lang, 100.0)
        plain = [path for group, path in paths.items() if group not in set(highlight)]
        # Opaque: layers of transparent lines make a picture several times as large.
        axes.add_collection(LineCollection(plain, colors=THIN, linewidths=0.5))
        ends = [(*middle[["x", "y"]].to_numpy()[-1], say("viz.average", lang, count=len(paths)), ACCENT)]
        axes.plot(middle["x"], middle["y"], color=ACCENT, lw=2.4, zorder=4)
        for group in highlight:
            axes.plot(*paths[group].T, color=INK, lw=1.1, zorder=3)
            ends.append((*paths[group][-1], str(group), INK))
        axes.autoscale_view()
        axes.margins(x=0)
        axes.set_xlabel(x_label)
        axes.grid(axis="y")
        _name_ends(axes, ends)
        settle(drawing)
    drawn = pd.concat([lines, middle.assign(group="")[["group", "x", "y"]]], ignore_index=True)
    return Figure(drawing, drawn, lang, headline)


def _name_ends(axes: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Name lines at their right end, pushed apart."""
    ordered = sorted(ends, key=lambda end: end[1])
    lower, upper = axes.get_ylim()
    texts = [wrapped(text, MARGIN_MM, TEXT_POINTS) for _, _, text, _ in ordered]
    line = (upper - lower) * GAP_MM / PLOT_MM
    sizes = [line * (text.count("\n") + 1) for text in texts]
    heights = spread([height for _, height, _, _ in ordered], sizes, (lower, upper))
    right = axes.get_xlim()[1]
    for (_, _, _, colour), text, at in zip(ordered, texts, heights, strict=True):
        axes.annotate(text, (right, at), xytext=(4, 0), textcoords="offset points", va="center",
                      color=colour, fontsize=TEXT_POINTS, linespacing=1.1, annotation_clip=False)  # fmt: skip
