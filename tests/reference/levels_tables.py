"""Made tables of several levels for the R references: uneven groups, numbers from seeded generators."""

import numpy as np
import pandas as pd

Table = pd.DataFrame


def _coded(prefix: str, codes: np.ndarray) -> list[str]:
    return [f"{prefix}{code + 1:02d}" for code in codes]


def nested(seed: int = 8, between: float = 1.0) -> Table:
    """8 counties of 5 to 9 villages of 3 to 14 households; slopes of `x` differ at both levels.

    `village` starts at v01 in every county, so that it takes county and village to name one; `w` is the village's.
    `between` scales what counties add: at 0 their estimated variance falls to zero with some seeds, and at 1, counties
    being few, their estimated correlation to -1.
    """
    rng = np.random.default_rng(seed)
    county = np.repeat(np.arange(8), rng.integers(5, 10, 8))
    inside = np.concatenate([np.arange(n) for n in np.bincount(county)])
    village = np.repeat(np.arange(len(county)), rng.integers(3, 15, len(county)))
    c = county[village]
    x = rng.normal(size=len(village)) + 0.3 * rng.normal(size=len(county))[village]
    w = rng.normal(size=len(county))
    a, b = rng.normal(size=(2, len(county))), between * rng.normal(size=(2, 8))
    slope = 0.6 + 0.4 * (0.5 * a[0] + a[1])[village] + 0.5 * (b[1] - 0.4 * b[0])[c]
    y = 5 + 0.5 * w[village] + slope * x + 0.8 * a[0, village] + 0.9 * b[0, c] + rng.normal(size=len(village))
    return pd.DataFrame(
        {
            "y": y.round(4),
            "x": x.round(4),
            "w": w[village].round(4),
            "county": _coded("c", c),
            "village": _coded("v", inside[village]),
            "site": _coded("s", village),
        }
    )


def four(seed: int = 2) -> Table:
    """6 regions of 3 to 6 counties of 2 to 5 villages of 2 to 7 households; numbers start anew in each."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(6), rng.integers(3, 7, 6))
    county = np.repeat(np.arange(len(region)), rng.integers(2, 6, len(region)))
    village = np.repeat(np.arange(len(county)), rng.integers(2, 8, len(county)))
    numbers = [np.concatenate([np.arange(n) for n in np.bincount(up)]) for up in (region, county)]
    c = county[village]
    x = rng.normal(size=len(village))
    y = 2 + 0.7 * x + 1.2 * rng.normal(size=6)[region[c]] + 0.8 * rng.normal(size=len(region))[c]
    y += 0.7 * rng.normal(size=len(county))[village] + rng.normal(size=len(village))
    return pd.DataFrame(
        {
            "y": y.round(4),
            "x": x.round(4),
            "region": _coded("r", region[c]),
            "county": _coded("c", numbers[0][c]),
            "village": _coded("v", numbers[1][village]),
        }
    )


def crossed(seed: int = 3) -> Table:
    """24 villages and 9 interviewers, of whom each village saw some; slopes of `x` differ by village."""
    rng = np.random.default_rng(seed)
    pairs = [(v, i) for v in range(24) for i in range(9) if rng.uniform() < 0.45 or i == v % 9]
    village, interviewer = np.repeat(np.array(pairs), rng.integers(1, 7, len(pairs)), axis=0).T
    x = rng.normal(size=len(village))
    a, b = rng.normal(size=(2, 24)), rng.normal(size=9)
    y = 3 + (0.5 + 0.5 * (a[1] + 0.4 * a[0]))[village] * x + 0.9 * a[0, village] + 0.7 * b[interviewer]
    y += rng.normal(size=len(village))
    return pd.DataFrame(
        {
            "y": y.round(4),
            "x": x.round(4),
            "village": _coded("v", village),
            "interviewer": _coded("i", interviewer),
        }
    )


def uneven(seed: int = 6) -> Table:
    """44 villages in 8 counties, 3 to 18 households each: a cross-level interaction, and weights of both levels.

    `w` is the village's, `z` the household's; `household_weight` and `village_weight` depend a little on the outcome
    and on the village's effect, so that weighting matters.
    """
    rng = np.random.default_rng(seed)
    county = np.sort(np.concatenate([np.repeat(np.arange(8), 2), rng.integers(0, 8, 28)]))
    village = np.repeat(np.arange(44), rng.integers(3, 19, 44))
    n = len(village)
    x, z, w, a = rng.normal(size=n), rng.normal(size=n), rng.normal(size=44), rng.normal(size=(2, 44))
    slope = 0.5 + 0.3 * w + 0.5 * (0.6 * a[1] + 0.4 * a[0])
    error = rng.normal(size=n)
    y = 4 + 0.6 * w[village] + slope[village] * x + 0.4 * z + 0.7 * a[0, village] + error
    y += np.linspace(-0.8, 0.8, 8)[county[village]]
    return pd.DataFrame(
        {
            "y": y.round(4),
            "x": x.round(4),
            "z": z.round(4),
            "w": w[village].round(4),
            "county": _coded("c", county[village]),
            "village": _coded("v", village),
            "household_weight": np.exp(0.3 * error + 0.5 * rng.normal(size=n)).round(3),
            "village_weight": np.exp(0.3 * a[0] + 0.4 * rng.normal(size=44))[village].round(3),
        }
    )


def made() -> dict[str, Table]:
    """Every made table by its name in levels.json and inference.json."""
    return {
        "nested": nested(),
        "nested_edge": nested(seed=4),
        "nested_flat": nested(seed=7, between=0.0),
        "four": four(),
        "crossed": crossed(),
        "uneven": uneven(),
    }
