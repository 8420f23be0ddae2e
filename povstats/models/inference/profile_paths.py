"""The likelihood along one parameter: minimised over all others, with exact derivatives, at fixed values of it.

Coefficients: fixing one moves its column from X to y. Components: Λ of each level is linear in φ, in the user's basis
of Z with each column in a unit of its own (`own_units`), so that T and its derivatives follow. A fixed standard
deviation s of an effect, first in its set's order, means that its one entry of Λ is s·ψ with ψ = 1/σ, which stays well
scaled down to s = 0; a fixed correlation ties two rows of Λ, a fixed σ leaves φ free.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.likelihood import conclude, differentiate, jets, profile
from povstats.models.newton import Criterion, Derivatives, minimise
from povstats.models.optimum import Optimum, optimise
from povstats.models.recursion import Directions, eliminate
from povstats.models.units import Units


def coefficient_path(optimum: Optimum, units: Units, place: int) -> Callable[[float], float]:
    """Give the smallest ML criterion as a function of coefficient number `place`, in the user's units.

    Parameters
    ----------
    optimum : a fit by maximum likelihood. units : the way back.
    """
    blocks = optimum.blocks
    p, c = blocks.p, blocks.full.shape[1]
    turn = np.eye(c)
    turn[c - p - 1 : c - 1, c - p - 1 : c - 1] = np.linalg.inv(units.x)  # columns of X in the user's units / scale
    column = c - p - 1 + place
    keep = [i for i in range(c) if i != column]
    state = {"theta": _theta(optimum)}

    def value(b: float) -> float:
        moved = turn.copy()
        moved[:, -1] -= (b - units.shift[place]) / units.scale * turn[:, column]
        full = (moved.T @ blocks.full @ moved)[:, keep][:, :, keep]
        found = optimise(replace(blocks, full=np.ascontiguousarray(full), p=p - 1), False, [state["theta"]])
        state["theta"] = _theta(found)
        return found.profile.value

    return value


def _theta(optimum: Optimum) -> Array:
    """Start where the fit ended, a little off the boundary, where the gradient vanishes by symmetry."""
    theta = np.array([optimum.factors[i][row, column] for i, row, column in optimum.entries])
    diagonal = np.array([row == column for _, row, column in optimum.entries])
    return np.where(diagonal & (np.abs(theta) < 0.05), 0.05, theta)


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Λ of each level as a linear function of φ, in the user's basis of Z, each column in a unit of its own.

    Attributes
    ----------
    lines : by level, shape (k_l, q, q), dΛ/dφ of the parameters of that level.
    orders : by level, the order of the effects in which Λ is lower-triangular.
    positive : parameters that must stay above zero: the sizes of two effects whose correlation is kept.
    """

    lines: tuple[Array, ...]
    orders: tuple[tuple[int, ...], ...]
    positive: tuple[int, ...] = ()

    def roots(self, phi: Array) -> list[Array]:
        """Give Λ of each level."""
        out, at = [], 0
        for lines in self.lines:
            out.append(np.tensordot(phi[at : at + len(lines)], lines, 1))
            at += len(lines)
        return out


def plain_chart(sets: Sequence[tuple[int, ...]], first: tuple[int, int] | None = None) -> Chart:
    """Let the lower triangle of each set be free; `first` = (level, effect) comes first in its set's order."""
    return _chart([_lines(own, None, first[1] if first and first[0] == i else None) for i, own in enumerate(sets)])


def tied_chart(sets: Sequence[tuple[int, ...]], level: int, pair: tuple[int, int], rho: float) -> Chart:
    """Keep the correlation of two effects of one set at `rho`."""
    chart = _chart([_lines(own, (*pair, rho) if i == level else None, None) for i, own in enumerate(sets)])
    at = sum(len(lines) for lines in chart.lines[:level])
    own = chart.lines[level]
    # The size of the first effect is the one entry of its row, that of the second moves its whole row.
    alone = [i for i, line in enumerate(own) if np.count_nonzero(line) == 1 and line[pair[0]].any()]
    row = [i for i, line in enumerate(own) if line[pair[1]].any()]
    return replace(chart, positive=(at + alone[0], at + row[0]))


def _chart(levels: Sequence[tuple[Array, tuple[int, ...]]]) -> Chart:
    return Chart(tuple(lines for lines, _ in levels), tuple(order for _, order in levels))


def _lines(
    sets: tuple[int, ...], tied: tuple[int, int, float] | None, first: int | None
) -> tuple[Array, tuple[int, ...]]:
    q, at, out, orders = sum(sets), 0, [], []
    for size in sets:
        order = list(range(at, at + size))
        if tied is not None and tied[0] in order:
            order = [tied[0], tied[1], *(row for row in order if row not in tied[:2])]
        elif first is not None and first in order:
            order = [first, *(row for row in order if row != first)]
        for column in range(size):
            for row in range(column, size):
                line = np.zeros((q, q))
                line[order[row], at + column] = 1.0
                if tied is not None and order[0] == tied[0] and row == 1:
                    if column == 1:
                        continue  # one parameter moves both entries of the second row
                    line[order[1], at : at + 2] = tied[2], math.sqrt(max(1 - tied[2] ** 2, 0.0))
                out.append(line)
        at += size
        orders += order
    return np.array(out), tuple(orders)


def own_units(z: Sequence[Array]) -> tuple[list[Array], list[Array]]:
    """Give each effect of the user's basis a unit in which its average z² is about one.

    Parameters
    ----------
    z : by level, from the scaled Z to the user's.

    Returns
    -------
    The maps from the scaled Z to those units, and the units: effects in the user's = unit · effects in these.
    """
    sizes = [np.sqrt((one**2).sum(axis=1)) for one in z]
    return [one / size[:, None] for one, size in zip(z, sizes, strict=True)], sizes


def start_of(chart: Chart, covs: Sequence[Array]) -> Array:
    """Give φ of a T near the one given (in the chart's units), off the boundary."""
    out = []
    for lines, order, T in zip(chart.lines, chart.orders, covs, strict=True):
        full = T + 1e-3 * np.diag(np.maximum(np.diag(T), 0.1))
        root = np.zeros_like(T)
        root[list(order), : len(order)] = np.linalg.cholesky(full[np.ix_(order, order)])
        out += [float((line * root).sum() / (line**2).sum()) for line in lines]
    phi = np.array(out)
    for i in chart.positive:
        phi[i] = max(phi[i], 1e-2)
    return phi


def component_criterion(blocks: Blocks, z: Sequence[Array], chart: Chart, reml: bool, fixed: "Fixed") -> Criterion:
    """Give the criterion as a function of φ, with σ² as `fixed` says.

    Parameters
    ----------
    blocks : in the scaled basis. z : by level, from the scaled Z to the chart's. chart : Λ as a function of φ.
    """
    chart = held(chart, fixed)
    back: list[Array] = [np.linalg.inv(one).astype(np.float64) for one in z]

    def evaluate(phi: Array) -> tuple[float, Callable[[], Derivatives]] | None:
        user = chart.roots(phi)
        roots: list[Array] = [inverse @ root for inverse, root in zip(back, user, strict=True)]
        try:
            at = eliminate(blocks.full, blocks.levels, roots, None)
        except np.linalg.LinAlgError:
            return None
        here = conclude(at.F[0], at.logs, blocks.size, reml)
        t, dt, d2t = fixed.scale(phi)
        if here is None or not t > 0:
            return None
        m, rss = here.dof, here.rss
        logs = here.value - m * (1 + math.log(2 * math.pi * rss / m))
        value = logs + m * math.log(2 * math.pi / t) + rss * t  # 1 / σ² = t

        def derive() -> Derivatives:
            found = jets(blocks, roots, _directions(back, user, chart))
            assert found.d2F is not None
            assert found.d2logs is not None
            s = differentiate(here, found.dF[:, 0], found.dlogs, found.d2F[:, :, 0], found.d2logs)
            gradient = s.logs - m * dt / t + s.rss * t + rss * dt
            hessian = s.logs2 - m * (d2t / t - np.outer(dt, dt) / t**2) + s.rss2 * t + rss * d2t
            return gradient, hessian + np.outer(s.rss, dt) + np.outer(dt, s.rss)

        return value, derive

    return evaluate


def profiled_criterion(blocks: Blocks, z: Sequence[Array], chart: Chart, reml: bool) -> Criterion:
    """Give the usual criterion, σ² profiled out, as a function of φ."""
    back: list[Array] = [np.linalg.inv(one).astype(np.float64) for one in z]

    def evaluate(phi: Array) -> tuple[float, Callable[[], Derivatives]] | None:
        user = chart.roots(phi)
        roots = [inverse @ root for inverse, root in zip(back, user, strict=True)]
        here = profile(blocks, roots, reml) if all(phi[i] > 0 for i in chart.positive) else None
        if here is None:
            return None

        def derive() -> Derivatives:
            found = jets(blocks, roots, _directions(back, user, chart))
            assert found.d2F is not None
            assert found.d2logs is not None
            s = differentiate(here, found.dF[:, 0], found.dlogs, found.d2F[:, :, 0], found.d2logs)
            return s.gradient(here), s.hessian(here)

        return here.value, derive

    return evaluate


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixes σ²: a residual standard deviation, or that of the effect behind number `own` of φ.

    Attributes
    ----------
    sd : in the blocks' unit of y, at least 0.
    own : number of the parameter that is 1/σ, as `held` makes it; None where `sd` is the residual's.
    """

    sd: float
    own: int | None = None

    def scale(self, phi: Array) -> tuple[float, Array, Array]:
        """Give t = 1/σ² and its derivatives in φ."""
        dt, d2t = np.zeros(len(phi)), np.zeros((len(phi), len(phi)))
        if self.own is None:
            return 1 / self.sd**2, dt, d2t
        dt[self.own], d2t[self.own, self.own] = 2 * phi[self.own], 2.0
        return float(phi[self.own] ** 2), dt, d2t


def own_entry(chart: Chart, effect: tuple[int, int]) -> int:
    """Give the number of the one parameter in the row of an effect that comes first in its set's order."""
    level, q = effect
    (place,) = np.flatnonzero(chart.lines[level][:, q].any(axis=1))
    return sum(len(one) for one in chart.lines[:level]) + int(place)


def held(chart: Chart, fixed: Fixed) -> Chart:
    """Let the effect's own parameter be 1/σ, so that its standard deviation is `fixed.sd`."""
    if fixed.own is None:
        return chart
    out, at = [], 0
    for lines in chart.lines:
        size = np.ones(len(lines))
        if at <= fixed.own < at + len(lines):
            size[fixed.own - at] = fixed.sd
        out.append(lines * size[:, None, None])
        at += len(lines)
    return replace(chart, lines=tuple(out))


def _directions(back: Sequence[Array], user: Sequence[Array], chart: Chart) -> list[Directions]:
    out = []
    for inverse, root, lines in zip(back, user, chart.lines, strict=True):
        half = lines @ root.T
        dT = inverse @ (half + np.swapaxes(half, 1, 2)) @ inverse.T
        bend = np.einsum("aij,bkj->abik", lines, lines)
        out.append(Directions(dT, inverse @ (bend + np.swapaxes(bend, 2, 3)) @ inverse.T))
    return out


def minimum(criterion: Criterion, start: Array, positive: Sequence[int] = ()) -> tuple[float, Array]:
    """Minimise along the path; a point that cannot be reached is told.

    Where a size that must stay positive goes to zero, the search stalls against it: that is the minimum's limit.
    """
    found = minimise(criterion, start)
    against = any(found.theta[i] < 1e-3 * max(1.0, float(start[i])) for i in positive)
    if not found.converged and not against and np.abs(found.gradient).max() > 1e-3:
        raise FitError("the profile of a variance component could not be followed; use conf_int('bootstrap')")
    return found.value, found.theta
