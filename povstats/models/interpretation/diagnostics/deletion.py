"""One model without one unit after another, fitted again exactly from the cross-products that are kept of the rows.

What a unit adds to the products of the lowest groups is taken off, the model is fitted to what is left, and the
products are put back: no row is read again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from povstats.engine.cells import Array
from povstats.engine.groups import Codes
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.inference.df import satterthwaite
from povstats.models.inference.kenward_roger import adjust, single_dof
from povstats.models.inference.simulate import row_counts
from povstats.models.likelihood import profile
from povstats.models.notes import Note
from povstats.models.optimum import ALONE, STARTS, Optimum, optimise
from povstats.models.standard import COLLINEAR, ancestors, identified

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What one deletion takes away.

    Attributes
    ----------
    label : how it is called.
    groups : the k lowest groups that lose rows. rows : shape (k,), how many each loses.
    products : shape (k, c, c), what [Z X y]'[Z X y] of these groups loses; None for all of it.
    """

    label: Any
    groups: Codes
    rows: Array
    products: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Without:
    """The model without one unit, in the user's units.

    Attributes
    ----------
    label, rows : of the unit, and the rows it has.
    status : "converged", "boundary", "not estimable" or "failed"; in the last two numbers are missing.
    reason : why there is no estimate.
    params, dof, pvalues : shape (p,). cov : shape (p, p).
    components : the variances of the random effects, level by level, and σ².
    displacement : 2[ℓ(ψ̂) − ℓ(ψ̂ without)], ℓ the log-likelihood of all rows (restricted where the fit is).
    """

    label: Any
    rows: int
    status: str
    reason: Note | None
    params: Array
    cov: Array
    dof: Array
    pvalues: Array
    components: Array
    displacement: float


def refits_without(fit: "HLMResult", units: Iterable[Unit]) -> Iterator[Without]:
    """Fit the model without each unit in turn.

    The search starts from the fit's T; where a unit holds more than one row in 40, from the usual starts as well. The
    method and the kind of degrees of freedom are those of the fit.
    """
    kept, sizes = fit.optimum.blocks, row_counts(fit.cells, fit.optimum.blocks.levels[0])
    work = replace(kept, full=kept.full.copy())
    for unit in units:
        part, gone = unit.groups, float(unit.rows.sum())
        work.full[part] = 0.0 if unit.products is None else kept.full[part] - unit.products
        left = sizes.copy()
        left[part] -= unit.rows
        sample = replace(work, nobs=work.nobs - int(gone), size=work.size - gone)
        reason = _unanswerable(fit, sample, left)
        found = _nothing(fit, unit, "not estimable", reason) if reason is not None else _refit(fit, sample, unit)
        work.full[part] = kept.full[part]
        yield found


def _refit(fit: "HLMResult", sample: Blocks, unit: Unit) -> Without:
    """Fit and bring the answer into the user's units."""
    x = fit.units.x
    try:
        again = _optimum(fit.optimum, sample)
    except (FitError, np.linalg.LinAlgError):
        return _nothing(fit, unit, "failed", Note("diagnostics.no_maximum"))
    at = again.profile
    sigma2 = fit.units.scale**2 * at.rss / at.dof
    params = x @ at.beta * fit.units.scale + fit.units.shift
    cov, dof = sigma2 * x @ at.C @ x.T, np.full(len(params), np.inf)
    if fit.df_method == "kenward-roger":
        adjusted = adjust(again)
        cov, dof = sigma2 * x @ adjusted.cov @ x.T, single_dof(adjusted, x)
    elif fit.df_method == "satterthwaite":
        dof = satterthwaite(again, x)
    return Without(
        label=unit.label,
        rows=int(unit.rows.sum()),
        status="boundary" if again.boundary else "converged",
        reason=None,
        params=params,
        cov=cov,
        dof=dof,
        pvalues=2 * stdtr(np.minimum(dof, 1e10), -np.abs(params) / np.sqrt(np.diag(cov))),
        components=components(fit, again.factors, sigma2),
        displacement=_displacement(fit.optimum, again),
    )


def components(fit: "HLMResult", factors: tuple[Array, ...], sigma2: float) -> Array:
    """Give the variances of the random effects, level by level, and σ²."""
    own = [sigma2 * ((z @ factor) ** 2).sum(axis=1) for z, factor in zip(fit.units.z, factors, strict=True)]
    return np.concatenate([*own, [sigma2]])


def _optimum(full: Optimum, sample: Blocks) -> Optimum:
    """Search from the fit's T, a little off the boundary, where the gradient vanishes by symmetry."""
    diagonal = np.array([row == column for _, row, column in full.entries])
    own = np.array([full.factors[level][row, column] for level, row, column in full.entries])
    start = np.where(diagonal & (np.abs(own) < 0.05), 0.05, own)
    large = (full.blocks.size - sample.size) * ALONE > full.blocks.size
    starts = [start, *(size * diagonal for size in STARTS)] if large else [start]
    try:
        return optimise(sample, full.profile.reml, starts)
    except ValueError:  # the criterion is not finite at one of the usual starts
        return optimise(sample, full.profile.reml, [start])


def _displacement(full: Optimum, again: Optimum) -> float:
    """Give how far the log-likelihood of all rows lies below its maximum at the parameters without the unit."""
    here, at = profile(full.blocks, again.factors, full.profile.reml), again.profile
    if here is None:
        return float("inf")
    sigma2, rss = at.rss / at.dof, here.rss
    if not here.reml:  # the restricted likelihood does not depend on β
        move = at.beta - here.beta
        rss += float(move @ np.linalg.solve(here.C, move))
    logs = here.value - here.dof * (1 + np.log(2 * np.pi * here.rss / here.dof))
    return float(max(logs + here.dof * np.log(2 * np.pi * sigma2) + rss / sigma2 - full.profile.value, 0.0))


def _unanswerable(fit: "HLMResult", sample: Blocks, left: Array) -> Note | None:
    """Say why what is left has no estimate: too few groups, columns of X lost, or nothing left to a random effect."""
    for i, level in enumerate(sample.levels):
        groups = level.repeat
        if level.repeat == 1:
            groups = int((np.bincount(ancestors(sample.levels, i), left, level.slots) > 0).sum())
        if groups < 2:
            return Note("diagnostics.one_group_left", {"group": level.name})
    lost = lost_columns(sample.total[:-1, :-1])
    if lost:
        names = ", ".join(fit.model.fixed[j].name for j in lost)
        return Note("diagnostics.column_lost", {"columns": names})
    try:
        if fit.optimum.profile.reml:
            identified(sample)
    except FitError:
        return Note("diagnostics.nothing_left")
    return None


def lost_columns(XtX: Array) -> list[int]:
    """List columns that are zero or combinations of those before them, to ten digits."""
    size = np.sqrt(np.maximum(np.diag(XtX), 0.0))
    safe = np.where(size > 0, size, 1.0)
    unit = XtX / np.outer(safe, safe)
    if (size > 0).all() and np.linalg.eigvalsh(unit)[0] >= COLLINEAR:
        return []
    lost, kept = [], list[int]()
    for j in range(len(unit)):
        weights = np.linalg.lstsq(unit[np.ix_(kept, kept)], unit[kept, j], rcond=None)[0]
        if size[j] > 0 and 1 - unit[kept, j] @ weights >= COLLINEAR:
            kept.append(j)
        else:
            lost.append(j)
    return lost or [len(unit) - 1]


def _nothing(fit: "HLMResult", unit: Unit, status: str, reason: Note) -> Without:
    p, k = len(fit.params), sum(level.q for level in fit.optimum.blocks.levels) + 1
    none, no_cov = np.full(p, np.nan), np.full((p, p), np.nan)
    rows = int(unit.rows.sum())
    return Without(unit.label, rows, status, reason, none, no_cov, none, none, np.full(k, np.nan), float("nan"))
