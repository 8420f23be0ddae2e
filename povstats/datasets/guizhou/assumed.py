"""guizhou_assumptions: every number that the synthetic survey assumes, with its reason, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.datasets.guizhou.assumptions import PER_ITEM, GuizhouAssumptions
from povstats.datasets.guizhou.printed import Tabled, number
from povstats.datasets.guizhou.targets import ITEMS
from povstats.tables import Table
from povstats.words import Lang, language, say

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "sample": ("villages", "households", "poor_share"),
    "household": (
        "size_shares",
        "education_mean",
        "education_sd",
        "land_median",
        "land_spread",
        "transfers_median",
        "transfers_spread",
        "control_village_share",
    ),
    "village": ("funds_median", "funds_spread", "migration_middle", "migration_spread"),
    "item": ("grade_shares", "view_shares", "item_correlation", "item_village_share"),
    "effect": ("transfers", "village_consumption", "village_migration", "main", "by_consumption", "by_migration"),
    "random": ("slope_sd", "icc"),
    "departure": ("trust_follows_welfare", "funds_follow_poverty"),
}
"""All fields of GuizhouAssumptions, in the order of the table."""
THREE = (ITEMS[0], *ITEMS[2:])
"""The items of `main`."""


@dataclass(frozen=True, eq=False, repr=False)
class GuizhouAssumed(Tabled):
    """The assumptions of a synthetic survey, to print.

    Attributes
    ----------
    assumptions : the numbers.
    """

    assumptions: GuizhouAssumptions

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure "assumed", group the block, term the field and what of it."""
        return tidy_frame(
            {"measure": "assumed", "group": block, "term": f"{name}{part and ':' + part}", "estimate": value}
            for block, names in BLOCKS.items()
            for name in names
            for part, values in self._parts(name)
            for part, value in _spelt(part, values)
        )

    def table(self, lang: Lang | None = None) -> Table:
        """Give the assumptions with their reasons in "zh" or "en"."""
        lang = lang or language()
        index, cells = [], []
        for block, names in BLOCKS.items():
            for name in names:
                for part, values in self._parts(name):
                    label = say(f"synthetic.{name}", lang)
                    if part:
                        label = say("synthetic.of_item", lang, label=label, item=say(f"contracts.{part}", lang))
                    index.append((say(f"synthetic.block_{block}", lang), label))
                    # One reason for all items of a field.
                    first = not part or part == self._parts(name)[0][0]
                    cells.append([" / ".join(map(number, values)), say(f"synthetic.why_{name}", lang) if first else ""])
        heads = [say("synthetic.head_value", lang), say("synthetic.head_reason", lang)]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        notes = (say("synthetic.note_assumed", lang), say("guizhou.note_synthetic", lang))
        return Table(frame, say("guizhou.assumptions", lang), notes, lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the assumptions are and what they are not."""
        lang = lang or language()
        fields = sum(len(names) for names in BLOCKS.values())
        return say("synthetic.explain_assumed", lang, fields=fields, poor=self.assumptions.poor)

    def _parts(self, name: str) -> list[tuple[str, tuple[float, ...]]]:
        """Split a field by item: pairs of an item, "" for none, and its numbers."""
        value = getattr(self.assumptions, name)
        if name in PER_ITEM or name == "main":
            items = THREE if name == "main" else ITEMS
            return [(item, one if isinstance(one, tuple) else (one,)) for item, one in zip(items, value, strict=True)]
        return [("", value if isinstance(value, tuple) else (value,))]


def guizhou_assumptions(assumptions: GuizhouAssumptions | None = None) -> GuizhouAssumed:
    """Print every number that the synthetic survey assumes because the study's text does not give it.

    Parameters
    ----------
    assumptions : by default those of `guizhou_synthetic`.

    Returns
    -------
    GuizhouAssumed
        With table(lang), summary(lang), explain(lang) and tidy().
    """
    return GuizhouAssumed(assumptions or GuizhouAssumptions())


def _spelt(part: str, values: tuple[float, ...]) -> list[tuple[str, float]]:
    """Count the values where a field has several."""
    if len(values) == 1:
        return [(part, values[0])]
    return [(f"{part}[{at}]", value) for at, value in enumerate(values, 1)]
