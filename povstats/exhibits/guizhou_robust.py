"""Robustness of the items' effects on the synthetic survey: errors, samples, families of tests, specifications."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.guizhou.item_index import item_index
from povstats.guizhou.labelled import titled
from povstats.guizhou.multiplicity import multiplicity
from povstats.guizhou.quantiles import quantile_slopes
from povstats.guizhou.robustness import robustness
from povstats.guizhou.spec_curve import spec_curve
from povstats.guizhou.splits import splits
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "22_guizhou_robustness"
ITEM = "participation"
"""The item whose quantiles and specifications are drawn; the folder of a study holds those of all items."""


def _table(shown: str, part: Callable[..., Any]) -> None:
    """Register the table of a part."""

    def maker(lang: Lang) -> "Table":
        made: Table = analysis().part(part).table(lang)
        return made

    maker.__qualname__ = shown
    exhibit(f"guizhou-{shown}", data="synthetic", notebook=NOTEBOOK, titled=_titled(shown))(maker)


def _figure(shown: str, part: Callable[..., Any], *arguments: str) -> None:
    """Register the figure of a part."""

    def maker(lang: Lang) -> "Figure":
        made: Figure = analysis().part(part, *arguments).plot(lang=lang)
        return made

    maker.__qualname__ = shown
    exhibit(f"guizhou-{shown}", data="synthetic", notebook=NOTEBOOK, titled=_titled(shown))(maker)


def _titled(shown: str) -> Callable[[Lang], str]:
    return lambda lang: titled(say(f"guizhou.{shown}", lang), analysis().plan, lang)


_table("robustness", robustness)
_table("multiplicity", multiplicity)
_table("index", item_index)
_figure("quantiles", quantile_slopes, ITEM)
_figure("splits", splits)
_figure("curve", spec_curve, ITEM)
