"""Kenward and Roger's covariance and degrees of freedom, in O(groups), for any nested or crossed structure.

V = σ²I + Σ γ_a G_a with γ the entries of the random effects' covariances. Everything that is needed comes from the
derivatives of X'V⁻¹X and log|V| in the entries of T (recursion.py); those in σ² follow from I = V − Σ γ_a G_a, in units
in which σ² = 1.
"""

from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.likelihood import jets
from povstats.models.optimum import Optimum
from povstats.models.recursion import Directions


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """The ingredients of Kenward and Roger's tests, σ² = 1, in the scaled basis of X.

    Attributes
    ----------
    C : shape (p, p), the model's covariance of β. cov : shape (p, p), the adjusted one.
    W : shape (k, k), covariance of the k variance parameters, twice the inverse of their expected information.
    P : shape (k, p, p), X'V⁻¹G_aV⁻¹X.
    """

    C: Array
    cov: Array
    W: Array
    P: Array


def adjust(optimum: Optimum) -> Adjusted:
    """Work out the adjusted covariance of the coefficients.

    Φ_A = Φ + 2Φ {Σ_ab W_ab (Q_ab − P_aΦP_b)} Φ with Φ = (X'V⁻¹X)⁻¹, P_a = X'V⁻¹G_aV⁻¹X and Q_ab = X'V⁻¹G_aV⁻¹G_bV⁻¹X;
    W is the inverse of ½[tr(V⁻¹G_aV⁻¹G_b) − 2 tr(ΦQ_ab) + tr(ΦP_aΦP_b)].

    Parameters
    ----------
    optimum : a fit by restricted maximum likelihood.

    Raises
    ------
    FitError
        Where the fit is by maximum likelihood or has sampling weights.

    Notes
    -----
    Source: Kenward & Roger (1997), Biometrics 53, eq. 1 to 5, for linear parameters; Halekoh & Højsgaard (2014),
    Journal of Statistical Software 59(9), appendix.
    """
    if not optimum.profile.reml:
        raise FitError("Kenward–Roger corrects a fit by REML; fit with method='reml', or take df='satterthwaite'")
    C = optimum.profile.C
    P, Q, traces = _derivatives(optimum)
    PC = P @ C
    information = traces - 2 * np.einsum("abij,ji->ab", Q, C) + np.einsum("aij,bji->ab", PC, PC)
    W = 2 * _inverse(information)
    U = np.einsum("ab,abij->ij", W, Q) - np.einsum("ab,aij,bjk->ik", W, PC, P, optimize=True)
    cov = C + 2 * C @ U @ C
    return Adjusted(C, (cov + cov.T) / 2, W, P)


def _derivatives(optimum: Optimum) -> tuple[Array, Array, Array]:
    """Give P, Q (symmetrised) and tr(V⁻¹G_aV⁻¹G_b), σ² last among the parameters."""
    blocks, p = optimum.blocks, optimum.blocks.p
    along, gamma = _entries(optimum)
    at = jets(blocks, optimum.factors, along)
    assert at.d2F is not None
    assert at.d2logs is not None
    S, k = at.F[0, :p, :p], len(gamma)
    P, Q, traces = np.empty((k + 1, p, p)), np.empty((k + 1, k + 1, p, p)), np.empty((k + 1, k + 1))
    P[:k], Q[:k, :k], traces[:k, :k] = -at.dF[:, 0, :p, :p], at.d2F[:, :, 0, :p, :p] / 2, -at.d2logs
    # I = V − Σ γ_a G_a takes the place of G for σ².
    P[k] = S - np.tensordot(gamma, P[:k], 1)
    Q[k, :k] = Q[:k, k] = P[:k] - np.tensordot(gamma, Q[:k, :k], 1)
    Q[k, k] = P[k] - np.tensordot(gamma, Q[:k, k], 1)
    traces[k, :k] = traces[:k, k] = at.dlogs - gamma @ traces[:k, :k]
    traces[k, k] = blocks.size - gamma @ at.dlogs - gamma @ traces[:k, k]
    return P, Q, traces


def _entries(optimum: Optimum) -> tuple[list[Directions], Array]:
    """Give the directions of the entries of T, level by level, and the entries' values."""
    out, gamma = [], []
    for i, T in enumerate(optimum.covs):
        own = [(row, column) for level, row, column in optimum.entries if level == i]
        dT = np.zeros((len(own), len(T), len(T)))
        for a, (row, column) in enumerate(own):
            dT[a, row, column] = dT[a, column, row] = 1.0
            gamma.append(T[row, column])
        out.append(Directions(dT))
    return out, np.array(gamma)


def _inverse(information: Array) -> Array:
    """Invert in units of each parameter's own information; directions without any carry nothing."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    size = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    kept = values > 1e-10 * values[-1]
    half = vectors[:, kept] / np.sqrt(values[kept]) / size[:, None]
    found: Array = half @ half.T
    return found


def denominator(adjusted: Adjusted, L: Array) -> tuple[float, float]:
    """Give the scaling λ and the denominator degrees of freedom m of the F test of Lβ = 0: λF ~ F(q, m).

    Parameters
    ----------
    adjusted : the ingredients.
    L : shape (q, p), of full rank, in the scaled basis of X.

    Notes
    -----
    Source: Kenward & Roger (1997), section 3, and Halekoh & Højsgaard (2014), section 4.
    """
    q, C = len(L), adjusted.C
    LC = L @ C
    theta = L.T @ np.linalg.solve(LC @ L.T, L)
    TCPC = theta @ C @ adjusted.P @ C
    single = np.einsum("aii->a", TCPC)
    A1 = float(single @ adjusted.W @ single)
    A2 = float(np.einsum("ab,aij,bji->", adjusted.W, TCPC, TCPC, optimize=True))
    if A2 <= 0:
        return 1.0, np.inf
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    below = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / below, (q - g) / below, (q + 2 - g) / below
    mean, top, half, third = 1 - A2 / q, 1 + c1 * B, 1 - c2 * B, 1 - c3 * B
    # Where numerator and denominator vanish together, as for one contrast, their ratio is one.
    ratio = 1.0 if abs(mean) < 1e-14 and abs(half) < 1e-14 else mean / half
    rho = ratio**2 * (0.0 if abs(top) < 1e-10 else top) / third / q
    m = 4 + (q + 2) / (q * rho - 1)
    return (1.0 if abs(m - 2) < 1e-2 else m * mean / (m - 2)), m


def single_dof(adjusted: Adjusted, contrasts: Array) -> Array:
    """Give the degrees of freedom of the t test of each contrast, shape (c,)."""
    return np.array([denominator(adjusted, row[None])[1] for row in contrasts])


def joint(adjusted: Adjusted, L: Array, value: Array, sigma2: float) -> tuple[float, int, float, float]:
    """Test Lβ = 0: (F, scaled by λ; q; m; λ).

    Parameters
    ----------
    adjusted : the ingredients. L : shape (q, p). value : shape (q,), Lβ. sigma2 : the residual variance.
    """
    scaling, m = denominator(adjusted, L)
    F = float(value @ np.linalg.solve(sigma2 * L @ adjusted.cov @ L.T, value)) / len(L)
    return scaling * F, len(L), m, scaling
