"""How wide the columns of a table are in a Word file, how large its letters, and whether its page lies."""

import re
from dataclasses import dataclass

from povstats.printing import width
from povstats.tables.sheet import Sheet

BODY_POINTS, SMALL_POINTS, LEAST_POINTS = 10.5, 9.0, 8.0
TEXT_WIDTH_CM, LYING_WIDTH_CM = 16.0, 22.5
WIDEST_STUB_CM, NARROWEST_STUB_CM = 7.0, 3.4
CM_PER_SIGN = 0.235
"""A digit of body size, with room for the wider letters that stand in where Times New Roman is not installed."""
CELL_MARGIN_CM = 0.1
MARGINS_CM = 2 * CELL_MARGIN_CM + 0.05
SHORT_CM = 2.8
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffef-]+-?")
"""What Word keeps on one line: it breaks at blanks, after hyphens and between Chinese characters."""


@dataclass(frozen=True)
class Widths:
    """The room of a table: labels, columns (cm), letters (points), and whether the page lies on its side."""

    stub: float
    columns: list[float]
    points: float
    lying: bool


def widths(sheet: Sheet) -> Widths:
    """Choose the widths: upright where that does not break a number, with smaller letters if need be; else lying.

    Columns are alike where all texts fit on two lines and all numbers on one. Otherwise short ones take what they
    need, others what two lines need, and the longest the rest. Sentences are never given columns alike.
    """
    if any(sheet.prose):
        return _uneven(sheet)
    for lying, room in ((False, TEXT_WIDTH_CM), (True, LYING_WIDTH_CM)):
        for points in (BODY_POINTS, SMALL_POINTS, LEAST_POINTS):
            found = _alike(sheet, room, points)
            if found is not None:
                return Widths(*found, points, lying)
    return _uneven(sheet)


def _alike(sheet: Sheet, room: float, points: float) -> tuple[float, list[float]] | None:
    """Share the room among columns of one width; labels give way down to their least."""
    scale = CM_PER_SIGN * points / BODY_POINTS
    count = sheet.width
    texts = _texts(sheet)
    whole = max(_cm(width(text), scale) for text in texts)
    unbroken = max(_cm(width(part), scale) for text in texts for part in _UNBROKEN.findall(text) or [""])
    for level in range(len(sheet.headings)):
        for text, span in sheet.spans(level):
            unbroken = max(unbroken, *(_cm(width(part), scale) / span for part in _UNBROKEN.findall(text)), 0.0)
    least = max(unbroken, whole / 2)
    stub = min(max(_cm(max(width(row.label) for row in sheet.rows), scale), 3.0), WIDEST_STUB_CM)
    stub = min(stub, max(room - count * least, NARROWEST_STUB_CM))
    each = (room - stub) / count
    return (stub, [each] * count) if least <= each else None


def _uneven(sheet: Sheet) -> Widths:
    """Lay the page on its side and give each column what it needs."""
    widest = NARROWEST_STUB_CM if any(sheet.prose) else WIDEST_STUB_CM  # sentences need the room
    stub = min(max(_cm(max(width(row.label) for row in sheet.rows), CM_PER_SIGN), 3.0), widest)
    texts = list(zip(*sheet.headings[-1:], *(row.cells for row in sheet.rows), strict=True))
    needs = [max(_cm(width(text), CM_PER_SIGN) for text in column) for column in texts]
    room = LYING_WIDTH_CM - stub
    least = [need + 0.2 if need <= SHORT_CM else max(need / 2 + 0.8, SHORT_CM) for need in needs]
    shares: dict[int, float] = {}
    for turn, at in enumerate(sorted(range(len(least)), key=least.__getitem__)):
        shares[at] = min(least[at], (room - sum(shares.values())) / (len(least) - turn))
    long = max(range(len(needs)), key=needs.__getitem__)
    shares[long] += room - sum(shares.values())
    return Widths(stub, [shares[at] for at in range(len(needs))], BODY_POINTS, True)


def _texts(sheet: Sheet) -> list[str]:
    return [text for row in (*sheet.headings[-1:], *(row.cells for row in sheet.rows)) for text in row]


def _cm(signs: int, scale: float) -> float:
    return signs * scale + MARGINS_CM
