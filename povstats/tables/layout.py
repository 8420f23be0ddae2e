"""What a regression table shows, and in whose words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from povstats.errors import allowed
from povstats.tables.table import BELOW, Below
from povstats.words import say

Style = Literal["en-journal", "cn-journal", "no-stars"]
STYLES: tuple[Style, ...] = ("en-journal", "cn-journal", "no-stars")
STATISTICS = ("loglik", "aic", "bic")
BETWEEN = re.compile(r", (?![^()\[\]]*[)\]])")
"""The comma between two terms, not one inside brackets, as in within(ses, school)."""


class Layout(TypedDict):
    """The further keywords of a regression table.

    title : printed above; None says that these are regression results.
    notes : further notes, one line each. Say here that REML log-likelihoods of models with different fixed parts must
        not be compared.
    below : what stands in brackets under a coefficient: "se", "t", "interval" (95 %) or "p"; the note names it.
    controls : words to terms, as in {"Controls": ["age", "farm"]}: their coefficients are not printed, one row says
        Yes or No for each model. A name without its level, "farm", means all levels.
    fixed_effects : words to a categorical factor, as in {"County fixed effects": "C(county)"}, likewise; a within
        model whose group it is says Yes too.
    order : terms that come first, in this order, a factor with all its levels; the others keep theirs, and the
        intercept comes last.
    statistics : of "loglik", "aic", "bic", in this order, after the numbers of rows and groups.
    """

    title: NotRequired[str | None]
    notes: NotRequired[Sequence[str]]
    below: NotRequired[Below]
    controls: NotRequired[Mapping[str, Sequence[str]]]
    fixed_effects: NotRequired[Mapping[str, str]]
    order: NotRequired[Sequence[str]]
    statistics: NotRequired[Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """A layout with its defaults filled in, the language, and the caller's own words."""

    lang: str
    style: Style
    labels: Mapping[str, str]
    title: str | None = None
    notes: Sequence[str] = ()
    below: Below = "se"
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fixed_effects: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[str] = ()
    statistics: Sequence[str] = ("loglik",)

    def __post_init__(self) -> None:
        """Refuse what is not on the lists."""
        allowed("lang", self.lang, ("zh", "en"))
        allowed("style", self.style, STYLES)
        allowed("below", self.below, BELOW)
        for name in self.statistics:
            allowed("statistics", name, STATISTICS)

    @property
    def starred(self) -> bool:
        """Tell whether stars are printed."""
        return self.style != "no-stars"

    def say(self, key: str, **values: object) -> str:
        """Give the words of the table's own section."""
        return say(f"tables.{key}", self.lang, **values)

    def term(self, term: str) -> str:
        """Label a term: the caller's words, the intercept's, or each factor of an interaction its own."""
        if term in self.labels:
            return self.labels[term]
        if term == "Intercept":
            return self.say("intercept")
        parts = term.split(":")
        return " × ".join(self.term(part) for part in parts) if len(parts) > 1 else term

    def group(self, group: str) -> str:
        """Label a grouping."""
        return self.labels.get(group, group)
