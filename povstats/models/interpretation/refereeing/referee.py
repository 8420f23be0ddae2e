"""referee(): which traps of hierarchical models hit a fit, with evidence and remedy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.models.inference.compare import Comparison
from povstats.models.interpretation.refereeing.finding import CONCERNS, Finding, State
from povstats.models.interpretation.refereeing.referee_fit import (
    chosen,
    collinear,
    influential,
    perfect_correlations,
    zero_variances,
)
from povstats.models.interpretation.refereeing.referee_grades import hints, ordinal
from povstats.models.interpretation.refereeing.referee_means import noisy_means
from povstats.models.interpretation.refereeing.referee_printed import paragraph, printed
from povstats.models.interpretation.refereeing.referee_sample import (
    crossed_labels,
    few_groups,
    normal_tests,
    outcome_inside,
    rows_lost,
    small_groups,
)
from povstats.models.interpretation.refereeing.referee_terms import contextual, missing_slopes, uncentred
from povstats.models.specification import SpecificationTest
from povstats.printing import Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

CHECKS: Mapping[str, Callable[["HLMResult"], Finding]] = {
    "outcome": outcome_inside,
    "contextual": contextual,
    "reliability": noisy_means,
    "dropped": rows_lost,
    "slope": missing_slopes,
    "normal": normal_tests,
    "groups": few_groups,
    "influence": influential,
    "boundary": zero_variances,
    "correlation": perfect_correlations,
    "single": small_groups,
    "uncentred": uncentred,
    "collinear": collinear,
    "crossed": crossed_labels,
}


@dataclass(frozen=True, eq=False, repr=False)
class Referee(Printed):
    """What a referee would object to in a fit.

    Attributes
    ----------
    fit : the fit. findings : one for every check, in the order of severity: what spoils estimates before what spoils
        tests, and that before what misleads a reader. There are no scores.
    unseen : what no look at a fit can show, as keys of words.
    """

    fit: "HLMResult"
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]

    def of(self, state: State) -> tuple[Finding, ...]:
        """Give the findings in a state: "trap", "clean" or "unchecked"."""
        return tuple(finding for finding in self.findings if finding.state == state)

    @property
    def traps(self) -> tuple[Finding, ...]:
        """The traps that hit."""
        return self.of("trap")

    def to_frame(self, lang: Lang | None = None) -> pd.DataFrame:
        """Give one row a trap that hits, in words: trap, what it spoils, evidence, remedy, source."""
        spoken = lang or language()
        heads = [say(f"referee.{key}", spoken) for key in ("trap", "concern", "evidence", "remedy", "source")]
        rows = [
            (
                trap.title(spoken),
                say(f"referee.concern_{trap.concern}", spoken),
                trap.told(spoken),
                "" if trap.remedy is None else trap.remedy.say(spoken),
                trap.source(spoken),
            )
            for trap in self.traps
        ]
        return pd.DataFrame(rows, columns=heads)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure trap (1 hit, 0 clean) by term, then each check's numbers under its name.

        Measures and their estimates: contextual (between less within), reliability (of a mean), dropped (share), slope
        (t), normal (size of the z test), groups (number), influence (Cook's distance, or the coefficient without the
        group), boundary (variance), correlation, single (share of groups), uncentred (correlation of the two
        coefficients; low and high are the moderator's range), ordinal (F), collinear (GVIF; df its columns), outcome
        (coefficient), chosen (test statistic).
        """
        rows: list[dict[str, object]] = []
        for finding in self.findings:
            if finding.state != "unchecked":
                rows.append({"measure": "trap", "term": finding.key, "estimate": float(finding.state == "trap")})
            rows += [{"measure": finding.key, **numbers} for numbers in finding.numbers]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en": each trap with evidence, remedy and source, what is clean, what cannot be seen."""
        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph in "zh" or "en"."""
        return paragraph(self, lang or language())


def referee(
    fit: "HLMResult", *, table: Table | None = None, chosen_by: SpecificationTest | Comparison | None = None
) -> Referee:
    """Look for the traps of hierarchical models in a fit.

    A predictor that holds the outcome; household predictors whose slopes differ within and between groups (the lowest
    groups' means are added and tested); group means of too few rows; rows left out; a cross-level interaction without
    the random slope of its household predictor (fitted again with it); z tests with few clusters; few groups; one group
    on which a verdict hangs (every group is left out in turn); variances of zero, correlations of ±1; groups with
    hardly a row; main effects at a moderator's zero that is outside its values; with the table, grades whose steps
    differ (fitted again with dummies); collinearity; crossed labels.

    Parameters
    ----------
    fit : the result of fit_hlm.
    table : the table of the fit, which keeps no rows; without it graded predictors are named, not tested.
    chosen_by : the specification_test or the comparison that the model came out of. A fit does not show that it was
        chosen by a test; its p-values then are too small.

    Returns
    -------
    Referee
        The traps with evidence, remedy (the call to make) and source; what was found clean; what was not checked and
        why; what cannot be seen from a fit.

    Raises
    ------
    OptionError
        Where `fit` is no result of fit_hlm, or `chosen_by` neither of the two.
    DataError
        Where `table` is not the one of the fit.

    Notes
    -----
    Source: each finding names its own, in `summary()` and as `finding.source(lang)`.
    """
    from povstats.models.result import HLMResult

    if not isinstance(fit, HLMResult):
        raise OptionError(f"referee() takes the result of fit_hlm, not {type(fit).__name__}")
    if not isinstance(chosen_by, SpecificationTest | Comparison | None):
        raise OptionError(
            f"chosen_by={type(chosen_by).__name__} must be the result of specification_test() or compare(), or None"
        )
    findings = [check(fit) for check in CHECKS.values()]
    if table is not None:
        findings.append(ordinal(fit, table))
    if chosen_by is not None:
        findings.append(chosen(fit, chosen_by))
    order = list(CONCERNS)
    findings.sort(key=lambda finding: order.index(finding.key))
    weighted = fit.cells.weight_sums is not None or any(one.weights is not None for one in fit.optimum.blocks.levels)
    unseen = ["weighted" if weighted else "design", "selection", "measurement", "causes"]
    unseen += [key for key in hints(fit) if table is None or key != "grades"]
    unseen += ["shape", *(["search"] if chosen_by is None else []), *(["reml"] if fit.method == "reml" else [])]
    return Referee(fit, tuple(findings), tuple(unseen))


__all__ = ["Referee", "referee"]
