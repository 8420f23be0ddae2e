"""Which specification the tests choose for each item: fixed or random effects, and does the slope vary."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import PovstatsError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import title
from povstats.guizhou.null_baseline import named
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import SpecificationTest, specification_test
from povstats.models.specification_tested import Tested
from povstats.models.summary import pvalue
from povstats.tables import Table
from povstats.words import Lang, language, say

LEVEL = 0.05
TESTS = ("mundlak", "hausman", "slope")


@dataclass(frozen=True, eq=False, repr=False)
class Decisions(Tabled):
    """The specification test of every item's model.

    Attributes
    ----------
    tests : by item; None where the test refuses. reasons : why it refuses, by item.
    """

    tests: Mapping[str, SpecificationTest | None]
    reasons: Mapping[str, str]
    analysis: Analysis = field(repr=False)

    def decision(self, item: str) -> str:
        """Give "fixed", "random", "random slope", "undecided", or "refused".

        Where a village's mean contains the outcome the tests are empty, and nothing is decided.
        """
        test = self.tests[item]
        if test is None:
            return "refused"
        return "undecided" if self.analysis.contained else test.decision

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame of all tests, the item before their groups."""
        found = [named(test.tidy(), item) for item, test in self.tests.items() if test is not None]
        return pd.concat(found, ignore_index=True) if found else tidy_frame([])

    def table(self, lang: Lang | None = None) -> Table:
        """Give a row an item: the tests with their p-values, and the decision."""
        lang = lang or language()
        synthetic = self.analysis.plan.data == "synthetic"
        cells = []
        for item, test in self.tests.items():
            row = [_told(None if test is None else _tests(test, item)[key]) for key in TESTS]
            row.append(say(f"social.decision_{self.decision(item).replace(' ', '_')}", lang))
            cells.append([*row, say(f"social.said_{_said(item)}", lang)] if synthetic else row)
        heads = [say(f"social.test_{key}", lang) for key in TESTS] + [say("social.head_decision", lang)]
        heads += [say("social.head_said", lang)] if synthetic else []
        index = pd.Index([title(self.analysis, item, lang) for item in self.tests])
        notes = [say("social.note_decisions", lang, level=f"{LEVEL:g}")]
        if synthetic:
            notes.append(say("social.note_said", lang))
        undecided = [test.reasons[0].say(lang) for test in self.tests.values() if test and test.decision == "undecided"]
        notes += dict.fromkeys(undecided)
        if self.analysis.contained and not undecided:
            notes.append(say("social.note_empty", lang))
        notes += [
            say("social.note_refused", lang, item=title(self.analysis, item, lang), reason=reason)
            for item, reason in self.reasons.items()
        ]
        return made(self.analysis, pd.DataFrame(cells, index, heads, dtype=object), "decisions", notes, lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Give the rule, and the reasons of each decision."""
        lang = lang or language()
        sentences = [say("social.note_decisions", lang, level=f"{LEVEL:g}")]
        for item, test in self.tests.items():
            words = title(self.analysis, item, lang)
            if test is None:
                sentences.append(say("social.note_refused", lang, item=words, reason=self.reasons[item]))
                continue
            reasons = ("" if lang == "zh" else " ").join(note.say(lang) for note in test.reasons)
            sentences.append(say("social.reasons_of", lang, item=words, reasons=reasons))
        return paragraph([*sentences, say("social.explain_decisions", lang)], lang)


def decisions(analysis: Analysis) -> Decisions:
    """Test every item's model by `povstats.specification_test`, with a random slope of the item.

    A model that the test refuses, such as one with too few villages for its columns, has the status "refused".
    """
    tests: dict[str, SpecificationTest | None] = {}
    reasons: dict[str, str] = {}
    for item in analysis.plan.items:
        try:
            tests[item] = specification_test(analysis.plan.formula(item), analysis.table, level=LEVEL)
        except PovstatsError as error:
            tests[item], reasons[item] = None, str(error)
    return Decisions(tests, reasons, analysis)


def _tests(test: SpecificationTest, item: str) -> dict[str, Tested | None]:
    """Give the three tests; Mundlak's is the one that decides."""
    decisive = test.mundlak if test.mundlak.defined else test.mundlak_classical
    return {"mundlak": decisive, "hausman": test.hausman, "slope": test.slopes.get(item)}


def _told(test: Tested | None) -> str:
    """Write a statistic and its p-value; a dash where there is none."""
    if test is None or not test.defined:
        return "—"
    return f"{test.statistic:.2f} ({pvalue(test.pvalue)})".replace("-", "−")


def _said(item: str) -> str:
    """Give what the text says of an item's specification."""
    return {"trust": "fixed", "participation": "random"}.get(item, "lost")
