"""What a recipe did, step by step: how many cells or rows each step changed, with examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.printing import Grid, Printed, Summary
from povstats.words import known, language, say

SHOWN = 10
HEADS = ("step", "column", "source", "changed", "missing", "dropped", "detail", "examples")


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence: a key of words.toml, and what fills its places."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


class Told(TypedDict, total=False):
    """What may be told of a step beside its kind and place; see `Step`."""

    changed: int
    missing: int
    dropped: int
    facts: Mapping[str, object]
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Parameters
    ----------
    kind : what was done, as in the words `recipe.did_<kind>`.
    column : the made column, "" where the whole table is meant.
    source : the caller's column or columns.
    rows : how many rows the step saw.
    changed, missing, dropped : cells that got another value, cells that became missing, rows that went.
    facts : what fills the places of the sentence; keys of words.toml among them are put in the reader's language.
    examples : some of the cells or rows concerned, as "before → after".
    """

    kind: str
    column: str = ""
    source: str = ""
    rows: int = 0
    changed: int = 0
    missing: int = 0
    dropped: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    def detail(self, lang: str) -> str:
        """Say in words what was done."""
        own = {"changed": f"{self.changed:,}", "missing": f"{self.missing:,}", "dropped": f"{self.dropped:,}"}
        facts = {"source": self.source, "rows": f"{self.rows:,}", **own, **self.facts}
        return say(f"recipe.did_{self.kind}", lang, **{key: _worded(fact, lang) for key, fact in facts.items()})


@dataclass(frozen=True, eq=False, repr=False)
class RecipeReport(Printed):
    """Every step that a recipe took, in order.

    Parameters
    ----------
    steps : the steps.
    recipe : the recipe's name.
    rows : rows of the table made.
    """

    steps: tuple[Step, ...]
    recipe: str
    rows: int

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a step, in the language of `povstats.language()`; the columns are named alike in both."""
        return self.to_frame()

    def to_frame(self, lang: str | None = None) -> pd.DataFrame:
        """Give one row a step: step, column, source, changed, missing, dropped, detail, examples."""
        lang = lang or language()
        rows = [
            (s.kind, s.column, s.source, s.changed, s.missing, s.dropped, s.detail(lang), "; ".join(s.examples))
            for s in self.steps
        ]
        return pd.DataFrame(rows, columns=list(HEADS))

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures changed, missing, dropped (group = made column, term = step), nobs."""
        counted = [
            {"measure": measure, "group": step.column, "term": step.kind, "estimate": getattr(step, measure)}
            for step in self.steps
            for measure in ("changed", "missing", "dropped")
            if getattr(step, measure)
        ]
        return tidy_frame([*counted, {"measure": "nobs", "estimate": self.rows}])

    def summary(self, lang: str | None = None) -> Summary:
        """Print the steps as a table, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"recipe.{key}", lang) for key in ("column", "detail", "changed", "missing", "dropped"))
        rows = tuple(
            (s.column or "–", s.detail(lang), *(f"{n:,}" if n else "–" for n in (s.changed, s.missing, s.dropped)))
            for s in self.steps
        )
        notes = tuple(
            say("recipe.such_as", lang, column=s.column or s.source or s.detail(lang), examples=few(s.examples))
            for s in self.steps
            if s.examples
        )
        title = say("recipe.title", lang, name=self.recipe, rows=f"{self.rows:,}")
        return Summary((Grid(title, head, rows, notes, words=2),))

    def explain(self, lang: str | None = None) -> str:
        """Tell every step in its order, in "zh" or "en"; `Prepared.explain` groups them by column."""
        lang = lang or language()
        told = [say("recipe.sentence", lang, words=say("recipe.title", lang, name=self.recipe, rows=f"{self.rows:,}"))]
        for step in self.steps:
            if step.column:
                told.append(say("recipe.step_of", lang, column=step.column, words=step.detail(lang)))
            else:
                told.append(say("recipe.sentence", lang, words=step.detail(lang)))
        return say("recipe.sentence_joint", lang).join(told)


def few(examples: tuple[str, ...]) -> str:
    """Show some examples; the report's frame has them all."""
    return "; ".join(examples[:SHOWN]) + (" …" if len(examples) > SHOWN else "")


def _worded(fact: object, lang: str) -> object:
    """Put a fact into words where it is a phrase or a key of words.toml; a list joins its parts."""
    if isinstance(fact, Phrase):
        return say(fact.key, lang, **{name: _worded(value, lang) for name, value in fact.values.items()})
    if isinstance(fact, tuple):
        return say("recipe.and_joint", lang).join(str(_worded(part, lang)) for part in fact)
    return say(fact, lang) if isinstance(fact, str) and fact.startswith("recipe.") and known(fact) else fact
