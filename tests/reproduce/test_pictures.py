"""Pictures of another processor are the same pictures; a moved mark, another word or another colour are not."""

import numpy as np
import pytest
from PIL import Image

from povstats.reproduce.pictures import LEVELS, POINT, alike

LINE = '<svg><path id="m8d8ddac18d" d="M {} 57.889791 L 346.8 1e-05"/><text>{}</text></svg>'


@pytest.mark.parametrize(
    ("x", "word", "same"),
    [
        (312.78976, "村", True),
        (312.789761, "村", True),
        (312.78976 + 2 * POINT, "村", False),
        (312.78976, "县", False),
    ],
)
def test_drawings(tmp_path, x, word, same):
    a, b = tmp_path / "a.svg", tmp_path / "b.svg"
    a.write_text(LINE.format(312.78976, "村"), encoding="utf-8")
    b.write_text(LINE.format(x, word), encoding="utf-8")
    assert alike(a, b) is same


def test_a_drawing_with_a_mark_more_is_another(tmp_path):
    a, b = tmp_path / "a.svg", tmp_path / "b.svg"
    a.write_text("<svg>1 2</svg>")
    b.write_text("<svg>1 2 3</svg>")
    assert not alike(a, b)


@pytest.mark.parametrize(("step", "same"), [(0, True), (LEVELS, True), (LEVELS + 1, False)])
def test_dots(tmp_path, step, same):
    dots = np.full((4, 5, 4), 100, dtype=np.uint8)
    Image.fromarray(dots).save(tmp_path / "a.png")
    dots[1, 2, 0] += step
    Image.fromarray(dots).save(tmp_path / "b.png", compress_level=1)
    assert alike(tmp_path / "a.png", tmp_path / "b.png") is same


def test_another_size_is_another_picture(tmp_path):
    for name, width in (("a.png", 5), ("b.png", 6)):
        Image.new("RGBA", (width, 4)).save(tmp_path / name)
    assert not alike(tmp_path / "a.png", tmp_path / "b.png")
