"""How well a number tells the poor from the others: the ROC curve and the area under it, on arrays."""

import numpy as np
import pandas as pd

from povstats.engine.layout import Floats


def area(risk: Floats, poor: Floats, weight: Floats) -> tuple[float, Floats]:
    r"""Give the area under the ROC curve: the chance that a poor row has a higher risk than one that is not.

    .. math:: A = \frac{1}{W_1 W_0} \sum_{i \in P} \sum_{j \notin P} w_i w_j
        \{ 1[r_i > r_j] + \tfrac12 1[r_i = r_j] \}

    .. math:: u_i = (\bar K_i - A) / W_1 \ (i \in P), \qquad u_j = (\bar K_j - A) / W_0 \ (j \notin P)

    with K̄ the share of the other kind that a row is rightly ordered against. The sum of squares of w u over rows or
    PSUs is DeLong's variance, and Obuchowski's of clusters, but for factors n/(n − 1).

    Parameters
    ----------
    risk : the number, higher for the poor, shape (n,). poor : 1 or 0. weight : of the rows.

    Returns
    -------
    tuple
        A, and the influence of each row, shape (n,); not-a-number and zeros where one kind is missing.

    Source
    ------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Obuchowski (1997), Biometrics 53.
    """
    ones, zeros = weight * poor, weight * (1 - poor)
    heads, others = float(ones.sum()), float(zeros.sum())
    if not (heads > 0 and others > 0):
        return float("nan"), np.zeros(len(risk))
    _, level = np.unique(risk, return_inverse=True)
    own_ones, own_zeros = (np.bincount(level, part) for part in (ones, zeros))
    below_zeros = np.cumsum(own_zeros) - own_zeros / 2
    above_ones = heads - np.cumsum(own_ones) + own_ones / 2
    right = np.where(poor == 1, below_zeros[level] / others, above_ones[level] / heads)
    value = float((ones * right).sum() / heads)
    return value, np.where(poor == 1, (right - value) / heads, (right - value) / others)


def roc(risk: Floats, poor: Floats, weight: Floats) -> pd.DataFrame:
    """Give the ROC curve, from the highest risk down: columns threshold, false_positive, true_positive (shares)."""
    order = np.argsort(-risk, kind="stable")
    ones, zeros = np.cumsum((weight * poor)[order]), np.cumsum((weight * (1 - poor))[order])
    last = np.append(risk[order][1:] != risk[order][:-1], True)
    made = pd.DataFrame(
        {
            "threshold": np.append(np.inf, risk[order][last]),
            "false_positive": np.append(0.0, zeros[last]) / zeros[-1],
            "true_positive": np.append(0.0, ones[last]) / ones[-1],
        }
    )
    return made
