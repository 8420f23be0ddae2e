"""What an estimate keeps of its sample: influence by PSU, or replicates, from which covariances come without rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.forms import Forms
from povstats.engine.layout import Floats
from povstats.errors import DataError
from povstats.poverty.variance import Sampling, covariance
from povstats.survey import Replicates

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates


@dataclass(frozen=True, eq=False)
class Influence:
    """The linearised totals of an estimate, or its replicates.

    Parameters
    ----------
    forms : influence summed by domain and PSU, and the estimated line's as a second form.
    by_line : dθ/dz by domain, where the line is estimated from the same sample.
    sampling : lonely PSUs and shares drawn.
    replicates : the estimates of R replicates, shape (R, D); None with linearisation.
    weights : the constants of replicate weights; None for a bootstrap.
    outside : variance that an independently estimated line adds, as its standard error times dθ/dz, shape (D,).
    """

    forms: Forms | None
    by_line: Floats | None
    sampling: Sampling
    replicates: Floats | None = None
    weights: Replicates | None = None
    outside: Floats | None = None

    def psu_totals(self, domain: int) -> Floats:
        """Give a domain's influence by PSU, the line's part with it, shape (P,).

        Raises
        ------
        DataError
            Where every row is a PSU and the rows stayed in an engine.
        """
        forms = self.forms
        if forms is None or forms.psu is None:
            raise DataError(
                "the influence of single rows stayed in the engine, so no covariance can be had; name a psu column, or "
                "hand over the table in memory"
            )
        size = len(forms.layout.stratum)
        here = forms.domain == domain
        total = np.bincount(forms.psu[here], forms.z[here, 0], minlength=size)
        if self.by_line is not None:
            total = total + self.by_line[domain] * np.bincount(forms.psu, forms.z[:, 1], minlength=size)
        return np.asarray(total, dtype=float)


def covariances(a: "Estimates", b: "Estimates") -> Floats:
    """Give the covariances of two estimates from the same sample.

    Parameters
    ----------
    a, b : estimates with D and E groups.

    Returns
    -------
    array
        Shape (D, E).

    Raises
    ------
    DataError
        Where influence was not kept.
    """
    left, right = kept(a), kept(b)
    shape = (len(a.estimate), len(b.estimate))
    if a.definition.design.full_count and b.definition.design.full_count:
        return np.zeros(shape)
    outside = _outside(left, right, a, b)
    if left.replicates is not None and right.replicates is not None:
        return np.asarray(outside + _of_replicates(left, right, a, b))
    parts = [[i.psu_totals(d) for d in range(size)] for i, size in zip((left, right), shape, strict=True)]
    assert left.forms is not None
    layout = left.forms.layout
    found = [[covariance(x, y, layout.stratum, layout.stratum_psus, left.sampling) for y in parts[1]] for x in parts[0]]
    return np.asarray(outside + np.array(found).reshape(shape))


def _outside(left: Influence, right: Influence, a: "Estimates", b: "Estimates") -> Floats:
    """Give what an independently estimated line adds where both use the same one."""
    if left.outside is None or right.outside is None or a.definition.origin is not b.definition.origin:
        return np.zeros((len(a.estimate), len(b.estimate)))
    return np.outer(left.outside, right.outside)


def _of_replicates(left: Influence, right: Influence, a: "Estimates", b: "Estimates") -> Floats:
    assert left.replicates is not None
    assert right.replicates is not None
    both = np.column_stack([left.replicates, right.replicates])
    whole = np.concatenate([a.estimate.to_numpy(dtype=float), b.estimate.to_numpy(dtype=float)])
    size = len(a.estimate)
    return np.asarray(replicate_covariance(left.weights, both, whole)[:size, size:])


def replicate_covariance(weights: Replicates | None, replicates: Floats, estimate: Floats) -> Floats:
    """Give the covariances of estimates from their replicates, of a bootstrap where `weights` is None."""
    if weights is not None:
        return weights.variance(replicates, estimate)
    away = replicates - replicates.mean(axis=0)
    return np.asarray(away.T @ away / (len(replicates) - 1))


def kept(estimates: "Estimates") -> Influence:
    """Give what an estimate keeps.

    Raises
    ------
    DataError
        Where it keeps nothing.
    """
    if estimates.influence is None:
        raise DataError(f"these estimates of {estimates.measure} kept no influence, so no covariance can be had")
    return estimates.influence
