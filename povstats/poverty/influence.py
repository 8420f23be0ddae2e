"""What an estimate keeps of its sample: influence by PSU, or replicates, from which covariances come without rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.forms import Forms
from povstats.engine.layout import Codes, Floats, Layout, add_up
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
    layout : the sample. sampling : lonely PSUs and shares drawn.
    forms : influence summed by domain and PSU, and the estimated line's as a second form; None without linearisation.
    by_line : dθ/dz by domain, where the line is estimated from the same sample.
    mean : whether the estimate is a weighted mean, so that totals can be had back from its influence.
    replicates : the estimates of R replicates, shape (R, D); None with linearisation.
    weights : the constants of replicate weights; None for a bootstrap.
    outside : standard error that an independently estimated line adds, with its sign, shape (D,).
    """

    layout: Layout
    sampling: Sampling
    forms: Forms | None = None
    by_line: Floats | None = None
    mean: bool = False
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
        total = add_up(forms.psu[here], forms.z[here, 0], size)
        if self.by_line is not None:
            total = total + self.by_line[domain] * add_up(forms.psu, forms.z[:, 1], size)
        return np.asarray(total, dtype=float)

    def held(self, domain: int) -> Codes:
        """Give the PSUs in which a domain has rows of positive weight."""
        assert self.forms is not None
        assert self.forms.psu is not None
        return np.asarray(self.forms.psu[(self.forms.domain == domain) & (self.forms.held > 0)])


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


def covariances(a: "Estimates", b: "Estimates", pairs: Sequence[tuple[int, int]]) -> Floats:
    """Give the covariances of two estimates from the same sample.

    Parameters
    ----------
    a, b : the estimates. pairs : places of the domains whose covariance is asked for.

    Returns
    -------
    array
        Shape (pairs,).

    Raises
    ------
    DataError
        Where influence was not kept.
    """
    left, right = kept(a), kept(b)
    if a.definition.design.full_count and b.definition.design.full_count:
        return np.zeros(len(pairs))
    if left.replicates is not None and right.replicates is not None:
        return _of_replicates(a, b, pairs)
    lefts = {d: left.psu_totals(d) for d in {d for d, _ in pairs}}
    rights = {e: right.psu_totals(e) for e in {e for _, e in pairs}}
    layout, sampling = left.layout, left.sampling
    found = [covariance(lefts[d], rights[e], layout.stratum, layout.stratum_psus, sampling) for d, e in pairs]
    if left.outside is not None and right.outside is not None and a.definition.origin is b.definition.origin:
        found = [own + left.outside[d] * right.outside[e] for own, (d, e) in zip(found, pairs, strict=True)]
    return np.array(found)


def _of_replicates(a: "Estimates", b: "Estimates", pairs: Sequence[tuple[int, int]]) -> Floats:
    left, right = kept(a), kept(b)
    assert left.replicates is not None
    assert right.replicates is not None
    both = np.column_stack([left.replicates, right.replicates])
    whole = np.concatenate([a.estimate.to_numpy(dtype=float), b.estimate.to_numpy(dtype=float)])
    matrix, size = replicate_covariance(left.weights, both, whole), len(a.estimate)
    return np.array([matrix[d, size + e] for d, e in pairs])


def replicate_covariance(weights: Replicates | None, replicates: Floats, estimate: Floats) -> Floats:
    """Give the covariances of estimates from their replicates, of a bootstrap where `weights` is None."""
    if weights is not None:
        return weights.variance(replicates, estimate)
    away = replicates - replicates.mean(axis=0)
    return np.asarray(away.T @ away / (len(replicates) - 1))


def panel_covariances(a: "Estimates", b: "Estimates", pairs: Sequence[tuple[int, int]]) -> Floats:
    r"""Give the covariances of estimates from two samples that share PSUs, such as waves of a panel.

    .. math:: \widehat{\text{cov}} = \sum_h \frac{m_h}{m_h - 1} \sum_{i \in S_h} (z_{hi} - \bar z_h)(x_{hi} - \bar x_h)

    over the m_h PSUs of stratum h that are in both samples, with means over these. Where one PSU alone is shared, the
    means are those of either sample's stratum, and the factor is 1.

    Parameters
    ----------
    a, b : the estimates. pairs : places of the domains to compare.

    Returns
    -------
    array
        Shape (pairs,).

    Raises
    ------
    DataError
        Where PSUs have no names, or none is shared.
    """
    left, right = kept(a), kept(b)
    ours, theirs, stratum = _shared(left.layout, right.layout)
    sizes = np.bincount(stratum, minlength=len(left.layout.strata))
    found = []
    for first, second in pairs:
        z, x = left.psu_totals(first), right.psu_totals(second)
        zs, xs = z[ours], x[theirs]
        mean_z = _means(zs, stratum, sizes, _own_means(z, left.layout)[stratum])
        mean_x = _means(xs, stratum, sizes, _own_means(x, right.layout)[right.layout.stratum[theirs]])
        factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)[stratum]
        found.append(float((factor * (zs - mean_z) * (xs - mean_x)).sum()))
    return np.array(found)


def _means(values: Floats, stratum: Codes, sizes: Codes, own: Floats) -> Floats:
    """Give the means over the shared PSUs of a stratum; of a single one the sample's own."""
    means = add_up(stratum, values, len(sizes)) / np.maximum(sizes, 1)
    return np.asarray(np.where(sizes[stratum] > 1, means[stratum], own))


def _own_means(values: Floats, layout: Layout) -> Floats:
    return np.asarray(add_up(layout.stratum, values, len(layout.strata)) / np.maximum(layout.stratum_psus, 1))


def _shared(left: Layout, right: Layout) -> tuple[Codes, Codes, Codes]:
    """Find the PSUs of the same stratum and name: their places in either sample, and their stratum on the left."""
    if left.names is None or right.names is None:
        raise DataError("a panel shares PSUs by their names, and every row is its own PSU; name a psu column")
    known = {(right.strata[h], name): i for i, (h, name) in enumerate(zip(right.stratum, right.names, strict=True))}
    keys = [(left.strata[h], name) for h, name in zip(left.stratum, left.names, strict=True)]
    ours = [i for i, key in enumerate(keys) if key in known]
    if not ours:
        raise DataError('the samples share no PSU by stratum and name; say samples="independent" where none is shared')
    found = np.array(ours, dtype=np.intp)
    return found, np.array([known[keys[i]] for i in ours], dtype=np.intp), left.stratum[found]
