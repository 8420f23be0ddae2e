"""Households of Viet Nam, 1997-98: three models of expenditure, and poverty by commune. Real data."""

from functools import cache
from typing import TYPE_CHECKING

from povstats.datasets import poverty_line, vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.models import fit_hlm
from povstats.poverty import headcount, poverty_gap
from povstats.survey import Design
from povstats.tables import regression_table
from povstats.words import Lang, say

if TYPE_CHECKING:
    import pandas as pd

    from povstats.models import HLMResult
    from povstats.poverty import Estimates
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "10_vietnam"
# source.toml holds the SHA-256 of the data, which the loader checks: its own fingerprint fixes the data's.
SOURCE = "examples/vietnam_1998/source.toml"
LINE = "examples/vietnam_1998/line.toml"

OUTCOME = "log_expenditure_per_head"
HOUSEHOLD = "education + age + household_size + farm + urban"
FORMULAS = {
    "null": f"{OUTCOME} ~ 1 + (1 | commune)",
    "intercepts": f"{OUTCOME} ~ {HOUSEHOLD} + (1 | commune)",
    "slopes": f"{OUTCOME} ~ {HOUSEHOLD} + (1 + education | commune)",
}
LABELS = {
    "commune": "commune",
    "education": "education",
    "age": "age",
    "household_size": "household_size",
    "farm[T.yes]": "farm",
    "urban[T.yes]": "urban",
}
"""Term of the models to its word in [datasets]."""


@exhibit("vietnam-caterpillar", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def caterpillar(lang: Lang) -> "Figure":
    """Draw the communes' effects on log expenditure, households' characteristics held equal."""
    words = {"title": say("vietnam.caterpillar", lang), "source": _source(lang)}
    labels = {OUTCOME: say("vietnam.unit_log_points", lang)}
    return _model("intercepts").plot_caterpillar(lang=lang, labels=labels, **words)


@exhibit("vietnam-slopes", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def slopes(lang: Lang) -> "Figure":
    """Draw each commune's line of log expenditure over the schooling of the head."""
    words = {"title": say("vietnam.slopes", lang), "source": _source(lang)}
    education = say("datasets.education", lang), say("datasets.unit_years", lang)
    labels = {
        OUTCOME: say("datasets.unit_log_dong_person", lang),
        "education": say("contracts.with_unit", lang, label=education[0], unit=education[1]),
    }
    return _model("slopes").plot_slopes("education", lang=lang, labels=labels, **words)


@exhibit("vietnam-models", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def models(lang: Lang) -> "Table":
    """Set the three models side by side."""
    return regression_table(
        [_model(name) for name in FORMULAS],
        lang=lang,
        style="cn-journal" if lang == "zh" else "en-journal",
        names=[say(f"vietnam.model_{name}", lang) for name in FORMULAS],
        labels={term: say(f"datasets.{word}", lang) for term, word in LABELS.items()},
        title=say("vietnam.models", lang),
        notes=[say("vietnam.note_reml", lang), say("vietnam.note_reference", lang), _source(lang)],
    )


@exhibit("vietnam-headcount", data="real", notebook=NOTEBOOK, inputs=(SOURCE, LINE))
def headcounts(lang: Lang) -> "Figure":
    """Rank the communes by the share of persons below the general poverty line."""
    return _ranked("headcount", lang)


@exhibit("vietnam-gap", data="real", notebook=NOTEBOOK, inputs=(SOURCE, LINE))
def gaps(lang: Lang) -> "Figure":
    """Rank the communes by their poverty gap at the general poverty line."""
    return _ranked("gap", lang)


@cache
def _households() -> "pd.DataFrame":
    return vietnam_1998()


@cache
def _model(name: str) -> "HLMResult":
    return fit_hlm(FORMULAS[name], _households(), method="reml")


@cache
def _measured(measure: str, by: str | None) -> "Estimates":
    """Measure poverty of persons, for the whole sample or by commune.

    The whole is clustered in communes, within urban and rural strata. Within a commune households count as a simple
    random sample, so that the commune is a stratum and each household its own PSU.
    """
    design = Design(strata="commune") if by else Design(strata="urban", psu="commune")
    verb = headcount if measure == "headcount" else poverty_gap
    line = poverty_line("vietnam_1998").value
    return verb(_households(), "expenditure_per_head", line, by=by, design=design, size="household_size")


def _ranked(measure: str, lang: Lang) -> "Figure":
    """Draw a measure by commune against that of the whole sample."""
    from povstats.viz import charts

    tidy = _measured(measure, "commune").tidy()
    frame = tidy.loc[tidy["measure"] != "nobs", ["group", "estimate", "low", "high"]]
    whole = float(_measured(measure, None).estimate.iloc[0])
    line = poverty_line("vietnam_1998")
    return charts.caterpillar(
        frame,
        lang=lang,
        title=say(f"vietnam.{measure}", lang),
        unit=say("vietnam.unit_persons" if measure == "headcount" else "vietnam.unit_line", lang),
        source=say("vietnam.source_line", lang, source=_source(lang), line=f"{line.value:,.3f}"),
        line=(whole, say("vietnam.whole", lang, share=f"{100 * whole:.1f}")),
        percent=True,
    )


def _source(lang: Lang) -> str:
    return say("vietnam.source", lang)
