"""The F test of several coefficients under a cluster-robust covariance: Hotelling's T² with few clusters."""

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.inference.robust import Pieces


def hotelling(pieces: Pieces, M: Array, L: Array, value: Array) -> tuple[float, int, float, float]:
    """Test Lβ = 0 with a cluster-robust covariance: (F, scaled by δ; q; denominator degrees of freedom; δ).

    Q = β'L'(L V L')⁻¹Lβ is set against Hotelling's T² with η degrees of freedom: with δ = (η − q + 1)/η,
    δQ/q ~ F(q, η − q + 1). V is a sum over the clusters of products t_c t_c'; η is what a Wishart matrix would need
    for the same total variance of its elements, q(q + 1)/Σ_st Var(D_st) with D = Ω^{−½}(Σ t_c t_c')Ω^{−½} and
    Ω = E(Σ t_c t_c'), both under the model's V.

    Parameters
    ----------
    pieces : of the contrasts L. M : shape (p, p), the model's covariance of β in units of σ².
    L : shape (q, p), in the scaled basis. value : shape (q,), Lβ.

    Raises
    ------
    FitError
        Where there are too few clusters for so many coefficients.

    Notes
    -----
    Source: Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36, section 3.2 (AHT, which
    clubSandwich calls HTZ); Tipton & Pustejovsky (2015), Journal of Educational and Behavioral Statistics 40.
    """
    q, few = len(L), f"{len(pieces.h)} clusters are too few for a robust test of {len(L)} coefficients at once"
    K = pieces.h @ np.linalg.cholesky(M)  # h M h' = K K'
    values, vectors = np.linalg.eigh((pieces.S - K @ np.swapaxes(K, 1, 2)).sum(axis=0))
    cov = L @ pieces.cov(M) @ L.T
    size = np.sqrt(np.diag(cov))
    # Each cluster adds a matrix of rank one, so that q clusters or fewer leave the covariance singular.
    if values[0] <= 1e-12 * values[-1] or np.linalg.eigvalsh(cov / np.outer(size, size))[0] <= 1e-12:
        raise FitError(f"{few}, or the coefficients are not independent; test fewer, or take method='kenward-roger'")
    turn = (vectors / np.sqrt(values)).T
    eta = _freedom(turn @ pieces.S @ turn.T, turn @ K)
    if eta - q + 1 <= 0:
        raise FitError(f"{few}; test fewer, or take method='kenward-roger'")
    scaling = (eta - q + 1) / eta
    return scaling * float(value @ np.linalg.solve(cov, value)) / q, q, eta - q + 1, scaling


def _freedom(S: Array, K: Array) -> float:
    """Give η where Cov(t_c, t_d) = δ_cd S_c − K_c K_d' and E(Σ t_c t_c') is the identity.

    Σ_st Var(D_st) = Σ_cd [tr(C_cd)² + tr(C_cd²)] with C_cd = Cov(t_c, t_d); the pairs are summed at once in
    Σ_c K_c ⊗ K_c.
    """
    q = S.shape[1]
    both = np.einsum("csa,ctb->satb", K, K, optimize=True)
    pairs = float((both**2).sum() + (both * both.transpose(2, 1, 0, 3)).sum())
    own = K @ np.swapaxes(K, 1, 2)
    return float(q * (q + 1) / (pairs + _total(S - own) - _total(own)))


def _total(C: Array) -> float:
    """Σ_c tr(C_c)² + tr(C_c²)."""
    return float((np.einsum("css->c", C) ** 2).sum() + np.einsum("cst,cts->", C, C))
