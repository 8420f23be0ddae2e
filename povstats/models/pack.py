"""From the optimum in its scaled basis to estimates in the user's units."""

import numpy as np
import pandas as pd
from scipy.special import stdtr

from povstats.engine.cells import Array, Cells
from povstats.models.inference.df import satterthwaite
from povstats.models.inference.kenward_roger import adjust, single_dof
from povstats.models.model import Model
from povstats.models.notes import Note
from povstats.models.optimum import Optimum
from povstats.models.result import HLMResult
from povstats.models.rows import Account
from povstats.models.units import Units
from povstats.models.weights import robust_cov, sampled


def pack(
    model: Model,
    cells: Cells,
    account: Account,
    units: Units,
    optimum: Optimum,
    method: str,
    df: str,
    notes: tuple[Note, ...],
) -> HLMResult:
    """Assemble the result.

    Parameters
    ----------
    model, cells, account : what was fitted, on which rows.
    units, optimum : the best fit in the scaled basis and the way back.
    method, df : as fit_hlm takes them.
    notes : what a reader should know.
    """
    at = optimum.profile
    terms = [column.name for column in model.fixed]
    sigma2 = units.scale**2 * at.rss / at.dof
    beta = pd.Series(units.x @ at.beta * units.scale + units.shift, terms, name="params")
    cov = sigma2 * units.x @ at.C @ units.x.T
    if sampled(cells, optimum.blocks.levels):
        cov = robust_cov(optimum, units)
    if df == "kenward-roger":
        adjusted = adjust(optimum)
        cov, dof = sigma2 * units.x @ adjusted.cov @ units.x.T, single_dof(adjusted, units.x)
    else:
        dof = satterthwaite(optimum, units.x) if df == "satterthwaite" else np.full(len(terms), np.inf)
    se, t, p = tests(beta.to_numpy(), cov, dof)
    return HLMResult(
        formula=model.formula.text,
        method=method,
        df_method=df,
        params=beta,
        std_errors=pd.Series(se, terms, name="std_errors"),
        tstats=pd.Series(t, terms, name="tstats"),
        dof=pd.Series(dof, terms, name="dof"),
        pvalues=pd.Series(p, terms, name="pvalues"),
        cov=pd.DataFrame(cov, terms, terms),
        loglik=units.loglik(at.value, at.dof, at.reml) + cells.log_weights / 2,
        nobs=cells.nobs,
        ngroups={level.name: len(level.labels) for level in optimum.blocks.levels},
        sigma2=sigma2,
        random_cov=_random_cov(model, units, optimum, sigma2),
        status="boundary" if optimum.boundary else "converged",
        notes=notes,
        rows=account,
        model=model,
        cells=cells,
        optimum=optimum,
        units=units,
    )


def tests(beta: Array, cov: Array, dof: Array) -> tuple[Array, Array, Array]:
    """Give standard errors, t and two-sided p of each coefficient."""
    se = np.sqrt(np.diag(cov))
    t = beta / se
    # Twice the lower tail keeps its digits where the upper one would round to zero.
    return se, t, 2 * stdtr(np.minimum(dof, 1e10), -np.abs(t))


def _random_cov(model: Model, units: Units, optimum: Optimum, sigma2: float) -> dict[str, pd.DataFrame]:
    out = {}
    for level, z, factor in zip(optimum.blocks.levels, units.z, optimum.factors, strict=True):
        names, half = list(model.effects(level.name)), z @ factor
        out[level.name] = pd.DataFrame(sigma2 * half @ half.T, names, names)
    return out
