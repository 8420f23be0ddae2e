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
    theta : shape (k,), the end point. value : the criterion there, up to rounding.
    gradient, hessian : shapes (k,), (k, k), where the last step set out.
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
        move, promised = step(gradient, hessian, radius)
        noise = 1e-13 * (1 + abs(value))
        length = float(np.linalg.norm(move))
        if promised <= noise and length <= math.sqrt(SMALL_STEP) * (1 + float(np.linalg.norm(theta))):
            theta, converged = theta + move, True  # the last step is below what the criterion can show, not worthless
            break
        trial = criterion(theta + move)
        evaluations += 1
        actual = value - trial[0] if trial is not None else -math.inf
        # Near the end gains drown in rounding: the step is then judged by the gradient instead.
        if trial is not None and actual >= -noise and promised < 1e3 * noise:
            next_gradient, next_hessian = trial[1]()
            flatter = np.linalg.norm(next_gradient) < np.linalg.norm(gradient)
            if not flatter:
                converged = True
                break
            theta, value, gradient, hessian = theta + move, trial[0], next_gradient, next_hessian
            path.append(value)
            continue
        quality = actual / promised
        if trial is not None and quality > 1e-4:
            theta, value = theta + move, trial[0]
            gradient, hessian = trial[1]()
            path.append(value)
        if quality < 0.25:
            radius = 0.25 * length
        elif quality > 0.75 and length > 0.9 * radius:
            radius = min(2.5 * radius, 1e3)
        if radius < 1e-12:
            break
    return Search(theta, value, gradient, hessian, converged, evaluations, tuple(path))


def step(gradient: Array, hessian: Array, radius: float) -> tuple[Array, float]:
    """Minimise the quadratic model in the ball of `radius`; give the step and the gain that the model promises.

    Plain loops and sums: compiled.py compiles this same text.
    """
    curvature, vectors = np.linalg.eigh(hessian)
    g = vectors.T @ gradient
    scale, lowest = max(float(np.max(np.abs(curvature))), 1e-300), float(curvature[0])
    size = float(np.sqrt(np.sum(g * g)))
    if lowest > 1e-14 * scale:
        inside = -g / curvature
        if np.sqrt(np.sum(inside * inside)) <= radius:
            return vectors @ inside, -float(np.sum(g * inside + 0.5 * curvature * inside * inside))
    floor = max(0.0, -lowest)
    rest, hard = np.zeros_like(g), True
    for i in range(len(g)):
        if abs(curvature[i] + floor) > 1e-10 * scale:
            rest[i] = -g[i] / (curvature[i] + floor)
        elif abs(g[i]) > 1e-12 * (1 + size):
            hard = False
    if hard and np.sqrt(np.sum(rest * rest)) <= radius:
        # The gradient does not see the lowest curvature: a saddle. Go out along it, as far as the ball reaches.
        if lowest < -1e-10 * scale:
            rest[0] += math.sqrt(max(radius**2 - float(np.sum(rest * rest)), 0.0))
        return vectors @ rest, -float(np.sum(g * rest + 0.5 * curvature * rest * rest))
    low, high = floor, floor + size / radius + scale
    for _ in range(80):
        middle = (low + high) / 2
        reach = g / np.maximum(curvature + middle, 1e-300)
        if np.sqrt(np.sum(reach * reach)) > radius:
            low = middle
        else:
            high = middle
    out = -g / np.maximum(curvature + high, 1e-300)
    return vectors @ out, -float(np.sum(g * out + 0.5 * curvature * out * out))
