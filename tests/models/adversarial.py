"""Synthetic two-level data sets, ordinary and spiteful, on which a fit must find the optimum.

Every value is invented by a seeded generator; nothing here describes households. `cases()` gives the same
data sets for the same seed; `fingerprint` proves it, since the stored optima hold for these data only.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

SEED = 20240518


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a data set is made.

    y = offset + scale (1 + .5 s + .3 w + b0 + b1 s + noise e) and x = x_offset + x_scale s. `fixed` are the
    columns of the fixed part beside the intercept (w enters y only as one of them); `blocks` the random
    terms, each with a covariance matrix of its own ("1" is the intercept). `intercept`, `slope` are the
    standard deviations of b0 and b1, `corr` their correlation. `village_x` draws s once a group; `contrary`
    makes rows of a group cancel.
    """

    name: str
    fixed: tuple[str, ...] = ("x",)
    blocks: tuple[tuple[str, ...], ...] = (("1",),)
    groups: tuple[int, int] = (6, 20)
    sizes: str = "equal"
    intercept: float = 1.0
    slope: float = 0.0
    corr: float = 0.3
    noise: float = 1.0
    offset: float = 0.0
    scale: float = 1.0
    x_offset: float = 0.0
    x_scale: float = 1.0
    village_x: bool = False
    contrary: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    """A data set (columns y, x, w, g) with the model to fit."""

    name: str
    formula: str
    method: str
    fixed: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    table: pd.DataFrame

    @property
    def fingerprint(self) -> str:
        """Give a short hash of the numbers."""
        numbers = self.table[["y", "x", "w"]].to_numpy().ravel()
        # Nine digits: another machine's last bit is no other data set.
        text = ",".join([*(f"{number:.9g}" for number in numbers), *self.table["g"]])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


SLOPES = (("1", "x"),)
APART = (("1",), ("x",))
RECIPES = (
    Recipe(name="intercepts"),
    Recipe(name="slopes", blocks=SLOPES, slope=0.5),
    Recipe(name="no group variance", intercept=0.0),
    Recipe(name="no slope variance", blocks=SLOPES),
    Recipe(name="tiny variances", blocks=SLOPES, intercept=1e-3, slope=1e-4),
    Recipe(name="slopes tied to intercepts", blocks=SLOPES, slope=0.8, corr=1.0),
    Recipe(name="slopes tied, opposite, noisy", blocks=SLOPES, slope=0.4, corr=-1.0, noise=3.0),
    Recipe(name="x far from zero", blocks=SLOPES, slope=0.7, x_offset=1e6),
    Recipe(name="y far from zero", blocks=SLOPES, slope=0.7, offset=1e6),
    Recipe(name="unequal groups", blocks=SLOPES, slope=0.5, sizes="unequal"),
    Recipe(name="singletons", blocks=SLOPES, slope=0.5, sizes="singletons", groups=(12, 24)),
    Recipe(name="few groups", groups=(2, 4), fixed=("x", "w")),
    Recipe(name="few groups, slopes", blocks=SLOPES, groups=(3, 5), slope=0.6),
    Recipe(name="uncorrelated", blocks=APART, slope=0.6, fixed=("x", "w")),
    Recipe(name="uncorrelated, x far from zero", blocks=APART, slope=0.6, corr=0.0, x_offset=1e3),
    Recipe(name="slopes alone", blocks=(("x",),), intercept=0.0, slope=0.7),
    Recipe(name="signal drowns noise", blocks=SLOPES, slope=0.5, noise=1e-3, fixed=("x", "w")),
    Recipe(name="three random columns", blocks=(("1", "x", "w"),), slope=0.5, fixed=("x", "w"), groups=(10, 18)),
    Recipe(name="groups that avoid each other", contrary=True, blocks=SLOPES, intercept=0.0, slope=0.3),
    Recipe(name="village x, odd units", village_x=True, x_scale=1e4, scale=1e-5, x_offset=5e4),
)


def cases(n: int = 200, seed: int = SEED) -> Iterator[Case]:
    """Make `n` data sets, going round the recipes; REML and ML by turns."""
    for place in range(n):
        recipe = RECIPES[place % len(RECIPES)]
        method = ("reml", "ml")[(place // len(RECIPES)) % 2]
        # Each case has a stream of its own, so that a new recipe changes no other case of its round.
        rng = np.random.default_rng([seed, place])
        yield Case(
            name=f"{place:03d} {recipe.name}",
            formula=formula(recipe),
            method=method,
            fixed=recipe.fixed,
            blocks=recipe.blocks,
            table=_table(recipe, rng),
        )


def formula(recipe: Recipe) -> str:
    """Write the recipe's model in lme4's grammar."""
    if recipe.blocks == APART:
        bars = "(1 + x || g)"
    else:
        named = (" + ".join(block if block[0] == "1" else ("0", *block)) for block in recipe.blocks)
        bars = " + ".join(f"({columns} | g)" for columns in named)
    return f"y ~ {' + '.join(recipe.fixed)} + {bars}"


def _sizes(recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Draw the group sizes: at most 200 rows, and some groups larger than their random effects."""
    groups = int(rng.integers(*recipe.groups, endpoint=True))
    if recipe.sizes == "unequal":
        sizes = np.minimum(1 + rng.geometric(0.12, groups), 40)
    elif recipe.sizes == "singletons":
        sizes = np.where(np.arange(groups) < groups // 2, 1, rng.integers(5, 9, groups))
    else:
        sizes = np.full(groups, rng.integers(5, 11))
    while sizes.sum() > 200:
        sizes[sizes.argmax()] -= 1
    return sizes


def _table(recipe: Recipe, rng: np.random.Generator) -> pd.DataFrame:
    """Make the data set."""
    sizes = _sizes(recipe, rng)
    group = np.repeat(np.arange(len(sizes)), sizes)
    spread = rng.standard_normal(len(sizes))[group] if recipe.village_x else rng.standard_normal(len(group))
    w = rng.uniform(-1, 1, len(group))
    b0, other = rng.standard_normal((2, len(sizes)))
    b1 = recipe.corr * b0 + np.sqrt(1 - recipe.corr**2) * other
    noise = rng.standard_normal(len(group))
    if recipe.contrary:
        # Rows of a group cancel out: their intraclass correlation is negative, the variance estimate zero.
        noise -= (np.bincount(group, noise) / sizes)[group]
    effects = recipe.intercept * b0[group] + recipe.slope * b1[group] * spread
    known = 1 + 0.5 * spread + (0.3 * w if "w" in recipe.fixed else 0.0)
    y = known + effects + recipe.noise * noise
    return pd.DataFrame(
        {
            "y": recipe.offset + recipe.scale * y,
            "x": recipe.x_offset + recipe.x_scale * spread,
            "w": w,
            "g": [f"g{number:02d}" for number in group],
        }
    )
