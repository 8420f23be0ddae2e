"""pool: one answer from the fits to several imputations of a table."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from povstats.errors import FitError, OptionError
from povstats.models.notes import Note
from povstats.models.pack import tests
from povstats.models.pooling_components import averaged, parts_of, pooled_components
from povstats.models.pooling_result import PooledResult
from povstats.models.result import HLMResult
from povstats.models.rubin import rubin
from povstats.models.within_result import WithinResult

LEVEL = 0.95
"""Of the components' intervals."""


def pool(fits: Sequence[HLMResult] | Sequence[WithinResult]) -> PooledResult:
    """Pool fits of one model to multiply imputed tables by Rubin's rules.

    With Q_i the estimates and U_i their covariances, Q̄ = mean Q_i has the covariance T = Ū + (1 + 1/m) B, B the
    covariance of the Q_i. Tests are t tests with Barnard and Rubin's degrees of freedom; the degrees of freedom that
    the complete table would give are the fits' own (Satterthwaite's, Kenward and Roger's), averaged by coefficient.

    Parameters
    ----------
    fits : two or more results of fit_hlm (or of fit_within) with one formula, method and df, each to its own
        imputed table. The imputations are made elsewhere: by a model that has the same groups, random slopes and
        interactions, such as R's mitml, jomo or mice ("2l.pan").

    Returns
    -------
    PooledResult
        Coefficients with standard errors, tests and fractions of missing information; variance components pooled as
        logarithms, correlations as Fisher's z, the intraclass correlation as a logit. Log-likelihoods are not pooled.

    Raises
    ------
    OptionError
        Where there is one fit only, or what was given is no fit.
    FitError
        Where the fits differ in formula, method, degrees of freedom, coefficients, rows or groups; the message
        says which fit.

    Notes
    -----
    Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, section 3.1; Barnard & Rubin (1999),
    Biometrika 86. The scales of the components are those of van Buuren (2018), Flexible Imputation of Missing Data,
    section 5.2.
    """
    given = list(fits) if isinstance(fits, Sequence) else fits
    if not isinstance(given, list) or not all(isinstance(fit, HLMResult | WithinResult) for fit in given):
        raise OptionError(
            "pool takes a list of fits, as in pool([fit_hlm(formula, table) for table in imputed]), each a result of "
            "fit_hlm or of fit_within"
        )
    if len(given) < 2:
        raise OptionError(
            f"{len(given)} fit cannot tell how far imputations differ; pool takes one fit for each of two or more "
            "imputed tables"
        )
    _alike(given)
    return _pooled(given)


def _pooled(fits: list[Any]) -> PooledResult:
    first, terms = fits[0], fits[0].params.index
    estimates = pd.DataFrame([fit.params for fit in fits], index=pd.RangeIndex(1, len(fits) + 1, name="imputation"))
    within = sum(fit.cov for fit in fits) / len(fits)
    between = estimates.cov()
    total = within + (1 + 1 / len(fits)) * between
    complete = pd.Series(np.mean([fit.dof for fit in fits], axis=0), terms, name="complete_dof")
    variances = np.array([np.diag(fit.cov) for fit in fits])
    found = rubin(estimates.to_numpy(), variances, complete.to_numpy())
    se, t, p = tests(found.estimate, total.to_numpy(), found.dof)
    hlm = isinstance(first, HLMResult)
    parts = pooled_components([parts_of(fit) for fit in fits], LEVEL) if hlm else _residual(fits)
    return PooledResult(
        formula=first.formula,
        method=first.method if hlm else "within",
        df_method=first.df_method if hlm else first.cov_type,
        params=pd.Series(found.estimate, terms, name="params"),
        std_errors=pd.Series(se, terms, name="std_errors"),
        tstats=pd.Series(t, terms, name="tstats"),
        dof=pd.Series(found.dof, terms, name="dof"),
        pvalues=pd.Series(p, terms, name="pvalues"),
        cov=total,
        within=within,
        between=between,
        complete_dof=complete,
        riv=pd.Series(found.riv, terms, name="riv"),
        fmi=pd.Series(found.fmi, terms, name="fmi"),
        components=parts,
        estimates=estimates,
        nobs=first.nobs,
        ngroups=dict(first.ngroups),
        notes=_notes(fits, parts),
        fits=tuple(fits),
    )


def _residual(fits: list[WithinResult]) -> pd.DataFrame:
    """Average the residual variance of within fits, which have no other component."""
    index = pd.MultiIndex.from_tuples([("variance", "residual", "")], names=["measure", "group", "term"])
    return averaged(index, np.array([np.mean([fit.sigma2 for fit in fits])]))


def _notes(fits: list[Any], parts: pd.DataFrame) -> tuple[Note, ...]:
    """Collect what a reader should know."""
    notes = [Note("pool.note_complete")]
    edges = [str(i) for i, fit in enumerate(fits, 1) if getattr(fit, "status", "") == "boundary"]
    if edges:
        notes.append(Note("pool.note_boundary", {"fits": ", ".join(edges), "m": str(len(fits))}))
    elif (parts["scale"] == "average").all():
        notes.append(Note("pool.note_average"))
    else:
        notes.append(Note("pool.note_scales"))
    dropped = sum(fit.rows.dropped for fit in fits)
    if dropped:
        notes.append(Note("pool.note_dropped", {"dropped": f"{dropped / len(fits):,.0f}"}))
    if isinstance(fits[0], HLMResult):
        notes.append(Note("pool.note_loglik"))
    return tuple(notes)


def _alike(fits: list[Any]) -> None:
    """Refuse fits of different models, or to tables of different sizes."""
    if len({type(fit) for fit in fits}) > 1:
        raise FitError("some fits are of fit_hlm and some of fit_within; pool takes fits of one model")
    asked: list[tuple[str, Callable[[Any], object]]] = [("formula", lambda fit: fit.formula)]
    if isinstance(fits[0], HLMResult):
        asked += [("method", lambda fit: fit.method), ("df", lambda fit: fit.df_method)]
        asked += [("weights", _weights)]
    else:
        asked += [("group", lambda fit: fit.group), ("cov", lambda fit: fit.cov_type)]
    asked += [
        ("coefficients", lambda fit: list(fit.params.index)),
        ("rows", lambda fit: fit.nobs),
        ("groups", lambda fit: dict(fit.ngroups)),
    ]
    for name, value in asked:
        for i, fit in enumerate(fits[1:], 2):
            if value(fit) != value(fits[0]):
                raise FitError(
                    f"fit {i} has {name} {_short(value(fit))}, fit 1 has {_short(value(fits[0]))}; pool takes fits of "
                    "one model to the imputed tables of one survey"
                )


def _weights(fit: HLMResult) -> list[str]:
    return [*fit.weights.columns, *([fit.weights.scaling] if fit.weights.sampling else [])]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 200 else text[:200] + " …"
