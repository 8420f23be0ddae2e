"""The chart of Johnson–Neyman regions against its input: read back from matplotlib's own objects."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from povstats.errors import ContractError, DataError
from povstats.viz import Figure, charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

# Boxes of neighbouring texts may share this many pixels of the empty rim that matplotlib counts to a text.
RIM = 1.0
WORDS = {
    "en": {"title": "Slope of trust", "unit": "log points", "source": "Synthetic data"},
    "zh": {"title": "信任的斜率", "unit": "对数点", "source": "合成数据（仅用于测试）"},
}
CURVE = pd.DataFrame({"x": np.linspace(0, 10, 101)}).assign(estimate=lambda t: 0.25 * t.x - 1)
CURVE[["low", "high"]] = np.stack([CURVE.estimate - 0.35, CURVE.estimate + 0.35], axis=1)
BOTH = [(-np.inf, 2.6, -1, 0.2), (5.4, np.inf, 1, 0.5)]
CASES = {
    "both": BOTH,
    "near": [(-np.inf, 3.95, -1, 0.4), (4.05, np.inf, 1, 0.6)],
    "none": [],
    "all": [(-5.0, 40.0, 1, 1.0)],
    "outside": [(-np.inf, -3.0, -1, 0.0), (8.0, 9.0, 1, 0.1)],
}


def draw(lang: str, case: str) -> Figure:
    values = pd.DataFrame({"group": range(44), "x": np.random.default_rng(3).uniform(0, 10, 44)})
    frame = pd.DataFrame(CASES[case], columns=["low", "high", "sign", "groups"])
    return charts.johnson_neyman(
        CURVE,
        x_label="援助资金 aid (yuan)",
        regions=frame,
        values=values,
        group="村 villages",
        lang=lang,
        **WORDS[lang],
    )


def test_the_key_names_a_chinese_group_without_brackets_in_brackets() -> None:
    frame = pd.DataFrame(CASES["both"], columns=["low", "high", "sign", "groups"])
    values = pd.DataFrame({"group": range(4), "x": [1.0, 2.0, 6.0, 9.0]})
    rest = {"x_label": "x", "regions": frame, "values": values, "lang": "zh", **WORDS["zh"]}
    for group, told in (("乡（社）", "各乡（社）中占 20%"), ("", "各组中占 20%"), ("commune", "各 commune 中占 20%")):
        legend = charts.johnson_neyman(CURVE, group=group, **rest).drawing.axes[0].get_legend()
        assert any(told in text.get_text() for text in legend.get_texts())


@pytest.mark.parametrize("case", CASES)
def test_what_is_drawn_is_what_was_given(case: str) -> None:
    figure = draw("en", case)
    axes = figure.drawing.axes[0]
    curve = np.concatenate([line.get_xydata() for line in axes.lines if len(line.get_xydata()) > 2])
    np.testing.assert_allclose(curve[:, 1], 0.25 * curve[:, 0] - 1, atol=1e-12)
    assert (curve[:, 0].min(), curve[:, 0].max()) == (0, 10)
    strokes = [c for c in axes.collections if type(c) is LineCollection]
    rug = sorted(segment[0][0] for segment in strokes[0].get_segments())
    np.testing.assert_allclose(rug, figure.numbers.query("kind == 'group'")["x"].sort_values())
    inner = [end for low, high, *_ in CASES[case] for end in (low, high) if 0 < end < 10]
    upright = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert sorted(upright) == sorted(inner)
    shown = figure.numbers[figure.numbers["kind"].isin(["above", "below"])]
    expected = [(max(low, 0), min(high, 10)) for low, high, *_ in CASES[case] if low < 10 and high > 0]
    assert shown[["x", "to"]].to_numpy().tolist() == [list(map(float, pair)) for pair in expected]


def test_the_key_counts_each_region_and_says_what_the_rest_is() -> None:
    told = {
        case: [t.get_text() for t in draw("en", case).drawing.axes[0].get_legend().get_texts()]
        for case in ("both", "none", "all")
    }
    assert told["both"] == [
        "slope above zero: 50% of the groups (村 villages)",
        "slope below zero: 20% of the groups (村 villages)",
        "slope not distinguishable from zero",
    ]
    assert told["none"] == ["slope not distinguishable from zero"]
    assert told["all"] == ["slope above zero: 100% of the groups (村 villages)"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", ["both", "near"])
@pytest.mark.parametrize("look", [Look(), Look(84.0, "grey")], ids=["house", "column"])
def test_texts_neither_overlap_nor_leave_the_sheet(lang: str, case: str, look: Look) -> None:
    with house_style():
        drawing = draw(lang, case).paint(look)
        drawing.draw_without_rendering()
        boxes = []
        for text in drawing.findobj(Text):
            box = text.get_window_extent()
            if text.get_visible() and text.get_text().strip() and box.width:
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
    values = pd.DataFrame({"group": [1], "x": [2.0]})
    none = pd.DataFrame(columns=["low", "high", "sign", "groups"])
    words = {"x_label": "x", "lang": "en", **WORDS["en"]}
    with pytest.raises(ContractError, match="estimate"):
        charts.johnson_neyman(CURVE.drop(columns="estimate"), regions=none, values=values, **words)
    with pytest.raises(DataError, match="ascending order"):
        charts.johnson_neyman(CURVE.iloc[::-1], regions=none, values=values, **words)
    odd = pd.DataFrame([(0.0, 1.0, 2, 0.5)], columns=list(none.columns))
    with pytest.raises(DataError, match="'sign' must be 1 or -1"):
        charts.johnson_neyman(CURVE, regions=odd, values=values, **words)
    with pytest.raises(ContractError, match="sign"):
        charts.johnson_neyman(CURVE, regions=odd.drop(columns="sign"), values=values, **words)
