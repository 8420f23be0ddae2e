"""Bars to both sides of a base against their input, read back from matplotlib's own objects."""

import pandas as pd
import pytest

from povstats.errors import ContractError, DataError
from povstats.viz import charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

WORDS = {"unit": "share", "source": "Synthetic data 合成数据", "title": "Bars 条"}
ROWS = pd.DataFrame(
    {
        "group": ["small", "wide", "wide", "one side", "one side"],
        "label": ["a", "b", "c", "d", "e"],
        "estimate": [0.21, 0.05, 0.4, 0.25, 0.3],
    }
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bars_reach_from_the_base_to_the_value_the_widest_on_top(lang):
    figure = charts.tornado(ROWS, base=0.2, percent=True, lang=lang, **WORDS)
    assert figure.numbers["group"].tolist() == ["wide", "wide", "one side", "one side", "small"]
    axes = figure.drawing.axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx(figure.numbers["estimate"].tolist())
    assert {bar.get_x() for bar in axes.patches} == {0.2}
    assert [text.get_text() for text in axes.get_yticklabels()] == ["wide", "one side", "small"]
    joint = "：" if lang == "zh" else ": "
    assert [text.get_text() for text in axes.texts] == [
        f"{label}{joint}{value}" for label, value in zip("bcdea", ("5%", "40%", "25%", "30%", "21%"), strict=True)
    ]
    bars = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches[2:4]]
    assert bars[0][1] <= bars[1][0], "two bars to one side do not cover each other"


@pytest.mark.parametrize("width", [84, 170])
def test_texts_beside_the_bars_stay_inside(width):
    figure = charts.tornado(ROWS, base=0.2, percent=True, lang="zh", **WORDS)
    with house_style():
        drawing = figure.paint(Look(width_mm=width))
    for text in drawing.axes[0].texts:
        box = text.get_window_extent()
        assert box.x1 <= drawing.bbox.x1 + 1
        assert box.x0 >= 0


def test_refusals():
    with pytest.raises(ContractError, match="no column"):
        charts.tornado(ROWS.drop(columns="label"), base=0.2, lang="en", **WORDS)
    with pytest.raises(DataError, match="two at most"):
        charts.tornado(pd.concat([ROWS, ROWS]), base=0.2, lang="en", **WORDS)
    with pytest.raises(DataError, match="missing"):
        charts.tornado(ROWS.assign(estimate=None), base=0.2, lang="en", **WORDS)
