"""The nine-column frame of a fitted model."""

from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def tidy(fit: "HLMResult") -> pd.DataFrame:
    """List coefficients, variance components and fit statistics, one row each."""
    ends = fit.conf_int()
    rows: list[dict[str, object]] = [
        {
            "measure": "coef",
            "term": term,
            "estimate": fit.params[term],
            "se": fit.std_errors[term],
            "df": fit.dof[term],
            "p": fit.pvalues[term],
            "low": ends.low[term],
            "high": ends.high[term],
        }
        for term in fit.params.index
    ]
    for name, cov in fit.random_cov.items():
        rows += [
            {"measure": "variance", "group": name, "term": term, "estimate": cov.loc[term, term]} for term in cov.index
        ]
        rows += [
            {"measure": "covariance", "group": name, "term": f"{a}, {b}", "estimate": cov.loc[a, b]}
            for together in fit.model.sets(name)
            for a, b in combinations([column.name for column in together], 2)
        ]
    rows.append({"measure": "variance", "group": "residual", "estimate": fit.sigma2})
    rows.append({"measure": "icc", "estimate": fit.icc()})
    rows += [
        {"measure": "fit", "term": term, "estimate": value}
        for term, value in (("loglik", fit.loglik), ("aic", fit.aic), ("bic", fit.bic))
    ]
    rows.append({"measure": "nobs", "estimate": fit.nobs})
    rows += [{"measure": "ngroups", "group": name, "estimate": count} for name, count in fit.ngroups.items()]
    return tidy_frame(rows)
