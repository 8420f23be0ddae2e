"""Whether two pictures are the same to the eye."""

import re
from pathlib import Path

import numpy as np

POINT = 1e-3
"""Numbers of a drawing, in points: another processor's sums move coordinates by 1e-6, which no printer shows."""
LEVELS = 2
"""Steps of 255 in one colour of one dot: what such a coordinate may do to the smoothed edge of a line."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def alike(built: Path, accepted: Path) -> bool:
    """Tell whether two drawings (.svg) or dot pictures (.png) agree.

    Drawings agree where their text is the same and each number lies within `POINT`; dot pictures where they have one
    size and no colour of a dot is more than `LEVELS` apart. Other files agree by their bytes.

    Parameters
    ----------
    built, accepted : two files with the same ending.
    """
    if built.read_bytes() == accepted.read_bytes():
        return True
    if built.suffix == ".svg":
        return _same_drawing(built.read_text(encoding="utf-8"), accepted.read_text(encoding="utf-8"))
    return built.suffix == ".png" and _same_dots(built, accepted)


def _same_drawing(new: str, old: str) -> bool:
    if _NUMBER.split(new) != _NUMBER.split(old):
        return False
    a, b = (np.array(_NUMBER.findall(text), dtype=float) for text in (new, old))
    return bool((np.abs(a - b) <= POINT).all())


def _same_dots(built: Path, accepted: Path) -> bool:
    from PIL import Image

    with Image.open(built) as new, Image.open(accepted) as old:
        a, b = (np.asarray(picture.convert("RGBA"), dtype=np.int16) for picture in (new, old))
    return a.shape == b.shape and bool((np.abs(a - b) <= LEVELS).all())
