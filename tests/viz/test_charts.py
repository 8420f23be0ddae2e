"""Charts against their input: what stands in the drawing is read back from matplotlib's own objects."""

import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.text import Text

from povstats.errors import ContractError, DataError
from povstats.viz import Figure, charts
from povstats.viz.theme import house_style
from povstats.words import LANGUAGES

GROUPS = 194
SVG_LIMIT, PNG_LIMIT = 300_000, 200_000
# Boxes of neighbouring texts may share this many pixels of the empty rim that matplotlib counts to a text.
RIM = 1.0

WORDS = {
    "en": {
        "title": "Effects of communes with 95% intervals",
        "unit": "log points",
        "source": "Synthetic data",
    },
    "zh": {"title": "各乡的随机效应及 95% 置信区间", "unit": "对数点", "source": "合成数据（仅用于测试）"},
}


def effects(count: int = GROUPS) -> pd.DataFrame:
    """Make synthetic effects with intervals, in no order."""
    rng = np.random.default_rng(20)
    middle, half = rng.normal(0, 0.35, count), rng.uniform(0.1, 0.35, count)
    names = [f"Commune {at}" for at in range(1, count + 1)]
    return pd.DataFrame({"group": names, "estimate": middle, "low": middle - half, "high": middle + half})


def many(lang: str) -> Figure:
    return charts.caterpillar(effects(), lang=lang, highlight=["Commune 7", "Commune 100"], **WORDS[lang])


def few(lang: str) -> Figure:
    frame = effects(12)
    frame["group"] = ["黔东南苗族侗族自治州", "毕节市", *frame["group"][2:]]
    frame.loc[3, ["low", "high"]] = np.nan
    return charts.caterpillar(frame, lang=lang, line=(0.1, "A line 线"), **WORDS[lang])


def shares(lang: str) -> Figure:
    frame = effects()
    frame[["estimate", "low", "high"]] = 1 / (1 + np.exp(-frame[["estimate", "low", "high"]]))
    return charts.caterpillar(frame, lang=lang, line=(0.45, "全国 45.0%"), percent=True, **WORDS[lang])


def fitted() -> pd.DataFrame:
    rng = np.random.default_rng(21)
    start, slope = rng.normal(7.5, 0.3, GROUPS), rng.normal(0.03, 0.015, GROUPS)
    ends = [pd.DataFrame({"group": range(GROUPS), "x": x, "y": start + slope * x}) for x in (0.0, 12.0)]
    return pd.concat(ends, ignore_index=True)


def lines(lang: str) -> Figure:
    average = pd.DataFrame({"x": [0.0, 12.0], "y": [7.5, 7.86]})
    return charts.slopes(fitted(), lang=lang, x_label="年 years", average=average, highlight=[3, 9], **WORDS[lang])


def several() -> pd.DataFrame:
    rng = np.random.default_rng(22)
    rows = [(model, term) for model in ("OLS", "HLM", "模型三") for term in ("educ", "size", "educ:urban")]
    frame = pd.DataFrame(rows, columns=["model", "term"])
    frame["estimate"] = rng.normal(0, 0.2, len(frame))
    return frame.assign(low=frame["estimate"] - 0.1, high=frame["estimate"] + 0.1)


def whiskers(lang: str) -> Figure:
    labels = {"educ": "户主受教育年限 Schooling of the head of the household in years"}
    return charts.coefficients(several(), lang=lang, labels=labels, **WORDS[lang])


EVERY: list[Callable[[str], Figure]] = [many, few, shares, lines, whiskers]


def out_of_view(axes: Axes) -> set[int]:
    """List the labels of ticks beyond the ends of an axis: matplotlib keeps them and does not draw them."""
    found = set()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        found |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("make", EVERY)
def test_texts_neither_overlap_nor_leave_the_sheet(make: Callable[[str], Figure], lang: str) -> None:
    drawing = make(lang).drawing
    with house_style():
        drawing.draw_without_rendering()
        hidden = out_of_view(drawing.axes[0])
        texts = [t for t in drawing.findobj(Text) if t.get_visible() and t.get_text().strip()]
        texts = [t for t in texts if id(t) not in hidden]
        boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    assert WORDS[lang]["unit"] in drawing.get_suptitle()
    assert WORDS[lang]["source"] in drawing.get_supxlabel()
    width, height = drawing.bbox.width, drawing.bbox.height
    for text, box in boxes:
        assert box.x0 >= -RIM, text
        assert box.x1 <= width + RIM, text
        assert box.y0 >= -RIM, text
        assert box.y1 <= height + RIM, text
    for (one, a), (two, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        # Lines of Chinese type carry a rim of about a quarter of their height above and below.
        assert across <= RIM or down <= 0.3 * min(a.height, b.height), (one, two)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("make", EVERY)
def test_files_are_small_stable_and_the_same_from_a_new_figure(
    make: Callable[[str], Figure], lang: str, tmp_path: Path
) -> None:
    figure = make(lang)
    first = figure.save(tmp_path / "one.v1")
    assert [path.name for path in first] == [f"one.v1.{lang}.{ending}" for ending in ("svg", "png", "csv")]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 50}):
        second = make(lang).save(tmp_path / "two")
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert first[0].stat().st_size < SVG_LIMIT
    assert first[1].stat().st_size < PNG_LIMIT
    ElementTree.parse(first[0])
    assert b"<text" not in first[0].read_bytes(), "letters are paths: no reader needs the font"
    back = pd.read_csv(first[2])
    assert first[2].read_bytes().startswith(b"\xef\xbb\xbf")
    numbers = figure.numbers.select_dtypes("number")
    # Ten significant digits are written.
    np.testing.assert_allclose(back[numbers.columns].to_numpy(), numbers.to_numpy(), rtol=1e-9)


def test_a_second_save_and_a_look_between_change_no_byte(tmp_path: Path) -> None:
    figure = few("zh")
    first = [path.read_bytes() for path in figure.save(tmp_path / "one")]
    assert figure._repr_png_() == figure._repr_png_()
    assert [path.read_bytes() for path in figure.save(tmp_path / "two")] == first


def test_numbers_are_the_input_and_the_input_stays() -> None:
    frame = effects().assign(se=0.1)
    before = frame.copy()
    figure = charts.caterpillar(frame, lang="zh", **WORDS["zh"])
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(figure.numbers, before[["group", "estimate", "low", "high"]])
    pd.testing.assert_frame_equal(whiskers("en").numbers, several()[["model", "term", "estimate", "low", "high"]])
    drawn = lines("en").numbers
    pd.testing.assert_frame_equal(drawn.iloc[: 2 * GROUPS], fitted(), check_dtype=False)
    assert drawn.iloc[2 * GROUPS :][["x", "y"]].to_numpy().tolist() == [[0.0, 7.5], [12.0, 7.86]]


def test_drawn_marks_and_counts_follow_from_the_numbers() -> None:
    frame = effects()
    axes = many("en").drawing.axes[0]
    dots = next(c for c in axes.collections if isinstance(c, PathCollection)).get_offsets()
    np.testing.assert_array_equal(dots[:, 1], np.sort(frame["estimate"]))
    np.testing.assert_array_equal(dots[:, 0], np.arange(1, GROUPS + 1))
    bars = next(c for c in axes.collections if isinstance(c, LineCollection)).get_segments()
    ranked = frame.sort_values("estimate")
    np.testing.assert_array_equal([bar[:, 1] for bar in bars], ranked[["low", "high"]].to_numpy())
    above, below = int((frame["low"] > 0).sum()), int((frame["high"] < 0).sum())
    told = [text.get_text() for text in axes.get_legend().get_texts()]
    share = round(100 * (above + below) / GROUPS)
    assert told[0] == f"Interval excludes zero: {above + below} of {GROUPS} ({share}%; {above} above, {below} below)"
    named = {text.get_text() for text in axes.texts}
    assert {"Commune 7", "Commune 100", *ranked["group"].iloc[[0, 1, 2, -3, -2, -1]]} == named


def test_groups_that_tie_with_an_unnamed_one_are_not_called_the_lowest() -> None:
    frame = effects()
    lowest = frame["estimate"].nsmallest(30).index
    frame.loc[lowest, ["estimate", "low", "high"]] = -2.0
    axes = charts.caterpillar(frame, lang="en", highlight=[frame["group"][lowest[0]]], **WORDS["en"]).drawing.axes[0]
    highest = frame.nlargest(3, "estimate")["group"]
    assert {text.get_text() for text in axes.texts} == {frame["group"][lowest[0]], *highest}


def test_few_groups_are_named_in_order_with_their_values() -> None:
    frame = pd.DataFrame({"group": ["a", "b"], "estimate": [0.374, 0.2], "low": [0.3, -1e-5], "high": [0.4512, 0.3]})
    axes = charts.caterpillar(frame, lang="en", percent=True, line=(0.25, "All 25%"), **WORDS["en"]).drawing.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["b", "a"]
    values = {text.get_text() for text in axes.texts}
    assert {"37.4%  [30.0, 45.1]", "20.0%  [0.0, 30.0]", "All 25%"} <= values


def test_average_line_lies_over_the_groups() -> None:
    axes = lines("en").drawing.axes[0]
    thick = max(axes.lines, key=lambda line: line.get_linewidth())
    assert thick.get_ydata().tolist() == [7.5, 7.86]
    thin = next(c for c in axes.collections if isinstance(c, LineCollection))
    assert len(thin.get_segments()) == GROUPS - 2


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"estimate": np.nan}, DataError, "estimate"),
        ({"low": 5.0}, DataError, "low above high"),
        ({"high": np.nan}, DataError, "one end missing"),
        ({"group": "Commune 2"}, DataError, "twice"),
    ],
)
def test_unusable_rows_are_refused(change: dict[str, object], error: type[Exception], words: str) -> None:
    frame = effects(5).astype({"group": object})
    for column, value in change.items():
        frame.loc[0, column] = value
    with pytest.raises(error, match=words):
        charts.caterpillar(frame, lang="en", **WORDS["en"])


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ContractError, match="high"):
        charts.caterpillar(effects(3).drop(columns="high"), lang="en", **WORDS["en"])
    with pytest.raises(DataError, match="no rows"):
        charts.caterpillar(effects(3).iloc[:0], lang="en", **WORDS["en"])
    with pytest.raises(DataError, match="nowhere"):
        charts.caterpillar(effects(3), lang="en", highlight=["nowhere"], **WORDS["en"])
    six = pd.concat([several().assign(model=f"m{at}") for at in range(6)]).drop_duplicates(["model", "term"])
    with pytest.raises(DataError, match="6 models"):
        charts.coefficients(six, lang="en", **WORDS["en"])
    with pytest.raises(DataError, match="two points"):
        charts.slopes(
            fitted().iloc[1:],
            lang="en",
            x_label="x",
            average=pd.DataFrame({"x": [0, 1], "y": [0, 1]}),
            **WORDS["en"],
        )
    with pytest.raises(ValueError, match="fr"):
        charts.caterpillar(effects(3), lang="fr", **WORDS["en"])  # type: ignore[arg-type]


def test_settings_of_the_user_stay_and_pyplot_is_not_loaded() -> None:
    before = dict(mpl.rcParams)
    many("zh")._repr_png_()
    assert dict(mpl.rcParams) == before
    script = (
        "import sys, pandas as pd\n"
        "from povstats.viz import Figure, charts\nimport povstats.tables\n"
        "assert not {'matplotlib', 'great_tables', 'maketables', 'docx'} & set(sys.modules)\n"
        "f = pd.DataFrame({'group': [1, 2], 'estimate': [1., 2.], 'low': [0., 1.], 'high': [2., 3.]})\n"
        "png = charts.caterpillar(f, lang='en', title='t', unit='u', source='s')._repr_png_()\n"
        "assert png.startswith(b'\\x89PNG') and 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
