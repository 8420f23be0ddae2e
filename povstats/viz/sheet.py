"""The sheet every chart is drawn on: heading above, axes, source line below."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure as Drawing

from povstats.errors import ContractError, DataError
from povstats.viz.caption import Caption
from povstats.viz.lettering import wrapped
from povstats.viz.theme import MM_PER_INCH, SMALL_POINTS, TITLE_POINTS, Look

EDGE_MM = 2.0
# Darker than the grey of lines: seven points in a light grey are hard to read.
FOOT = "#6a6a6a"


def open_sheet(look: Look, caption: Caption, height_mm: float) -> Drawing:
    """Make an empty sheet; it grows with the lines of its heading and of what stands below.

    Parameters
    ----------
    look : width and style.
    caption : the words around the drawing; broken into lines as the width asks.
    height_mm : height for one line of heading and one of source.
    """
    # At low resolutions letters are rounded up to whole dots.
    width = (look.width_mm - 2 * EDGE_MM) * 0.97
    top = wrapped(caption.headline, width, TITLE_POINTS)
    bottom = "\n".join(wrapped(text, width, SMALL_POINTS) for text in caption.footer)
    height = height_mm + 5.0 * top.count("\n") + 3.8 * bottom.count("\n")
    drawing = Drawing(figsize=(look.width_mm / MM_PER_INCH, height / MM_PER_INCH), layout="constrained")
    edge = EDGE_MM / MM_PER_INCH
    engine = drawing.get_layout_engine()
    assert engine is not None
    engine.set(w_pad=edge, h_pad=edge)  # type: ignore[call-arg]
    left = EDGE_MM / look.width_mm
    drawing.suptitle(top, x=left, ha="left", fontsize=TITLE_POINTS, linespacing=1.2)
    drawing.supxlabel(bottom, x=left, ha="left", fontsize=SMALL_POINTS, color=FOOT, linespacing=1.2)
    return drawing


def checked(frame: pd.DataFrame, columns: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """Take the columns a chart draws, as a copy with a fresh index.

    Parameters
    ----------
    frame : the caller's frame; it is not changed.
    columns : names that must be there.
    numbers : those of them that must be finite numbers.

    Raises
    ------
    ContractError
        Where a column is missing.
    DataError
        Where there is no row, or a number is missing or infinite.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ContractError(f"the frame has no column {missing}; a chart of this kind needs {list(columns)}")
    taken = frame.loc[:, list(columns)].reset_index(drop=True)
    if taken.empty:
        raise DataError("the frame has no rows, so there is nothing to draw")
    for name in numbers:
        values = pd.to_numeric(taken[name], errors="coerce").astype(float)
        bad = ~values.abs().lt(float("inf"))
        if bad.any():
            rows = taken.loc[bad].iloc[:3].to_dict("records")
            raise DataError(
                f"column {name!r} has {int(bad.sum())} missing or infinite values, first {rows}; drop those rows"
            )
        taken[name] = values
    return taken


def checked_intervals(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Take keys, estimate, low and high; each key once, and no interval upside down.

    An interval may be missing, at both ends, where an estimate has no standard error.
    """
    taken = checked(frame, [*keys, "estimate", "low", "high"], ["estimate"])
    taken[["low", "high"]] = taken[["low", "high"]].astype(float)
    twice = taken.duplicated(list(keys))
    if twice.any():
        again = taken.loc[twice, list(keys)].to_numpy().tolist()[:3]
        raise DataError(f"{list(keys)} must differ between rows; twice: {again}")
    half = taken["low"].isna() != taken["high"].isna()
    upside = taken["low"] > taken["high"]
    unbounded = taken[["low", "high"]].abs().eq(float("inf")).any(axis=1)
    wrong = half | upside | unbounded
    if wrong.any():
        raise DataError(
            f"{int(wrong.sum())} intervals are unusable (low above high, infinite, or one end missing), "
            f"first {taken.loc[wrong].iloc[:3].to_dict('records')}; give both ends, or leave both missing"
        )
    return taken
