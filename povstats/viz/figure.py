"""A figure: how it is drawn, the numbers in it, and how both become files."""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.errors import OptionError, allowed
from povstats.files import replacing
from povstats.viz.formats import FORMATS, RASTER_DPI, Format, draw
from povstats.viz.theme import STYLES, WIDTH_MM, Look, Style, house_style
from povstats.words import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

SCREEN_DPI = 144
LAYOUT_PASSES = 2
# Narrower than half a journal's column nothing is legible; wider than a broadsheet nobody prints.
WIDTHS_MM = (60.0, 400.0)
DPI = (72, 1200)


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing with the numbers it shows.

    Attributes
    ----------
    paint : draws the figure anew at a width in millimetres and in a style.
    numbers : what is drawn, one row a mark, shares as 0–1.
    lang : "zh" or "en".
    title : the heading with its unit.
    """

    paint: "Callable[[Look], Drawing]"
    numbers: pd.DataFrame
    lang: Lang
    title: str

    @cached_property
    def drawing(self) -> "Drawing":
        """The matplotlib figure at the house's width and in its style; it belongs to no pyplot window."""
        return self._drawn(Look())

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        width_mm: float | None = None,
        dpi: int | None = None,
        format: Format | None = None,
        style: Style = "house",
    ) -> list[Path]:
        """Write `<path>.<lang>.svg`, `.png` and `.csv`, or one file in the format of a journal.

        The same figure gives the same bytes under one matplotlib. All files are made before the first is written,
        and each replaces its predecessor whole. Another width draws the figure anew: letters keep their size.

        Parameters
        ----------
        path : without `format`, a path without language and ending, such as "figures/vietnam-caterpillar". With it,
            the file itself; the ending is added where it is missing.
        width_mm : width in millimetres, 60 to 400; the house's is 160, a journal's column about 84.
        dpi : dots per inch of "png" (otherwise 200) and "tiff" (otherwise 600), 72 to 1200.
        format : "pdf", "eps", "tiff", "png" or "svg". PDF and EPS carry their letters with them; TIFF is compressed
            by LZW, in shades of grey alone where the style is.
        style : "house", or "grey" for print without colour.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        OptionError
            Where a format or style is unknown, the path has the ending of another format, a width or a resolution
            is out of range, or a resolution is asked of a format that has none.
        DataError
            Where the font lacks a character of the figure; nothing is written then.
        """
        allowed("style", style, STYLES)
        width = WIDTH_MM if width_mm is None else float(width_mm)
        _within("width_mm", width, WIDTHS_MM)
        if dpi is not None:
            _within("dpi", dpi, DPI)
        look = Look(width, style)
        stem = os.fspath(path)
        if format is None:
            _no_ending(stem)
            contents = {f"{stem}.{self.lang}.{ending}": self._bytes(ending, look, dpi) for ending in ("svg", "png")}
            contents[f"{stem}.{self.lang}.csv"] = self._table()
        else:
            contents = {_with_ending(stem, format, dpi): self._bytes(format, look, dpi)}
        for name, content in contents.items():
            with replacing(name) as part:
                part.write_bytes(content)
        return [Path(name) for name in contents]

    def _table(self) -> bytes:
        # Spreadsheets read a CSV without the mark as the system's old encoding. Ten digits: more than any
        # standard error supports, fewer than the noise of another processor's sums.
        table = self.numbers.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        return str(table).encode("utf-8-sig")

    def _bytes(self, ending: Any, look: Look, dpi: int | None) -> bytes:
        held = look == Look() and ending in ("svg", "png", "tiff")
        drawing = self.drawing if held else self._drawn(look)
        return draw(drawing, ending, self.title, style=look.style, dpi=dpi)

    def _drawn(self, look: Look) -> "Drawing":
        with house_style():
            return self.paint(look)

    def _repr_png_(self) -> bytes:
        """Show the drawing in a notebook."""
        return draw(self.drawing, "png", self.title, dpi=SCREEN_DPI)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the drawing out of a pickle: it is drawn anew."""
        return {name: value for name, value in self.__dict__.items() if name != "drawing"}

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


def _within(name: str, value: float, limits: tuple[float, float]) -> None:
    if not limits[0] <= value <= limits[1]:
        raise OptionError(f"{name}={value:g} is outside {limits[0]:g} to {limits[1]:g}")


def _ending_of(path: str) -> str:
    """Give the format that a path's ending names, or nothing."""
    ending = Path(path).suffix.lower().removeprefix(".")
    return "tiff" if ending == "tif" else ending if ending in (*FORMATS, "csv") else ""


def _no_ending(path: str) -> None:
    ending = _ending_of(path)
    if ending:
        raise OptionError(
            f"{path!r} ends in a format; give format={ending!r} for this one file, "
            "or leave the ending out for svg, png and csv"
        )


def _with_ending(path: str, format: Format, dpi: int | None) -> str:
    """Check a path and a resolution against a format, and add the ending where there is none."""
    allowed("format", format, FORMATS)
    if dpi is not None and format not in RASTER_DPI:
        raise OptionError(f"dpi={dpi} says nothing for {format!r}, which has no dots; leave it out, or take 'tiff'")
    ending = _ending_of(path)
    if ending and ending != format:
        raise OptionError(f"{path!r} ends in another format than format={format!r}")
    return path if ending else f"{path}.{format}"
