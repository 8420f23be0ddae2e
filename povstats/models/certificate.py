"""The evidence that a fit is an optimum."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import scipy
from scipy.optimize import minimize

from povstats import __version__
from povstats.engine.cells import Array, Cells
from povstats.models.interpretation.paragraphs.explained_shares import explain_certificate
from povstats.models.likelihood import differentiate, jets, slopes
from povstats.models.optimum import Optimum, make_criterion, matrices
from povstats.models.recursion import Directions
from povstats.models.rows import Account
from povstats.words import Lang, language


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a sceptic asks of a fit.

    Attributes
    ----------
    formula : the model. ngroups : groups, by grouping. status : "converged" or "boundary".
    gradient : largest absolute entry of the criterion's gradient at the reported optimum, in the scaled basis.
    projected_gradient : the same for T itself, whose gradient does not vanish by symmetry at zero: the largest entry of
        T − P(T − G), with G the gradient in T and P the projection on matrices without negative eigenvalues. It is zero
        where no allowed change of T improves the fit to first order, on the boundary too.
    hessian_eigenvalues : of the criterion, ascending; none is negative beyond rounding.
    evaluations : criterion evaluations of the winning search. ends : criterion reached from each start.
    distance_to_boundary : smallest eigenvalue of T in the basis where the average of Z'Z is the identity, by grouping.
    second_optimiser : another program's search from another start. second_gap : by how much its criterion lies above
        this fit's; a negative one beyond rounding would mean that this fit is no optimum. second_distance : largest
        difference between the two T, in the same basis.
    rows_read, rows_used, rows_dropped, missing : the rows; those with a missing value by column, which is why rows are
        dropped (one may count under several columns).
    fingerprint : hash of the sufficient statistics. versions : of the programs.
    """

    formula: str
    ngroups: Mapping[str, int]
    status: str
    gradient: float
    projected_gradient: float
    hessian_eigenvalues: tuple[float, ...]
    evaluations: int
    ends: tuple[float, ...]
    distance_to_boundary: Mapping[str, float]
    second_optimiser: str
    second_gap: float
    second_distance: float
    rows_read: int
    rows_used: int
    rows_dropped: int
    missing: Mapping[str, int]
    fingerprint: str
    versions: Mapping[str, str]

    @property
    def account(self) -> Account:
        """The rows, as a fit's `rows` tells them."""
        return Account(self.rows_read, self.rows_used, self.missing)

    def explain(self, lang: Lang | None = None) -> str:
        """Give the paragraph that defends the optimum, in "zh" or "en"."""
        return explain_certificate(self, lang or language())

    def to_json(self) -> str:
        """Write the certificate as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def certify(formula: str, optimum: Optimum, cells: Cells, rows: Account, status: str) -> Certificate:
    """Collect the evidence from a fit."""
    search, (gap, distance) = optimum.search, _second(optimum)
    here = slopes(optimum.blocks, optimum.profile, optimum.factors, optimum.entries)
    return Certificate(
        formula=formula,
        ngroups={level.name: len(level.labels) for level in optimum.blocks.levels},
        status=status,
        gradient=float(np.abs(here.gradient(optimum.profile)).max()),
        projected_gradient=_projected(optimum),
        hessian_eigenvalues=tuple(np.linalg.eigvalsh(here.hessian(optimum.profile)).tolist()),
        evaluations=search.evaluations,
        ends=optimum.ends,
        distance_to_boundary=_distances(optimum),
        second_optimiser=f"scipy {scipy.__version__} L-BFGS-B",
        second_gap=gap,
        second_distance=distance,
        rows_read=rows.read,
        rows_used=rows.used,
        rows_dropped=rows.dropped,
        missing=dict(rows.missing),
        fingerprint=cells.fingerprint(),
        versions={
            "povstats": __version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
    )


def _distances(optimum: Optimum) -> dict[str, float]:
    """Give the smallest eigenvalue of any correlated set's T, by grouping."""
    out = {}
    for level, T in zip(optimum.blocks.levels, optimum.covs, strict=True):
        ends, at = [], 0
        for size in level.sets:
            ends.append(float(np.linalg.eigvalsh(T[at : at + size, at : at + size])[0]))
            at += size
        out[level.name] = max(min(ends), 0.0)
    return out


def _projected(optimum: Optimum) -> float:
    """Give the largest entry of T − P(T − G) over all correlated sets."""
    blocks, at = optimum.blocks, optimum.profile
    places, along = [], []
    for i, level in enumerate(blocks.levels):
        own, start = [], 0
        for size in level.sets:
            own += [(start + row, start + column) for row in range(size) for column in range(row + 1)]
            start += size
        dT = np.zeros((len(own), level.q, level.q))
        for one, (row, column) in zip(dT, own, strict=True):
            one[row, column] = one[column, row] = 1.0 if row == column else 0.5
        places += [(i, row, column) for row, column in own]
        along.append(Directions(dT, np.zeros((len(own), *dT.shape))))
    found = jets(blocks, optimum.factors, along)
    assert found.d2F is not None
    assert found.d2logs is not None
    gradient = differentiate(at, found.dF[:, 0], found.dlogs, found.d2F[:, :, 0], found.d2logs).gradient(at)
    moved = [T.copy() for T in optimum.covs]
    for slope, (i, row, column) in zip(gradient, places, strict=True):
        moved[i][row, column] -= slope
        moved[i][column, row] = moved[i][row, column]
    far = 0.0
    for T, trial in zip(optimum.covs, moved, strict=True):  # sets stay apart: entries between them are zero in both
        values, vectors = np.linalg.eigh(trial)
        far = max(far, float(np.abs(T - (vectors * np.maximum(values, 0.0)) @ vectors.T).max()))
    return far


def _second(optimum: Optimum) -> tuple[float, float]:
    """Search again by another program from another start; give the gap of the criterion and the distance of T."""
    reml = optimum.profile.reml
    criterion = make_criterion(optimum.blocks, optimum.entries, reml)
    diagonal = np.array([row == column for _, row, column in optimum.entries], dtype=float)
    visited: list[tuple[float, Array]] = []

    def both(theta: Array) -> tuple[float, Array]:
        found = criterion(theta)
        if found is None:
            return 1e300, np.zeros_like(theta)
        if not visited or found[0] < visited[-1][0]:
            visited.append((found[0], theta.copy()))
        return found[0], found[1]()[0]

    # Off the diagonal a little: along a zero column the gradient vanishes by symmetry and a search would rest there.
    minimize(both, diagonal + 0.05, jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-9})
    value, theta = visited[-1]
    other = matrices(theta, optimum.entries, optimum.blocks.levels)
    apart = [np.abs(root @ root.T - T).max() for root, T in zip(other, optimum.covs, strict=True)]
    return value - optimum.profile.value, float(max(apart))
