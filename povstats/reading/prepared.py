"""What a recipe gives: a table with the contract's columns, and the account of how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.contracts import Contract
from povstats.printing import Grid, Printed, Summary
from povstats.reading.recipe_report import RecipeReport, Step, few
from povstats.words import language, say

if TYPE_CHECKING:
    from povstats.reading.recipe import Recipe


@dataclass(frozen=True, eq=False, repr=False)
class Prepared(Printed):
    """A table made by a recipe.

    Attributes
    ----------
    table : the columns of the contract that the recipe makes, in the contract's order, then those of the caller's own
        (section extra); one row a kept row of the caller's table.
    report : every step with what it changed.
    contract : what the table is meant to keep; `povstats.check(prepared, prepared.contract)` tells whether it does.
    names : {column: the caller's own columns behind it}; () for a constant.
    rows : for each row its position in the caller's table, from 0.
    recipe : what was applied.
    fingerprints : of the recipe ("recipe") and of each table read.
    """

    table: pd.DataFrame
    report: RecipeReport
    contract: Contract
    names: Mapping[str, tuple[str, ...]]
    rows: NDArray[np.int64]
    recipe: "Recipe"
    fingerprints: Mapping[str, str]

    def tidy(self) -> pd.DataFrame:
        """Give the report as the nine-column frame."""
        return self.report.tidy()

    def summary(self, lang: str | None = None) -> Summary:
        """Print the columns made, where they come from, and the report, in "zh" or "en"."""
        lang = lang or language()
        titles = self.contract.titles(lang)
        rows = tuple(
            (
                name,
                titles.get(name, say("recipe.own_column", lang)),
                say("recipe.and_joint", lang).join(self.names[name]) or "–",
                f"{int(self.table[name].isna().sum()):,}",
                _spread(self.table[name]),
            )
            for name in self.table.columns
        )
        head = tuple(say(f"recipe.{key}", lang) for key in ("column", "label", "source", "gaps", "spread"))
        title = say("recipe.prepared_title", lang, rows=f"{len(self.table):,}", contract=self.contract.name)
        return Summary((Grid(title, head, rows, words=3), *self.report.summary(lang).grids))

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph of a methods section that tells what was done to the data, in "zh" or "en"."""
        return paragraph(self, lang or language())


def paragraph(prepared: Prepared, lang: str) -> str:
    """Tell which rows were read and kept, how every column was made, and from which recipe and data."""
    steps = list(prepared.report)
    joint, clause = say("recipe.sentence_joint", lang), say("recipe.clause_joint", lang)
    told = [say("recipe.lead", lang, name=prepared.recipe.name, contract=prepared.contract.name)]
    if prepared.recipe.parts.note:
        told.append(prepared.recipe.parts.note)
    for step in steps:
        if not step.column:
            told.append(say("recipe.sentence", lang, words=_opening(step, lang) + _listing(step, lang)))
    titles = prepared.contract.titles(lang)
    for name in prepared.table.columns:
        own = [step.detail(lang) for step in steps if step.column == name and step.kind != "unique"]
        if own:
            words: dict[str, Any] = {"label": titles.get(name, name), "name": name, "words": clause.join(own)}
            told.append(say("recipe.of_column", lang, **words))
    told += [say("recipe.sentence", lang, words=_opening(step, lang)) for step in steps if step.kind == "unique"]
    # A recipe without a village table works on one table, of whatever rows.
    kinds = {name: name for name in prepared.fingerprints}
    if "village" not in kinds:
        kinds["household"] = "table"
    prints = say("recipe.and_joint", lang).join(
        f"{say(f'recipe.print_{kinds[name]}', lang)} {value}" for name, value in prepared.fingerprints.items()
    )
    told.append(say("recipe.closing", lang, rows=f"{len(prepared.table):,}", prints=prints))
    return joint.join(told)


def _opening(step: Step, lang: str) -> str:
    """Begin a sentence with a capital letter, unless it begins with a name, as Chinese sentences here do."""
    words = step.detail(lang)
    return words if lang == "zh" or (step.source and words.startswith(step.source)) else words[:1].upper() + words[1:]


def _listing(step: Step, lang: str) -> str:
    """Name the keys that did not match."""
    if step.kind not in ("households_dropped", "households_unmatched", "villages_unused"):
        return ""
    return say("recipe.namely", lang, names=few(step.examples))


def _spread(column: pd.Series) -> str:
    """Show the range of numbers, or how many texts there are."""
    known = column.dropna()
    if column.dtype == object or not len(known):
        return f"{known.nunique():,}"
    return f"{known.min():.6g} – {known.max():.6g}"
