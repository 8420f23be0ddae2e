"""The way back from the scaled basis of the optimum to the user's units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from povstats.engine.cells import Array
from povstats.models.standard import Standard


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Linear maps: β = scale · x @ β̃ + shift and b = scale · z @ b̃ (by level).

    Attributes
    ----------
    x : shape (p, p). z : by level, shape (q, q). shift : shape (p,). scale : the outcome's unit.
    log_volume : what the restricted log-likelihood gains from the units of X: Σ log x_scale.
    """

    x: Array
    z: tuple[Array, ...]
    shift: Array
    scale: float
    log_volume: float

    def loglik(self, value: float, dof: float, reml: bool) -> float:
        """Turn the criterion at the optimum into the log-likelihood in the user's units."""
        return -(value + 2 * dof * float(np.log(self.scale)) + (2 * self.log_volume if reml else 0.0)) / 2


def units(standard: Standard, names: Sequence[str]) -> Units:
    """Work out the maps.

    Parameters
    ----------
    standard : the scaled blocks.
    names : the columns of X.
    """
    blocks = standard.blocks
    unshift = np.linalg.inv(blocks.Ax)
    shift = np.zeros(blocks.p)
    if "Intercept" in names:
        shift += unshift[:, list(names).index("Intercept")] * blocks.y_shift
    z = tuple(np.linalg.inv(A) @ np.linalg.inv(root) for A, root in zip(blocks.Az, standard.roots, strict=True))
    return Units(unshift / standard.x_scale, z, shift, standard.y_scale, float(np.log(standard.x_scale).sum()))
