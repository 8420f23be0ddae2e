"""Values that look like codes of missing answers. They are told and never treated as missing."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEGATIVE = (-1, -2, -3, -7, -8, -9, -88, -99, -888, -999, -9999)
POSITIVE = (9, 97, 98, 99, 997, 998, 999, 9998, 9999, 99999, 999999, 9999999)
HEAP = 3
"""A value at the end that is so many times as frequent as any neighbour is a code although no gap parts it."""
_WORDS = re.compile(
    r"不知道|不清楚|拒绝|拒答|不适用|缺失|无回答|未回答|不回答|不愿|无法回答"
    r"|don.?t know|do not know|refus|not applicable|\bmissing\b|no answer|\bn/?a\b|\bdk\b",
    re.IGNORECASE,
)


def suspects(
    values: NDArray[np.floating | np.integer], labels: Mapping[Any, str], declared: Collection[Any]
) -> dict[float, int]:
    """Find values that look like missing codes, with their counts.

    A value looks so where its label says "refused", "don't know" and the like, or where it is one of the usual codes
    and stands at an end of the distribution: a negative one below values that are all at least zero; 9, 99, 998 and
    so on above all others by a gap of at least 2 and a tenth of itself, or as a heap.

    Parameters
    ----------
    values : sorted, without missing ones. labels : of the codes. declared : codes that the file declares missing.
    """
    worded = {code for code, label in labels.items() if not isinstance(code, str) and _WORDS.search(label)}
    found = {code: _count(values, code) for code in (*worded, *_ends(values)) if code not in declared}
    return {float(code): count for code, count in sorted(found.items()) if count}


def _ends(values: NDArray[np.floating | np.integer]) -> list[int]:
    """Find the usual codes that stand apart at the ends."""
    negative = [code for code in NEGATIVE if _count(values, code)]
    positive = [code for code in POSITIVE if _count(values, code)]
    below = values[: np.searchsorted(values, 0)]
    found = negative if len(below) and len(below) == sum(_count(values, code) for code in negative) else []
    # From the top down: 998 stands below 999, and both are codes where the rest is far away.
    rest = values[len(below) :]
    for code in _run(positive, rest):
        under = rest[: np.searchsorted(rest, code)]
        if len(under) and (code - under[-1] >= max(2, code / 10) or _is_heap(rest, code)):
            found = [*found, *(other for other in positive if other >= code)]
            break
    return found


def _run(positive: list[int], rest: NDArray[np.floating | np.integer]) -> list[int]:
    """Give the usual codes above which there are only usual codes, the lowest first."""
    return [
        code
        for code in positive
        if sum(_count(rest, other) for other in positive if other >= code)
        == len(rest) - int(np.searchsorted(rest, code))
    ]


def _is_heap(rest: NDArray[np.floating | np.integer], code: int) -> bool:
    """Tell whether a code is far more frequent than the values just below it."""
    under = rest[: np.searchsorted(rest, code)]
    if len(np.unique(under[-1000:])) < 5:
        return False  # a short scale: its last point may be the most frequent one
    _, counts = np.unique(under[np.searchsorted(under, code * 0.9) :], return_counts=True)
    return bool(len(counts) and _count(rest, code) >= max(5, HEAP * counts.max()))


def _count(values: NDArray[np.floating | np.integer], code: float) -> int:
    return int(np.searchsorted(values, code, "right") - np.searchsorted(values, code, "left"))
