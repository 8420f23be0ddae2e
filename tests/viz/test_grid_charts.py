"""Grids of panels against their input, read back from matplotlib's own objects, in both languages and every width."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from povstats.errors import ContractError, DataError
from povstats.viz import charts
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

WORDS = {
    "en": {"title": "Slopes (synthetic)", "unit": "log points", "source": "Synthetic data"},
    "zh": {"title": "斜率（模拟）", "unit": "对数点", "source": "合成数据"},
}
NAMES = {"en": ["Trust in policy", "Relation with village cadres"], "zh": ["对政策的信任程度", "与村干部的关系"]}


def regions(lang="en", panels=2, **changed):
    x = np.linspace(0, 10, 21)
    names = (NAMES[lang] * 2)[:panels] if panels <= 2 else [f"{lang}{one}" for one in range(panels)]
    frames = [
        pd.DataFrame({"panel": name, "x": x, "estimate": at - 0.2 * x, "low": -0.3 - 0.2 * x, "high": at + 0.6})
        for at, name in enumerate(names)
    ]
    spans = pd.DataFrame({"panel": [names[-1]], "low": [-np.inf], "high": [4.0], "sign": [1], "groups": [0.5]})
    values = pd.concat([pd.DataFrame({"panel": name, "group": range(9), "x": range(1, 10)}) for name in names])
    given = {"x_label": "元 yuan", "regions": spans, "values": values, "lang": lang, **WORDS[lang], **changed}
    return pd.concat(frames, ignore_index=True), given


def ranked(lang="en", **changed):
    rng = np.random.default_rng(5)
    frames = []
    for row in NAMES[lang]:
        for column in ("level", "slope"):
            middle = rng.normal(0, 0.3, 12)
            frames.append(
                pd.DataFrame({"row": row, "column": column, "group": range(12), "estimate": middle})
                .assign(low=middle - 0.2, high=middle + 0.2)
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True), {"lang": lang, **WORDS[lang], **changed}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_panel_shows_its_curve_and_its_region_on_one_scale(lang):
    frame, given = regions(lang)
    figure = charts.region_panels(frame, **given)
    panels = [axes for axes in figure.drawing.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in panels] == NAMES[lang]
    assert panels[0].get_ylim() == panels[1].get_ylim()
    assert panels[0].get_ylim()[0] < frame["low"].min() < frame["high"].max() < panels[0].get_ylim()[1]
    for name, axes in zip(NAMES[lang], panels, strict=True):
        drawn = np.concatenate([line.get_xydata() for line in axes.get_lines() if len(line.get_xydata()) > 2])
        own = frame[frame["panel"] == name]
        assert np.interp(own["x"], *np.unique(drawn, axis=0).T) == pytest.approx(own["estimate"].to_numpy())
    numbers = figure.numbers
    assert numbers["panel"].value_counts().to_dict() == {NAMES[lang][0]: 30, NAMES[lang][1]: 31}
    [region] = numbers[numbers["kind"] == "above"].to_dict("records")
    assert (region["panel"], region["x"], region["to"]) == (NAMES[lang][1], 0.0, 4.0)


@pytest.mark.parametrize("panels", [1, 3, 5])
def test_any_number_of_panels_is_drawn_in_every_width_and_style(panels):
    frame, given = regions("en", panels)
    figure = charts.region_panels(frame, **given)
    for look in (Look(84.0, "grey"), Look(174.0, "house")):
        with house_style():
            drawing = figure.paint(look)
        assert sum(bool(axes.get_title(loc="left")) for axes in drawing.axes) == panels


def test_region_panels_refuse_what_one_chart_refuses():
    frame, given = regions()
    with pytest.raises(DataError, match="no column 'panel'"):
        charts.region_panels(frame.drop(columns="panel"), **given)
    with pytest.raises(DataError, match="ascending order"):
        charts.region_panels(frame.iloc[::-1], **given)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_panel_ranks_its_own_groups_and_counts_those_apart(lang):
    frame, given = ranked(lang)
    figure = charts.ranked_panels(frame, **given)
    panels = figure.drawing.axes
    assert len(panels) == 4
    keys = [(row, column) for row in NAMES[lang] for column in ("level", "slope")]
    for (row, column), axes in zip(keys, panels, strict=True):
        own = frame[(frame["row"] == row) & (frame["column"] == column)]
        dots = np.asarray(axes.collections[1].get_offsets())
        assert dots[:, 1] == pytest.approx(np.sort(own["estimate"]))
        apart = int(((own["low"] > 0) | (own["high"] < 0)).sum())
        [told] = [text.get_text() for text in axes.texts]
        assert str(apart) in told
        assert "12" in told
    assert panels[0].get_ylim() == panels[2].get_ylim()
    pd.testing.assert_frame_equal(figure.numbers, frame)


def test_missing_intervals_are_hollow_and_a_remark_takes_the_counts_place():
    frame, given = ranked()
    first = (frame["row"] == NAMES["en"][0]) & (frame["column"] == "slope")
    frame.loc[first, ["low", "high"]] = np.nan
    figure = charts.ranked_panels(frame, remarks={(NAMES["en"][0], "slope"): "tied"}, **given)
    axes = figure.drawing.axes[1]
    assert [text.get_text() for text in axes.texts] == ["tied"]
    lines = [one for one in axes.collections if isinstance(one, LineCollection)]
    assert len(lines[0].get_segments()) == 0


def test_ranked_panels_refuse_a_group_that_stands_twice():
    frame, given = ranked()
    with pytest.raises(DataError, match="twice"):
        charts.ranked_panels(pd.concat([frame, frame.iloc[:1]]), **given)
    with pytest.raises(ContractError, match="column"):
        charts.ranked_panels(frame.drop(columns="column"), **given)
