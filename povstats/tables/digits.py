"""How numbers are printed in a table: decimals, minus signs, brackets, stars."""

from collections.abc import Iterable, Mapping
from math import floor, isfinite, log10

THRESHOLDS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
FEWEST, MOST = 3, 8


def decimals(scales: Iterable[float], significant: int) -> int:
    """Choose one number of decimals for a row: three, or more where its smallest number needs them.

    Parameters
    ----------
    scales : the numbers that must show, such as the standard errors of the row.
    significant : how many significant digits the smallest of them shall show.
    """
    sizes = [abs(scale) for scale in scales if isfinite(scale) and scale != 0]
    if not sizes:
        return FEWEST
    return min(max(FEWEST, significant - 1 - floor(log10(min(sizes)))), MOST)


def plain(value: float, places: int) -> str:
    """Print a number with a true minus sign; a missing one is blank, and nothing is ever −0."""
    if not isfinite(value):
        return ""
    text = f"{value:.{places}f}"
    if text.startswith("-"):
        text = text[1:] if float(text) == 0 else "−" + text[1:]
    return text


def bracketed(value: float, places: int) -> str:
    """Print a number in brackets, such as a standard error."""
    return f"({plain(value, places)})" if isfinite(value) else ""


def beneath(kind: str, row: Mapping[str, float], places: int) -> str:
    """Print what stands below an estimate; blank where it is missing.

    Parameters
    ----------
    kind : "se", "t", "interval" or "p".
    row : estimate, se, p, low and high.
    places : decimals of the estimate; t has two, p three.
    """
    if kind == "interval":
        low, high = plain(row["low"], places), plain(row["high"], places)
        return f"[{low}, {high}]" if low and high else ""
    if kind == "t":
        return bracketed(row["estimate"] / row["se"], 2) if row["se"] > 0 else ""
    if kind == "p":
        return "(<0.001)" if row["p"] < 0.001 else bracketed(row["p"], 3)
    return bracketed(row["se"], places)


def stars(p: float) -> str:
    """Give *** below 1 per cent, ** below 5, * below 10; a missing p has none."""
    return next((mark for level, mark in THRESHOLDS if p < level), "")
