"""Charts of trends against their input: marks and texts are read back from matplotlib's own objects.

The frames hold printed figures (Ganzhou, a town, national counts of 1978 to 2007) and invented ones, for tests only.
"""

import pickle
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from povstats.errors import ContractError, DataError
from povstats.viz import Figure, charts
from povstats.viz.scale import on_axis, printed
from povstats.viz.theme import Look, house_style
from povstats.words import LANGUAGES

# Boxes of neighbouring texts may share this much of the empty rim that matplotlib counts to a text: two dots of a
# hundred to the inch across, and of the height of a line the air that a font's ascent and descent keep free.
RIM, AIR = 2.0, 0.34
SVG_LIMIT, PNG_LIMIT = 300_000, 200_000
NARROW = 84.0
WORDS = {
    "en": {
        "title": "Poverty in six places",
        "unit": "%",
        "source": "the documents",
        "notes": ["Places differ in definition.", "Compare paths, not levels."],
    },
    "zh": {"title": "六地贫困状况", "unit": "%", "source": "各文献", "notes": ["各地口径不同。", "只比较走势。"]},
}
SIX = pd.DataFrame(
    [
        ("Ganzhou 赣州", 2010, 0.299, "2010", 0, ""),
        ("Ganzhou 赣州", 2015, 0.093, "2015", 0, ""),
        ("A town", 2014, 0.085, "2014", 0, ""),
        ("A town", 2016, 0.059, "2016", 0, ""),
        ("A town", np.nan, 0.0026, "now", 0, ""),
        ("A province (from context)", 2000, 0.1522, "2000", 0, ""),
        ("A province (from context)", 2010, 0.0548, "2010", 0, ""),
        ("Dousha", 2014, 0.379, "2014", 0, "registered"),
        ("Dousha", 2015, 0.279, "2015", 1, "residents"),
        ("Dousha", 2019, 0.011, "2019", 1, "residents"),
        ("Dengta", 2014, 0.07, "2014", 0, ""),
        ("Dengta", 2019, 0.0, "2019", 0, ""),
        ("A sixth", 2012, 0.2, "2012", 0, ""),
        ("A sixth", 2018, 0.03, "2018", 0, ""),
    ],
    columns=["group", "time", "value", "label", "segment", "basis"],
)
ABSOLUTE = {2002: 2820, 2003: 2900, 2004: 2610, 2005: 2365, 2006: 2148, 2007: 1479}
LOW_INCOME = {2003: 5617, 2004: 4977, 2005: 4067, 2006: 3550, 2007: 2841}
COUNTS = pd.DataFrame(
    [("absolute 绝对贫困", year, float(count)) for year, count in ABSOLUTE.items()]
    + [("low-income 低收入", year, float(count)) for year, count in LOW_INCOME.items()],
    columns=["group", "time", "value"],
)
STACK = COUNTS[COUNTS["time"] >= 2003].rename(columns={"group": "part"})
EXITS = pd.DataFrame({"time": [2014, 2015, 2017], "part": "exits", "value": [1464.0, 632.0, 4317.0]})
UNITS = pd.DataFrame(
    [
        ("poor 贫困人口", "20XX", 17.33, "first", "万人"),
        ("poor 贫困人口", "20XX", 5.46, "last", "万人"),
        ("incidence 发生率", "20XX", 0.208, "first", "%"),
        ("incidence 发生率", "20XX", 0.0655, "last", "%"),
    ],
    columns=["group", "label", "value", "end", "unit"],
)


def two_ends() -> pd.DataFrame:
    return SIX.groupby("group", sort=False).nth([0, -1])[["group", "time", "label", "value"]].reset_index(drop=True)


def lines(lang: str) -> Figure:
    return charts.lines(SIX, lang=lang, percent=True, **WORDS[lang])


def one_line(lang: str) -> Figure:
    return charts.lines(SIX[SIX["group"] == "A town"], lang=lang, percent=True, time_label="年 year", **WORDS[lang])


def counts(lang: str) -> Figure:
    return charts.lines(COUNTS, lang=lang, **WORDS[lang])


def multiples(lang: str) -> Figure:
    return charts.multiples(SIX, lang=lang, percent=True, **WORDS[lang])


def slope(lang: str) -> Figure:
    return charts.slope(two_ends(), lang=lang, percent=True, **WORDS[lang])


def dumbbell(lang: str) -> Figure:
    rows = two_ends().assign(end=["first", "last"] * 6)
    return charts.dumbbell(rows, lang=lang, percent=True, **WORDS[lang])


def by_unit(lang: str) -> Figure:
    return charts.dumbbell(UNITS, lang=lang, **WORDS[lang])


def stacked(lang: str) -> Figure:
    return charts.stacked(STACK, lang=lang, **WORDS[lang])


def bars(lang: str) -> Figure:
    return charts.stacked(EXITS, lang=lang, **WORDS[lang])


EVERY: list[Callable[[str], Figure]] = [
    lines,
    one_line,
    counts,
    multiples,
    slope,
    dumbbell,
    by_unit,
    stacked,
    bars,
]


def unseen(axes: Axes) -> set[int]:
    """List the labels of ticks beyond the ends of an axis, and of axes that print none."""
    found = set()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        found |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("look", [Look(), Look(NARROW, "grey")], ids=["house", "narrow-grey"])
@pytest.mark.parametrize("make", EVERY)
def test_texts_neither_overlap_nor_leave_the_sheet(make: Callable[[str], Figure], lang: str, look: Look) -> None:
    with house_style():
        drawing = make(lang).paint(look)
        drawing.draw_without_rendering()
        hidden = {label for axes in drawing.axes for label in unseen(axes)}
        texts = [t for t in drawing.findobj(Text) if t.get_visible() and t.get_text().strip() and id(t) not in hidden]
        boxes = [(t.get_text(), Text.get_window_extent(t)) for t in texts]
    assert drawing.bbox.width == pytest.approx(look.width_mm / 25.4 * drawing.dpi, rel=1e-9)
    foot = drawing.get_supxlabel().replace("\n", "")
    assert foot.index(WORDS[lang]["notes"][1][:6]) < foot.index(WORDS[lang]["source"])
    for text, box in boxes:
        assert box.x0 >= -RIM, text
        assert box.x1 <= drawing.bbox.width + RIM, text
        assert box.y0 >= -RIM, text
        assert box.y1 <= drawing.bbox.height + RIM, text
    for (one, a), (two, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= RIM or down <= AIR * min(a.height, b.height), (one, two)


@pytest.mark.parametrize("make", EVERY)
def test_files_are_small_stable_and_the_same_after_a_pickle(make: Callable[[str], Figure], tmp_path: Path) -> None:
    figure = make("zh")
    first = figure.save(tmp_path / "one")
    second = pickle.loads(pickle.dumps(figure)).save(tmp_path / "two")
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert first[0].stat().st_size < SVG_LIMIT
    assert first[1].stat().st_size < PNG_LIMIT


@pytest.mark.parametrize(
    ("make", "frame"),
    [
        (lines, SIX[["group", "time", "value", "segment", "label", "basis"]]),
        (counts, COUNTS),
        (multiples, SIX[["group", "time", "value", "segment", "label", "basis"]]),
        (slope, two_ends()),
        (by_unit, UNITS[["group", "label", "value", "end", "unit"]]),
        (stacked, STACK.reset_index(drop=True)[["time", "part", "value"]]),
    ],
)
def test_numbers_are_the_input(make: Callable[[str], Figure], frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(make("en").numbers, frame)


def test_lines_stop_at_a_break_and_are_dotted_to_an_unprinted_time() -> None:
    axes = lines("en").drawing.axes[0]
    pieces = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_zorder() == 3]
    drawn = {(tuple(line.get_xdata()), tuple(line.get_ydata())): line for line in pieces}
    # Fourteen points in six groups have eight pieces between them, one of which the break takes.
    assert len(drawn) == len(SIX) - 6 - 1
    assert ((2014.0, 2015.0), (0.379, 0.279)) not in drawn
    town = [line for (xs, _), line in drawn.items() if xs[0] == 2016.0]
    assert [line.is_dashed() for line in town] == [True]
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    assert [line.get_ydata().tolist() for line in hollow] == [[0.0026]]
    upright = [line for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert [line.get_xdata()[0] for line in upright] == [2014.5]
    told = {text.get_text() for text in axes.texts}
    assert {"residents", "A town 0.26%", "Ganzhou 赣州 9.3%"} <= told
    assert "now" in {label.get_text() for label in axes.get_xticklabels()}


def test_times_without_print_stand_by_their_order() -> None:
    frame = pd.DataFrame(
        {
            "group": ["a", "a", "a", "b", "b"],
            "time": [np.nan, 2010, 2020, 2010, np.nan],
            "value": 1.0,
            "label": ["earlier", "2010", "2020", "2010", "now"],
        }
    )
    placed = on_axis(frame)
    assert placed["x"].tolist() == [2000.0, 2010.0, 2020.0, 2010.0, 2030.0]
    between = on_axis(frame.assign(time=[2010, np.nan, 2020, 2010, np.nan]))
    assert between["x"].tolist() == [2010.0, 2015.0, 2020.0, 2010.0, 2030.0]
    redacted = on_axis(frame.assign(time=np.nan, label="20XX"))
    assert redacted["x"].tolist() == [0.0, 1.0, 2.0, 0.0, 1.0]
    dates = on_axis(pd.DataFrame({"group": "a", "time": pd.to_datetime(["2014-01-01", "2014-07-02"]), "value": 1.0}))
    # The second of July is the 183rd day: half of a year has gone, within a day.
    assert np.diff(dates["x"]) == pytest.approx(0.5, abs=1 / 365)
    assert dates["tick"].tolist() == ["2014-01-01", "2014-07-02"]


def test_values_are_printed_with_the_digits_they_have() -> None:
    shares = {0.299: "29.9%", 0.0026: "0.26%", 0.379: "37.9%", 0.01: "1%", 0.0: "0%", 1 / 3: "33.3%"}
    assert {value: printed(value, percent=True) for value in shares} == shares
    numbers = {25000: "25,000", 215.46: "215.46", 2 / 3: "0.667", 12345.678: "12,346", -0.5: "-0.5"}
    assert {value: printed(value, percent=False) for value in numbers} == numbers


def test_bars_stand_on_each_other_and_a_year_without_figure_says_so() -> None:
    axes = stacked("en").drawing.axes[0]
    tops = {(round(bar.get_x() + bar.get_width() / 2), bar.get_y() + bar.get_height()) for bar in axes.patches}
    assert {(year, ABSOLUTE[year] + LOW_INCOME[year]) for year in LOW_INCOME} <= tops
    told = {text.get_text() for text in axes.texts}
    # 2900 + 5617 and 1479 + 2841
    assert {"8,517", "4,320", "low-income 低收入", "absolute 绝对贫困"} <= told
    gap = [text for text in bars("en").drawing.axes[0].texts if text.get_text() == "no figure"]
    assert [text.xy[0] for text in gap] == [2016]
    assert "无数据" in {text.get_text() for text in bars("zh").drawing.axes[0].texts}


def test_panels_share_their_scales_and_stand_by_last_value() -> None:
    drawing = multiples("en").drawing
    shown = [axes for axes in drawing.axes if axes.get_visible()]
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in shown}) == 1
    last = SIX.groupby("group", sort=False)["value"].last().sort_values(ascending=False)
    assert [axes.get_title(loc="left") for axes in shown] == list(last.index)
    assert "Dotted upright, Dousha: residents." in drawing.get_supxlabel().replace("\n", " ")


def test_dumbbells_and_slopes_say_both_ends() -> None:
    told = {text.get_text() for axes in by_unit("zh").drawing.axes for text in axes.texts}
    assert told == {"17.33", "5.46", "20.8%", "6.55%"}
    legend = by_unit("zh").drawing.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["期初（20XX）", "期末（20XX）"]
    ganzhou = two_ends().iloc[:2]
    axes = charts.slope(ganzhou, lang="en", percent=True, **WORDS["en"]).drawing.axes[0]
    assert [text.get_text() for text in axes.texts] == ["29.9%", "9.3%"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2010", "2015"]


def test_what_cannot_be_drawn_is_refused() -> None:
    words = {"lang": "en", **WORDS["en"]}
    with pytest.raises(ContractError, match="time"):
        charts.lines(SIX.drop(columns="time"), **words)
    with pytest.raises(DataError, match="no label"):
        charts.lines(SIX.drop(columns="label"), **words)
    with pytest.raises(DataError, match="neither number nor date"):
        charts.multiples(SIX.astype({"time": object}).replace({"time": {2010: "soon"}}), **words)
    with pytest.raises(DataError, match="missing or infinite"):
        charts.lines(SIX.assign(value=np.inf), **words)
    seven = pd.concat([SIX, SIX.iloc[:2].assign(group="seventh")])
    with pytest.raises(DataError, match="7 lines"):
        charts.lines(seven, **words)
    assert len(charts.multiples(seven, **words).drawing.axes) == 9
    with pytest.raises(DataError, match="two ends"):
        charts.slope(SIX[["group", "time", "label", "value"]], **words)
    with pytest.raises(DataError, match="'first'"):
        charts.dumbbell(UNITS.assign(end="last"), **words)
    with pytest.raises(DataError, match="one unit"):
        charts.dumbbell(UNITS.assign(unit=["万人", "人", "%", "%"]), **words)
    with pytest.raises(DataError, match="negative"):
        charts.stacked(EXITS.assign(value=-1), **words)
    with pytest.raises(DataError, match="twice"):
        charts.stacked(pd.concat([EXITS, EXITS]), **words)
    with pytest.raises(DataError, match="5 parts"):
        charts.stacked(pd.concat([EXITS.assign(part=at) for at in range(5)]), **words)
    with pytest.raises(ValueError, match="fr"):
        charts.lines(SIX, **{**words, "lang": "fr"})  # type: ignore[arg-type]


def test_every_bar_keeps_its_label_in_a_narrow_column():
    told = ["2014, incidence 8.5%", "2016, incidence 5.9%", "now, incidence 0.26%"]
    frame = pd.DataFrame({"time": [2014, 2016, 2018], "label": told, "part": "poor", "value": [5290, 3654, 169]})
    words = {"lang": "en", "title": "A town", "unit": "persons", "source": "made for the test"}
    with house_style():
        axes = charts.stacked(frame, **words).paint(Look(84.0)).axes[0]
    assert [" ".join(tick.get_text().split()) for tick in axes.get_xticklabels()] == told
