"""Likelihood-ratio tests of nested models, on the boundary of the parameter space too."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from povstats.contracts import tidy_frame
from povstats.errors import FitError
from povstats.models.result import HLMResult
from povstats.models.summary import compared
from povstats.printing import Summary
from povstats.words import Lang, language


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Models side by side, each tested against the one before it.

    Attributes
    ----------
    table : one row a model: formula, nparams, loglik, aic, bic; chi2, df, p_chi2 and p of the test against the row
        above. `p` is the mixture's where the larger model frees a variance, and equals `p_chi2` otherwise.
    reference : for each test the distribution that `p` comes from, such as "0.5 χ²(1) + 0.5 χ²(2)".
    method : "reml" or "ml", that of all models.
    """

    table: pd.DataFrame
    reference: tuple[str, ...]
    method: str

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
        return compared(self.table, self.reference, self.method, lang or language())

    def __repr__(self) -> str:
        """Print the comparison in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print the comparison in a notebook."""
        return self.summary()._repr_html_()


def compare(*fits: HLMResult) -> Comparison:
    """Test nested models by the likelihood ratio, 2(loglik_large − loglik_small).

    Where the larger model adds one random effect to a correlated set of q, its variance is zero under the smaller
    model: the boundary of what is possible. The statistic is then distributed as ½χ²(q) + ½χ²(q+1) (an uncorrelated
    one: ½χ²(0) + ½χ²(1)), and the plain χ² p-value, shown beside it, is too large.

    Parameters
    ----------
    fits : at least two fits to the same rows of the same outcome, from the smallest model to the largest, all by the
        same method.

    Raises
    ------
    FitError
        Where fits are not comparable: other rows or outcomes, REML with different fixed parts, models not nested.

    Notes
    -----
    Source: Stram & Lee (1994), Biometrics 50, cases 1 to 3; Self & Liang (1987), JASA 82, case 5.
    """
    if len(fits) < 2:
        raise FitError("compare() takes at least two fits, from the smallest model to the largest")
    rows, reference = [], [""]
    for i, fit in enumerate(fits):
        row = {"nparams": fit.nparams, "loglik": fit.loglik, "aic": fit.aic, "bic": fit.bic}
        if i:
            chi2, df, plain, p, named = _test(fits[i - 1], fit)
            row |= {"chi2": chi2, "df": df, "p_chi2": plain, "p": p}
            reference.append(named)
        rows.append(row)
    columns = ["nparams", "loglik", "aic", "bic", "chi2", "df", "p_chi2", "p"]
    table = pd.DataFrame(rows, [fit.formula for fit in fits], columns)
    return Comparison(table, tuple(reference), fits[0].method)


def _test(small: HLMResult, large: HLMResult) -> tuple[float, int, float, float, str]:
    """Give χ², df, the plain p, the p to use, and the name of its distribution."""
    _comparable(small, large)
    chi2, df = 2 * (large.loglik - small.loglik), large.nparams - small.nparams
    if df <= 0:
        raise FitError(
            f"{large.formula!r} does not have more parameters than {small.formula!r}: give the smaller first"
        )
    if chi2 < -1e-6 * (1 + abs(large.loglik)):
        raise FitError(f"{large.formula!r} fits worse than {small.formula!r}: the models are not nested")
    # Equal up to rounding is equal: on the boundary the p-value jumps there from 1 to one half.
    chi2 = 0.0 if chi2 < 1e-9 * (1 + abs(large.loglik)) else chi2
    plain = float(chdtrc(df, chi2))
    freed = _freed(small, large)
    if freed is None:
        return chi2, df, plain, plain, f"χ²({df})"
    below = float(chdtrc(df - 1, chi2)) if df > 1 else float(chi2 == 0)
    return chi2, df, plain, (below + plain) / 2, f"0.5 χ²({df - 1}) + 0.5 χ²({df})"


def _comparable(small: HLMResult, large: HLMResult) -> None:
    if small.model.response != large.model.response or not _same_rows(small, large):
        raise FitError(
            f"the models differ in rows, groups or outcome ({small.nobs} and {large.nobs} rows): fit both to the rows "
            "that are complete for the larger one"
        )
    if small.method != large.method:
        raise FitError("one model is fitted by REML and one by ML; fit both with the same method")
    if small.method == "reml" and set(small.params.index) != set(large.params.index):
        raise FitError(
            "REML log-likelihoods of models with different fixed parts are not comparable: each is the likelihood of "
            "other contrasts of the data. Fit both with method='ml' to compare them"
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


def _freed(small: HLMResult, large: HLMResult) -> str | None:
    """Name the one random effect that the larger model adds; None where only coefficients or covariances differ."""
    added = [
        f"{effect} over {group}"
        for group in large.model.groupings
        for effect in large.model.effects(group)
        if effect not in small.model.effects(group)
    ]
    if not added:
        return None
    if len(added) > 1 or len(small.params) != len(large.params):
        raise FitError(
            f"the larger model adds {', '.join(added)} and more at once; the test on the boundary is known for one "
            "random effect at a time, with the fixed part unchanged: compare step by step"
        )
    return added[0]
