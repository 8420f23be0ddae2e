"""The evidence that a fit is an optimum."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from povstats import __version__
from povstats.engine.cells import Cells
from povstats.models.optimum import Optimum
from povstats.models.rows import Account


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a sceptic asks of a fit.

    Attributes
    ----------
    status : "converged" or "boundary".
    gradient : largest absolute entry of the criterion's gradient in the scaled basis.
    hessian_eigenvalues : of the criterion, ascending; none is negative beyond rounding.
    evaluations : criterion evaluations of the winning search. ends : criterion reached from each start.
    distance_to_boundary : smallest eigenvalue of T in the basis where the average of Z'Z is the identity.
    rows_read, rows_used, missing : the rows, and the missing values by column.
    fingerprint : hash of the sufficient statistics. versions : of the programs.
    """

    status: str
    gradient: float
    hessian_eigenvalues: tuple[float, ...]
    evaluations: int
    ends: tuple[float, ...]
    distance_to_boundary: float
    rows_read: int
    rows_used: int
    missing: Mapping[str, int]
    fingerprint: str
    versions: Mapping[str, str]

    def to_json(self) -> str:
        """Write the certificate as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def certify(optimum: Optimum, cells: Cells, rows: Account, status: str) -> Certificate:
    """Collect the evidence from a fit."""
    search = optimum.search
    return Certificate(
        status=status,
        gradient=float(np.abs(search.gradient).max()),
        hessian_eigenvalues=tuple(np.linalg.eigvalsh(search.hessian).tolist()),
        evaluations=search.evaluations,
        ends=optimum.ends,
        distance_to_boundary=optimum.distance,
        rows_read=rows.read,
        rows_used=rows.used,
        missing=dict(rows.missing),
        fingerprint=cells.fingerprint(),
        versions={"povstats": __version__, "numpy": np.__version__, "python": platform.python_version()},
    )
