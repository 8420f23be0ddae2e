"""Aid funds and policy on the synthetic survey: what the models imply, and that it is not causal."""

from typing import TYPE_CHECKING

from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.guizhou.funds import AidFunds, aid_funds
from povstats.guizhou.labelled import titled
from povstats.guizhou.policy import Policy, policy_simulation
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "22_guizhou_robustness"


def _named(key: str, lang: Lang) -> str:
    return titled(say(f"guizhou.{key}", lang), analysis().plan, lang)


@exhibit("guizhou-funds", data="synthetic", notebook=NOTEBOOK, titled=lambda lang: _named("funds", lang))
def funds(lang: Lang) -> "Table":
    """Set out what 100 yuan of aid per head go with in every model."""
    found: AidFunds = analysis().part(aid_funds)
    return found.table(lang)


@exhibit("guizhou-policy", data="synthetic", notebook=NOTEBOOK, titled=lambda lang: _named("policy", lang))
def policy(lang: Lang) -> "Table":
    """Set out what more aid, or a grade more, goes with in consumption and in the headcount."""
    found: Policy = analysis().part(policy_simulation)
    return found.table(lang)


@exhibit(
    "guizhou-policy-headcount",
    data="synthetic",
    notebook=NOTEBOOK,
    titled=lambda lang: _named("policy_headcount", lang),
)
def policy_headcount(lang: Lang) -> "Figure":
    """Draw the change of the headcount."""
    found: Policy = analysis().part(policy_simulation)
    return found.plot(lang=lang)
