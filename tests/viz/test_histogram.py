"""The histogram against its input: counts by numpy, bars and marks read back from matplotlib's own objects."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from povstats.errors import ContractError, DataError
from povstats.viz import Figure, charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

# Boxes of neighbouring texts may share this many pixels of the empty rim that matplotlib counts to a text.
RIM = 1.0
WORDS = {
    "en": {"title": "Consumption", "unit": "yuan", "source": "Synthetic data"},
    "zh": {"title": "消费分布", "unit": "元", "source": "合成数据（仅用于测试）"},
}
VALUES = np.exp(np.random.default_rng(2).normal(7.4, 0.6, 440))
FRAME = pd.DataFrame({"value": VALUES, "part": np.where(VALUES < 1200, "poor", "others")}).sort_values("value")
MARKS = [(2428.0, "非贫困户 others 2,428"), (890.0, "贫困户 poor 890"), (1977.0, "全部 all 1,977")]


def draw(lang: str) -> Figure:
    axes = ("消费 consumption", "户 households")
    return charts.histogram(FRAME, width=250.0, marks=MARKS, axes_words=axes, lang=lang, **WORDS[lang])


def test_bars_are_the_counts() -> None:
    figure = draw("en")
    bars = figure.numbers[figure.numbers["part"] != "mark"]
    for part in ("poor", "others"):
        counts, edges = np.histogram(VALUES[FRAME.sort_index()["part"] == part], bins=np.arange(0, 20_001, 250))
        mine = bars[bars["part"] == part].set_index("low")["count"]
        assert mine.to_dict() == {edge: n for edge, n in zip(edges, counts, strict=False) if n}
    axes = figure.drawing.axes[0]
    assert sum(patch.get_height() for patch in axes.patches) == 440
    assert {round(patch.get_width()) for patch in axes.patches} == {250}


def test_marks_stand_from_left_to_right_each_lower() -> None:
    figure = draw("zh")
    axes = figure.drawing.axes[0]
    marks = sorted((line.get_xdata()[0], line.get_ydata()[1]) for line in axes.lines)
    assert [x for x, _ in marks] == [890.0, 1977.0, 2428.0]
    heights = [y for _, y in marks]
    assert heights == sorted(heights, reverse=True)
    tallest = figure.numbers.groupby("low")["count"].sum().max()
    assert min(heights) > tallest
    assert figure.numbers.loc[figure.numbers["part"] == "mark", "low"].tolist() == [890.0, 1977.0, 2428.0]


@pytest.mark.parametrize("look", [Look(), Look(84.0), Look(style="grey")])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_neither_overlap_nor_leave_the_sheet(lang: str, look: Look) -> None:
    with house_style():
        drawing = draw(lang).paint(look)
        drawing.draw_without_rendering()
        axes, hidden, boxes = drawing.axes[0], set(), []
        for axis in (axes.xaxis, axes.yaxis):
            # matplotlib keeps the labels of ticks beyond the ends of an axis, and does not draw them.
            low, high = axis.get_view_interval()
            hidden |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
        for text in drawing.findobj(Text):
            box = text.get_window_extent()
            if id(text) not in hidden and text.get_visible() and text.get_text().strip() and box.width:
                boxes.append((text.get_text(), box))
    for text, box in boxes:
        assert box.x0 >= -RIM, text
        assert box.x1 <= drawing.bbox.width + RIM, text
        assert box.y0 >= -RIM, text
        assert box.y1 <= drawing.bbox.height + RIM, text
    for (one, a), (two, b) in combinations(boxes, 2):
        across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= RIM or down <= 0.3 * min(a.height, b.height), (one, two)


def test_what_is_refused() -> None:
    words = {"lang": "en", **WORDS["en"]}
    with pytest.raises(ContractError, match="part"):
        charts.histogram(FRAME.drop(columns="part"), width=250.0, **words)
    with pytest.raises(DataError, match="width"):
        charts.histogram(FRAME, width=0.0, **words)
    with pytest.raises(DataError, match="missing or infinite"):
        charts.histogram(FRAME.assign(value=np.nan), width=250.0, **words)
    with pytest.raises(DataError, match="5 parts"):
        charts.histogram(FRAME.assign(part=np.arange(440) % 5), width=250.0, **words)
