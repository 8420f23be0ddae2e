"""Village means that contain the outcome, their reliability, models that a test chose, readings of "fixed effects".

Synthetic data. The Monte Carlo is that of data/guizhou, written by benchmarks/guizhou_village_means.py and
benchmarks/guizhou_pretest.py; nothing is simulated here.
"""

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.guizhou_shared import SEED, analysis
from povstats.exhibits.registry import exhibit
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.fixed_effects import fixed_readings
from povstats.guizhou.labelled import notes_of, source_of, titled
from povstats.guizhou.mean_treatments import TREATMENTS, Treatments, treatments
from povstats.guizhou.named import small
from povstats.guizhou.noisy_means import MeanReliability, mean_reliability
from povstats.guizhou.simulated import PRETEST, VILLAGE_MEANS, pretest, village_means
from povstats.words import Lang, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "24_guizhou_limits"
PLAN = Plan(data="synthetic")
ITEM, READ = "cadre_relation", "participation"
OTHERS = 40
"""Other households of each village, drawn anew, whose mean is the figure from outside the sample."""
CASES = ("none", "interaction", "zero")
RULES = ("always_fixed_slope", "always_random_slope", "slope_test", "specification_test", "always_within")
SHOWN_SD = 0.10
"""Standard deviation of the slopes that the pretest's note speaks of."""


def _titled(key: str) -> "Callable[[Lang], str]":
    return lambda lang: titled(say(f"guizhou.{key}", lang), PLAN, lang)


def _item_title(key: str, item: str, lang: Lang) -> str:
    """Give the title of a part that is about one item, without computing it."""
    return titled(say(f"means.{key}", lang, item=small(say(f"contracts.{item}", lang), lang)), PLAN, lang)


@exhibit(
    "guizhou-treatments",
    data="synthetic",
    notebook=NOTEBOOK,
    inputs=(VILLAGE_MEANS,),
    titled=lambda lang: _item_title("treatments", ITEM, lang),
)
def treatments_table(lang: Lang) -> "Table":
    """Set five treatments of the village mean side by side for the relation with cadres, with their simulated size."""
    return treated().table(lang)


@exhibit(
    "guizhou-treatments-size",
    data="synthetic",
    notebook=NOTEBOOK,
    inputs=(VILLAGE_MEANS,),
    titled=_titled("treatments_size"),
)
def treatments_size(lang: Lang) -> "Figure":
    """Draw how often each treatment calls an interaction significant, where there is none and where there is one."""
    from povstats.viz import charts

    found = village_means().set_index("treatment").loc[list(TREATMENTS)].reset_index()
    found = pd.concat([found[found["case"] == case] for case in CASES])
    frame = pd.DataFrame(
        {
            "panel": [say(f"means.size_{case}", lang) for case in found["case"]],
            "row": [say(f"means.short_{name}", lang) for name in found["treatment"]],
            "group": [say("means.icc_group", lang, icc=f"{icc:g}") for icc in found["icc"]],
            "estimate": found["rejected"],
            "low": found["rejected"] - 1.96 * found["error"],
            "high": found["rejected"] + 1.96 * found["error"],
        }
    )
    surveys = f"{int(found['surveys'].iloc[0]):,}"
    return charts.row_panels(
        frame,
        line=0.05,
        percent=True,
        lang=lang,
        title=_titled("treatments_size")(lang),
        unit=say("means.unit_rejected", lang),
        source=source_of(PLAN, lang) or "",
        notes=[say("means.note_size", lang, surveys=surveys), *notes_of(PLAN, lang)],
    )


@exhibit("guizhou-reliability", data="synthetic", notebook=NOTEBOOK, titled=_titled("reliability"))
def reliability(lang: Lang) -> "Figure":
    """Draw the reliability of a village's mean log consumption over the number of sampled households."""
    return _reliable().plot(lang=lang)


@exhibit("guizhou-reliability-columns", data="synthetic", notebook=NOTEBOOK, titled=_titled("reliability_columns"))
def reliability_columns(lang: Lang) -> "Table":
    """Give the reliability of every column's village mean, and the contextual coefficients that it attenuates."""
    return _reliable().table(lang)


@exhibit("guizhou-pretest", data="synthetic", notebook=NOTEBOOK, inputs=(PRETEST,), titled=_titled("pretest"))
def pretest_size(lang: Lang) -> "Figure":
    """Draw the size of the test of the average slope after a test has chosen the model, over the true slope spread."""
    from povstats.viz import charts

    found = pretest()
    other = f"{found['correlation'].max():g}"
    panels = {0.0: say("means.correlation_none", lang)}
    frame = pd.DataFrame(
        {
            "panel": [panels.get(r, say("means.correlation_some", lang, r=other)) for r in found["correlation"]],
            "group": [say(f"means.{rule}", lang) for rule in found["rule"]],
            "x": found["slope_sd"],
            "estimate": found["size"],
            "low": found["size"] - 1.96 * found["error"],
            "high": found["size"] + 1.96 * found["error"],
        }
    )
    here = found[(found["correlation"] == 0) & (found["slope_sd"] == SHOWN_SD)].set_index("rule")
    words = {
        "surveys": f"{int(found['surveys'].iloc[0]):,}",
        "sd": f"{SHOWN_SD:.2f}",
        "seen": f"{here['slope_significant'].iloc[0]:.0%}",
        "after": f"{here.loc['slope_test', 'size']:.1%}",
        "fixed": f"{here.loc['always_fixed_slope', 'size']:.1%}",
        "random": f"{here.loc['always_random_slope', 'size']:.1%}",
    }
    return charts.curve_panels(
        frame,
        x_label=say("means.axis_slope_sd", lang),
        shape="joined",
        marks=[charts.Mark("y", 0.05)],
        percent=True,
        lang=lang,
        title=_titled("pretest")(lang),
        unit=say("means.unit_size", lang),
        source=source_of(PLAN, lang) or "",
        notes=[say("means.note_pretest", lang, **words), *notes_of(PLAN, lang)],
    )


@exhibit(
    "guizhou-fixed-readings",
    data="synthetic",
    notebook=NOTEBOOK,
    titled=lambda lang: _item_title("fixed_readings", READ, lang),
)
def fixed_readings_table(lang: Lang) -> "Table":
    """Estimate the model of participation under three readings of "fixed effects"."""
    table: Table = analysis().part(fixed_readings, READ).table(lang)
    return table


@cache
def treated() -> Treatments:
    """Give the treatments for the relation with cadres, the outside figure drawn from other households."""
    from povstats.datasets.guizhou import GuizhouAssumptions, guizhou_synthetic

    # The same seed draws the same villages; the households, forty instead of ten, are drawn anew.
    others = guizhou_synthetic(SEED, assumptions=GuizhouAssumptions(households=OTHERS))
    figure = others.groupby("village")["consumption"].mean()
    shared = analysis()
    table = shared.table.assign(other_households=shared.table["village"].map(figure))
    words: dict[Lang, str] = {lang: say("means.other_households", lang, households=OTHERS) for lang in ("zh", "en")}
    return treatments(Analysis(table, shared.plan, {"other_households": words}), ITEM, outside="other_households")


def _reliable() -> MeanReliability:
    found: MeanReliability = analysis().part(mean_reliability)
    return found
