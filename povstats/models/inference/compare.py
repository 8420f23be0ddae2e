"""Likelihood-ratio tests of nested models, on the boundary of the parameter space too."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from povstats.contracts import tidy_frame
from povstats.errors import FitError
from povstats.models.inference.random_source import generator_of
from povstats.models.inference.simulated_ratio import Side, simulated
from povstats.models.interpretation.paragraphs.explained_tests import explain_comparison
from povstats.models.optimum import Optimum, optimise
from povstats.models.result import HLMResult
from povstats.models.summary import compared
from povstats.models.weights import sampled
from povstats.printing import Printed, Summary
from povstats.words import Lang, language


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Printed):
    """Models side by side, each tested against the one before it.

    Attributes
    ----------
    table : one row a model: formula, nparams, loglik, aic, bic; chi2, df, p_chi2 and p of the test against the row
        above. `p` is the mixture's where the larger model frees a variance, and equals `p_chi2` otherwise.
    reference : for each test the distribution that `p` comes from, such as "0.5 χ²(1) + 0.5 χ²(2)".
    method : "reml" or "ml", that of all models.
    fits : the models. refitted : they were fitted by REML, and again by ML for this comparison.
    """

    table: pd.DataFrame
    reference: tuple[str, ...]
    method: str
    fits: tuple[HLMResult, ...]
    refitted: bool = False

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures loglik, aic, bic, lrt, with the model's formula as group."""
        rows: list[dict[str, object]] = []
        for formula, row in self.table.iterrows():
            rows += [{"measure": m, "group": formula, "estimate": row[m]} for m in ("loglik", "aic", "bic")]
            if row["df"] > 0:
                rows.append(
                    {
                        "measure": "lrt",
                        "group": formula,
                        "estimate": row["chi2"],
                        "df": row["df"],
                        "p": row["p"],
                    }
                )
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the comparison in "zh" or "en"."""
        return compared(self.table, self.reference, self.method + "_refitted" * self.refitted, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends this result, in "zh" or "en"."""
        return explain_comparison(self, lang or language())


def compare(*fits: HLMResult, simulate: int = 0, rng: np.random.Generator | int = 1) -> Comparison:
    """Test nested models by the likelihood ratio, 2(loglik_large − loglik_small).

    Where the larger model adds one random effect to a correlated set of q, its variance is zero under the smaller
    model: the boundary of what is possible. The statistic is then distributed as ½χ²(q) + ½χ²(q+1) (an uncorrelated
    one: ½χ²(0) + ½χ²(1)), and the plain χ² p-value, shown beside it, is too large. Where several variances are added,
    or a variance and coefficients, no mixture is known: their p-value is simulated. It is simulated too, if asked for,
    where the smaller model itself has a variance of zero, which the mixture does not allow for. REML fits with
    different fixed parts are refitted by maximum likelihood, which the result says.

    Parameters
    ----------
    fits : at least two fits to the same rows of the same outcome, from the smallest model to the largest, all by the
        same method.
    simulate : outcomes drawn from the smaller model for each test without a known mixture, such as 1000.
    rng : a generator or a seed, for the simulation.

    Raises
    ------
    FitError
        Where fits are not comparable (other rows or outcomes, other methods, models not nested, sampling weights), or a
        p-value would have to be simulated and `simulate` is 0.

    Notes
    -----
    Source: Stram & Lee (1994), Biometrics 50, cases 1 to 3; Self & Liang (1987), JASA 82, case 5.
    """
    if len(fits) < 2:
        raise FitError("compare() takes at least two fits, from the smallest model to the largest")
    for small, large in pairwise(fits):
        _comparable(small, large)
    terms = {frozenset(fit.params.index) for fit in fits}
    again = fits[0].method == "reml" and len(terms) > 1
    used = [_Used(fit, optimise(fit.optimum.blocks, False) if again else fit.optimum) for fit in fits]
    generator, rows, reference = generator_of(rng), [], [""]
    for i, one in enumerate(used):
        row = {"nparams": one.fit.nparams, "loglik": one.loglik, "aic": one.aic, "bic": one.bic}
        if i:
            chi2, df, plain, p, named = _test(used[i - 1], one, simulate, generator)
            row |= {"chi2": chi2, "df": df, "p_chi2": plain, "p": p}
            reference.append(named)
        rows.append(row)
    columns = ["nparams", "loglik", "aic", "bic", "chi2", "df", "p_chi2", "p"]
    table = pd.DataFrame(rows, [fit.formula for fit in fits], columns)
    return Comparison(table, tuple(reference), "ml" if again else fits[0].method, fits, again)


@dataclass(frozen=True, slots=True, eq=False)
class _Used:
    """A fit with the optimum that is compared: its own, or that of an ML refit."""

    fit: HLMResult
    optimum: Optimum

    @property
    def loglik(self) -> float:
        at = self.optimum.profile
        return self.fit.units.loglik(at.value, at.dof, at.reml) + self.fit.cells.log_weights / 2

    @property
    def aic(self) -> float:
        return 2 * self.fit.nparams - 2 * self.loglik

    @property
    def bic(self) -> float:
        return float(np.log(self.fit.nobs)) * self.fit.nparams - 2 * self.loglik


def _test(small: _Used, large: _Used, n: int, rng: np.random.Generator) -> tuple[float, int, float, float, str]:
    """Give χ², df, the plain p, the p to use, and the name of its distribution."""
    one, two = small.fit, large.fit
    chi2, df = 2 * (large.loglik - small.loglik), two.nparams - one.nparams
    if df <= 0:
        raise FitError(f"{two.formula!r} does not have more parameters than {one.formula!r}: give the smaller first")
    if chi2 < -1e-6 * (1 + abs(large.loglik)):
        raise FitError(f"{two.formula!r} fits worse than {one.formula!r}: the models are not nested")
    # Equal up to rounding is equal: on the boundary the p-value jumps there from 1 to one half.
    chi2 = 0.0 if chi2 < 1e-9 * (1 + abs(large.loglik)) else chi2
    plain = float(chdtrc(df, chi2))
    added = _freed(one, two)
    if not added:
        return chi2, df, plain, plain, f"χ²({df})"
    known = len(added) == 1 and len(one.params) == len(two.params)
    if known and not (n and small.optimum.boundary):
        below = float(chdtrc(df - 1, chi2)) if df > 1 else float(chi2 == 0)
        return chi2, df, plain, (below + plain) / 2, f"0.5 χ²({df - 1}) + 0.5 χ²({df})"
    if n:
        p, kept = simulated(Side(one.model, one.units, small.optimum), two, large.optimum, chi2, n, rng)
        return chi2, df, plain, p, f"simulated + {kept}"
    raise FitError(
        f"the larger model adds {', '.join(added)} and more at once; the test on the boundary is known for one random "
        "effect at a time, with the fixed part unchanged: compare step by step, or simulate its distribution with "
        "simulate=1000"
    )


def _comparable(small: HLMResult, large: HLMResult) -> None:
    if small.model.response != large.model.response or not _same_rows(small, large):
        raise FitError(
            f"the models differ in rows, groups or outcome ({small.nobs} and {large.nobs} rows): fit both to the rows "
            "that are complete for the larger one"
        )
    if small.method != large.method:
        raise FitError("one model is fitted by REML and one by ML; fit both with the same method")
    for fit in (small, large):
        if sampled(fit.cells, fit.optimum.blocks.levels):
            raise FitError(
                f"{fit.formula!r} has sampling weights: a pseudo-likelihood has no likelihood-ratio tests, AIC or BIC; "
                "test coefficients by their robust errors"
            )
    missing = set(small.params.index) - set(large.params.index)
    larger = [(one.by, {column.name for column in one.columns}) for one in large.model.random]
    held = all(
        any(one.by == by and {column.name for column in one.columns} <= names for by, names in larger)
        for one in small.model.random
    )
    if missing or not held:
        raise FitError(f"{small.formula!r} is not nested in {large.formula!r}: the larger model lacks a term of it")


def _same_rows(small: HLMResult, large: HLMResult) -> bool:
    """Tell whether two fits saw the same groups and the same outcomes in them."""
    if small.nobs != large.nobs:
        return False
    # Fits by REML and ML, or with other predictors, keep other cells: counts, sums and squares of y they share, over
    # the groups of any grouping that both have and over all rows.
    shared = [name for name in small.cells.groupings if name in large.cells.groupings]
    if any(small.cells.groupings[name].labels != large.cells.groupings[name].labels for name in shared):
        return False
    return all(_same_sums(small, large, name) for name in [None, *shared])


def _same_sums(small: HLMResult, large: HLMResult, name: str | None) -> bool:
    sums = []
    for fit in (small, large):
        cells = fit.cells
        codes = np.zeros(len(cells.counts), dtype=np.intp) if name is None else cells.groupings[name].codes
        columns = (cells.counts, *cells.sums(fit.model.response))
        sums.append(np.stack([*(np.bincount(codes, column) for column in columns)]))
        sums[-1] = np.vstack([sums[-1], np.full(sums[-1].shape[1], cells.shift[fit.model.response])])
    return bool(np.allclose(sums[0], sums[1], rtol=1e-9, atol=1e-9 * float(np.abs(sums[0]).max())))


def _freed(small: HLMResult, large: HLMResult) -> list[str]:
    """Name the random effects that the larger model adds."""
    return [
        f"{effect} over {group}"
        for group in large.model.groupings
        for effect in large.model.effects(group)
        if effect not in small.model.effects(group)
    ]
