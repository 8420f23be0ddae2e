"""Ranked estimates with their intervals: random effects by group, headcounts by domain."""

from collections.abc import Sequence
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from povstats.errors import DataError
from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import millimetres, spread, wrapped
from povstats.viz.sheet import checked_intervals, open_sheet
from povstats.viz.theme import GREY, INK, SMALL_POINTS, TEXT_POINTS, Look, tint
from povstats.words import Lang, say

# Above this number names would have to be printed smaller than can be read on the page.
NAMED_ROWS = 40
EXTREMES = 3
LABEL_GAP_MM = 3.6
PLOT_MM = 62.0


def caterpillar(
    frame: pd.DataFrame,
    *,
    line: tuple[float, str] = (0.0, ""),
    percent: bool = False,
    highlight: Sequence[object] = (),
    **words: Unpack[Wording],
) -> Figure:
    """Rank groups by their estimate and draw each with its interval against a line.

    Up to 40 groups stand one below the other with name and value; more stand side by side, with the extremes
    and the highlighted ones named. Groups whose interval excludes the line are coloured and counted.

    Parameters
    ----------
    frame : columns group, estimate, low, high; one row a group; low and high may be missing together.
    line : the value compared with, in the unit of the estimates, and its name; (0, "") is an unnamed zero.
    percent : the estimates are shares, printed per cent.
    highlight : groups to be named besides the extremes.
    words : lang, title (with the level of the intervals), unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds the four columns in the order of the frame.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where estimates are missing, intervals unusable, a group occurs twice or a highlighted one not at all.
    """
    numbers = checked_intervals(frame, ["group"])
    strangers = [group for group in highlight if group not in set(numbers["group"])]
    if strangers:
        raise DataError(f"highlight names groups that are not in the frame: {strangers[:5]}")
    ranked = numbers.sort_values("estimate", kind="stable", ignore_index=True)
    ranked["name"] = ranked["group"].map(str)
    ranked["apart"] = (ranked["low"] > line[0]) | (ranked["high"] < line[0])
    ranked["named"] = ranked["group"].isin(list(highlight))
    caption = captioned(words)
    paint = partial(_paint, ranked, line, percent, caption)
    return Figure(paint, numbers, caption.lang, caption.headline)


def _paint(ranked: pd.DataFrame, line: tuple[float, str], percent: bool, caption: Caption, look: Look) -> Drawing:
    """Draw few groups in rows and many in columns."""
    few = len(ranked) <= NAMED_ROWS
    drawing = open_sheet(look, caption, 34.0 + 4.8 * len(ranked) if few else look.tall(100.0))
    axes = drawing.subplots()
    if few:
        _rows(axes, ranked, line, look, percent=percent)
    else:
        _columns(axes, ranked, line, look, lang=caption.lang, percent=percent)
    _key(axes, ranked, line, caption.lang, look)
    settle(drawing)
    return drawing


def _key(axes: Axes, ranked: pd.DataFrame, line: tuple[float, str], lang: Lang, look: Look) -> None:
    """Count above the plot what the colours mean."""
    apart, bare = ranked["apart"], ranked["low"].isna()
    above = int((apart & (ranked["estimate"] > line[0])).sum())
    mark = say("viz.the_line" if line[1] or line[0] else "viz.zero", lang)
    counts = {
        look.accent: ("viz.excludes", int(apart.sum()), look.accent),
        look.muted: ("viz.includes", int((~apart & ~bare).sum()), look.muted),
        "none": ("viz.no_interval", int(bare.sum()), "white"),
    }
    handles = []
    for colour, (key, count, face) in counts.items():
        if count == 0:
            continue
        words = say(
            key, lang, mark=mark, count=count, total=len(ranked), share=f"{count / len(ranked):.0%}",
            above=above, below=count - above,
        )  # fmt: skip
        edge = look.muted if colour == "none" else colour
        words = wrapped(words, (0.62 if len(ranked) <= NAMED_ROWS else 0.75) * look.width_mm, TEXT_POINTS)
        handles.append(Line2D([], [], ls="", marker="o", ms=4, mfc=face, mec=edge, label=words))
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=1, labelspacing=0.25)


def draw_marks(axes: Axes, ranked: pd.DataFrame, place: np.ndarray, look: Look, *, upright: bool) -> None:
    """Draw intervals and dots at the given places along the ranking."""
    low, high, middle = (ranked[name].to_numpy() for name in ("low", "high", "estimate"))
    apart = ranked["apart"].to_numpy()
    colours = np.where(apart, look.accent, look.muted)
    bars = np.where(apart, tint(look.accent, 0.75), tint(look.muted, 0.75))
    ends = np.stack([np.stack([place, low], 1), np.stack([place, high], 1)], 1)
    known = ~np.isnan(low)
    segments = ends[known] if upright else ends[known][:, :, ::-1]
    width, size = (0.7, 5) if upright else (1.3, 16)
    # Tints, not transparency, which EPS does not know.
    axes.add_collection(LineCollection(list(segments), colors=list(bars[known]), linewidths=width))
    faces = np.where(known, colours, "white")
    x, y = (place, middle) if upright else (middle, place)
    axes.scatter(x, y, s=size, c=list(faces), edgecolors=list(colours), linewidths=0.6, zorder=3)


def limits(ranked: pd.DataFrame, line: float) -> tuple[float, float]:
    """Give the range of all ends and the line, with a little air."""
    values = np.concatenate([ranked[["estimate", "low", "high"]].to_numpy().ravel(), [line]])
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    air = 0.04 * ((highest - lowest) or abs(highest) or 1.0)
    return lowest - air, highest + air


def _rows(axes: Axes, ranked: pd.DataFrame, line: tuple[float, str], look: Look, *, percent: bool) -> None:
    """Draw few groups one below the other, the highest on top, with names left and values right."""
    place = np.arange(len(ranked), dtype=float)
    axes.axvline(line[0], color=INK, lw=0.7, zorder=1)
    draw_marks(axes, ranked, place, look, upright=False)
    axes.set(xlim=limits(ranked, line[0]), ylim=(-0.7, len(ranked) - (0.0 if line[1] else 0.4)))
    axes.set_yticks(place, [wrapped(name, 0.3 * look.width_mm, TEXT_POINTS) for name in ranked["name"]])
    for label, named in zip(axes.get_yticklabels(), ranked["named"], strict=True):
        label.set_color(look.accent if named else INK)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    scale, sign = (100.0, "%") if percent else (1.0, "")
    step = scale * (axes.get_xticks()[1] - axes.get_xticks()[0])
    # One digit finer than the steps of the axis; a share never coarser than a tenth of a per cent.
    digits = max(int(percent), 1 - int(np.floor(np.log10(step))))
    if percent:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    for at, (middle, low, high) in enumerate(ranked[["estimate", "low", "high"]].itertuples(index=False)):
        values = [f"{value * scale:z.{digits}f}" for value in (middle, low, high)]
        text = values[0] + sign if np.isnan(low) else f"{values[0]}{sign}  [{values[1]}, {values[2]}]"
        axes.annotate(text, (1.0, at), xycoords=("axes fraction", "data"), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize=SMALL_POINTS)  # fmt: skip
    if line[1]:
        axes.annotate(line[1], (line[0], len(ranked) - 0.1), xytext=(3, 0), textcoords="offset points",
                      va="top", fontsize=SMALL_POINTS, color=INK)  # fmt: skip


def _columns(
    axes: Axes, ranked: pd.DataFrame, line: tuple[float, str], look: Look, *, lang: Lang, percent: bool
) -> None:
    """Draw many groups side by side, the lowest left, with the extremes named in the margins."""
    count = len(ranked)
    place = np.arange(1, count + 1, dtype=float)
    lower, upper = limits(ranked, line[0])
    ends = _extremes(ranked["estimate"].to_numpy())
    inner = [row for row in range(count) if ranked["named"][row] and row not in ends[0] + ends[1]]
    upper += (upper - lower) * 0.07 * min(len(inner), 2)
    axes.axhline(line[0], color=INK, lw=0.7, zorder=1)
    draw_marks(axes, ranked, place, look, upright=True)
    left, right = (
        [(float(ranked["estimate"][row]), str(ranked["name"][row]), row + 1.0) for row in rows] for rows in ends
    )
    if line[1]:
        left.append((line[0], line[1], 0.0))
    widths = [
        max((millimetres(text, SMALL_POINTS) for _, text, _ in side), default=0.0) + 6.0 for side in (left, right)
    ]
    per_mm = count / max(look.width_mm - 14.0 - sum(widths), 40.0)
    axes.set(xlim=(1 - widths[0] * per_mm, count + widths[1] * per_mm), ylim=(lower, upper))
    gap = (upper - lower) * LABEL_GAP_MM / look.tall(PLOT_MM)
    _margin(axes, left, side="right", edge=-3.0 * per_mm, gap=gap)
    _margin(axes, right, side="left", edge=count + 3.0 * per_mm, gap=gap)
    _inside(axes, ranked, inner, (upper - lower) * 0.07)
    axes.set_xticks([1, *range(50, count - 12, 50), count])
    axes.set_xlabel(say("viz.rank", lang))
    axes.grid(axis="y")
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _extremes(ranked: np.ndarray) -> tuple[list[int], list[int]]:
    """List the rows of the lowest and the highest groups; a group as high as one left out is left out too."""
    last = len(ranked) - 1
    low = [row for row in range(EXTREMES) if ranked[row] < ranked[EXTREMES]]
    high = [row for row in range(last - EXTREMES + 1, last + 1) if ranked[row] > ranked[last - EXTREMES]]
    return low, high


def _margin(axes: Axes, labels: list[tuple[float, str, float]], *, side: str, edge: float, gap: float) -> None:
    """Name groups beside the plot, pushed apart, each with a thin line to its dot."""
    if not labels:
        return
    # The name of the line (rank 0) stands above it, not on it.
    ordered = sorted(labels, key=lambda label: label[0] + (0.0 if label[2] else 0.6 * gap))
    wanted = [height if rank else height + 0.6 * gap for height, _, rank in ordered]
    heights = spread(wanted, [gap] * len(ordered), axes.get_ylim())
    for (height, text, rank), at in zip(ordered, heights, strict=True):
        if rank:
            axes.plot([edge + (rank - edge) * 0.15, rank], [at, height], color=GREY, lw=0.4, zorder=2)
        axes.text(edge, at, text, ha=side, va="center", fontsize=SMALL_POINTS, color=INK)


def _inside(axes: Axes, ranked: pd.DataFrame, rows: list[int], step: float) -> None:
    """Name highlighted groups above their intervals, in two alternating heights.

    The names reach to the left, where the intervals are lower.
    """
    for turn, row in enumerate(rows):
        top = float(np.nanmax([ranked["high"][row], ranked["estimate"][row]]))
        at = top + step * (0.6 + turn % 2)
        axes.plot([row + 1, row + 1], [top, at], color=INK, lw=0.5, zorder=2)
        axes.text(row + 1, at, str(ranked["name"][row]), ha="right", va="bottom", fontsize=TEXT_POINTS - 1)
        axes.scatter([row + 1], [ranked["estimate"][row]], s=22, facecolors="none", edgecolors=INK, linewidths=0.8)
