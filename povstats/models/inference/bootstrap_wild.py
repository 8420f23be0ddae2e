"""The wild bootstrap of the coefficients through cluster scores: exact algebra, no refit."""

from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.models.inference.bootstrap_scores import Clusters

FEW = 12
"""Below this many clusters two-point weights give too few different samples; six-point ones take their place."""
ENTRIES = 4_000_000
"""Numbers held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Wild:
    """What the wild bootstrap gives, in the scaled basis.

    Attributes
    ----------
    shifts : shape (n, p), β* − β̂. tstats : shape (n, p), β* − β̂ over its cluster-robust error.
    restricted : shape (n, p), tstats with residuals of the model in which that coefficient is zero.
    """

    shifts: Array
    tstats: Array
    restricted: Array


def wild(at: Clusters, basis: Array, beta: Array, n: int, rng: np.random.Generator) -> Wild:
    """Draw the wild cluster bootstrap of estimating equations, at the estimated V.

    With v_k drawn once for each cluster, the bootstrap outcome is y_k* = X_kβ + v_k(y_k − X_kβ), and generalised
    least squares with V held at its estimate gives

        β* − β = C Σ v_k s_k,    s_k* = v_k s_k − H_k(β* − β),    se*² = diag C (Σ s_k*s_k*') C · G/(G − 1),

    all from scores and information by cluster. With β at its estimate this is the unrestricted bootstrap (WCU); with
    β estimated under β_j = 0, β − C_·j β_j / C_jj, the restricted one (WCR) for the test of that coefficient.
    v_k = ±1 (Rademacher), or ±√½, ±1, ±√1½ (Webb) with fewer than 12 clusters.

    Parameters
    ----------
    at : scores and information at the estimate.
    basis : shape (c, p), the combinations of β that are wanted.
    beta : shape (c,), their estimates, of which the restricted residuals take one at a time to zero.
    n : number of replicates. rng : source of random numbers.

    Notes
    -----
    Source: Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, for the bootstrap; Kline & Santos
    (2012), Journal of Econometric Methods 1, for its form in scores; Webb (2023), Canadian Journal of Economics 56.
    """
    C = np.linalg.inv(at.information.sum(axis=0))
    groups, p = at.scores.shape
    factor = np.sqrt(groups / (groups - 1))
    most = max(1, ENTRIES // (groups * p))
    spread = np.einsum("cp,pr,cr->c", basis, C, basis)
    parts = []
    for start in range(0, n, most):
        v = _signs((min(most, n - start), groups), rng)
        shifts, errors = _one(v, at.scores, at.information, C, C @ basis.T)
        restricted = np.empty_like(shifts)
        for j, line in enumerate(basis):
            moved = at.scores + at.information @ (C @ line) * (beta[j] / spread[j])
            own, error = _one(v, moved, at.information, C, C @ line[:, None])
            restricted[:, j] = own[:, 0] / (factor * error[:, 0])
        parts.append((shifts, shifts / (factor * errors), restricted))
    return Wild(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _one(v: Array, scores: Array, information: Array, C: Array, half: Array) -> tuple[Array, Array]:
    """Give half'Σ v_k s_k and the root of Σ (half's_k*)², each of shape (n, c)."""
    total = v @ scores
    back = np.einsum("gpr,rc->gpc", information, half, optimize=True)  # H_k is symmetric
    left = v[:, :, None] * (scores @ half) - np.einsum("np,gpc->ngc", total @ C, back, optimize=True)
    errors: Array = np.sqrt((left**2).sum(axis=1))
    return total @ half, errors


def _signs(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    points = np.ones(1) if shape[1] >= FEW else np.sqrt(np.array([0.5, 1.0, 1.5]))
    found: Array = rng.choice(np.concatenate([-points, points]), shape)
    return found
