"""The house style: one accent colour and greys, thin lines, one shipped font for both languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

FONT_FILE = Path(__file__).resolve().parent / "fonts" / "PovstatsSansSC-Regular.otf"
WIDTH_MM = 160.0
MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72

INK = "#222222"
GREY = "#8a8a8a"
PALE = "#d9d9d9"
ACCENT = "#1f5a93"
Style = Literal["house", "grey"]
STYLES: tuple[Style, ...] = ("house", "grey")
Dashes = tuple[float, tuple[float, ...]]
SOLID: Dashes = (0, ())


@dataclass(frozen=True, slots=True)
class Pen:
    """What tells one series from another: colour, marker and dashes."""

    colour: str
    marker: str
    dashes: Dashes = SOLID


# Blue, vermilion, grey, green, purple, ochre: apart for every common colour blindness; the marker says it again.
_HOUSE = (
    Pen(ACCENT, "o"), Pen("#c8501e", "s"), Pen("#6f6f6f", "D"), Pen("#12875f", "^"), Pen("#9a5b8f", "v"),
    Pen("#8a6a14", "P"),
)  # fmt: skip
# In print two greys at most are told apart as lines; the rest is said by dashes and markers.
_PRINT = (
    Pen("#111111", "o"), Pen("#111111", "s", (0, (4.0, 1.5))), Pen("#6b6b6b", "D"),
    Pen("#6b6b6b", "^", (0, (1.2, 1.2))), Pen("#111111", "v", (0, (6.0, 1.5, 1.2, 1.5))),
    Pen("#6b6b6b", "P", (0, (4.0, 1.5))),
)  # fmt: skip
SERIES = len(_HOUSE)
_FILLS = {
    "house": (ACCENT, "#a9c3dc", "#d3a98f", "#cfcfcf"),
    "grey": ("#4a4a4a", "#a6a6a6", "#dcdcdc", "#7c7c7c"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """The width in millimetres and the style that a figure is drawn in."""

    width_mm: float = WIDTH_MM
    style: Style = "house"

    @property
    def accent(self) -> str:
        """The one colour that stands out."""
        return ACCENT if self.style == "house" else "#111111"

    @property
    def muted(self) -> str:
        """The colour of what stays behind."""
        return GREY if self.style == "house" else "#a0a0a0"

    @property
    def pens(self) -> tuple[Pen, ...]:
        """Give a pen a series, for SERIES series."""
        return _HOUSE if self.style == "house" else _PRINT

    @property
    def fills(self) -> tuple[str, ...]:
        """The colours of areas that touch."""
        return _FILLS[self.style]

    def tall(self, mm: float) -> float:
        """Lower a plot that is narrower than the house's, less than its width is."""
        share: float = (self.width_mm / WIDTH_MM) ** 0.6
        return mm * min(1.0, max(0.62, share))


TITLE_POINTS = 10.0
TEXT_POINTS = 8.0
SMALL_POINTS = 7.0


def tint(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def luminance(colour: str) -> float:
    """Tell how light a colour is, from 0 to 1 (weights of ITU-R BT.601)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


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
    # Type 42 keeps letters as letters; what Type 3 makes of them, some publishers refuse.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
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
