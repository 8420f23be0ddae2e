"""Many fits of one two-level model to other outcomes, compiled: what a bootstrap and a power study repeat."""

import numpy as np
from numba import njit

from povstats.models.compiled import evaluate, search


@njit(cache=True)
def refit_each(data, outcomes, start):
    """Fit each outcome, given by its products with [Z X y]: shape (n, G, c); give θ, value, β, rss, converged.

    `outcomes[i, g, -1]` is y'y of group g.
    """
    full, weight, total, size, reml, rows, columns = data
    full, total = full.copy(), total.copy()
    n, groups, c = outcomes.shape
    r = total.shape[0]
    theta, value = np.empty((n, len(start))), np.empty(n)
    beta, rss, converged = np.empty((n, r - 1)), np.empty(n), np.zeros(n, dtype=np.bool_)
    for i in range(n):
        total[:, r - 1] = 0.0
        for g in range(groups):
            for j in range(c):
                full[g, j, c - 1] = full[g, c - 1, j] = outcomes[i, g, j]
            for j in range(r):
                total[j, r - 1] += weight[g] * outcomes[i, g, c - r + j]
        total[r - 1] = total[:, r - 1]
        one = (full, weight, total, size, reml, rows, columns)
        theta[i], value[i], _, _, converged[i], _, _ = search(one, start, 1e-9)
        at = evaluate(one, theta[i])
        beta[i], rss[i] = -at[3][: r - 1], at[4]
    return theta, value, beta, rss, converged
