"""The house style: one accent colour and greys, thin lines, one shipped font for both languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

FONT_FILE = Path(__file__).resolve().parent / "fonts" / "PovstatsSansSC-Regular.otf"
WIDTH_MM = 160.0
MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72

INK = "#222222"
GREY = "#8a8a8a"
PALE = "#d9d9d9"
ACCENT = "#1f5a93"
# Blue, vermilion, grey, green, purple: apart for every common colour blindness; the marker says it again.
SERIES = ((ACCENT, "o"), ("#c8501e", "s"), ("#6f6f6f", "D"), ("#12875f", "^"), ("#9a5b8f", "v"))

TITLE_POINTS = 10.0
TEXT_POINTS = 8.0
SMALL_POINTS = 7.0

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT_POINTS,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    # U+2212 is in the font, but an ASCII hyphen is what a reader copies out of a figure and can compute with.
    "axes.unicode_minus": False,
    "figure.facecolor": "white",
    "font.size": TEXT_POINTS,
    "grid.color": PALE,
    "grid.linewidth": 0.5,
    "legend.borderaxespad": 0.0,
    "legend.fontsize": TEXT_POINTS,
    "legend.handlelength": 1.0,
    "legend.frameon": False,
    "legend.handletextpad": 0.5,
    "lines.solid_capstyle": "butt",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "povstats",
    "text.color": INK,
    # A dollar sign in a title is money, not mathematics.
    "text.parse_math": False,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": TEXT_POINTS,
    "xtick.major.width": 0.6,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": TEXT_POINTS,
    "ytick.major.width": 0.6,
}


@cache
def font_family() -> str:
    """Tell matplotlib of the shipped font, once, and give the family's name."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(FONT_FILE)
    return font_manager.FontProperties(fname=FONT_FILE).get_name()


@cache
def font_characters() -> frozenset[int]:
    """List the code points that the shipped font can draw."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(FONT_FILE)).get_charmap())


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style inside the block; the caller's own settings neither enter nor change."""
    import matplotlib as mpl

    family = font_family()
    with mpl.rc_context():
        mpl.rcdefaults()
        for key, value in {**_STYLE, "font.family": [family]}.items():
            mpl.rcParams[key] = value  # type: ignore[index]
        yield
