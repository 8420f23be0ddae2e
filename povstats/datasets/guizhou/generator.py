"""guizhou_synthetic: a survey that meets the printed margins, with the published effects put in. Synthetic data."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from povstats.datasets.guizhou import targets
from povstats.datasets.guizhou.assumptions import GuizhouAssumptions
from povstats.datasets.guizhou.fixed_point import Solved, solve
from povstats.datasets.guizhou.items import expected, graded, joint, relations
from povstats.datasets.guizhou.targets import ITEMS, READINGS, Reading
from povstats.errors import DataError, OptionError, allowed, whole

Array = np.ndarray[Any, Any]
DECIMALS = 8
"""Of consumption: far below a cent, far above the last bit of a processor's exponential."""
DRAWS = 20
"""A draw in which a village would run away from its fixed point is drawn anew, from the same stream: fewer than one
seed in a thousand of the default assumptions."""


def guizhou_synthetic(
    seed: int = 2009, *, reading: Reading = "coefficient", assumptions: GuizhouAssumptions | None = None
) -> pd.DataFrame:
    """Draw a synthetic survey of the Guizhou study: 6 counties, 44 villages, 440 households.

    log C_ij = a + 0.0287 education + 0.1917 land − 0.1379 migrants + … + Σ_k s_kj (E_j x_k − E x_k)
    + Σ_k b_kj (x_kij − E_j x_k) + τ (√ρ u_j + √(1 − ρ) e_ij), with E_j x_k the expected grade of item k in village j.

    s_kj is the slope of item k entered alone, as the study enters it; b_kj are the coefficients together, b_j =
    R_j′⁻¹ s_j with R_j the regressions among the graded items, so that the omitted three put into the fourth's slope
    exactly what the text prints. Village consumption is the mean of the village's own households. a and τ are solved,
    so that the means are 890 (the 129 poorest, who are the poor) and 2428 (the others) yuan, and 1977 in all, for every
    seed: the draw is conditioned on them.

    Nothing here was observed. The survey is for teaching and for testing methods; it cannot bear out any statement on
    Guizhou.

    Parameters
    ----------
    seed : a whole number; the same seed gives the same table on every machine.
    reading : of "0.15 percentage points" per grade and "0.09" per 100 yuan: "coefficient" takes b = 0.15 and 0.09,
        "literal" b = 0.0015 and 0.0009.
    assumptions : what the text does not give; by default GuizhouAssumptions().

    Returns
    -------
    pandas.DataFrame
        The columns of the contract "guizhou", with poor (0/1), household_size and poverty_view. Its attrs hold data
        ("synthetic"), seed, reading, level, scale and contraction (the largest derivative of a village's fixed point).

    Raises
    ------
    OptionError
        Where the reading is unknown or the seed is no whole number.
    DataError
        Where the assumptions cannot meet the printed means.

    Source
    ------
    The printed numbers: `guizhou_margins`; all others: `guizhou_assumptions`.
    """
    allowed("reading", reading, READINGS)
    whole("seed", seed)
    if seed < 0:
        raise OptionError(f"seed={seed!r} must be zero or above")
    told = assumptions or GuizhouAssumptions()
    rng = np.random.default_rng(seed)
    for last in range(DRAWS - 1, -1, -1):
        drawn = _Draw(told, rng)
        try:
            solved = _solved(drawn, reading)
            break
        except DataError:
            if not last:
                raise
    table = drawn.table(np.round(solved.consumption, DECIMALS), told.poor)
    table.attrs = {"data": "synthetic", "seed": seed, "reading": reading}
    table.attrs |= {"level": solved.level, "scale": solved.scale, "contraction": solved.contraction}
    return table


def _solved(drawn: "_Draw", reading: Reading) -> Solved:
    """Meet the printed means."""
    told, (fixed, slope) = drawn.told, _logarithm(drawn, reading)
    noise = np.sqrt(told.icc) * drawn.own[drawn.village] + np.sqrt(1 - told.icc) * drawn.residual
    n, poor = len(noise), told.poor
    overall = (poor * targets.MEAN_POOR + (n - poor) * targets.MEAN_OTHERS) / n
    return solve(fixed, slope, noise, drawn.village, poor, (overall, targets.MEAN_POOR))


def guizhou_effects(
    item: str, *, reading: Reading = "coefficient", assumptions: GuizhouAssumptions | None = None
) -> dict[str, float]:
    """Give the coefficients put in, as the model of one item has them with moderators that are not centred.

    Parameters
    ----------
    item : "trust", "participation", "harmony" or "cadre_relation".

    Returns
    -------
    dict
        {term: coefficient}. That of village consumption is where the item is zero, which is no grade: the generator
        has it where the item is at its mean, so the interaction times that mean is taken off.
    """
    allowed("item", item, ITEMS)
    allowed("reading", reading, READINGS)
    told, k = assumptions or GuizhouAssumptions(), ITEMS.index(item)
    by_consumption, by_migration = told.by_consumption[k] / 1000, told.by_migration[k]
    grade = expected(told.grade_shares[k])
    return {
        "education": targets.EDUCATION,
        "land": targets.LAND,
        "migrants": targets.MIGRANTS,
        "transfers": told.transfers,
        item: _mains(told, reading)[k],
        "village_consumption": told.village_consumption / 1000 - grade * by_consumption,
        "aid_funds": targets.FUNDS[reading],
        "village_migration": told.village_migration - grade * by_migration,
        f"{item}:village_consumption": by_consumption,
        f"{item}:aid_funds": 0.0,
        f"{item}:village_migration": by_migration,
    }


def _mains(told: GuizhouAssumptions, reading: Reading) -> tuple[float, ...]:
    """Give the items' effects per grade where the moderators are zero."""
    return (told.main[0], targets.PARTICIPATION[reading], *told.main[1:])


class _Draw:
    """All that is drawn, in a fixed order: villages, households, items. Consumption follows from it."""

    def __init__(self, told: GuizhouAssumptions, rng: np.random.Generator) -> None:
        self.told = told
        villages, size = sum(told.villages), told.households
        n = villages * size
        self.county = np.repeat(np.arange(len(told.villages)), told.villages)
        self.village = np.repeat(np.arange(villages), size)
        self.own, funds, migration = rng.standard_normal((3, villages))
        self.slopes = rng.standard_normal((villages, len(ITEMS))) * np.array(told.slope_sd)
        follow = told.funds_follow_poverty
        funds = np.sqrt(1 - follow**2) * funds - follow * self.own
        self.funds = np.round(told.funds_median * np.exp(told.funds_spread * funds))
        self.migration = np.round(expit(logit(told.migration_middle) + told.migration_spread * migration), 3)
        self.residual = rng.standard_normal(n)
        self._controls(rng, n)
        self._items(rng, n)

    def _controls(self, rng: np.random.Generator, n: int) -> None:
        told = self.told
        between, within = np.sqrt(told.control_village_share), np.sqrt(1 - told.control_village_share)
        places = rng.standard_normal((3, len(self.funds)))[:, self.village]
        schooling, land, gifts = between * places + within * rng.standard_normal((3, n))
        self.education = np.round(np.clip(told.education_mean + told.education_sd * schooling, 0, 16), 1)
        self.land = np.round(told.land_median * np.exp(told.land_spread * land), 2)
        self.transfers = np.round(told.transfers_median * np.exp(told.transfers_spread * gifts))
        self.size = 1 + np.searchsorted(np.cumsum(told.size_shares)[:-1], rng.random(n), side="right")
        # Of the members all but one may have gone, each with the village's share.
        gone = rng.random((n, len(told.size_shares) - 1)) < self.migration[self.village][:, None]
        self.migrants = np.sum(gone & (np.arange(gone.shape[1]) < self.size[:, None] - 1), axis=1)

    def _items(self, rng: np.random.Generator, n: int) -> None:
        told = self.told
        self.within = 1 - told.item_village_share
        self.place = np.sqrt(told.item_village_share) * rng.standard_normal((len(self.funds), len(ITEMS)))
        factor, loading = rng.standard_normal(n), np.sqrt(told.item_correlation)
        own = rng.standard_normal((n, len(ITEMS) + 1))
        latent = loading * factor[:, None] + np.sqrt(1 - loading**2) * own
        follow = told.trust_follows_welfare
        latent[:, 0] = np.sqrt(1 - follow**2) * latent[:, 0] - follow * self.residual
        # What trust takes of the residual it has less of the common factor.
        self.loadings = np.full(len(ITEMS), loading)
        self.loadings[0] *= np.sqrt(1 - follow**2)
        graded_by = [
            graded(self.place[self.village, k] + np.sqrt(self.within) * latent[:, k], shares)
            for k, shares in enumerate(told.grade_shares)
        ]
        self.items = np.stack(graded_by, axis=1)
        self.view = graded(latent[:, -1], told.view_shares)

    def table(self, consumption: Array, poor: int) -> pd.DataFrame:
        """Give the survey, one row a household."""
        village, counts = self.village, np.bincount(self.village)
        within = np.arange(len(village)) - np.repeat(np.cumsum(counts) - counts, counts)
        is_poor = np.zeros(len(village), dtype=np.int64)
        is_poor[np.argsort(consumption, kind="stable")[:poor]] = 1
        names = [f"V{j + 1:02d}" for j in range(len(counts))]
        columns: dict[str, Any] = {
            "household": [f"{names[j]}-{i + 1:02d}" for j, i in zip(village, within, strict=True)],
            "village": [names[j] for j in village],
            "county": [f"C{self.county[j] + 1}" for j in village],
            "consumption": consumption,
            "education": self.education,
            "land": self.land,
            "migrants": self.migrants.astype(np.int64),
            "transfers": self.transfers,
            **{name: self.items[:, k].astype(np.int64) for k, name in enumerate(ITEMS)},
            "village_consumption": (np.bincount(village, consumption) / counts)[village],
            "aid_funds": self.funds[village],
            "village_migration": self.migration[village],
            "poverty_view": self.view.astype(np.int64),
            "household_size": self.size.astype(np.int64),
            "poor": is_poor,
        }
        return pd.DataFrame(columns)


def _logarithm(drawn: _Draw, reading: Reading) -> tuple[Array, Array]:
    """Give what log consumption has without the random part: the constant part, and the slope on the village's mean."""
    told, village = drawn.told, drawn.village
    means, relation = relations(drawn.place, told.grade_shares, drawn.loadings, drawn.within)
    apart = means - [expected(shares) for shares in told.grade_shares]
    inside = drawn.items - means[village]
    constant = np.array(_mains(told, reading)) + np.multiply.outer(drawn.migration, told.by_migration) + drawn.slopes
    rising = np.broadcast_to(np.array(told.by_consumption) / 1000, constant.shape)
    parts = []
    for single in (constant, rising):
        together = joint(single, relation)[village]
        parts.append((single * apart).sum(axis=1)[village] + (together * inside).sum(axis=1))
    fixed = parts[0] + targets.EDUCATION * drawn.education + targets.LAND * drawn.land
    fixed += targets.MIGRANTS * drawn.migrants + told.transfers * drawn.transfers
    fixed += targets.FUNDS[reading] * drawn.funds[village] + told.village_migration * drawn.migration[village]
    return fixed, parts[1] + told.village_consumption / 1000
