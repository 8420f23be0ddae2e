"""Laws of line breaking and of labels that make room for each other."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povstats.viz.lettering import NOT_FIRST, ems, millimetres, spread, wrapped

# The library gives advances in 65536ths of a pixel at 100 pixels.
ADVANCE = 1e-5
# Sums of a few dozen floats of size one to a hundred.
ROUNDING = 1e-9
TEXT = st.text(alphabet="贫困发生率（）《，。 abcXYZ10%", min_size=1, max_size=80)


@given(TEXT, st.floats(15, 80))
@settings(deadline=None, derandomize=True)
def test_wrapping_keeps_the_text_and_the_marks(text: str, width: float) -> None:
    lines = wrapped(text, width, 8.0).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines[1:]:
        assert not line or line[0] not in NOT_FIRST or text[0] in NOT_FIRST


@given(st.text(alphabet="贫困发生率", min_size=1, max_size=80), st.floats(15, 80))
@settings(deadline=None, derandomize=True)
def test_chinese_lines_are_full_but_never_too_wide(text: str, width: float) -> None:
    lines = wrapped(text, width, 8.0).split("\n")
    one = millimetres("贫", 8.0)
    assert all(millimetres(line, 8.0) <= width + ROUNDING for line in lines)
    assert all(millimetres(line, 8.0) + one > width - ROUNDING for line in lines[:-1])


@pytest.mark.parametrize(
    "text", ["各乡贫困发生率及其置信区间（合成数据），按位次排列" * 3, "poverty headcount by commune " * 6]
)
def test_long_lines_fit(text: str) -> None:
    lines = wrapped(text, 60.0, 8.0).split("\n")
    assert len(lines) > 1
    assert max(millimetres(line, 8.0) for line in lines) <= 60.0
    # No line but the last has room for a further ten millimetres' word or three characters.
    assert min(millimetres(line, 8.0) for line in lines[:-1]) > 40.0


def test_width_of_a_chinese_character_is_one_em() -> None:
    assert ems("贫困") == pytest.approx(2.0, rel=ADVANCE)
    # The digit's advance in the font's own table is 555 thousandths.
    assert ems("0") == pytest.approx(0.555, rel=ADVANCE)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(0.5, 4))
@settings(deadline=None, derandomize=True)
def test_spread_labels_stand_apart_in_order_and_inside(heights: list[float], size: float) -> None:
    placed = spread(sorted(heights), [size] * len(heights), (-10.0, 110.0))
    assert len(placed) == len(heights)
    for low, high in pairwise(placed):
        assert high - low >= size * 0.9
    assert placed[0] >= -10.0
    assert placed[-1] <= 110.0


def test_spread_leaves_alone_what_has_room() -> None:
    assert spread([0.0, 5.0, 9.0], [2.0, 2.0, 2.0], (-5.0, 15.0)) == [0.0, 5.0, 9.0]
