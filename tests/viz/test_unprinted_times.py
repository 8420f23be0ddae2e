"""Several times without a printed year keep the order of their rows; captions in English have narrow quotation marks.

Second route: places and room are worked out by hand.
"""

import numpy as np
import pandas as pd
import pytest

from povstats.viz import charts
from povstats.viz.caption import captioned
from povstats.viz.scale import on_axis

WORDS = {"lang": "en", "title": "Poor", "unit": "persons", "source": "a text"}


def rows(times, labels=None):
    values = [float(len(times) - at) for at in range(len(times))]
    labels = labels or [f"t{at}" for at in range(len(times))]
    return pd.DataFrame({"group": "a", "time": times, "label": labels, "value": values})


@pytest.mark.parametrize(
    "times",
    [[np.nan, np.nan, np.nan, 2016], [2010, np.nan, np.nan, 2016], [2010, 2016, np.nan, np.nan]],
    ids=["before", "between", "after"],
)
def test_unprinted_times_keep_the_order_of_their_rows(times):
    placed = on_axis(rows(times))
    assert placed["label"].tolist() == ["t0", "t1", "t2", "t3"]
    assert (np.diff(placed["x"]) > 0).all()


def test_two_between_printed_times_share_the_gap():
    # A third and two thirds of six years.
    assert on_axis(rows([2010, np.nan, np.nan, 2016]))["x"].tolist() == pytest.approx([2010, 2012, 2014, 2016])


def test_a_number_above_the_highest_point_has_room():
    frame = rows([2010, 2012, 2014]).assign(value=[8249.0, 7000.0, 6900.0])
    axes = charts.lines(frame, **WORDS).drawing.axes[0]
    low, high = axes.get_ylim()
    # The label needs 5.5 mm of an axis of less than 100 mm.
    assert low == 0
    assert (high - 8249) / high > 0.05


def test_a_part_that_is_the_whole_bar_is_written_once():
    frame = pd.DataFrame(
        {"time": [2014, 2016, 2016], "part": ["left", "left", "out"], "value": [5290.0, 3654.0, 2405.0]}
    )
    axes = charts.stacked(frame, **WORDS).drawing.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("5,290") == 1
    assert {"3,654", "2,405", "6,059"} <= set(texts)


def test_quotation_marks_are_narrow_in_english_alone():
    title = "figures of “now”"
    assert captioned({**WORDS, "title": title}).headline == 'figures of "now" (persons)'
    assert "“now”" in captioned({**WORDS, "title": title, "lang": "zh"}).headline
