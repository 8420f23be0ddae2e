"""specification_test: fixed or random effects, and does the slope vary: tests, and a recorded decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import narwhals as nw
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine import open_lazily
from povstats.engine.source import Table
from povstats.errors import DataError, FormulaError, share
from povstats.models.fit import fit_hlm
from povstats.models.formula import Formula, parse
from povstats.models.interpretation.paragraphs.explained_tests import explain_specification
from povstats.models.model import needed_columns
from povstats.models.notes import Note
from povstats.models.result import HLMResult
from povstats.models.rows import Account, complete
from povstats.models.specification_hausman import hausman
from povstats.models.specification_mundlak import mundlak
from povstats.models.specification_printed import because, decided, printed
from povstats.models.specification_slope import slope_tests, spelled
from povstats.models.specification_tested import Tested
from povstats.models.terms import Frame
from povstats.models.within import Reduced, reduce
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

Decision = Literal["fixed", "random", "random slope", "undecided"]


@dataclass(frozen=True, eq=False, repr=False)
class SpecificationTest(Printed):
    """Tests of a model's specification, and the decision by a rule that is stated.

    The rule, at `level`: "fixed" where the Mundlak terms are jointly significant (the robust test, or where clusters
    are too few for it the classical one); otherwise "random slope" where a slope's variance is, else "random".
    "undecided" where the Mundlak test is not defined. Hausman's statistic is shown and does not decide: it assumes
    equal variances and independent rows, and is not always defined.

    Attributes
    ----------
    formula, group, level : what was asked; `group` is the lowest grouping of the formula.
    mundlak, mundlak_classical : tests of the group means, cluster-robust and by the model's own covariance.
    hausman : within against random. tests : every test by name: "mundlak", "mundlak_classical", "hausman",
        "hausman_between" (between against random), "hausman_ends" (within against between), "slope: x", ….
    terms : the Mundlak terms: difference of the slopes between and within groups, its standard errors robust and by
        the model. dropped : household columns whose means have no term of their own.
    estimates : coefficients of the household columns, within, between and random (Swamy–Arora), and their standard
        errors.
    decision : "fixed", "random", "random slope" or "undecided". reasons : the sentences for it.
    random_fit, mundlak_fit : the random-effects model, and the one with the group means; None where there is none.
    rows : rows read, used, and missing by column.
    """

    formula: str
    group: str
    level: float
    tests: Mapping[str, Tested]
    terms: pd.DataFrame
    dropped: tuple[str, ...]
    estimates: pd.DataFrame
    decision: Decision
    reasons: tuple[Note, ...]
    random_fit: HLMResult
    mundlak_fit: HLMResult | None
    rows: Account

    @property
    def mundlak(self) -> Tested:
        """The cluster-robust test of the group means."""
        return self.tests["mundlak"]

    @property
    def mundlak_classical(self) -> Tested:
        """The test of the group means by the model's own covariance."""
        return self.tests["mundlak_classical"]

    @property
    def hausman(self) -> Tested:
        """Hausman's test, within against random."""
        return self.tests["hausman"]

    @property
    def slopes(self) -> Mapping[str, Tested]:
        """The tests of slope variances, by slope."""
        return {test.term: test for test in self.tests.values() if test.key == "slope"}

    @property
    def reason(self) -> str:
        """Why the decision is what it is, in the language set by povstats.language()."""
        return because(self.reasons, language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends the decision, with its reasons, in "zh" or "en"."""
        return explain_specification(self, lang or language())

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a row a test that is defined, and coef by estimator (group) and term."""
        rows: list[dict[str, object]] = [
            {"measure": t.key, "term": t.term or None, "estimate": t.statistic, "df": t.df, "p": t.pvalue}
            for t in self.tests.values()
            if t.defined
        ]
        names = [name for name in self.estimates if not name.startswith("se(")]
        for name in names:
            rows += [
                {"measure": "coef", "group": name, "term": term, "estimate": row[name], "se": row[f"se({name})"]}
                for term, row in self.estimates.iterrows()
            ]
        rows += [
            {"measure": "coef", "group": "mundlak", "term": term, "estimate": row["estimate"], "se": row["se_robust"]}
            for term, row in self.terms.iterrows()
        ]
        rows.append({"measure": "nobs", "estimate": self.rows.used})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the tests and the decision in "zh" or "en"."""
        return printed(self, lang or language())


def specification_test(
    formula: str, table: Table, *, slope: str | None = None, level: float = 0.05
) -> SpecificationTest:
    """Test random against fixed effects, and whether slopes vary between groups.

    Three questions about the lowest grouping of the formula: do the groups' effects go with the predictors (Mundlak's
    group means, tested robustly; Hausman's form beside it), and does each random slope vary (likelihood ratio on the
    boundary, REML). The answer is a decision by the rule stated at SpecificationTest.

    Parameters
    ----------
    formula : fit_hlm's grammar, with at least one random term. Over nested groupings the lowest is tested, the robust
        covariance is clustered by the highest, and Hausman's comparison leaves the higher ones out.
    table : what fit_hlm takes; of a lazy one the needed columns are read into memory.
    slope : the slope whose variance is tested, such as "trust"; where the formula has no such random slope, it is
        added. None tests those that the formula has.
    level : significance level of the decision.

    Raises
    ------
    FormulaError, DataError, FitError
        As fit_hlm and fit_within; also for crossed groupings.

    Notes
    -----
    Source: Mundlak (1978), Econometrica 46; Hausman (1978), Econometrica 46; Stram & Lee (1994), Biometrics 50.
    """
    share("level", level, 0.05)
    parsed = parse(formula)
    if not parsed.random:
        raise FormulaError(f"{formula!r} has no random term; add the one to be tested, as in '+ (1 | village)'")
    found, account = complete(open_lazily(table), needed_columns(parsed))
    used = found.collect() if isinstance(found, nw.LazyFrame) else found
    by = _chain(parsed, used)
    native = used.to_native()
    random = fit_hlm(formula, native)
    data = reduce(parsed, native, [by[0], by[-1]])
    hausmans, estimates = hausman(data)  # first: it refuses columns that are collinear within the groups
    means = mundlak(
        data, used, lambda frame, names: _refitted(parsed, frame, names), _holds_outcome(random, data.group)
    )
    slopes = slope_tests(parsed, by[0], slope, native)
    tests = {test.key: test for test in (means.robust, means.classical, *hausmans)}
    tests |= {f"slope: {test.term}": test for test in slopes}
    decision, reasons = decided(tests, level, data.group)
    return SpecificationTest(
        formula=formula,
        group=data.group,
        level=level,
        tests=tests,
        terms=means.terms,
        dropped=means.dropped,
        estimates=estimates,
        decision=decision,
        reasons=(*reasons, *_asides(random, data)),
        random_fit=random,
        mundlak_fit=means.fit,
        rows=account,
    )


def _chain(formula: Formula, used: Frame) -> list[tuple[str, ...]]:
    """Order the groupings from the lowest up; every one must hold whole groups of those below."""
    groupings = list(dict.fromkeys(bar.group for bar in formula.random))
    size = {names: len(used.select(*names).unique()) for names in groupings}
    order = sorted(groupings, key=lambda names: -size[names])
    for upper in order[1:]:
        both = list(dict.fromkeys([*order[0], *upper]))
        if len(used.select(*both).unique()) > size[order[0]]:
            raise DataError(
                f"{':'.join(order[0])!r} and {':'.join(upper)!r} are crossed; a specification test is for nested "
                "groupings. Leave one of the random terms out"
            )
    return order


def _refitted(formula: Formula, frame: Frame, names: tuple[str, ...]) -> HLMResult:
    text = " + ".join([spelled(formula), *(f"`{name}`" for name in names)])
    return fit_hlm(text, frame.to_native())


def _holds_outcome(random: HLMResult, group: str) -> Note | None:
    """Tell of a predictor that fit_hlm found to be the groups' mean of the outcome, or of what it is a function of."""
    marked = [note.values for note in random.notes if note.key == "models.note_outcome_mean"]
    names = [values["predictor"] for values in marked if values["group"] == group]
    return Note("models.spec_outcome", {"names": ", ".join(names), "group": group}) if names else None


def _asides(random: HLMResult, data: Reduced) -> tuple[Note, ...]:
    cov = random.random_cov[data.group]
    flat = "Intercept" in cov.index and not cov.loc["Intercept", "Intercept"] > 1e-10 * random.sigma2
    return (Note("models.spec_flat", {"group": data.group}),) if flat else ()
