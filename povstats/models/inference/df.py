"""Degrees of freedom of the t tests of fixed effects."""

import numpy as np

from povstats.engine.cells import Array
from povstats.models.likelihood import Slopes, slopes
from povstats.models.optimum import Optimum


def satterthwaite(optimum: Optimum, contrasts: Array, found: Slopes | None = None) -> Array:
    """Give Satterthwaite's degrees of freedom of linear combinations l'β.

    df = 2 (l'Vl)² / (d'Ad), with V = σ²C(θ) the covariance of β, d the gradient of l'Vl in the variance parameters
    (θ, log σ²) and A their covariance, twice the inverse Hessian of the (restricted) deviance. Both derivatives are
    exact. On the boundary, directions in which the Hessian is not positive carry nothing.

    Parameters
    ----------
    optimum : the fit.
    contrasts : shape (c, p), in the blocks' basis of X.
    found : the derivatives of the criterion's parts, where they are known already.

    Returns
    -------
    Array
        Shape (c,); infinite where the variance parameters do not matter.

    Notes
    -----
    Source: Satterthwaite (1946), Biometrics Bulletin 2; Kuznetsova, Brockhoff & Christensen (2017), Journal of
    Statistical Software 82(13), section 3.
    """
    at = optimum.profile
    found = found or slopes(optimum.blocks, at, optimum.factors, optimum.entries)
    whitened = variance_root(optimum, found)
    variance = np.einsum("ci,ij,cj->c", contrasts, at.C, contrasts)
    gradient = np.column_stack([np.einsum("ci,kij,cj->ck", contrasts, found.dC, contrasts), variance])
    spread = ((gradient @ whitened) ** 2).sum(axis=1)
    dof: Array = np.divide(2 * variance**2, spread, out=np.full(len(variance), np.inf), where=spread > 0)
    return dof


def variance_root(optimum: Optimum, found: Slopes) -> Array:
    """Give a root R of A = RR', the covariance of the variance parameters (θ, log σ²), shape (k + 1, r).

    A is twice the inverse Hessian of the (restricted) deviance, with β profiled out.

    Parameters
    ----------
    optimum : the fit.
    found : the derivatives of its criterion's parts there.
    """
    at = optimum.profile
    sigma2, k = at.rss / at.dof, len(optimum.entries)
    hessian = np.empty((k + 1, k + 1))
    hessian[:k, :k] = found.logs2 + found.rss2 / sigma2
    hessian[:k, k] = hessian[k, :k] = -found.rss / sigma2
    hessian[k, k] = at.dof
    # In units of each parameter's own curvature: θ may be a thousand times σ, and its curvature as much smaller.
    size = np.diag(hessian)
    size = np.sqrt(np.where(size > 1e-14 * size.max(), size, size.max()))
    curvature, vectors = np.linalg.eigh(hessian / np.outer(size, size))
    kept = curvature > 1e-8 * curvature.max()
    root: Array = vectors[:, kept] * np.sqrt(2 / curvature[kept]) / size[:, None]
    return root
