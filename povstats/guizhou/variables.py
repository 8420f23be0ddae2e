"""Table 1: the variables, at which level, in which part, how coded, in which unit."""

from dataclasses import dataclass, field

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import small, title, unit
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.tables import Table
from povstats.words import Lang, language, say

GRADES = 12
"""Values up to which an item's are listed as grades."""


@dataclass(frozen=True)
class Variable:
    """One column of the study.

    Attributes
    ----------
    name : of the column. part : "outcome", "item", "household", "village" or "group". level : "household", "village"
    or "county". low, high : its range; missing of texts. values : how many values it has. rows : rows that have one.
    """

    name: str
    part: str
    level: str
    low: float
    high: float
    values: int
    rows: int


@dataclass(frozen=True, eq=False, repr=False)
class Variables(Tabled):
    """The variables of a study. `found` has one a row, in the order of the plan."""

    found: tuple[Variable, ...]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: nobs, values (how many), low and high by column, its part as group."""
        rows: list[dict[str, object]] = []
        for one in self.found:
            key = {"group": one.part, "term": one.name}
            rows.append({"measure": "nobs", **key, "estimate": one.rows})
            rows.append({"measure": "values", **key, "estimate": one.values, "low": one.low, "high": one.high})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give Table 1: a block a part, a row a variable."""
        lang = lang or language()
        index = [(say(f"social.part_{one.part}", lang), title(self.analysis, one.name, lang)) for one in self.found]
        cells = [
            [one.name, say(f"social.level_{one.level}", lang), self._coding(one, lang), unit(one.name, lang) or "—"]
            for one in self.found
        ]
        heads = [say(f"social.head_{key}", lang) for key in ("column", "level", "coding", "unit")]
        frame = pd.DataFrame(cells, index=pd.MultiIndex.from_tuples(index), columns=heads, dtype=object)
        return made(self.analysis, frame, "variables", [say("social.note_variables", lang)], lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say what enters the models, and that the items enter one at a time."""
        lang = lang or language()
        plan = self.analysis.plan
        joint = say("social.word_joint", lang)
        names = {
            key: joint.join(small(title(self.analysis, name, lang), lang) for name in listed)
            for key, listed in (("items", plan.items), ("household", plan.household), ("village", plan.village))
        }
        told = say(
            "social.explain_variables", lang, outcome=small(title(self.analysis, plan.outcome, lang), lang), **names
        )
        return paragraph([told, say("social.note_variables", lang)], lang)

    def _coding(self, one: Variable, lang: Lang) -> str:
        if one.part == "group":
            return say("social.coding_group", lang, values=f"{one.values:,}")
        key = "grades" if one.part == "item" and one.values <= GRADES else one.part
        ends = {"low": f"{one.low:,.4g}", "high": f"{one.high:,.4g}"}
        if key == "outcome":
            ends = {"low": f"{one.low:,.0f}", "high": f"{one.high:,.0f}"}
        return say(f"social.coding_{key}", lang, **ends)


def variables(analysis: Analysis) -> Variables:
    """Describe the columns of the plan as the table has them.

    A village's column that varies within villages is called a household's, whatever the plan says.
    """
    plan, table = analysis.plan, analysis.table
    parts = [(plan.outcome, "outcome"), *((name, "item") for name in plan.items)]
    parts += [(name, "household") for name in plan.household] + [(name, "village") for name in plan.village]
    found = []
    for name, part in parts:
        level = "household" if part != "village" or analysis.varies_within(name) else "village"
        low, high = float(table[name].min()), float(table[name].max())
        found.append(Variable(name, part, level, low, high, table[name].nunique(), int(table[name].notna().sum())))
    groups = [(plan.group, "village")]
    if plan.county is not None and plan.county in table.columns:
        groups.append((plan.county, "county"))
    for name, level in groups:
        nan = float("nan")
        found.append(Variable(name, "group", level, nan, nan, table[name].nunique(), int(table[name].notna().sum())))
    return Variables(tuple(found), analysis)
