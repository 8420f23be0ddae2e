"""How wide a text is and where its lines may break, in Chinese and in Latin."""

import unicodedata
from functools import cache
from itertools import pairwise

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
    """Move the middles of labels, given ascending, as little as can be (in squares) so that they stand apart.

    Labels of these sizes touch at most, and all stay within the limits where there is room for them.

    Source: Barlow et al. (1972), Statistical inference under order restrictions, pooling of adjacent violators.
    """
    floors = [0.0]
    for left, right in pairwise(sizes):
        floors.append(floors[-1] + (left + right) / 2)
    pools: list[tuple[float, int]] = []
    for height, floor in zip(heights, floors, strict=True):
        pools.append((height - floor, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (high, one), (low, two) = pools.pop(-2), pools.pop()
            pools.append(((high * one + low * two) / (one + two), one + two))
    free = [middle for middle, count in pools for _ in range(count)]
    lowest, highest = limits[0] + sizes[0] / 2, limits[1] - sizes[-1] / 2 - floors[-1]
    return [floor + max(lowest, min(middle, highest)) for middle, floor in zip(free, floors, strict=True)]


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
