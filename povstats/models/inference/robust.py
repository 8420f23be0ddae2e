"""Cluster-robust covariances CR0 to CR3 of the coefficients and their degrees of freedom, from cross-moments.

Within a cluster all that matters lies in the span of its columns of Z and X: outside, V is the identity. So each
cluster is written in an orthonormal basis of that span, found from the Gram matrix, and is then a small problem; the
clusters with equal numbers of groups are worked out together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.levels import Codes
from povstats.models.standard import ancestors

KINDS = ("CR0", "CR1", "CR2", "CR3")
SAME = 1e-11
"""Share of the largest eigenvalue of a Gram matrix, at unit diagonal, below which columns repeat each other."""
DETERMINED = 1e-8
"""What is left of one, after its leverage, below which a direction is determined by its cluster alone."""
LARGEST, ROOM = 3_000, 4_000_000
"""Columns of Z and X of one cluster that are still handled; entries of the matrices that are worked out together."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What each of J clusters brings to a robust covariance of c contrasts.

    Attributes
    ----------
    scores : shape (J, p), X'V⁻¹A e. factor : what the covariance is multiplied by, J/(J − 1) under CR1.
    S : shape (J, c, c), a'Va with a = A'V⁻¹XML'. h : shape (J, c, p), a'X. Under the model's V the contrasts' parts
        t_c = a_c'e_c have covariances δ_cd S_c − h_c M h_d'.
    """

    scores: Array
    factor: float
    S: Array
    h: Array

    def cov(self, M: Array) -> Array:
        """Give the covariance of the coefficients, shape (p, p)."""
        half = self.scores @ M
        return self.factor * half.T @ half


def sandwich_of(
    blocks: Blocks, factors: Sequence[Array], at: tuple[Array, Array], clusters: Codes, kind: str, contrasts: Array
) -> Sandwich:
    """Work out a cluster-robust covariance.

    M {Σ_c X_c'V_c⁻¹A_c e_c e_c'A_c'V_c⁻¹X_c} M with M = (X'V⁻¹X)⁻¹; A_c is the identity (CR0, and CR1 with the factor
    J/(J − 1)), V_c^{½}B_c^{−½}V_c^{½} with B_c = V_c^{½}(V_c − X_cMX_c')V_c^{½} (CR2, which makes the estimate unbiased
    where the model's V is right), or (I − X_cMX_c'V_c⁻¹)⁻¹ (CR3, close to leaving out each cluster). With precision
    weights w all this is of the rows times √w, which matters for CR2 alone.

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
    M = at[0]
    found = pieces_of(blocks, factors, at, clusters, kind, contrasts)
    s, h = np.einsum("jcc->jc", found.S), found.h
    hM = h @ M
    lost = np.einsum("jcp,jcp->jc", hM, h)
    # Σ_cd (h_c'Mh_d)² = tr{(Σ h h'M)²}, so no pair of clusters is visited.
    inner = np.einsum("jcp,jcq->cpq", h, hM, optimize=True)
    pairs = np.einsum("cpq,cqp->c", inner, inner)
    below = (s**2).sum(axis=0) - 2 * (s * lost).sum(axis=0) + pairs
    return Sandwich(found.cov(M), (s - lost).sum(axis=0) ** 2 / below, len(s))


def pieces_of(
    blocks: Blocks, factors: Sequence[Array], at: tuple[Array, Array], clusters: Codes, kind: str, contrasts: Array
) -> Pieces:
    """Work out what each cluster brings; parameters as those of `sandwich_of`."""
    M, beta = at
    p, c, number = blocks.p, len(contrasts), int(clusters.max()) + 1
    scores, S, h = np.empty((number, p)), np.empty((number, c, c)), np.empty((number, c, p))
    lines = M @ contrasts.T
    for own, gram, Ky, T in _batches(blocks, factors, clusters):
        V, X, y = _reduced(gram, Ky, T, p)
        weight = _weight(V, X, M, kind)
        a = weight @ lines
        scores[own] = np.einsum("jrp,jr->jp", weight, y - X @ beta)
        S[own], h[own] = _turned(a) @ V @ a, _turned(a) @ X
    return Pieces(scores, number / (number - 1) if kind == "CR1" else 1.0, S, h)


def _reduced(gram: Array, Ky: Array, T: Array, p: int) -> tuple[Array, Array, Array]:
    """Write V, X and y of clusters in orthonormal bases of their columns; a direction too many stays empty."""
    size = np.sqrt(np.maximum(np.einsum("jii->ji", gram), 0.0))
    size = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(gram / size[:, :, None] / size[:, None])
    root = np.sqrt(np.where(values > SAME * values[:, -1:], values, 0.0))
    columns = root[:, :, None] * _turned(vectors) * size[:, None]
    y = np.einsum("jir,ji->jr", vectors, Ky / size)
    y = np.divide(y, root, out=np.zeros_like(y), where=root > 0)
    Z = columns[:, :, :-p]
    return np.eye(gram.shape[1]) + Z @ T @ _turned(Z), columns[:, :, -p:], y


def _weight(V: Array, X: Array, M: Array, kind: str) -> Array:
    """Give A'V⁻¹X of clusters, shape (J, r, p).

    All is in terms of Y = V^{−½}X and the eigenvalues d of I − YMY', which lie between nought and one whatever the
    scale of V: where d is nought the cluster alone determines a direction, and CR2 leaves it out.
    """
    values, vectors = np.linalg.eigh(V)
    back = (vectors / np.sqrt(values)[:, None]) @ _turned(vectors)
    Y = back @ X
    weight: Array = back @ Y
    if kind in ("CR0", "CR1"):
        return weight
    d, U = np.linalg.eigh(np.eye(V.shape[1]) - Y @ M @ _turned(Y))
    free = d > DETERMINED
    if kind == "CR3":
        if not free.all():
            raise FitError(
                "a cluster alone determines a coefficient (its own dummy, say), so that CR3, which leaves out each "
                "cluster, does not exist; take CR2"
            )
        weight = back @ (U / d[:, None]) @ (_turned(U) @ Y)
        return weight
    half = (vectors * np.sqrt(values)[:, None]) @ _turned(vectors)
    # B = GG'; the singular values of G keep twice the digits of the eigenvalues of B.
    G = V @ (U * np.sqrt(np.where(free, d, 0.0))[:, None])
    P, s, _ = np.linalg.svd(G)
    kept = np.arange(s.shape[1]) < free.sum(axis=1)[:, None]
    inverse = np.divide(1.0, s, out=np.zeros_like(s), where=kept)
    weight = half @ ((P * inverse[:, None]) @ (_turned(P) @ Y))
    return weight


def _batches(
    blocks: Blocks, factors: Sequence[Array], clusters: Codes
) -> Iterator[tuple[NDArray[np.intp], Array, Array, Array]]:
    """Give, by clusters of one shape, which they are, their K'K and K'y, K = [Z of every level, X], and T of Z."""
    counts, places = _counted(blocks, clusters)
    shapes, shape_of = np.unique(counts, axis=0, return_inverse=True)
    for i, shape in enumerate(shapes):
        starts = np.cumsum([0, *(n * level.q for n, level in zip(shape, blocks.levels, strict=True))])
        effects = int(starts[-1])
        if effects + blocks.p > LARGEST:
            raise FitError(
                f"a cluster has {effects:,} random effects, more than the {LARGEST:,} that are handled; cluster at a "
                "lower level"
            )
        T = np.zeros((effects, effects))
        for n, start, end, factor in zip(shape, starts[:-1], starts[1:], factors, strict=True):
            T[start:end, start:end] = np.kron(np.eye(n), factor @ factor.T)
        columns = [
            start + place[:, None] * level.q + np.arange(level.q)
            for start, place, level in zip(starts[:-1], places, blocks.levels, strict=True)
        ]
        columns.append(np.broadcast_to(effects + np.arange(blocks.p), (len(clusters), blocks.p)))
        where, alike = np.concatenate(columns, axis=1), np.flatnonzero(shape_of.reshape(-1) == i)
        for own in np.array_split(alike, -(-len(alike) * (effects + blocks.p) ** 2 // ROOM)):
            yield own, *_summed(blocks, clusters, own, where), T


def _summed(blocks: Blocks, clusters: Codes, own: NDArray[np.intp], where: Codes) -> tuple[Array, Array]:
    """Sum the lowest groups' products over the clusters `own`, into the columns `where`."""
    slot = np.full(int(clusters.max()) + 1, -1)
    slot[own] = np.arange(len(own))
    members = np.flatnonzero(slot[clusters] >= 0)
    at, columns, part = slot[clusters[members]], where[members], blocks.full[members]
    total = int(columns.max()) + 1
    gram, Ky = np.zeros((len(own), total, total)), np.zeros((len(own), total))
    np.add.at(gram, (at[:, None, None], columns[:, :, None], columns[:, None, :]), part[:, :-1, :-1])
    np.add.at(Ky, (at[:, None], columns), part[:, :-1, -1])
    return gram, Ky


def _counted(blocks: Blocks, clusters: Codes) -> tuple[NDArray[np.intp], list[Codes]]:
    """Count the groups of each level in each cluster, shape (J, levels); number them there, by lowest group."""
    counts, places, number = [], [], int(clusters.max()) + 1
    for i in range(len(blocks.levels)):
        group = ancestors(blocks.levels, i)
        owner = np.zeros(int(group.max()) + 1, dtype=np.intp)
        owner[group] = clusters
        count = np.bincount(owner, minlength=number)
        order, place = np.argsort(owner, kind="stable"), np.empty(len(owner), dtype=np.intp)
        place[order] = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        counts.append(count)
        places.append(place[group])
    return np.stack(counts, axis=1), places


def _turned(matrices: Array) -> Array:
    """Transpose each matrix."""
    return np.swapaxes(matrices, 1, 2)
