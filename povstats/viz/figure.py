"""A figure: the drawing, the numbers in it, and how both become files."""

import os
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from povstats.errors import DataError
from povstats.files import replacing
from povstats.viz.theme import FONT_FILE, font_characters, house_style
from povstats.words import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

PRINT_DPI = 200
SCREEN_DPI = 144
PALETTE = 128
LAYOUT_PASSES = 2


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing with the numbers it shows.

    Attributes
    ----------
    drawing : the matplotlib figure; it belongs to no pyplot window.
    numbers : what is drawn, one row a mark, shares as 0–1.
    lang : "zh" or "en".
    title : the heading with its unit.
    """

    drawing: "Drawing"
    numbers: pd.DataFrame
    lang: Lang
    title: str

    def save(self, stem: str | os.PathLike[str]) -> list[Path]:
        """Write `<stem>.<lang>.svg`, `.png` and `.csv`.

        The same figure gives the same bytes under one matplotlib. All three are made before the first
        is written, and each replaces its predecessor whole.

        Parameters
        ----------
        stem : path without language and ending, such as "figures/vietnam-caterpillar".

        Returns
        -------
        list of Path
            The three files.

        Raises
        ------
        DataError
            Where the font lacks a character of the figure; nothing is written then.
        """
        # Spreadsheets read a CSV without the mark as the system's old encoding. Ten digits: more than any
        # standard error supports, fewer than the noise of another processor's sums.
        table = self.numbers.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        contents = {
            "svg": draw(self.drawing, "svg", self.title),
            "png": draw(self.drawing, "png", self.title),
            "csv": table.encode("utf-8-sig"),
        }
        written = []
        for ending, content in contents.items():
            path = Path(f"{os.fspath(stem)}.{self.lang}.{ending}")
            with replacing(path) as part:
                part.write_bytes(content)
            written.append(path)
        return written

    def _repr_png_(self) -> bytes:
        """Show the drawing in a notebook."""
        return draw(self.drawing, "png", self.title, dpi=SCREEN_DPI)

    def __repr__(self) -> str:
        """Say what the figure shows, where no picture can be shown."""
        return f"Figure({self.title!r}, lang={self.lang!r}, {len(self.numbers)} rows)"


def settle(drawing: "Drawing") -> None:
    """Lay the drawing out and hold it so: every further pass of matplotlib would move it by a hair."""
    with warnings.catch_warnings():
        # A missing glyph is refused, with its name, before anything is written or shown.
        warnings.simplefilter("ignore")
        for _ in range(LAYOUT_PASSES):
            drawing.draw_without_rendering()
    drawing.set_layout_engine("none")


def draw(drawing: "Drawing", ending: str, title: str, *, dpi: int = PRINT_DPI) -> bytes:
    """Give a drawing's bytes as "svg" or "png", the same on every call."""
    stamps = {"svg": {"Date": None, "Title": title}, "png": {"Software": None}}
    sink = BytesIO()
    with house_style():
        refuse_missing_glyphs(drawing)
        drawing.savefig(sink, format=ending, dpi=dpi, metadata=stamps[ending])
    return _few_colours(sink, title, dpi) if ending == "png" else sink.getvalue()


def _few_colours(picture: BytesIO, title: str, dpi: int) -> bytes:
    """Write a PNG again with a palette: a third of the size, and no difference the eye sees in line art."""
    from PIL import Image, PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("Title", title)
    sink = BytesIO()
    with Image.open(picture) as full:
        reduced = full.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
        reduced.save(sink, format="png", optimize=True, dpi=(dpi, dpi), pnginfo=notes)
    return sink.getvalue()


def refuse_missing_glyphs(drawing: "Drawing") -> None:
    """Raise where a text of the drawing has a character that would print as an empty box."""
    from matplotlib.text import Text

    with warnings.catch_warnings():
        # Tick labels exist only once drawn; matplotlib's warning of a missing glyph becomes our error below.
        warnings.simplefilter("ignore")
        drawing.draw_without_rendering()
    written = [str(text.get_text()) for text in drawing.findobj(Text) if text.get_visible()]
    missing = sorted({sign for text in written for sign in text if sign != "\n" and ord(sign) not in font_characters()})
    if missing:
        named = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign in missing[:10])
        where = next(text for text in written if any(sign in text for sign in missing))
        raise DataError(
            f"the font {FONT_FILE.name} has no glyph for {named}, met in {where!r}; use another character, "
            "or add it to data/fonts/make.py and make the font again"
        )
