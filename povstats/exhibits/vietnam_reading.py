"""Households of Viet Nam, 1997-98: one model read to the end, from slopes and diagnostics to the journal. Real data."""

from functools import cache
from typing import TYPE_CHECKING

from povstats.datasets import poverty_line, vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.models import fit_hlm, simulate_power
from povstats.smallarea import predicted_headcount
from povstats.tables import regression_table
from povstats.words import Lang, say

if TYPE_CHECKING:
    import pandas as pd

    from povstats.models import HLMResult
    from povstats.models.interpretation.diagnostics.influence import Influence
    from povstats.models.planning import PowerResult
    from povstats.smallarea import SmallArea
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "12_reading"
SOURCE = "examples/vietnam_1998/source.toml"
LINE = "examples/vietnam_1998/line.toml"

OUTCOME = "log(expenditure_per_head)"
SCHOOLING = "between(education, commune)"
HOUSEHOLD = "education + age + household_size + urban"
FORMULAS = {
    "main": f"{OUTCOME} ~ {HOUSEHOLD} + farm + (1 | commune)",
    "slope": f"{OUTCOME} ~ {HOUSEHOLD} + farm + (1 + farm | commune)",
    "cross": f"{OUTCOME} ~ {HOUSEHOLD} + farm * {SCHOOLING} + (1 + farm | commune)",
}
CONTROLS = ["age", "household_size"]
FOCAL = f"farm[T.yes]:{SCHOOLING}"
REPLICATES, SEED = 200, 1998
VILLAGES, HOUSEHOLDS = (40, 80, 120, 160, 200), (10, 30)


@exhibit("vietnam-journal", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def journal(lang: Lang) -> "Table":
    """Set three models of the farm households' distance side by side, as a journal prints them."""
    return regression_table(
        [model(name) for name in FORMULAS],
        lang=lang,
        style="cn-journal" if lang == "zh" else "en-journal",
        names=[say(f"vietnam.reading_{name}", lang) for name in FORMULAS],
        labels=labels(lang),
        controls={say("vietnam.controls", lang): CONTROLS},
        statistics=("loglik", "aic"),
        title=say("vietnam.journal", lang),
        notes=[say("vietnam.note_reading", lang), _source(lang)],
    )


@exhibit("vietnam-regions", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def regions(lang: Lang) -> "Figure":
    """Draw where farm and other households differ, over the commune's mean schooling."""
    found = model("cross").johnson_neyman("farm", SCHOOLING)
    words = labels(lang) | {OUTCOME: say("vietnam.unit_log_points", lang)}
    return found.plot(lang=lang, labels=words, title=say("vietnam.regions", lang), source=_source(lang))


@exhibit("vietnam-residuals", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def residuals(lang: Lang) -> "Figure":
    """Draw the residuals of households and the effects of communes against the normal."""
    found = model("cross").residuals(_households())
    return found.plot(lang=lang, labels=labels(lang), title=say("vietnam.residuals", lang), source=_source(lang))


@exhibit("vietnam-influence", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def influence(lang: Lang) -> "Figure":
    """Draw Cook's distance of every commune, each left out exactly."""
    return _deletions().plot(lang=lang, labels=labels(lang), title=say("vietnam.influence", lang), source=_source(lang))


@exhibit("vietnam-without-each", data="real", notebook=NOTEBOOK, inputs=(SOURCE,))
def without_each(lang: Lang) -> "Figure":
    """Draw the interaction without each of the communes that move it most."""
    words = labels(lang) | {OUTCOME: say("vietnam.unit_log_points", lang)}
    return _deletions().plot(
        FOCAL, lang=lang, labels=words, title=say("vietnam.without_each", lang), source=_source(lang)
    )


@exhibit("vietnam-areas", data="real", notebook=NOTEBOOK, inputs=(SOURCE, LINE))
def areas(lang: Lang) -> "Figure":
    """Rank the communes by the headcount that the model predicts."""
    line = poverty_line("vietnam_1998").value
    source = say("vietnam.source_line", lang, source=_source(lang), line=f"{line:,.3f}")
    return _areas().plot(lang=lang, labels=labels(lang), title=say("vietnam.areas", lang), source=source)


@exhibit("vietnam-design", data="synthetic", notebook=NOTEBOOK, inputs=(SOURCE,))
def design(lang: Lang) -> "Figure":
    """Draw the power to find the interaction by numbers of communes and households: surveys simulated from the fit."""
    source = say("vietnam.source_design", lang, source=_source(lang), n=REPLICATES)
    return _power().plot(FOCAL, lang=lang, labels=labels(lang), title=say("vietnam.design", lang), source=source)


def labels(lang: Lang) -> dict[str, str]:
    """Give the words for the columns, terms and groups of the three models."""
    words = {name: say(f"datasets.{name}", lang) for name in ("commune", "education", "age", "household_size")}
    words |= {"urban[T.yes]": say("datasets.urban", lang), "farm[T.yes]": say("datasets.farm", lang)}
    words |= {"farm": words["farm[T.yes]"], "urban": words["urban[T.yes]"]}
    return words | {
        SCHOOLING: say("vietnam.mean_schooling", lang),
        OUTCOME: say("datasets.log_expenditure_per_head", lang),
    }


@cache
def model(name: str) -> "HLMResult":
    """Fit one of the three models."""
    return fit_hlm(FORMULAS[name], _households(), method="reml")


@cache
def _households() -> "pd.DataFrame":
    return vietnam_1998()


@cache
def _deletions() -> "Influence":
    return model("cross").influence("commune")


@cache
def _areas() -> "SmallArea":
    line = poverty_line("vietnam_1998").value
    return predicted_headcount(model("cross"), _households(), line, size="household_size", n=REPLICATES, rng=SEED)


@cache
def _power() -> "PowerResult":
    return simulate_power(model("cross"), VILLAGES, HOUSEHOLDS, n=REPLICATES, rng=SEED)


def _source(lang: Lang) -> str:
    return say("vietnam.source", lang)
