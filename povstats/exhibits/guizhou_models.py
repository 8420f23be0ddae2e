"""The study's models on the synthetic survey: variables, items, decisions, regions, villages. Synthetic data."""

from typing import TYPE_CHECKING

from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.guizhou import Plan
from povstats.guizhou.contents import parts
from povstats.guizhou.labelled import titled
from povstats.words import Lang, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "21_guizhou_models"
ITEMS = {
    "item-trust": "trust",
    "item-participation": "participation",
    "item-harmony": "harmony",
    "item-cadres": "cadre_relation",
}
SHOWN = (
    "variables", "descriptives", "correlations", "null-baseline", *ITEMS, "decisions", "poor-capital", "regions",
    "villages",
)  # fmt: skip


def _register(shown: str) -> None:
    item = ITEMS.get(shown, "")
    part = f"item-{item.replace('_', '-')}" if item else shown

    def maker(lang: Lang) -> "Table | Figure":
        """Make the part of the study of the synthetic survey."""
        [found] = [one for one in parts(analysis()) if one.id == part]
        return found.drawn(analysis(), lang)

    exhibit(f"guizhou-{shown}", data="synthetic", notebook=NOTEBOOK, titled=_titled(shown, item))(maker)


def _titled(shown: str, item: str) -> "Callable[[Lang], str]":
    plan = Plan(data="synthetic")

    def told(lang: Lang) -> str:
        if item:
            return titled(say("social.item_title", lang, item=say(f"contracts.{item}", lang)), plan, lang)
        return titled(say(f"guizhou.{shown.replace('-', '_')}", lang), plan, lang)

    return told


for _one in SHOWN:
    _register(_one)
