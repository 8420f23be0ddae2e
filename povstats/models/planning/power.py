"""simulate_power: how surely a survey of so many villages and households finds an effect."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.engine.cells import Array
from povstats.errors import FitError, OptionError, share, whole
from povstats.models.inference.bootstrap import progress
from povstats.models.inference.random_source import generator_of
from povstats.models.planning.assumed import Assumed, plan_of
from povstats.models.planning.pilot import plan_from
from povstats.models.planning.plan import WANTED, Plan
from povstats.models.planning.power_result import PowerResult
from povstats.models.planning.replicates import Replicates, basis_of, replicate
from povstats.models.result import HLMResult

FEWEST = 100
"""Simulated surveys that a power takes: its Monte Carlo error is then up to 5 points."""
USABLE = 0.5
"""Share of the surveys that must have an estimate: a power over fewer would be one of lucky surveys."""


def simulate_power(
    plan: HLMResult | Assumed,
    villages: int | Sequence[int],
    households: int | Sequence[int],
    *,
    effects: Mapping[str, float] | None = None,
    n: int = 1000,
    alpha: float = 0.05,
    rng: np.random.Generator | int = 1,
) -> PowerResult:
    """Simulate surveys of villages × households, and tell how often the test finds each effect.

    A survey is drawn whole: predictors, random effects b ~ N(0, T), residuals; fitted as fit_hlm does; and each
    coefficient is tested by t with Satterthwaite's degrees of freedom. Power is the share of p-values below alpha.
    Since β̂ − β does not depend on β, the same surveys also tell the test's error of the first kind (β = 0), and the
    minimum detectable effect: the size that 80 % of them would find.

    Parameters
    ----------
    plan : a pilot fit, whose β, T and σ² are taken for the truth, or ps.Assumed(...) before there are any data. From
        a pilot, whole villages are drawn with replacement for what is constant within villages (so C(county) and all
        relations among these stay as they are); household predictors are drawn normal, or as dummies, with the
        pilot's covariances between and within villages. Predictors are drawn anew for every survey; interactions
        are products of what is drawn. A household factor of three and more levels keeps the shares of its levels and
        is drawn apart from everything else.
    villages, households : numbers of villages, and of households in each; every combination is simulated.
    effects : coefficients to plan for, by term, such as {"trust:village_consumption": 0.05}, in the place of the
        plan's own. An estimate of a pilot is too noisy, and after a search too large, to plan with: give the
        smallest effect that matters.
    n : surveys for each combination.
    alpha : level of the tests.
    rng : a numpy Generator, or the seed of one.

    Returns
    -------
    PowerResult
        By combination and coefficient: power with its Monte Carlo error, average standard error, error of the first
        kind, coverage, bias and minimum detectable effect; by combination the share of fits on the boundary.

    Raises
    ------
    OptionError
        Where a number is out of range, or an effect is of no coefficient.
    FitError
        Where a combination has too few rows for the model, or too few of its surveys can be fitted.

    Notes
    -----
    Source: Arend & Schäfer (2019), Psychological Methods 24, for power of two-level models by simulation; Bloom
    (1995), Evaluation Review 19, for the minimum detectable effect (t₁₋α/₂ + t.₈)·SE, given beside as mde_formula.
    """
    if not isinstance(plan, HLMResult | Assumed):
        raise OptionError(f"plan is a {type(plan).__name__}; give a fit of fit_hlm, or ps.Assumed(...)")
    share("alpha", alpha, 0.05)
    if alpha >= 0.5:
        raise OptionError(f"alpha={alpha!r} must lie between 0 and 0.5, such as 0.05")
    whole("n", n)
    if n < FEWEST:
        raise OptionError(f"n={n!r}: a power takes at least {FEWEST} simulated surveys, a good one 1000 or more")
    if effects is not None and not isinstance(effects, Mapping):
        raise OptionError(
            f"effects={effects!r} must give a size to each coefficient, such as effects={{'trust': 0.05}}"
        )
    wanted = dict(effects or {})
    made = plan_from(plan, wanted) if isinstance(plan, HLMResult) else plan_of(plan, wanted)
    grid = list(product(_numbers("villages", villages), _numbers("households", households)))
    for cell in grid:
        _room(made, *cell)
    basis = basis_of(made)
    sources = generator_of(rng).spawn(len(grid))
    tables, counts = [], []
    with progress(n * len(grid), "power") as tell:
        for cell, source in zip(grid, sources, strict=True):
            parts = []
            for part in replicate(made, basis, n, *cell, source):
                parts.append(part)
                tell(len(part.fitted))
            tables.append(_measured(made, _joined(parts), cell, alpha))
            counts.append(_counted(parts, cell))
    keys = [(*cell, term) for cell in grid for term in made.terms]
    index = pd.MultiIndex.from_tuples(keys, names=["villages", "households", "term"])
    cells = pd.DataFrame(counts, pd.MultiIndex.from_tuples(grid, names=["villages", "households"]))
    focal = tuple(wanted) or tuple(term for term in made.terms if term != "Intercept")
    return PowerResult(made, pd.concat(tables).set_axis(index), cells, focal, n, alpha)


def _numbers(name: str, given: int | Sequence[int]) -> list[int]:
    """Read a list of whole numbers, in ascending order."""
    listed = [given] if isinstance(given, int | np.integer) else list(given) if isinstance(given, Iterable) else []
    odd = [value for value in listed if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 2]
    if odd or not listed:
        raise OptionError(f"{name}={given!r} must be whole numbers from 2 on, such as {name}=[30, 44, 60]")
    return sorted({int(value) for value in listed})


def _room(plan: Plan, villages: int, households: int) -> None:
    """Refuse combinations that cannot be fitted."""
    rows, effects = villages * households, sum(len(one) for one in plan.random)
    own = sum(all(piece in plan.predictors.village for piece in column.pieces) for column in plan.fixed)
    if villages <= own:
        raise FitError(f"{villages} villages are too few for {own} coefficients that vary between villages only")
    if rows <= villages * effects or rows <= len(plan.fixed):
        raise FitError(
            f"{villages} villages × {households} households are too few rows for {effects} random effects a village "
            f"and {len(plan.fixed)} coefficients; take more households"
        )


def _joined(parts: list[Replicates]) -> tuple[Array, Array, Array]:
    """Give error, standard error and degrees of freedom of the surveys that were fitted."""
    kept = [part.fitted for part in parts]
    error, se, dof = (
        np.concatenate([getattr(part, name)[keep] for part, keep in zip(parts, kept, strict=True)])
        for name in ("error", "se", "dof")
    )
    return error, se, dof


def _counted(parts: list[Replicates], cell: tuple[int, int]) -> dict[str, float]:
    """Count surveys fitted, failed, and the share on the boundary."""
    fitted = np.concatenate([part.fitted for part in parts])
    if fitted.mean() < USABLE:
        raise FitError(
            f"{cell[0]} villages × {cell[1]} households: {int((~fitted).sum())} of {len(fitted)} surveys have no "
            "estimate, mostly since a predictor does not vary in them; take more villages, or leave out rare levels"
        )
    edge = np.concatenate([part.boundary for part in parts])[fitted]
    return {"fitted": int(fitted.sum()), "failures": int((~fitted).sum()), "boundary": float(edge.mean())}


def _measured(plan: Plan, found: tuple[Array, Array, Array], cell: tuple[int, int], alpha: float) -> pd.DataFrame:
    """Work out power and what goes with it, one row a coefficient."""
    error, se, dof = found
    cut = stdtrit(np.minimum(dof, 1e10), 1 - alpha / 2) * se
    power = (np.abs(plan.beta + error) > cut).mean(axis=0)
    first = (np.abs(error) > cut).mean(axis=0)
    middle = np.median(np.minimum(dof, 1e10), axis=0)
    average = se.mean(axis=0)
    formula = (stdtrit(middle, 1 - alpha / 2) + stdtrit(middle, WANTED)) * average
    return pd.DataFrame(
        {
            "effect": plan.beta,
            "power": power,
            "mc_se": np.sqrt(power * (1 - power) / len(error)),
            "se": average,
            "sd": error.std(axis=0, ddof=1),
            "dof": middle,
            "bias": error.mean(axis=0),
            "size": first,
            "coverage": 1 - first,
            "mde": [_smallest(error[:, j], cut[:, j]) for j in range(error.shape[1])],
            "mde_formula": formula,
        }
    )


def _smallest(error: Array, cut: Array) -> float:
    """Find the effect b that 80 % of the surveys find, b + error > cut; taking both signs halves the noise."""
    return float(np.quantile(np.concatenate([cut - error, cut + error]), WANTED))
