"""Curves in panels against their input, read back from matplotlib's own objects."""

import numpy as np
import pandas as pd
import pytest

from povstats.errors import ContractError, DataError
from povstats.viz import charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

WORDS = {"unit": "log points", "source": "Synthetic data 合成数据", "x_label": "grade 档次"}


def frame(groups=("a",), panels=("one", "two")):
    rows = [
        (panel, group, x, 0.1 * x + at, 0.1 * x + at - 0.2, 0.1 * x + at + 0.3)
        for panel in panels
        for at, group in enumerate(groups)
        for x in range(1, 6)
    ]
    return pd.DataFrame(rows, columns=["panel", "group", "x", "estimate", "low", "high"])


def panels_of(figure):
    return [axes for axes in figure.drawing.axes if axes.axison]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("shape", ["points", "joined"])
def test_every_estimate_and_interval_is_drawn(lang, shape):
    given = frame()
    figure = charts.curve_panels(given, shape=shape, lang=lang, title="Steps 档次", **WORDS)
    panels = panels_of(figure)
    assert [axes.get_title(loc="left") for axes in panels] == ["one", "two"]
    for name, axes in zip(("one", "two"), panels, strict=True):
        own = given[given["panel"] == name]
        dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
        assert dots[0].get_xydata() == pytest.approx(own[["x", "estimate"]].to_numpy())
        spans = np.array([segment for one in axes.collections for segment in one.get_segments()])
        assert spans[:, :, 1] == pytest.approx(own[["low", "high"]].to_numpy())
        assert list(axes.get_xticks()) == [1, 2, 3, 4, 5]
    assert panels[0].get_ylim() == panels[1].get_ylim()
    assert figure.numbers[list(given)].equals(given.astype({"x": float}))


def test_a_band_has_its_ends_and_marks_have_their_places():
    given = frame(panels=("",))
    marks = [charts.Mark("y", 0.25, "share"), charts.Mark("x", 2.5, "line")]
    figure = charts.curve_panels(given, shape="band", marks=marks, lang="en", title="Lines", **WORDS)
    [axes] = panels_of(figure)
    band = axes.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((given["low"].min(), given["high"].max()))
    lines = {tuple(np.unique(line.get_xdata())) for line in axes.get_lines()}
    assert (2.5,) in lines
    assert {text.get_text() for text in axes.texts} == {"share", "line"}
    # The name of the lying line stands where the curve is far from it: at the right end.
    assert next(text for text in axes.texts if text.get_text() == "share").get_ha() == "right"


@pytest.mark.parametrize("look", [Look(84.0, "grey"), Look(160.0, "house")])
def test_series_are_told_apart_in_every_width(look):
    given = frame(groups=("the first of the series", "the second of the series", "the third of the series"))
    line = given.loc[given["group"] == "the first of the series", ["panel", "x", "estimate"]]
    straight = (line.rename(columns={"estimate": "y"}), "straight line")
    figure = charts.curve_panels(given, straight=straight, lang="en", title="Series", **WORDS)
    with house_style():
        drawing = figure.paint(look)
    drawing.canvas.draw()
    [key] = [axes.get_legend() for axes in drawing.axes if axes.get_legend() is not None]
    assert [text.get_text() for text in key.get_texts()] == [*dict.fromkeys(given["group"]), "straight line"]
    right = max(text.get_window_extent().x1 for text in key.get_texts())
    assert right <= drawing.bbox.x1
    axes = [one for one in drawing.axes if one.axison]
    assert all(one.get_position().width > 0.3 for one in axes)
    drawn = [line.get_xdata() for line in axes[0].get_lines() if line.get_marker() not in ("None", "", None)]
    assert len(drawn) == 3
    assert np.ptp([x[0] for x in drawn]) > 0  # set apart, so that no interval hides another


def test_refusals():
    given = {"lang": "en", "title": "x", **WORDS}
    with pytest.raises(ContractError, match="no column"):
        charts.curve_panels(frame().drop(columns="low"), **given)
    with pytest.raises(DataError, match="must differ between rows"):
        charts.curve_panels(pd.concat([frame(), frame()]), **given)
    with pytest.raises(DataError, match="7 series cannot be told apart"):
        charts.curve_panels(frame(groups=tuple("abcdefg")), **given)
