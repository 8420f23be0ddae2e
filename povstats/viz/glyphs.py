"""Letters of a drawing: that the shipped font has them all, and how a publisher's file carries them."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from povstats.errors import DataError
from povstats.viz.theme import FONT_FILE, font_characters

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

# Thousandths of an em that a curve may move when it is written with TrueType's quadratic pieces.
CURVE_ERROR = 0.5
# matplotlib measures the height of a line by these letters, also where no text has them.
MEASURED = "lp"


def written_in(drawing: "Drawing") -> list[str]:
    """List the visible texts of a drawing, tick labels with them."""
    from matplotlib.text import Text

    with warnings.catch_warnings():
        # Tick labels exist only once drawn; matplotlib's warning of a missing glyph becomes our error.
        warnings.simplefilter("ignore")
        drawing.draw_without_rendering()
    return [str(text.get_text()) for text in drawing.findobj(Text) if text.get_visible()]


def refuse_missing_glyphs(drawing: "Drawing") -> None:
    """Raise where a text of the drawing has a character that would print as an empty box."""
    written = written_in(drawing)
    missing = sorted({sign for text in written for sign in text if sign != "\n" and ord(sign) not in font_characters()})
    if missing:
        named = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign in missing[:10])
        where = next(text for text in written if any(sign in text for sign in missing))
        raise DataError(
            f"the font {FONT_FILE.name} has no glyph for {named}, met in {where!r}; use another character, "
            "or add it to data/fonts/make.py and make the font again"
        )


def letters_as_truetype(drawing: "Drawing", folder: Path) -> None:
    """Give the drawing's texts a TrueType font of just their letters, written into `folder`.

    PDF and EPS take it in as it is. The shipped font has PostScript outlines, which matplotlib puts under the
    heading of TrueType: Ghostscript refuses such an EPS, and readers of PDF complain.
    """
    from matplotlib.text import Text

    letters = {ord(sign) for text in (*written_in(drawing), MEASURED) for sign in text if sign != "\n"}
    path = folder / "PovstatsSansSC.ttf"
    _truetype(letters, path)
    for text in drawing.findobj(Text):
        properties = text.get_fontproperties().copy()
        properties.set_file(path)
        text.set_fontproperties(properties)


def _truetype(letters: set[int], path: Path) -> None:
    """Write a TrueType font with these characters of the shipped font."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib import TTFont

    with TTFont(FONT_FILE) as whole:
        characters = {code: name for code, name in whole.getBestCmap().items() if code in letters}
        names = [".notdef", *dict.fromkeys(characters[code] for code in sorted(characters))]
        builder = FontBuilder(whole["head"].unitsPerEm, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap(characters)
        builder.setupGlyf(_outlines(whole, names))
        builder.setupHorizontalMetrics({name: whole["hmtx"][name] for name in names})
        head = whole["hhea"]
        builder.setupHorizontalHeader(ascent=head.ascent, descent=head.descent, lineGap=head.lineGap)
        builder.setupNameTable({"familyName": "Povstats Sans SC", "styleName": "Regular", "psName": "PovstatsSansSC"})
        # Its heights make the distance of lines.
        builder.font["OS/2"] = whole["OS/2"]
        builder.setupPost()
        # Otherwise the hour of writing is in the font, and so in the picture.
        builder.updateHead(created=whole["head"].created, modified=whole["head"].modified)
        builder.font.recalcTimestamp = False
        builder.save(path)


def _outlines(whole: Any, names: list[str]) -> dict[str, Any]:
    """Turn cubic outlines into quadratic ones."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    glyphs, drawn = whole.getGlyphSet(), {}
    for name in names:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        drawn[name] = pen.glyph()
    return drawn
