"""Scores of the coefficients by cluster, the groups of the top level: what sandwiches and score bootstraps are made of.

s_k = w_k X_k'V_k⁻¹(y_k − X_kβ), H_k = w_k X_k'V_k⁻¹X_k; Σ s_k = 0 at the estimate and C = (Σ H_k)⁻¹.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.blocks import Blocks
from povstats.models.recursion import Jets, lift


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Scores and information of β by cluster, both in units of σ² (V is).

    Attributes
    ----------
    scores : shape (G, p). information : shape (G, p, p).
    """

    scores: Array
    information: Array


def cluster_scores(blocks: Blocks, roots: Sequence[Array], beta: Array) -> Clusters:
    """Eliminate the effects within each group of the top level, and give its score at β.

    Parameters
    ----------
    blocks : cross-products. roots : Λ of each level. beta : shape (p,).

    Raises
    ------
    FitError
        Where effects are crossed: then no grouping splits the rows into independent clusters.
    """
    top, p = blocks.levels[-1], blocks.p
    if top.repeat > 1:
        raise FitError(
            f"{top.name!r} is crossed with {blocks.levels[0].name!r}, so that no grouping splits the rows into "
            "independent clusters; use the parametric bootstrap, or put the crossed grouping into the fixed part"
        )
    # Each top group is its own parent: nothing is summed over clusters, and their weights come in below.
    levels = (*blocks.levels[:-1], replace(top, parent=np.arange(top.slots), weights=None))
    now = Jets(blocks.full, np.zeros((0, *blocks.full.shape)), None, 0.0, np.zeros(0), None)
    for i, level in enumerate(levels):
        parents = levels[i + 1].slots if i + 1 < len(levels) else top.slots
        now = lift(now, level, roots[i], None, (np.ones(level.slots), parents))
    weight = np.ones(top.slots) if top.weights is None else top.weights
    return Clusters(weight[:, None] * (now.F[:, :p] @ np.append(-beta, 1.0)), weight[:, None, None] * now.F[:, :p, :p])


def sandwich(C: Array, scores: Array, counts: Array | None = None) -> Array:
    """Give C (Σ c_k s_k s_k') C · G/(G − 1), the cluster-robust covariance of β; σ² cancels.

    Parameters
    ----------
    C : shape (p, p). scores : shape (G, p).
    counts : shape (G,), how often each cluster is there, for a bootstrap sample; without it once.

    Notes
    -----
    Source: Liang & Zeger (1986), Biometrika 73, eq. 8; the factor for few clusters is Stata's and CR1's.
    """
    c = np.ones(len(scores)) if counts is None else counts
    number = float(c.sum())
    half = scores @ C
    out: Array = (half * c[:, None]).T @ half * number / (number - 1)
    return out
