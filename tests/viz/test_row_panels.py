"""Named rows in panels against their input, read back from matplotlib's own objects."""

import numpy as np
import pandas as pd
import pytest

from povstats.errors import ContractError, DataError
from povstats.viz import charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

WORDS = {"unit": "share of surveys", "source": "Synthetic data 合成数据", "title": "Rows 行"}


def frame(groups=("a", "b"), panels=("one", "two", "three")):
    rows = [
        (panel, row, group, 0.1 * at + 0.01 * i, 0.1 * at + 0.01 * i - 0.02, 0.1 * at + 0.01 * i + 0.03)
        for panel in panels
        for i, row in enumerate(("first", "second", "third"))
        for at, group in enumerate(groups)
    ]
    return pd.DataFrame(rows, columns=["panel", "row", "group", "estimate", "low", "high"])


def panels_of(drawing):
    return [axes for axes in drawing.axes if axes.axison]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_estimate_and_interval_is_drawn_in_its_row(lang):
    given = frame()
    figure = charts.row_panels(given, line=0.05, percent=True, lang=lang, **WORDS)
    panels = panels_of(figure.drawing)
    assert [axes.get_title(loc="left") for axes in panels] == ["one", "two", "three"]
    for name, axes in zip(("one", "two", "three"), panels, strict=True):
        for group, spans in zip(("a", "b"), axes.collections, strict=True):
            own = given[(given["panel"] == name) & (given["group"] == group)]
            ends = np.array(spans.get_segments())
            assert ends[:, :, 0] == pytest.approx(own[["low", "high"]].to_numpy())
            assert np.round(ends[:, 0, 1]).tolist() == [0, 1, 2]
        assert any(set(line.get_xdata()) == {0.05} for line in axes.get_lines())
    assert [text.get_text() for text in panels[0].get_yticklabels()] == ["first", "second", "third"]
    assert figure.numbers.equals(given)


@pytest.mark.parametrize("width", [84, 170])
def test_panels_fit_a_journals_column(width):
    figure = charts.row_panels(frame(), lang="en", **WORDS)
    look = Look(width_mm=width)
    with house_style():
        drawing = figure.paint(look)
    for axes in panels_of(drawing):
        box = axes.get_tightbbox()
        assert box.x0 >= 0
        assert box.x1 <= drawing.bbox.x1 + 1
    columns = {round(axes.get_position().x0, 2) for axes in panels_of(drawing)}
    assert len(columns) == (1 if width == 84 else 3)


def test_refusals():
    with pytest.raises(ContractError, match="no column"):
        charts.row_panels(frame().drop(columns="row"), lang="en", **WORDS)
    with pytest.raises(DataError, match="series cannot be told apart"):
        charts.row_panels(frame(groups=tuple("abcdefg")), lang="en", **WORDS)
    with pytest.raises(DataError, match="differ between rows"):
        charts.row_panels(pd.concat([frame(), frame()]), lang="en", **WORDS)
