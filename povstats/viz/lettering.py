"""How wide a text is and where its lines may break, in Chinese and in Latin."""

import unicodedata
from functools import cache

from povstats.viz.theme import FONT_FILE, MM_PER_POINT, font_characters

# Chinese typesetting: these may not begin a line, those may not end one.
NOT_FIRST = set("，。、；：？！）】》”’％%…—·),.;:?!")
NOT_LAST = set("（【《“‘(")


@cache
def _advance(sign: str) -> float:
    """Read a character's width from the shipped font, in ems."""
    from matplotlib.ft2font import FT2Font, LoadFlags

    if ord(sign) not in font_characters():
        return 1.0
    font = FT2Font(str(FONT_FILE))
    font.set_size(100, 72)
    return font.load_char(ord(sign), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / 100


def ems(text: str) -> float:
    """Give the width of a line of text in ems."""
    return sum(_advance(sign) for sign in text)


def millimetres(text: str, points: float) -> float:
    """Give the printed width of a text of one line at a type size in points."""
    return ems(text) * points * MM_PER_POINT


def wrapped(text: str, width_mm: float, points: float) -> str:
    """Break a text into lines no wider than `width_mm`.

    Latin breaks at spaces; Chinese between any two characters, but no line begins with a closing mark or ends
    with an opening one. A single word wider than the line stays whole.
    """
    room = width_mm / (points * MM_PER_POINT)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and ems((line + piece).rstrip()) > room:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return "\n".join(lines)


def spread(heights: list[float], sizes: list[float], limits: tuple[float, float]) -> list[float]:
    """Move the middles of labels, given ascending, so that labels of these sizes stand apart."""
    placed = list(heights)
    for _ in range(50):
        for at in range(1, len(placed)):
            lack = (sizes[at - 1] + sizes[at]) / 2 - (placed[at] - placed[at - 1])
            if lack > 0:
                placed[at - 1] -= lack / 2
                placed[at] += lack / 2
        placed[0] = max(placed[0], limits[0] + sizes[0] / 2)
        placed[-1] = min(placed[-1], limits[1] - sizes[-1] / 2)
    return placed


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end."""
    pieces: list[str] = []
    for sign in text:
        if pieces and _joined(pieces[-1][-1], sign):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def _joined(left: str, right: str) -> bool:
    """Tell whether two neighbouring characters must stay on one line."""
    if right in NOT_FIRST or left in NOT_LAST:
        return True
    if left == " ":
        return False
    wide = [unicodedata.east_asian_width(sign) in "WF" for sign in (left, right)]
    return not any(wide) or right == " "
