"""Rice-growing households of Jiangxi, 2010: who insured after hearing of neighbours. Real data, without consumption.

An aside to the Guizhou study: rural households of China in villages, with a village figure that does not contain their
own outcome, and no outcome that speaks of welfare.
"""

from functools import cache
from typing import TYPE_CHECKING

from povstats.datasets import jiangxi_insurance
from povstats.exhibits.registry import exhibit
from povstats.models import fit_hlm
from povstats.tables import regression_table
from povstats.words import Lang, say

if TYPE_CHECKING:
    import pandas as pd

    from povstats.models import HLMResult
    from povstats.tables import Table

SOURCE = "examples/jiangxi_insurance/source.toml"
TRAITS = "male + age + household_size + literate + log(rice_area) + risk_aversion + disaster_probability"
FORMULAS = {
    "null": "takeup ~ 1 + (1 | village)",
    "null_natural": "takeup ~ 1 + (1 | village/natural_village)",
    "traits": f"takeup ~ {TRAITS} + intensive + (1 | village)",
    "default": f"takeup ~ {TRAITS} + intensive + default_buy + (1 | village/natural_village)",
    "peers": f"takeup ~ {TRAITS} + intensive * center(first_round) + (1 | village/natural_village)",
}
"""first_round and default_buy are of the natural village, which therefore has an effect of its own beside them."""
CONTROLS = ["male", "age", "household_size"]
FIRST = ["intensive", "default_buy", "center(first_round)", "intensive[T.yes]:center(first_round)"]


@exhibit(
    "jiangxi-takeup",
    data="real",
    notebook="25_guizhou_real_data",
    inputs=(SOURCE,),
    titled=lambda lang: say("jiangxi.takeup_title", lang),
)
def takeup(lang: Lang) -> "Table":
    """Set linear probability models of insurance take-up side by side, with CR2 standard errors."""
    low, high = outside_the_unit_interval("peers")
    numbers = {"low": low, "high": high, "n": f"{model('peers').nobs:,}"}
    return regression_table(
        [(model(name).robust("CR2"), model(name)) for name in FORMULAS],
        lang=lang,
        style="cn-journal" if lang == "zh" else "en-journal",
        names=[say(f"jiangxi.model_{name}", lang) for name in FORMULAS],
        labels=labels(lang),
        controls={say("vietnam.controls", lang): CONTROLS},
        order=FIRST,
        statistics=(),
        title=say("jiangxi.takeup_title", lang),
        notes=[
            say("jiangxi.note_probability", lang, **numbers),
            say("jiangxi.note_random", lang),
            say("jiangxi.note_controls", lang),
            say("jiangxi.source", lang),
        ],
    )


def labels(lang: Lang) -> dict[str, str]:
    """Give the words for the terms and groupings of the models."""
    answers = {f"{name}[T.yes]": name for name in ("intensive", "default_buy", "literate", "male")}
    plain = {name: name for name in ("village", "risk_aversion", "disaster_probability", "takeup")}
    made = {"log(rice_area)": "log_rice_area", "center(first_round)": "first_round"}
    words = answers | plain | made | {"village:natural_village": "natural_village"}
    return {term: say(f"jiangxi.{word}", lang) for term, word in words.items()}


def outside_the_unit_interval(name: str) -> tuple[int, int]:
    """Count the households whose fitted value, with the effects of their villages, is below 0 and above 1."""
    values = model(name).predict(_households().dropna())
    return int((values < 0).sum()), int((values > 1).sum())


@cache
def model(name: str) -> "HLMResult":
    """Fit one of the models."""
    return fit_hlm(FORMULAS[name], _households(), method="reml")


@cache
def _households() -> "pd.DataFrame":
    return jiangxi_insurance()
