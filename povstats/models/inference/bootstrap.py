"""The bootstrap of a fitted model: parametric, by cluster, wild."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import pandas as pd

from povstats.errors import FitError, OptionError, allowed
from povstats.models.inference.bootstrap_cluster import resample
from povstats.models.inference.bootstrap_result import BootstrapResult, components
from povstats.models.inference.bootstrap_scores import Clusters, cluster_scores, sandwich
from povstats.models.inference.bootstrap_wild import wild
from povstats.models.inference.random_source import generator_of
from povstats.models.inference.simulate import draws, row_counts
from povstats.models.refits import Refits, refit

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

Kind = Literal["parametric", "cluster", "wild"]
QUIET = "POVSTATS_QUIET"
"""Set in the environment, it keeps the moving line of progress away."""
PARTS = 50
"""How often progress is told."""
FEWEST = 40
"""Replicates, without failures, that a 95 % interval needs."""


class Tell(Protocol):
    """Says how many replicates more are done."""

    def __call__(self, done: int) -> None:
        """Tell."""


def bootstrap(
    fit: "HLMResult",
    n: int = 1000,
    kind: Literal["parametric", "cluster", "wild"] = "parametric",
    *,
    rng: np.random.Generator | int = 1,
) -> BootstrapResult:
    """Bootstrap the model.

    "parametric" simulates outcomes from the fitted model and fits each again: everything is as sure as the model
    is. "cluster" draws the groups of the top level with replacement and fits each sample again: no distribution
    is assumed, some thirty groups are needed. "wild" changes the signs of whole clusters' residuals, with the
    variance components held: intervals and tests of the coefficients that hold with few or unlike clusters.

    Parameters
    ----------
    n : number of replicates.
    kind : "parametric", "cluster" or "wild".
    rng : a numpy Generator, or the seed of one; with the same seed the same replicates.

    Raises
    ------
    FitError
        Where there are no independent clusters (crossed effects) for "cluster" and "wild", where the fit has
        sampling weights and "parametric" has no model to simulate from, or where too many refits fail.

    Notes
    -----
    Source: Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8, for the first two;
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, for "wild".
    """
    allowed("kind", kind, ("parametric", "cluster", "wild"))
    if n < FEWEST:
        raise OptionError(f"n={n!r}: a 95 % interval takes at least {FEWEST} replicates, a good one 1000 or more")
    generator = generator_of(rng)
    if kind == "wild":
        return _wild(fit, n, generator)
    with progress(n, "bootstrap") as tell:
        out = (_parametric if kind == "parametric" else _cluster)(fit, n, generator, tell)
    if n - out.failures < FEWEST:
        raise FitError(
            f"{out.failures} of {n} refits have no estimate (no maximum, or a column of X without variation in the "
            "sample); simplify the model, or use kind='wild', which refits nothing"
        )
    return out


def _parametric(fit: "HLMResult", n: int, rng: np.random.Generator, tell: Tell) -> BootstrapResult:
    parts = []
    for outcomes in draws(fit, n, rng):
        size = max(1, n // PARTS)
        for start in range(0, len(outcomes), size):
            parts.append(refit(fit.optimum, outcomes[start : start + size]))
            tell(len(parts[-1].value))
    found = _joined(parts)
    frame = components(fit, found, np.full(n, fit.optimum.profile.dof))
    return BootstrapResult(fit, "parametric", frame, fit.std_errors, None, found)


def _cluster(fit: "HLMResult", n: int, rng: np.random.Generator, tell: Tell) -> BootstrapResult:
    optimum, terms = fit.optimum, fit.params.index
    level, top = optimum.blocks.levels[0], optimum.blocks.levels[-1]
    own = _cluster_errors(fit, cluster_scores(optimum.blocks, optimum.factors, optimum.profile.beta))
    sizes, found = row_counts(fit.cells, level, weighted=True), []
    for _ in range(n):
        counts = np.bincount(rng.integers(0, top.slots, top.slots), minlength=top.slots).astype(float)
        found.append(resample(fit, sizes, counts))
        tell(1)
    frame = components(fit, _joined([one.refit for one in found]), np.array([one.dof for one in found]))
    tstats = pd.DataFrame([one.tstats for one in found], columns=terms)
    return BootstrapResult(fit, "cluster", frame, own, None, tstats)


def _wild(fit: "HLMResult", n: int, rng: np.random.Generator) -> BootstrapResult:
    optimum, units, terms = fit.optimum, fit.units, fit.params.index
    at = cluster_scores(optimum.blocks, optimum.factors, optimum.profile.beta)
    found = wild(at, units.x, fit.params.to_numpy() / units.scale, n, rng)
    own = _cluster_errors(fit, at)
    frame = pd.DataFrame(fit.params.to_numpy() + units.scale * found.shifts, columns=terms)
    frame["status"] = "converged"
    t = np.abs((fit.params / own).to_numpy())
    # A statistic equal to the one at hand counts as no smaller, up to rounding.
    p = (np.abs(found.restricted) >= t * (1 - 1e-9)).mean(axis=0)
    tstats = pd.DataFrame(found.tstats, columns=terms)
    return BootstrapResult(fit, "wild", frame, own, pd.Series(p, terms, name="pvalues"), tstats)


def _cluster_errors(fit: "HLMResult", at: Clusters) -> pd.Series:
    """Give the fit's cluster-robust standard errors (CR1)."""
    x, scale = fit.units.x, fit.units.scale
    errors = scale * np.sqrt(np.diag(x @ sandwich(fit.optimum.profile.C, at.scores) @ x.T))
    return pd.Series(errors, fit.params.index, name="std_errors")


def _joined(parts: Sequence[Refits]) -> Refits:
    names = ("theta", "value", "beta", "rss", "converged", "boundary")
    return Refits(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@contextmanager
def progress(n: int, task: str) -> Iterator[Tell]:
    """Show a moving line while refits are made, on a terminal or in a notebook; `task` names them."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, quiet=bool(os.environ.get(QUIET)))
    with Progress(console=console, transient=True, disable=not (console.is_terminal or console.is_jupyter)) as bar:
        line = bar.add_task(task, total=n)
        yield lambda done: bar.advance(line, done)
