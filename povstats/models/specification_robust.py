"""A cluster-robust Wald test that holds its size with few clusters: CR2 and the F of Pustejovsky & Tipton."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povstats.engine.cells import Array
from povstats.models.within_moments import Least


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """The last coefficients of a regression under CR2.

    Attributes
    ----------
    b, cov : shapes (q,) and (q, q). statistic, df, df2 : F and its degrees of freedom; df2 may be below zero where
        the clusters are too few.
    """

    b: Array
    cov: Array
    statistic: float
    df: float
    df2: float


def cr2(by_group: Array, least: Least, clusters: NDArray[np.intp], q: int) -> Robust:
    """Test that the last q coefficients are zero.

    V = M Σ A_c u_c u_c' A_c' M with M = (X'X)⁻¹, u_c = X_c'e_c and A_c = (I − X_c'X_c M)^(−1/2), which makes V
    unbiased where the (whitened) rows are independent and of equal variance. Then Q = b'V⁻¹b is set against
    Hotelling's T² with η degrees of freedom, (η − q + 1)/(η q)·Q ~ F(q, η − q + 1), with η such that the total
    variance of V's elements under that working model is matched. With a random intercept V is that of
    HLMResult.covariance("CR2"); with random slopes the two choose another square root and differ slightly.

    Parameters
    ----------
    by_group : shape (G, p + 1, p + 1), cross-products of the whitened [X y] by group, y last.
    least : the regression on their sum. clusters : each group's cluster.

    Notes
    -----
    Source: Bell & McCaffrey (2002), Survey Methodology 28; Pustejovsky & Tipton (2018), Journal of Business &
    Economic Statistics 36, section 3.2 (AHT).
    """
    P = np.zeros((int(clusters.max()) + 1, *by_group.shape[1:]))
    np.add.at(P, clusters, by_group)
    root = np.linalg.cholesky(least.inverse)  # M = root root'
    values, vectors = np.linalg.eigh(root.T @ P[:, :-1, :-1] @ root)
    # Leverage one: the cluster alone fixes that direction, its residual there is zero and stays so.
    left = 1 - np.clip(values, 0.0, 1.0)
    inflate = np.where(left > 1e-8, 1 / np.sqrt(np.where(left > 1e-8, left, 1.0)), 0.0)
    omega = least.inverse[-q:, -q:]
    half = np.linalg.inv(np.linalg.cholesky(omega)) @ root[-q:]
    # In the basis of root: M A_c u_c = root · adjusted · root'u_c.
    adjusted = (vectors * inflate[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    u = P[:, :-1] @ np.append(-least.beta, 1.0) @ root
    parts = np.einsum("qi,cij,cj->cq", root[-q:], adjusted, u)
    cov = parts.T @ parts
    b = least.beta[-q:]
    Q = float(b @ np.linalg.lstsq(cov, b, rcond=None)[0])
    eta = _freedom(half, values, vectors, inflate)
    return Robust(b, cov, (eta - q + 1) / (eta * q) * Q, float(q), eta - q + 1)


def _freedom(half: Array, values: Array, vectors: Array, inflate: Array) -> float:
    """η = q(q+1)/Σ_st Var(d_st), with D = Σ t_c t_c' and Cov(t_c, t_d) = δ_cd S_c − K_c K_d', in units of σ²."""
    q = len(half)
    turned = half @ vectors
    K = (turned * (inflate * values)[:, None]) @ np.swapaxes(vectors, 1, 2)
    S = (turned * (inflate**2 * values)[:, None]) @ np.swapaxes(turned, 1, 2)
    T = np.einsum("csa,ctb->satb", K, K)
    across = float(np.sum(T**2) + np.sum(T * T.transpose(2, 1, 0, 3)))
    KK = K @ np.swapaxes(K, 1, 2)
    own = _total(S - KK) - _total(KK)
    return q * (q + 1) / (across + own)


def _total(C: Array) -> float:
    """Σ_c tr(C_c)² + tr(C_c C_c)."""
    return float(np.sum(np.trace(C, axis1=1, axis2=2) ** 2) + np.einsum("cij,cji->", C, C))
