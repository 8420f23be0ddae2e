"""Mean squared errors of predicted headcounts by parametric bootstrap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.inference.bootstrap import FEWEST, PARTS, Tell
from povstats.models.inference.simulate import draw_effects, draws_with_effects
from povstats.models.interpretation.prediction.prediction_rows import Rows
from povstats.models.optimum import matrices
from povstats.models.refits import Refits, refit, with_outcome
from povstats.smallarea.areas import Areas, Estimated, predictive
from povstats.smallarea.intervals import probit
from povstats.smallarea.lognormal import expected, variances

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors by area, the whole last, from n refits that converged.

    Attributes
    ----------
    headcount, gap : shape (areas + 1,), mean squared errors of the shares.
    probits : by measure, mean and standard deviation of Φ⁻¹(H̃) − Φ⁻¹(H̄), shape (areas + 1,) each, of the share at
        the predicted effects and that at the true ones.
    """

    headcount: Array
    gap: Array
    probits: Mapping[str, tuple[Array, Array]]
    n: int


def bootstrap_mse(
    fit: "HLMResult", rows: Rows, areas: Areas, log_line: float, n: int, rng: np.random.Generator, tell: Tell
) -> Errors:
    """Repeat sample and population under the fitted model, predict again, and compare with the truth.

    Each replicate draws the effects b* of all groups, those outside the sample too; draws the sample's outcomes with
    them, as the cross-products that the likelihood reads; refits; and predicts P̂*. The truth is that of the table's
    households under b*. Their own errors e* are apart from the sample's, so that, with H̄* the expectation of the
    truth H* given b*,

        E(P̂* − H*)² = E[(P̂* − H̄*)² + Var(H* | b*)],

    where both terms in brackets are known: nothing is lost by not drawing e*, and its noise is.

    Parameters
    ----------
    fit : the model. rows, areas : the households. log_line : log of the line.
    n : number of replicates. rng : source of random numbers. tell : says how many are done.

    Raises
    ------
    FitError
        Where too few refits converge, or the fit has sampling weights.

    Notes
    -----
    Source: González-Manteiga, Lombardía, Molina, Morales & Santamaría (2008), Journal of Statistical Computation and
    Simulation 78; Molina & Rao (2010), Canadian Journal of Statistics 38, section 4.
    """
    sums, done = np.zeros((6, len(areas.labels) + 1)), 0
    for outcomes, effects in draws_with_effects(fit, n, rng):
        size = max(1, n // PARTS)
        for start in range(0, len(outcomes), size):
            again = refit(fit.optimum, outcomes[start : start + size])
            for i in np.flatnonzero(again.converged):
                own = tuple(level[start + i] for level in effects)
                at = _estimates(fit, again, outcomes[start + i], int(i))
                sums += _squares(fit, rows, areas, log_line, at, _population(fit, rows, own, rng))
                done += 1
            tell(len(again.converged))
    if done < FEWEST:
        raise FitError(f"{n - done} of {n} refits have no estimate; simplify the model, or take n=0 for no errors")
    means, squares = sums[2:4] / done, sums[4:] / done
    spreads = np.sqrt(np.maximum(squares - means**2, 0.0))
    probits = {name: (means[i], spreads[i]) for i, name in enumerate(("headcount", "gap"))}
    return Errors(sums[0] / done, sums[1] / done, probits, done)


def _estimates(fit: "HLMResult", again: Refits, outcome: Array, i: int) -> Estimated:
    optimum = fit.optimum
    roots = matrices(again.theta[i], optimum.entries, optimum.blocks.levels)
    covs = tuple(root @ root.T for root in roots)
    blocks = with_outcome(optimum.blocks, outcome)
    return Estimated(blocks, covs, again.beta[i], float(again.rss[i] / optimum.profile.dof))


def _population(fit: "HLMResult", rows: Rows, effects: tuple[Array, ...], rng: np.random.Generator) -> Array:
    """Give x'β̂ + z'b* of each household, groups outside the sample having effects of their own."""
    strangers = draw_effects(fit, 1, rng, [len(labels) for labels in rows.strangers])
    out: Array = rows.X @ fit.params.to_numpy()
    for Z, z, place, known, new in zip(rows.Z, fit.units.z, rows.place, effects, strangers, strict=True):
        b = fit.units.scale * np.concatenate([known, new[0]]) @ z.T
        out = out + (Z * b[place]).sum(axis=1)
    return out


def _squares(fit: "HLMResult", rows: Rows, areas: Areas, log_line: float, at: Estimated, eta: Array) -> Array:
    """Give (P̂* − H̄*)² + Var(H* | b*) of headcount and gap, then Φ⁻¹(H̃*) − Φ⁻¹(H̄*) and its square."""
    sigma, mu, sd = float(np.sqrt(fit.sigma2)), *predictive(fit, rows, at)
    guess, truth, own = expected(mu, sd, log_line), expected(eta, sigma, log_line), variances(eta, sigma, log_line)
    typical = expected(mu, fit.units.scale * float(np.sqrt(at.sigma2)), log_line)
    squares, probits = [], []
    for name in ("headcount", "gap"):
        known = areas.shares(getattr(truth, name))
        squares.append((areas.shares(getattr(guess, name)) - known) ** 2 + areas.spread(getattr(own, name)))
        probits.append(probit(areas.shares(getattr(typical, name))) - probit(known))
    return np.array([*squares, *probits, *np.square(probits)])
