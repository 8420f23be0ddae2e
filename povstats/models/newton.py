"""A trust-region Newton search that leaves saddles, with the record of where it went."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array

Derivatives = tuple[Array, Array]
Criterion = Callable[[Array], tuple[float, Callable[[], Derivatives]] | None]
"""theta → (value, derivatives on demand), or None where the criterion is not finite."""

STEPS = 200
SMALL_STEP = 1e-9
"""Steps below this, with a predicted gain below rounding, end the search."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Where a search ended.

    Attributes
    ----------
    theta : shape (k,), the end point. value : the criterion there.
    gradient, hessian : shapes (k,), (k, k), at the end point.
    converged : the gradient is flat to rounding and no direction of negative curvature is left.
    evaluations : criterion evaluations. path : value after each accepted step.
    """

    theta: Array
    value: float
    gradient: Array
    hessian: Array
    converged: bool
    evaluations: int
    path: tuple[float, ...]


def minimise(criterion: Criterion, start: Array) -> Search:
    """Minimise a smooth criterion from `start`.

    At each point the quadratic model with the exact Hessian is minimised inside a ball (Moré & Sorensen 1983). Its
    eigenvectors show negative curvature, so a saddle, such as the one at a zero diagonal of Λ where the gradient
    vanishes by symmetry, is stepped out of and never reported as an optimum.

    Parameters
    ----------
    criterion : see Criterion; it must be finite at `start`.
    start : shape (k,).
    """
    theta, radius, evaluations = start.astype(float), 1.0, 1
    now = criterion(theta)
    if now is None:
        raise ValueError("the criterion is not finite at the starting value")
    value, derive = now
    gradient, hessian = derive()
    path, converged = [value], False
    for _ in range(STEPS):
        step, gain = _step(gradient, hessian, radius)
        noise = 1e-13 * (1 + abs(value))
        length = float(np.linalg.norm(step))
        if gain <= noise and length <= math.sqrt(SMALL_STEP) * (1 + float(np.linalg.norm(theta))):
            converged = True
            break
        trial = criterion(theta + step)
        evaluations += 1
        actual = value - trial[0] if trial is not None else -math.inf
        # Near the end gains drown in rounding: the step is then judged by the gradient instead.
        if trial is not None and actual >= -noise and gain < 1e3 * noise:
            next_gradient, next_hessian = trial[1]()
            flatter = np.linalg.norm(next_gradient) < np.linalg.norm(gradient)
            if not flatter:
                converged = True
                break
            theta, value, gradient, hessian = theta + step, trial[0], next_gradient, next_hessian
            path.append(value)
            continue
        quality = actual / gain
        if trial is not None and quality > 1e-4:
            theta, value = theta + step, trial[0]
            gradient, hessian = trial[1]()
            path.append(value)
        if quality < 0.25:
            radius = 0.25 * length
        elif quality > 0.75 and length > 0.9 * radius:
            radius = min(2.5 * radius, 1e3)
        if radius < 1e-12:
            break
    return Search(theta, value, gradient, hessian, converged, evaluations, tuple(path))


def _step(gradient: Array, hessian: Array, radius: float) -> tuple[Array, float]:
    """Minimise the quadratic model in the ball of `radius`; give the step and the gain that the model promises."""
    curvature, vectors = np.linalg.eigh(hessian)
    g = vectors.T @ gradient
    scale = max(float(np.abs(curvature).max()), 1e-300)
    lowest = float(curvature[0])
    if lowest > 1e-14 * scale:
        inside = -g / curvature
        if np.linalg.norm(inside) <= radius:
            return vectors @ inside, _gain(g, curvature, inside)
    floor = max(0.0, -lowest)
    at_floor = np.abs(curvature + floor) > 1e-10 * scale
    rest = np.where(at_floor, -g / np.where(at_floor, curvature + floor, 1.0), 0.0)
    hard = bool(np.all(np.abs(g[~at_floor]) <= 1e-12 * (1 + np.linalg.norm(g)))) and np.linalg.norm(rest) <= radius
    if hard:
        # The gradient does not see the lowest curvature: a saddle. Go out along it, as far as the ball reaches.
        step = rest.copy()
        if lowest < -1e-10 * scale:
            step[0] += math.sqrt(max(radius**2 - float(rest @ rest), 0.0))
        return vectors @ step, _gain(g, curvature, step)
    low, high = floor, floor + float(np.linalg.norm(g)) / radius + scale
    for _ in range(80):
        middle = (low + high) / 2
        size = float(np.linalg.norm(g / np.maximum(curvature + middle, 1e-300)))
        low, high = (middle, high) if size > radius else (low, middle)
    step = -g / np.maximum(curvature + high, 1e-300)
    return vectors @ step, _gain(g, curvature, step)


def _gain(g: Array, curvature: Array, step: Array) -> float:
    return -float(g @ step + 0.5 * (curvature * step) @ step)
