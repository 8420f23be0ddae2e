"""From the optimum in its scaled basis to estimates in the user's units."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from povstats.engine.cells import Array, Cells
from povstats.models.inference.df import satterthwaite
from povstats.models.model import Model
from povstats.models.optimum import Optimum
from povstats.models.result import HLMResult
from povstats.models.rows import Account
from povstats.models.standard import Standard


@dataclass(frozen=True, slots=True, eq=False)
class _Back:
    """Linear maps from the scaled basis: β = x @ β̃ + shift, b = z @ b̃ (times y_scale)."""

    x: Array
    z: Array
    shift: Array


def pack(
    model: Model,
    cells: Cells,
    account: Account,
    standard: Standard,
    optimum: Optimum,
    method: str,
    df: str,
) -> HLMResult:
    """Assemble the result.

    Parameters
    ----------
    model, cells, account : what was fitted, on which rows.
    standard, optimum : the scaled blocks and the best fit on them.
    method, df : as fit_hlm takes them.
    """
    back, at = _back(model, standard, optimum), optimum.profile
    terms = [column.name for column in model.fixed]
    scale = standard.y_scale
    sigma2 = scale**2 * at.rss / at.dof
    beta = pd.Series(back.x @ at.beta * scale + back.shift, terms, name="params")
    cov = sigma2 * back.x @ at.C @ back.x.T
    se = pd.Series(np.sqrt(np.diag(cov)), terms, name="std_errors")
    dof = satterthwaite(optimum, back.x) if df == "satterthwaite" else np.full(len(terms), np.inf)
    t = beta / se
    # Twice the lower tail keeps its digits where the upper one would round to zero.
    p = 2 * stdtr(np.minimum(dof, 1e10), -np.abs(t.to_numpy()))
    # The log-likelihood moves with the units of y and, under REML, with those of X.
    deviance = at.value + 2 * at.dof * np.log(scale)
    if at.reml:
        deviance += 2 * float(np.log(standard.x_scale).sum())
    return HLMResult(
        formula=model.formula.text,
        method=method,
        df_method=df,
        params=beta,
        std_errors=se,
        tstats=t.rename("tstats"),
        dof=pd.Series(dof, terms, name="dof"),
        pvalues=pd.Series(p, terms, name="pvalues"),
        cov=pd.DataFrame(cov, terms, terms),
        loglik=-deviance / 2,
        nobs=cells.nobs,
        ngroups={model.group_name: len(cells.labels)},
        sigma2=sigma2,
        random_cov={model.group_name: _random_cov(model, back, optimum, sigma2)},
        random_effects={model.group_name: _random_effects(model, cells, back, optimum, sigma2, scale)},
        status="boundary" if optimum.boundary else "converged",
        notes=model.formula.notes,
        rows=account,
        model=model,
        cells=cells,
        optimum=optimum,
    )


def _back(model: Model, standard: Standard, optimum: Optimum) -> _Back:
    blocks = standard.blocks
    unshift = np.linalg.inv(blocks.Ax)
    shift = np.zeros(len(model.fixed))
    names = [column.name for column in model.fixed]
    if "Intercept" in names:
        shift += unshift[:, names.index("Intercept")] * blocks.y_shift
    z = np.linalg.inv(blocks.Az) @ np.linalg.inv(optimum.root)
    return _Back(unshift / standard.x_scale, z, shift)


def _random_cov(model: Model, back: _Back, optimum: Optimum, sigma2: float) -> pd.DataFrame:
    half = back.z @ optimum.scaled
    return pd.DataFrame(sigma2 * half @ half.T, list(model.effects), list(model.effects))


def _random_effects(
    model: Model, cells: Cells, back: _Back, optimum: Optimum, sigma2: float, scale: float
) -> pd.DataFrame:
    """BLUPs b = T Z'V⁻¹(y − Xβ) and the standard errors of b given y at the estimated parameters."""
    scaled, at = optimum.scaled, optimum.profile
    T = scaled @ scaled.T
    blups: Array = scale * at.g @ T @ back.z.T
    A = np.eye(len(T)) + scaled.T @ optimum.blocks.ZtZ @ scaled
    half: Any = back.z @ scaled
    spread = half @ np.linalg.inv(A) @ half.T
    se = np.sqrt(sigma2 * np.maximum(np.einsum("gii->gi", spread), 0.0))
    columns = [*model.effects, *(f"se({name})" for name in model.effects)]
    index = pd.Index(cells.labels, name=model.group_name)
    return pd.DataFrame(np.hstack([blups, se]), index, columns)
