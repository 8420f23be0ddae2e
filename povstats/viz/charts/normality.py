"""Residuals of a model: against fitted values, and their quantiles against the normal distribution's."""

from functools import partial
from typing import Any, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import RegularPolyCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure as Drawing
from scipy.special import betaincinv, ndtri

from povstats.viz.caption import Caption, Wording, captioned
from povstats.viz.figure import Figure, settle
from povstats.viz.lettering import wrapped
from povstats.viz.sheet import checked, open_sheet
from povstats.viz.theme import INK, SMALL_POINTS, TEXT_POINTS, Look, tint
from povstats.words import say

MOST_DOTS = 400
"""More points than these are counted in hexagons, and quantiles thinned in the middle: files stay small."""
TAIL = 40
"""Points at either end of a quantile plot that are never thinned."""
ACROSS = 28
"""Hexagons along the horizontal axis."""
OUTERMOST = 5
"""Points at either end of a quantile plot that are named where they lie farther out than the band."""
LINE_MM, HIGH_MM = 3.2, 40.0
PANEL_MM = 62.0
TWO_COLUMNS_MM = 110.0


def residuals(points: pd.DataFrame, quantiles: pd.DataFrame, **words: Unpack[Wording]) -> Figure:
    """Draw residuals over fitted values, and below each other the quantile plots of rows and of groups' effects.

    Parameters
    ----------
    points : columns x (fitted) and y (standardised residual), one row a point; more than 400 are counted in hexagons.
    quantiles : columns panel, score (normal score of the rank), value (standardised) and label ("" for none); the
        panels stand in the order in which they first appear. Values outside the pointwise 95 % band of independent
        normal values are coloured, and named at either end.
    words : lang, title, unit, source and notes; see Wording.

    Returns
    -------
    Figure
        `numbers` holds what is drawn: panel ("" for the points), x, y, count (points of a hexagon), low and high (the
        band at x), label.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where a value is missing.
    """
    lang = words["lang"]
    dots = checked(points, ["x", "y"], ["x", "y"])
    binned = len(dots) > MOST_DOTS
    remarks = [say("diagnostics.note_band", lang)]
    if binned:
        remarks.append(say("diagnostics.note_hexagons", lang, n=f"{len(dots):,}"))
        size = _hexagon(dots)
        dots = hexagons(dots, size)
    ranked = checked(quantiles, ["panel", "score", "value", "label"], ["score", "value"])
    panels = {str(name): _banded(part) for name, part in ranked.groupby("panel", sort=False)}
    if any(len(part) > MOST_DOTS for part in panels.values()):
        remarks.append(say("diagnostics.note_thinned", lang, tail=TAIL))
    panels = {name: _thinned(part) for name, part in panels.items()}
    caption = captioned(words, remarks)
    dots = dots.assign(count=1) if not binned else dots
    numbers = pd.concat([dots.assign(panel=""), *(part.assign(panel=name) for name, part in panels.items())])
    numbers = numbers.reindex(columns=["panel", "x", "y", "count", "low", "high", "label"]).fillna({"label": ""})
    paint = partial(_paint, dots, panels, binned, caption)
    return Figure(paint, numbers.reset_index(drop=True), caption.lang, caption.headline)


def hexagons(dots: pd.DataFrame, size: tuple[float, float]) -> pd.DataFrame:
    """Count points in hexagons: of two shifted grids of points, each point goes to the nearer one (Carr et al. 1987).

    Parameters
    ----------
    dots : columns x, y. size : width of a hexagon in x, and distance of two rows of one grid in y, √3 widths.
    """
    x, y = dots["x"].to_numpy() / size[0], dots["y"].to_numpy() / size[1]
    even, odd = (np.round(x), np.round(y)), (np.floor(x) + 0.5, np.floor(y) + 0.5)
    near = (x - even[0]) ** 2 + 3 * (y - even[1]) ** 2 < (x - odd[0]) ** 2 + 3 * (y - odd[1]) ** 2
    centres = pd.DataFrame({axis: np.where(near, even[i], odd[i]) for i, axis in enumerate("xy")})
    found = centres.groupby(["x", "y"]).size().rename("count").reset_index()
    return found.assign(x=found["x"] * size[0], y=found["y"] * size[1])


def _hexagon(dots: pd.DataFrame) -> tuple[float, float]:
    """Choose the size: hexagons are regular on a panel that is as high as it is wide."""
    wide, tall = (float(np.ptp(dots[axis])) or 1.0 for axis in "xy")
    return wide / ACROSS, float(np.sqrt(3)) * tall / ACROSS


def _banded(part: pd.DataFrame) -> pd.DataFrame:
    """Sort by score and give the pointwise 95 % band: order statistics of a uniform sample are beta distributed."""
    part = part.sort_values(["score", "value"], kind="stable", ignore_index=True)
    rank, n = np.arange(1, len(part) + 1), len(part)
    low, high = (ndtri(betaincinv(rank, n + 1 - rank, end)) for end in (0.025, 0.975))
    return pd.DataFrame({"x": part["score"], "y": part["value"], "low": low, "high": high, "label": part["label"]})


def _thinned(part: pd.DataFrame) -> pd.DataFrame:
    """Keep both tails and an even selection of the middle."""
    n = len(part)
    if n <= MOST_DOTS:
        return part
    middle = np.linspace(TAIL, n - TAIL - 1, MOST_DOTS // 2 - 2 * TAIL).round().astype(int)
    kept = np.unique(np.concatenate([np.arange(TAIL), middle, np.arange(n - TAIL, n)]))
    return part.iloc[kept].reset_index(drop=True)


def _paint(dots: pd.DataFrame, panels: dict[str, pd.DataFrame], binned: bool, caption: Caption, look: Look) -> Drawing:
    """Draw the panels, two in a row where the sheet is wide enough."""
    columns = 2 if look.width_mm >= TWO_COLUMNS_MM else 1
    rows = -(-(len(panels) + 1) // columns)
    drawing = open_sheet(look, caption, 18.0 + PANEL_MM * rows)
    every = drawing.subplots(rows, columns, squeeze=False).ravel()
    _scatter(every[0], dots, look, binned=binned)
    every[0].set_xlabel(say("diagnostics.axis_fitted", caption.lang))
    every[0].set_ylabel(say("diagnostics.axis_standardised", caption.lang))
    titles = [say("diagnostics.panel_points", caption.lang), *panels]
    for axes, part in zip(every[1:], panels.values(), strict=False):
        _quantiles(axes, part, look)
        axes.set_xlabel(say("diagnostics.axis_score", caption.lang))
        axes.set_ylabel(say("diagnostics.axis_value", caption.lang))
    for axes, name in zip(every, titles, strict=False):
        axes.set_title(wrapped(name, look.width_mm / columns - 16.0, TEXT_POINTS), loc="left", fontsize=TEXT_POINTS)
    for axes in every[len(titles) :]:
        axes.set_visible(False)
    settle(drawing)
    return drawing


def _scatter(axes: Axes, dots: pd.DataFrame, look: Look, *, binned: bool) -> None:
    """Draw points, or hexagons the darker the more points they hold, around a zero line."""
    if binned:
        shades = LinearSegmentedColormap.from_list("", [tint(look.accent, 0.16), look.accent])
        width_mm = (look.width_mm / (2 if look.width_mm >= TWO_COLUMNS_MM else 1) - 20.0) / (ACROSS * 1.04)
        # A regular hexagon of width w has an area of √3/2 w²; matplotlib asks for that of its circle in points.
        area = np.pi * (width_mm / np.sqrt(3) * 72 / 25.4) ** 2
        marks = RegularPolyCollection(
            6, sizes=(area,), offsets=dots[["x", "y"]].to_numpy(), offset_transform=axes.transData, cmap=shades,
            norm=LogNorm(1, max(int(dots["count"].max()), 2)), linewidths=0,
        )  # fmt: skip
        marks.set_array(dots["count"].to_numpy(dtype=float))
        axes.add_collection(marks)
        axes.update_datalim(dots[["x", "y"]].to_numpy())
        axes.autoscale_view()
    else:
        style: dict[str, Any] = {"s": 7, "facecolors": "none", "edgecolors": look.accent, "linewidths": 0.5}
        axes.scatter(dots["x"], dots["y"], **style)
    axes.axhline(0.0, color=INK, lw=0.7, zorder=3 if binned else 1)
    axes.grid(axis="y")


def _quantiles(axes: Axes, part: pd.DataFrame, look: Look) -> None:
    """Draw values over normal scores with the band; those outside it are coloured, the farthest named."""
    x, y, low, high = (part[name].to_numpy() for name in ("x", "y", "low", "high"))
    axes.fill_between(x, low, high, color=tint(look.muted, 0.3), linewidth=0, zorder=1)
    axes.plot([x[0], x[-1]], [x[0], x[-1]], color=INK, lw=0.7, zorder=2)
    out = (y < low) | (y > high)
    for chosen, colour in ((~out, look.muted), (out, look.accent)):
        axes.scatter(x[chosen], y[chosen], s=6, c=colour, linewidths=0, zorder=3)
    axes.grid(axis="y")
    axes.margins(x=0.08)
    _name_outliers(axes, part[(y > high) & (x > 0)][::-1], "right")
    _name_outliers(axes, part[(y < low) & (x < 0)], "left")


def _name_outliers(axes: Axes, part: pd.DataFrame, end: str) -> None:
    """Name the outermost points that lie farther out than the band; names that would touch are left out."""
    lower, upper = axes.get_ylim()
    apart, told = LINE_MM * (upper - lower) / HIGH_MM, list[float]()
    for row in part.head(OUTERMOST).itertuples():
        if row.label and all(abs(row.y - other) >= apart for other in told):
            told.append(row.y)
            axes.annotate(
                str(row.label), (row.x, row.y), xytext=(-4 if end == "right" else 4, 0), textcoords="offset points",
                ha=end, va="bottom" if end == "right" else "top", fontsize=SMALL_POINTS, color=INK,
            )  # fmt: skip
