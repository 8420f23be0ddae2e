"""The synthetic survey of the Guizhou study: the margins it meets, what it assumes, how consumption lies. Synthetic."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.datasets import guizhou_assumptions, guizhou_margins
from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.guizhou import Plan
from povstats.guizhou.labelled import source_of, titled
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "20_guizhou_data"
PLAN = Plan(data="synthetic")
WIDTH = 250.0
"""Of the bars, in yuan."""


def _title(key: str, lang: Lang) -> str:
    return titled(say(f"guizhou.{key}", lang), PLAN, lang)


@exhibit("guizhou-margins", data="synthetic", notebook=NOTEBOOK, titled=lambda lang: _title("margins", lang))
def margins(lang: Lang) -> "Table":
    """Set the printed margins beside those of the synthetic survey, with the effects that it was given."""
    return guizhou_margins(analysis().table).table(lang)


@exhibit("guizhou-assumptions", data="synthetic", notebook=NOTEBOOK)
def assumptions(lang: Lang) -> "Table":
    """List all that the text does not give and the survey assumes."""
    return guizhou_assumptions().table(lang)


@exhibit("guizhou-consumption", data="synthetic", notebook=NOTEBOOK, titled=lambda lang: _title("consumption", lang))
def consumption(lang: Lang) -> "Figure":
    """Draw how consumption is spread among the poor and the others, with the three printed means."""
    from povstats.viz import charts

    table = analysis().table
    part = table["poor"].map({1: "poor", 0: "others"})
    frame = pd.DataFrame({"value": table["consumption"], "part": part}).sort_values("value")
    counts = part.value_counts()
    printed = guizhou_margins(table).margins.set_index("margin")["printed"]
    means = {name: float(printed[f"mean_{name}"]) for name in ("poor", "all", "others")}
    line = float(table.loc[table["poor"] == 1, "consumption"].max())
    return charts.histogram(
        frame,
        width=WIDTH,
        marks=[(mean, say(f"synthetic.mark_{name}", lang, mean=f"{mean:,.0f}")) for name, mean in means.items()],
        axes_words=(say("synthetic.axis_consumption", lang), say("synthetic.axis_households", lang)),
        labels={name: say(f"synthetic.part_{name}", lang, n=f"{counts[name]}") for name in ("poor", "others")},
        lang=lang,
        title=_title("consumption", lang),
        unit="",
        source=source_of(PLAN, lang) or "",
        notes=[say("synthetic.note_consumption", lang, line=f"{line:,.0f}")],
    )
