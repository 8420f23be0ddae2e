"""A slope over a moderator, with the regions in which it differs from zero."""

from functools import partial
from itertools import pairwise
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch
from matplotlib.transforms import offset_copy

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, wrapped
from povstats.viz.marks import scale_words
from povstats.viz.sheet import checked, checked_intervals, open_sheet
from povstats.viz.theme import GREY, INK, SMALL_POINTS, TEXT_POINTS, Dashes, Look, Pen, tint
from povstats.words import Lang, say, tight

MARKS = ("kind", "group", "x", "to", "estimate", "low", "high")
"""Columns of what is drawn."""
RUG = 0.035
"""Height of the groups' strokes, as a share of the plot's."""
KEY_SHARE = 0.88
END_POINTS = 12.0
# Left of the axes: the numbers of the scale; a label of the axis below breaks rather than run off the sheet.
BESIDE_MM = 20.0
"""Room above the plot for the values of the regions' ends."""


def johnson_neyman(
    frame: pd.DataFrame,
    *,
    x_label: str,
    regions: pd.DataFrame,
    values: pd.DataFrame,
    group: str = "",
    **words: Unpack[Wording],
) -> Figure:
    """Draw a slope with its band over a moderator, shade where it differs from zero, and mark the groups' values.

    Parameters
    ----------
    frame : columns x, estimate, low, high: the curve, in ascending order of x.
    x_label : what the moderator is, with its unit.
    regions : columns low, high (perhaps infinite), sign (1 or -1), groups (the share of groups inside); no row for
        none. Ends outside the curve are cut off there.
    values : columns group, x: each group's own value, drawn as a stroke above the axis.
    group : what a group is, for the key.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds kind ("slope", "above", "below", "group"), group, x, to, estimate, low, high.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where numbers are missing, the curve has one point or is not in order, or a sign is neither 1 nor -1.
    """
    curve, shown, own = checked_regions(frame, regions, values)
    caption = captioned(words)
    numbers = region_numbers(curve, shown, own)
    paint = partial(_paint, curve, shown, own["x"].to_numpy(), (x_label, group), caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def checked_regions(
    frame: pd.DataFrame, regions: pd.DataFrame, values: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Take the curve, the regions cut to it, and the groups' values; see `johnson_neyman` for what is refused."""
    curve = checked_intervals(frame, ["x"])
    curve["x"] = checked(frame, ["x"], ["x"])["x"]
    if len(curve) < 2 or not curve["x"].is_monotonic_increasing:
        raise DataError("the curve needs two points or more, in ascending order of x")
    own = checked(values, ["group", "x"], ["x"])
    spans = regions.reset_index(drop=True)
    if len(spans):
        spans = checked(regions, ["low", "high", "sign", "groups"], ["sign", "groups"])
    if not spans["sign"].isin([1, -1]).all():
        raise DataError(f"column 'sign' must be 1 or -1, got {spans['sign'].tolist()[:5]}")
    first, last = float(curve["x"].iloc[0]), float(curve["x"].iloc[-1])
    shown = spans[(spans["low"] < last) & (spans["high"] > first)].copy()
    shown[["low", "high"]] = shown[["low", "high"]].clip(first, last)
    return curve, shown, own


def region_numbers(curve: pd.DataFrame, spans: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """List what is drawn, one row a mark."""
    kinds = ["above" if sign > 0 else "below" for sign in spans["sign"]]
    parts = [
        curve.assign(kind="slope", group="", to=np.nan),
        pd.DataFrame({"kind": kinds, "group": "", "x": spans["low"], "to": spans["high"]}),
        own.assign(kind="group"),
    ]
    return pd.concat([part.reindex(columns=list(MARKS)) for part in parts if len(part)], ignore_index=True)


def _paint(
    curve: pd.DataFrame,
    spans: pd.DataFrame,
    own: "np.ndarray",
    named: tuple[str, str],
    caption: Caption,
    look: Look,
) -> Drawing:
    """Draw the curve in the colours of what is known of it, and the key above."""
    drawing = open_sheet(look, caption, look.tall(96.0))
    axes = drawing.subplots()
    ends = draw_slope(axes, curve, spans, own, look)
    axes.set_xlabel(wrapped(named[0], look.width_mm - BESIDE_MM, TEXT_POINTS))
    inner = ends[1:-1]
    name_ends(axes, inner, look.width_mm - 20.0)
    known = float((spans["high"] - spans["low"]).sum())
    _key(axes, spans, (named[1], ends[-1] - ends[0] > known * (1 + 1e-9)), caption.lang, look, raised=bool(inner))
    settle(drawing)
    return drawing


def draw_slope(axes: Axes, curve: pd.DataFrame, spans: pd.DataFrame, own: "np.ndarray", look: Look) -> list[float]:
    """Draw band and curve part by part, and the groups' values as strokes; give the parts' ends, ascending."""
    ends = sorted({*spans["low"], *spans["high"], float(curve["x"].iloc[0]), float(curve["x"].iloc[-1])})
    for left, right in pairwise(ends):
        inside = spans[(spans["low"] <= left) & (spans["high"] >= right)]
        sign = int(inside["sign"].iloc[0]) if len(inside) else 0
        colour, dashes = _pen(sign, look)
        part = _between(curve, left, right)
        if sign:
            axes.axvspan(left, right, color=tint(colour, 0.09), lw=0, zorder=0)
        axes.fill_between(part["x"], part["low"], part["high"], color=tint(colour, 0.3), lw=0, zorder=1)
        axes.plot(part["x"], part["estimate"], color=colour, lw=1.8, ls=dashes, zorder=3)
    axes.axhline(0.0, color=INK, lw=0.8, zorder=2)
    axes.margins(x=0)
    low, high = axes.get_ylim()
    axes.set_ylim(low - 2 * RUG * (high - low), high)
    strokes = [[(x, 0.0), (x, RUG)] for x in own]
    axes.add_collection(
        LineCollection(strokes, colors=INK, linewidths=0.5, transform=axes.get_xaxis_transform(), zorder=4),
        autolim=False,
    )
    axes.xaxis.set_major_formatter(scale_words(percent=False))
    axes.yaxis.set_major_formatter(scale_words(percent=False))
    axes.grid(axis="y")
    return ends


def _pen(sign: int, look: Look) -> tuple[str, Dashes]:
    """Choose the colour and dashes of a part: above zero, below it, or not known."""
    if sign == 0:
        return GREY, (0, ())
    pen: Pen = look.pens[0 if sign > 0 else 1]
    return pen.colour, pen.dashes


def _between(curve: pd.DataFrame, left: float, right: float) -> pd.DataFrame:
    """Cut a part out of the curve, its ends interpolated."""
    x = curve["x"].to_numpy()
    at = np.concatenate([[left], x[(x > left) & (x < right)], [right]])
    return pd.DataFrame({"x": at} | {name: np.interp(at, x, curve[name]) for name in ("estimate", "low", "high")})


def name_ends(axes: Axes, ends: list[float], width_mm: float) -> None:
    """Draw the regions' ends as dotted uprights and write their values above the plot, apart from each other."""
    first, last = axes.get_xlim()
    per_unit = width_mm / (last - first)
    # Four digits, and no fewer than the whole ones.
    texts = [f"{end:,.{max(3 - int(np.floor(np.log10(abs(end) or 1.0))), 0)}f}" for end in ends]
    sides = ["center"] * len(ends)
    for i in range(len(ends) - 1):
        room = (millimetres(texts[i], SMALL_POINTS) + millimetres(texts[i + 1], SMALL_POINTS)) / 2 + 1.5
        if (ends[i + 1] - ends[i]) * per_unit < room:
            sides[i], sides[i + 1] = "right", "left"
    for end, text, side in zip(ends, texts, sides, strict=True):
        axes.axvline(end, color=INK, lw=0.7, ls=(0, (1.2, 1.8)), zorder=2)
        axes.annotate(text, (end, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), color=INK,
                      textcoords="offset points", ha=side, va="bottom", fontsize=SMALL_POINTS)  # fmt: skip


def _key(axes: Axes, spans: pd.DataFrame, told: tuple[str, bool], lang: Lang, look: Look, *, raised: bool) -> None:
    """Say above the plot what the colours mean, and how many groups lie in each region."""
    (group, rest), handles = told, []
    for sign, key in ((1, "viz.region_above"), (-1, "viz.region_below")):
        some = spans[spans["sign"] == sign]
        if len(some):
            share = f"{some['groups'].sum():.0%}"
            words = tight(say(key, lang, share=share, group=group or say("viz.groups", lang)))
            handles.append(region_patch(sign, words, look))
    if rest:
        handles.append(region_patch(0, say("viz.region_none", lang), look))
    drawing = axes.get_figure(root=True)
    above = offset_copy(axes.transAxes, drawing, x=0.0, y=END_POINTS if raised else 1.5, units="points")
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), bbox_transform=above, ncols=1,
                handlelength=1.6, labelspacing=0.25)  # fmt: skip


def region_patch(sign: int, words: str, look: Look) -> Patch:
    """Make a field of the key."""
    colour, dashes = _pen(sign, look)
    label = wrapped(words, KEY_SHARE * look.width_mm, TEXT_POINTS)
    return Patch(facecolor=tint(colour, 0.3), edgecolor=colour, linewidth=0.8, linestyle=dashes, label=label)
