"""Cluster-robust covariances CR0 to CR3 of the coefficients and their degrees of freedom, from cross-moments.

Within a cluster all that matters lies in the span of its columns of Z and X: outside, V is the identity. So each
cluster is written in an orthonormal basis of that span, found from the Gram matrix, and is then a small problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.levels import Codes
from povstats.models.standard import ancestors

KINDS = ("CR0", "CR1", "CR2", "CR3")
SAME = 1e-11
"""Share of the largest eigenvalue of a Gram matrix, at unit diagonal, below which columns repeat each other."""
LARGEST = 3_000
"""Columns of Z and X of one cluster that are still handled."""


@dataclass(frozen=True, slots=True, eq=False)
class Sandwich:
    """A robust covariance in the scaled basis.

    Attributes
    ----------
    cov : shape (p, p). dof : shape (c,), of the contrasts asked for. clusters : their number.
    """

    cov: Array
    dof: Array
    clusters: int


def sandwich_of(
    blocks: Blocks, factors: Sequence[Array], at: tuple[Array, Array], clusters: Codes, kind: str, contrasts: Array
) -> Sandwich:
    """Work out a cluster-robust covariance.

    M {Σ_c X_c'V_c⁻¹A_c e_c e_c'A_c'V_c⁻¹X_c} M with M = (X'V⁻¹X)⁻¹; A_c is the identity (CR0, and CR1 with the factor
    J/(J − 1)), V_c^{½}B_c^{−½}V_c^{½} with B_c = V_c^{½}(V_c − X_cMX_c')V_c^{½} (CR2, which makes the estimate unbiased
    where the model's V is right), or (I − X_cMX_c'V_c⁻¹)⁻¹ (CR3, close to leaving out each cluster).

    The degrees of freedom of l'β are those of Satterthwaite under the model's V: with a_c = A_c'V_c⁻¹X_cMl,
    s_c = a_c'V_ca_c, h_c = X_c'a_c, they are (Σ s_c − h_c'Mh_c)² / Σ_cd (δ_cd s_c − h_c'Mh_d)².

    Parameters
    ----------
    blocks, factors : the scaled cross-products and Λ of each level.
    at : (M, β) in the scaled basis.
    clusters : shape (G,), the cluster of each lowest group; the groups of all levels nest in clusters.
    kind : "CR0" … "CR3".
    contrasts : shape (c, p).

    Notes
    -----
    Source: Bell & McCaffrey (2002), Survey Methodology 28; Pustejovsky & Tipton (2018), Journal of Business & Economic
    Statistics 36, eq. 6 to 11.
    """
    M, beta = at
    p, number = blocks.p, int(clusters.max()) + 1
    scores, s, h = np.empty((number, p)), np.empty((number, len(contrasts))), np.empty((number, len(contrasts), p))
    order = np.argsort(clusters, kind="stable")
    ends = np.searchsorted(clusters[order], np.arange(number + 1))
    lines = M @ contrasts.T
    for c in range(number):
        members = order[ends[c] : ends[c + 1]]
        scores[c], s[c], h[c] = _cluster(blocks, factors, members, (M, beta, lines), kind)
    half = scores @ M
    cov = half.T @ half * (number / (number - 1) if kind == "CR1" else 1.0)
    hM = h @ M
    own = s - np.einsum("cip,cip->ci", hM, h)
    # Σ_cd (h_c'Mh_d)² = tr{(Σ h h'M)²}, so no pair of clusters is visited.
    inner = np.einsum("cip,ciq->ipq", h, hM)
    pairs = np.einsum("ipq,iqp->i", inner, inner)
    below = (s**2).sum(axis=0) - 2 * (s * np.einsum("cip,cip->ci", hM, h)).sum(axis=0) + pairs
    return Sandwich(cov, own.sum(axis=0) ** 2 / below, number)


def _cluster(
    blocks: Blocks, factors: Sequence[Array], members: Codes, at: tuple[Array, Array, Array], kind: str
) -> tuple[Array, Array, Array]:
    """Give a cluster's adjusted score and, by contrast, s and h."""
    M, beta, lines = at
    gram, Ky, T = _gathered(blocks, factors, members)
    p = blocks.p
    size = np.sqrt(np.maximum(np.diag(gram), 0.0))
    size = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(gram / size[:, None] / size)
    kept = values > SAME * max(values[-1], 1e-300)
    root = np.sqrt(values[kept])
    columns = root[:, None] * vectors[:, kept].T * size  # the columns in the orthonormal basis
    y = vectors[:, kept].T @ (Ky / size) / root
    Z, X = columns[:, :-p], columns[:, -p:]
    V = np.eye(len(y)) + Z @ T @ Z.T
    VX = np.linalg.solve(V, X)
    e = y - X @ beta
    if kind == "CR2":
        weight = _adjustment(V, X, M) @ VX  # A'V⁻¹X, A being symmetric
    elif kind == "CR3":
        hat = np.eye(len(y)) - VX @ M @ X.T
        if np.linalg.svd(hat, compute_uv=False)[-1] < 1e-8:
            raise FitError(
                "a cluster alone determines a coefficient (its own dummy, say), so that CR3, which leaves out each "
                "cluster, does not exist; take CR2"
            )
        weight = np.linalg.solve(hat, VX)
    else:
        weight = VX
    a = weight @ lines
    return weight.T @ e, np.einsum("ri,rs,si->i", a, V, a), (X.T @ a).T


def _adjustment(V: Array, X: Array, M: Array) -> Array:
    """Give V^{½} B^{−½} V^{½} with B = V^{½}(V − XMX')V^{½}; directions that the cluster alone determines drop out."""
    values, vectors = np.linalg.eigh(V)
    half = (vectors * np.sqrt(values)) @ vectors.T
    B = half @ (V - X @ M @ X.T) @ half
    values, vectors = np.linalg.eigh((B + B.T) / 2)
    kept = values > 1e-10 * values[-1]
    inner = half @ vectors[:, kept]
    found: Array = (inner / np.sqrt(values[kept])) @ inner.T
    return found


def _gathered(blocks: Blocks, factors: Sequence[Array], members: Codes) -> tuple[Array, Array, Array]:
    """Give K'K and K'y of a cluster, K = [its columns of Z of every level, X], and the covariance of its effects."""
    p, c = blocks.p, blocks.full.shape[1]
    places, covariances, at = [], [], 0
    for i, (level, factor) in enumerate(zip(blocks.levels, factors, strict=True)):
        groups, own = np.unique(ancestors(blocks.levels, i)[members], return_inverse=True)
        places.append(at + own[:, None] * level.q + np.arange(level.q))
        covariances += [factor @ factor.T] * len(groups)
        at += len(groups) * level.q
    if at + p > LARGEST:
        raise FitError(
            f"a cluster has {at:,} random effects, more than the {LARGEST:,} that are handled; cluster at a lower level"
        )
    places.append(np.broadcast_to(at + np.arange(p), (len(members), p)))
    where = np.concatenate(places, axis=1)
    gram, Ky = np.zeros((at + p, at + p)), np.zeros(at + p)
    part = blocks.full[members]
    np.add.at(gram, (where[:, :, None], where[:, None, :]), part[:, : c - 1, : c - 1])
    np.add.at(Ky, where, part[:, : c - 1, -1])
    T: Any = np.zeros((at, at))
    start = 0
    for cov in covariances:
        T[start : start + len(cov), start : start + len(cov)] = cov
        start += len(cov)
    return gram, Ky, T
