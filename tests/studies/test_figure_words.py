"""The words that a reader of a study sees: titles that fit a journal's column, and sentences that say what was done.

Second route: the contract's own titles, with and without units, put into the sentences by hand.
"""

import pytest

from povstats.contracts import find_contract
from povstats.models import fit_hlm
from povstats.studies.figures import figure_labels, model_figures
from povstats.studies.spec import read_spec

FORMULA = "log(consumption) ~ trust * aid_funds + (1 + trust | village)"
ASKED = [
    {"kind": "caterpillar", "effect": "trust"},
    {"kind": "slopes", "term": "trust"},
    {"kind": "johnson_neyman", "term": "trust", "moderator": "aid_funds"},
    "residuals",
]
TITLES = {
    "en": [
        "Trust in policy: predicted effects by village, 95% intervals (log of household consumption per head)",
        "Lines by village over trust in policy (log of household consumption per head)",
        "Slope of trust in policy over poverty funds of the village per head, with 95% band (log of household "
        "consumption per head per unit of trust in policy)",
        "Residuals of log of household consumption per head and effects of groups, standardised",
    ],
    "zh": [
        "对政策的信任程度：按村分组的预测效应及 95% 区间（家庭人均消费的对数）",
        "按村分组的对政策的信任程度回归线（家庭人均消费的对数）",
        "对政策的信任程度的斜率随村人均扶贫资金的变化及 95% 置信带"
        "（对政策的信任程度每增加一个单位时家庭人均消费的对数的变化）",
        "家庭人均消费的对数的标准化残差与各组标准化效应",
    ],
}


@pytest.fixture(scope="module")
def fit(by_hand):
    return fit_hlm(FORMULA, by_hand)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_titles_name_columns_without_units_and_the_axis_with_them(fit, by_hand, lang):
    spec = read_spec({"kind": "model", "formulas": [FORMULA], "figures": ASKED})
    figures = [figure for _, figure in model_figures(spec, find_contract("survey"), (fit,), by_hand, lang)]
    assert [figure.title for figure in figures] == TITLES[lang]
    full = find_contract("survey").titles(lang)
    for figure, column in zip(figures[1:3], ("trust", "aid_funds"), strict=True):
        [axes] = figure.drawing.axes
        assert axes.get_xlabel().replace("\n", " ") == full[column]


def test_words_of_the_specification_stay_as_they_are(fit):
    words = {"trust": {"zh": "信任（1–5）", "en": "Trust (1–5)"}}
    spec = read_spec({"kind": "model", "formulas": [FORMULA], "figures": ["residuals"], "labels": words})
    for lang, told in words["trust"].items():
        assert figure_labels(spec.figures[0], fit, find_contract("survey"), spec, lang)["trust"] == told
