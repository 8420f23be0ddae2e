"""What is simulated: a model with its parameters, and how predictors are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from povstats.engine.cells import Array
from povstats.errors import OptionError, finite
from povstats.models.design import Column

WANTED = 0.8
"""The power at which the minimum detectable effect is told, and that charts draw."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictors:
    """How the pieces of the predictors are drawn.

    Of a village the values v of its own pieces are drawn: a whole village of the pilot with replacement (`pool`), or,
    under assumptions, standard normals and dummies that exactly a share of the villages have. A household's pieces
    are x = mean + load (v − centre) + u + e, u and e normal with roots `between` and `within`, one u a village. Of a
    dummy this is a latent value, and x is 1 where it exceeds `threshold`.

    Attributes
    ----------
    village : the a village pieces. pool : shape (G, a), the pilot's villages; None under assumptions.
    shares : shape (a,), of the villages that have a dummy; missing where a piece is normal. Only under assumptions.
    household : the b household pieces. mean : shape (b,). load : shape (b, a). centre : shape (a,).
    between, within : shape (b, b). threshold : shape (b,), missing where a piece is no dummy.
    opposite : pieces that are 1 less another piece, by name.
    factors : household factors of three and more levels: their pieces, and the levels' shares.
    """

    village: tuple[str, ...]
    pool: Array | None
    shares: Array
    household: tuple[str, ...]
    mean: Array
    load: Array
    centre: Array
    between: Array
    within: Array
    threshold: Array
    opposite: Mapping[str, str]
    factors: tuple[tuple[tuple[str, ...], Array], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A model to be simulated.

    Attributes
    ----------
    formula : as a reader wrote it. origin : "pilot" or "assumed". outcome : the left side of the formula.
    group : the grouping. fixed : the p columns of X. random : the columns of Z, by correlated set.
    beta : shape (p,), the true coefficients. T : shape (q, q), covariance of the random effects.
    sigma2 : residual variance. reml : how replicates are fitted.
    predictors : how they are drawn.
    pilot : households and villages of the pilot; None under assumptions.
    """

    formula: str
    origin: Literal["pilot", "assumed"]
    outcome: str
    group: str
    fixed: tuple[Column, ...]
    random: tuple[tuple[Column, ...], ...]
    beta: Array
    T: Array
    sigma2: float
    reml: bool
    predictors: Predictors
    pilot: tuple[int, int] | None

    @property
    def terms(self) -> tuple[str, ...]:
        """The coefficients' names."""
        return tuple(column.name for column in self.fixed)


def draw_pieces(
    predictors: Predictors, n: int, villages: int, households: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Draw the pieces of n surveys, shape (n, villages, households) each; village pieces (n, villages, 1).

    Parameters
    ----------
    predictors : how. n, villages, households : how many. rng : source of random numbers.
    """
    own = _village_values(predictors, n, villages, rng)
    out = {name: own[:, :, j, None] for j, name in enumerate(predictors.village)}
    if predictors.household:
        b = len(predictors.household)
        u = rng.standard_normal((n, villages, b)) @ predictors.between.T
        shift = predictors.mean + (own - predictors.centre) @ predictors.load.T + u
        e = rng.standard_normal((n, villages, households, b)) @ predictors.within.T
        latent = shift[:, :, None, :] + e
        for j, name in enumerate(predictors.household):
            cut, value = predictors.threshold[j], latent[..., j]
            out[name] = value if np.isnan(cut) else (value > cut).astype(float)
    for name, other in predictors.opposite.items():
        out[name] = 1.0 - out[other]
    for pieces, shares in predictors.factors:
        level = np.searchsorted(np.cumsum(shares)[:-1], rng.random((n, villages, households)), side="right")
        out |= {piece: (level == k).astype(float) for k, piece in enumerate(pieces)}
    return out


def _village_values(predictors: Predictors, n: int, villages: int, rng: np.random.Generator) -> Array:
    """Draw the villages' own values, shape (n, villages, a)."""
    if predictors.pool is not None:
        chosen: NDArray[np.intp] = rng.integers(0, len(predictors.pool), (n, villages))
        return predictors.pool[chosen]
    out = rng.standard_normal((n, villages, len(predictors.village)))
    for j, share in enumerate(predictors.shares):
        if not np.isnan(share):
            having = np.zeros(villages)
            having[: round(share * villages)] = 1.0
            out[:, :, j] = rng.permuted(np.broadcast_to(having, (n, villages)), axis=1)
    return out


def with_effects(terms: tuple[str, ...], effects: Mapping[str, float], beta: Array) -> Array:
    """Put effects of one's own in the place of a plan's coefficients.

    Raises
    ------
    OptionError
        Where an effect is of no coefficient, or no finite number.
    """
    out = beta.copy()
    for term, value in effects.items():
        if term not in terms:
            raise OptionError(f"effects has {term!r}, which is no coefficient of this model; it has {', '.join(terms)}")
        if not finite(value):
            raise OptionError(f"effects has {value!r} for {term!r}; give a finite number")
        out[terms.index(term)] = value
    return out
