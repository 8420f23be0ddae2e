"""The profiled criterion of a two-level model with its exact gradient and Hessian.

Model: y = Xβ + Zb + e, b_g ~ N(0, σ²T), e ~ N(0, σ²I), T = ΛΛ'. β and σ² are profiled out (Bates, Mächler, Bolker &
Walker 2015, Journal of Statistical Software 67(1), section 3; equation numbers beside the lines). With W = Z'Z, by
group,

    A = I + Λ'WΛ,   Ω = Z'V⁻¹Z = W − WΛA⁻¹Λ'W,   H = Z'V⁻¹X,   g = Z'V⁻¹(y − Xβ),   C = (X'V⁻¹X)⁻¹,

minus twice the log-likelihood is, up to a constant, Σ log|A| [+ log|X'V⁻¹X|] + m log RSS with m = n (ML) or n − p
(REML), and its derivatives along a symmetric direction D of T are sums of traces in Ω, H, g and C.
"""

import math
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.models.blocks import Blocks

Entries = tuple[tuple[int, int], ...]
"""Positions (row, column) of Λ that are free; the rest of Λ is zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The model at one T.

    Attributes
    ----------
    value : minus twice the profiled log-likelihood (ML or REML), constants included.
    beta : shape (p,). rss : penalised residual sum of squares, y'V⁻¹y − β'X'V⁻¹y.
    C : shape (p, p), (X'V⁻¹X)⁻¹.
    omega, H, g : shapes (G, q, q), (G, q, p), (G, q).
    dof : m, the divisor of RSS in σ² = RSS / m.
    """

    value: float
    beta: Array
    rss: float
    C: Array
    omega: Array
    H: Array
    g: Array
    dof: int
    reml: bool


def profile(blocks: Blocks, factor: Array, reml: bool) -> Profile | None:
    """Evaluate the criterion at T = factor @ factor.T.

    Parameters
    ----------
    blocks : cross-products.
    factor : shape (q, q), Λ, any square root of T.
    reml : restricted likelihood (Bates et al. 2015, eq. 42) or the full one (eq. 35).

    Returns
    -------
    Profile, or None where the criterion is not finite at this T.
    """
    q = len(factor)
    L = factor.T @ blocks.ZtZ  # Λ'W
    A = np.eye(q) + L @ factor
    try:
        chol = np.linalg.cholesky(A)
        right = np.concatenate([L, factor.T @ blocks.ZtX, (blocks.Zty @ factor)[:, :, None]], axis=2)
        U = np.linalg.solve(chol, right)
        UW, UX, Uy = U[:, :, :q], U[:, :, q:-1], U[:, :, -1]
        flat = UX.reshape(-1, UX.shape[2])
        XtVX = blocks.XtX - flat.T @ flat  # eq. 18: R_X'R_X
        XtVy = blocks.Xty - flat.T @ Uy.ravel()
        yVy = blocks.yty - float(Uy.ravel() @ Uy.ravel())
        R = np.linalg.cholesky(XtVX)
    except np.linalg.LinAlgError:
        return None
    Rinv = np.linalg.inv(R)
    C = Rinv.T @ Rinv
    half = Rinv @ XtVy
    beta, rss = Rinv.T @ half, yVy - float(half @ half)  # eq. 19 and 20
    if not rss > 0:
        return None
    Ut = np.swapaxes(UW, 1, 2)
    H = blocks.ZtX - Ut @ UX
    g = blocks.Zty - (Ut @ Uy[:, :, None])[:, :, 0] - H @ beta
    p, n = len(beta), blocks.nobs
    m = n - p if reml else n
    logs = 2 * float(np.log(np.einsum("gii->gi", chol)).sum())
    if reml:
        logs += 2 * float(np.log(np.diag(R)).sum())
    value = logs + m * (1 + math.log(2 * math.pi * rss / m))
    return Profile(value, beta, rss, C, blocks.ZtZ - Ut @ UW, H, g, m, reml)


def directions(factor: Array, entries: Entries) -> Array:
    """Give dT for each free entry of Λ: e_r λ_c' + λ_c e_r', shape (k, q, q)."""
    out = np.zeros((len(entries), len(factor), len(factor)))
    for i, (row, column) in enumerate(entries):
        out[i, row] += factor[:, column]
        out[i, :, row] += factor[:, column]
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """First and second derivatives at one T, apart for the logarithm of determinants and for RSS.

    Attributes
    ----------
    logs, logs2 : shapes (k,), (k, k), of Σ log|A| [+ log|X'V⁻¹X|] in the free entries.
    rss, rss2 : the same of RSS.
    dC : shape (k, p, p), of C.
    """

    logs: Array
    logs2: Array
    rss: Array
    rss2: Array
    dC: Array

    def gradient(self, at: Profile) -> Array:
        """Give the gradient of the profiled criterion, shape (k,)."""
        return self.logs + at.dof * self.rss / at.rss

    def hessian(self, at: Profile) -> Array:
        """Give the Hessian of the profiled criterion, shape (k, k)."""
        ratio = self.rss / at.rss
        return self.logs2 + at.dof * (self.rss2 / at.rss - np.outer(ratio, ratio))


def slopes(at: Profile, factor: Array, entries: Entries) -> Slopes:
    """Differentiate twice in the free entries of Λ, by the chain rule through T.

    Parameters
    ----------
    at : the model at T = factor @ factor.T.
    factor : shape (q, q), Λ.
    entries : which entries of Λ are free.
    """
    D = directions(factor, entries)
    C, H, g, omega = at.C, at.H, at.g, at.omega
    summed = omega.sum(axis=0)
    scores = g.T @ g
    DO = D[:, None] @ omega  # (k, G, q, q)
    logs2 = -np.einsum("agij,bgji->ab", DO, DO)
    DH, Dg = D[:, None] @ H, g @ D  # (k, G, q, p), (k, G, q) since D is symmetric
    ODH = omega @ DH
    B = np.einsum("gip,agir->apr", H, DH)
    dC = C @ B @ C
    XtD = np.einsum("gip,agi->ap", H, Dg)
    rss2 = 2 * np.einsum("agi,gij,bgj->ab", Dg, omega, Dg) - 2 * XtD @ C @ XtD.T
    if at.reml:
        summed = summed - np.einsum("gip,pr,gjr->ij", H, C, H)
        CB = C @ B
        logs2 = logs2 - np.einsum("apr,brp->ab", CB, CB) + 2 * np.einsum("agip,bgip->ab", DH @ C, ODH)
    logs, rss = np.einsum("ij,aij->a", summed, D), -np.einsum("ij,aij->a", scores, D)
    # Second derivatives of T itself: two entries of one column of Λ.
    for a, (row, column) in enumerate(entries):
        for b, (other, same) in enumerate(entries):
            if column == same:
                logs2[a, b] += 2 * summed[row, other]
                rss2[a, b] -= 2 * scores[row, other]
    return Slopes(logs, (logs2 + logs2.T) / 2, rss, (rss2 + rss2.T) / 2, dC)
