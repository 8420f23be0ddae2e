"""One drawing as the bytes of one format, the same on every call."""

import re
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from povstats.viz.glyphs import letters_as_truetype, refuse_missing_glyphs
from povstats.viz.theme import Style, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Format = Literal["svg", "png", "pdf", "eps", "tiff"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf", "eps", "tiff")
# Line art at a journal's resolution; on the screen less will do.
RASTER_DPI = {"png": 200, "tiff": 600}
PALETTE = 128
# Places only: a rounded scale would move letters.
_PLACES = re.compile(rb'(?: d| x| y)="[^"]*"|translate\([^)]*\)')
_LONG = re.compile(rb"-?\d+\.\d{4,}")
_STAMPS: dict[str, dict[str, None]] = {
    "svg": {"Date": None},
    "png": {"Software": None},
    "tiff": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "eps": {},
}


def draw(drawing: "Drawing", ending: Format, title: str, *, style: Style = "house", dpi: int | None = None) -> bytes:
    """Give a drawing's bytes in a format; a raster has its own resolution where `dpi` is None.

    For "pdf" and "eps" the texts of the drawing take another font file with the same letters, so the drawing should
    be one made for this call.

    Raises
    ------
    DataError
        Where the font lacks a character of the drawing.
    """
    with house_style():
        refuse_missing_glyphs(drawing)
        if ending in RASTER_DPI:
            return _raster(drawing, ending, title, style, dpi or RASTER_DPI[ending])
        if ending == "svg":
            return _rounded(_written(drawing, "svg", title))
        with tempfile.TemporaryDirectory() as folder:
            letters_as_truetype(drawing, Path(folder))
            content = _written(drawing, ending, title)
    # The only line of an EPS that differs between two runs.
    return re.sub(rb"%%CreationDate: [^\n]*\n", b"", content, count=1) if ending == "eps" else content


def _rounded(content: bytes) -> bytes:
    """Round places to a thousandth of a point: a tenth less to load, and nothing of another processor's last digits."""
    return _PLACES.sub(lambda found: _LONG.sub(lambda long: b"%.3f" % float(long[0]), found[0]), content)


def _written(drawing: "Drawing", ending: str, title: str, **options: Any) -> bytes:
    stamps = {**_STAMPS[ending], **({"Title": title} if ending in ("svg", "pdf") else {})}
    sink = BytesIO()
    drawing.savefig(sink, format=ending, metadata=stamps or None, **options)
    return sink.getvalue()


def _raster(drawing: "Drawing", ending: str, title: str, style: Style, dpi: int) -> bytes:
    """Write a raster with no more colours than line art needs: a third of the size, and no difference the eye sees."""
    from PIL import Image, PngImagePlugin

    options: dict[str, Any] = {"compression": "tiff_lzw"}
    if ending == "png":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("Title", title)
        options = {"optimize": True, "pnginfo": notes}
    sink = BytesIO()
    with Image.open(BytesIO(_written(drawing, "png", title, dpi=dpi))) as full:
        picture = full.convert("L" if style == "grey" else "RGB")
        if ending == "png" and style == "house":
            picture = picture.quantize(PALETTE, dither=Image.Dither.NONE)
        picture.save(sink, format=ending, dpi=(dpi, dpi), **options)
    return sink.getvalue()
