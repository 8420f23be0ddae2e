"""A survey that the generator did not make: villages of 3 to 24 households, gaps, items of four to six grades."""

import numpy as np
import pandas as pd

GRADES = {"trust": 5, "participation": 4, "harmony": 6, "cadre_relation": 5}


def uneven(seed=17, villages=40, **changed):
    """Draw it; `changed` sets columns, None takes one away."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(3, 25, villages)
    village = np.repeat(np.arange(villages), sizes)
    n = len(village)
    table = pd.DataFrame(
        {
            "household": [f"h{i:04}" for i in range(n)],
            "village": [f"v{g:02}" for g in village],
            "county": [f"c{g % 5}" for g in village],
            "education": np.round(rng.uniform(0, 12, n), 1),
            "land": np.round(rng.gamma(2.0, 0.6, n), 2),
            "migrants": rng.poisson(0.9, n),
            "transfers": np.round(rng.gamma(1.5, 200, n)),
            "village_consumption": np.round(rng.uniform(900, 3600, villages))[village],
            "aid_funds": np.round(rng.uniform(20, 400, villages))[village],
            "village_migration": np.round(rng.uniform(0.05, 0.6, villages), 3)[village],
        }
    )
    latent = rng.normal(size=n)
    for name, grades in GRADES.items():
        score = 0.5 * latent + rng.normal(size=n)
        table[name] = pd.qcut(score, grades, labels=False) + 1.0
    own = rng.normal(0, [0.25, 0.08], (villages, 2))[village]
    poorer = (table["village_consumption"] - 2000) / 1000
    log = 7.2 + 0.03 * table["education"] + 0.15 * table["land"] - 0.12 * table["migrants"] + own[:, 0]
    log += (0.1 - 0.12 * poorer + own[:, 1]) * (table["cadre_relation"] - 3) + 0.25 * poorer
    table["consumption"] = np.round(np.exp(log + 0.4 * rng.normal(size=n)), 1)
    table.loc[rng.random(n) < 0.03, "education"] = np.nan
    table.loc[rng.random(n) < 0.02, "trust"] = np.nan
    for name, values in changed.items():
        table = table.drop(columns=name) if values is None else table.assign(**{name: values})
    return table


if __name__ == "__main__":  # for make_guizhou_models.R
    uneven().to_csv("uneven.csv", index=False)
