"""What a referee asks of group means: whether a group has rows enough to know them."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.models.constancy import constant_within
from povstats.models.interpretation.refereeing.finding import Finding, clean, unchecked
from povstats.models.notes import Note
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

NOISY = 0.8
"""Reliability below which a slope between groups loses more than a fifth."""
SAME = 0.99
"""Squared correlation over the groups from which on a predictor is taken for the mean of another."""


def noisy_means(fit: "HLMResult") -> Finding:
    """Find group-level predictors that are means of a household predictor of the model, and their reliability.

    Of a mean of n_j rows it is λ_j = τ²/(τ² + σ²/n_j), τ² and σ² from the one-way analysis of variance of the household
    predictor (between(x) beside within(x): from the mean itself and within(x)). The outcome's own mean is another trap.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        return unchecked("reliability", "weights")
    evidence, numbers, first = [], [], None
    for group in fit.ngroups:
        for mean, (source, within, own) in _averaged(fit, group).items():
            found, size = _reliability(fit, group, own, within)
            numbers.append({"group": group, "term": mean, "estimate": found})
            if found < NOISY:
                words = {"mean": mean, "source": source, "group": group, "rows": f"{size:.3g}"}
                lost = f"{100 * (1 - found):.0f}"
                evidence.append(Note("referee.evidence_reliability", words | {"value": f"{found:.2f}", "lost": lost}))
                first = first or mean
    if not evidence:
        return clean("reliability", *numbers)
    return Finding(
        "reliability", "trap", tuple(evidence), Note("referee.remedy_reliability", {"mean": str(first)}), tuple(numbers)
    )


def _averaged(fit: "HLMResult", group: str) -> dict[str, tuple[str, Array, Array]]:
    """Give the predictors that are means over a grouping's rows: of what, Σ(x − x̄)² and the mean by group."""
    cells, codes = fit.cells, fit.cells.groupings[group].codes
    size = len(cells.groupings[group].labels)
    rows = np.bincount(codes, cells.counts, size).astype(float)
    used = {piece for column in fit.model.fixed for piece in column.pieces}
    level = {piece for piece in used if piece in cells.village and constant_within(cells, piece, group)}
    first = np.zeros(size, dtype=np.intp)
    first[codes] = np.arange(len(codes))
    values = {piece: cells.extremes[piece][0][first] for piece in level}
    owner = {piece: factor for factor in fit.model.factors.values() for piece in factor.pieces}
    found: dict[str, tuple[str, Array, Array]] = {}
    for piece in sorted(used - set(cells.village), key=str):
        if (piece,) not in cells.household:
            continue
        total, square = (np.bincount(codes, one, size) for one in cells.sums(piece))
        mean, inner = total / rows, square - total**2 / rows
        for other, value in values.items():
            split = owner[piece].groups is not None and owner[other].columns == owner[piece].columns
            if split or _same(mean, value, rows):
                found.setdefault(other, (owner[piece].columns[0] if split else piece, inner, value if split else mean))
    return found


def _same(mean: Array, value: Array, rows: Array) -> bool:
    """Tell whether two columns of groups are one, up to a straight line and rounding."""
    a, b = (one - rows @ one / rows.sum() for one in (mean, value))
    spread = (rows @ a**2) * (rows @ b**2)
    return bool(spread > 0 and (rows @ (a * b)) ** 2 >= SAME * spread)


def _reliability(fit: "HLMResult", group: str, mean: Array, inner: Array) -> tuple[float, float]:
    """Give the average reliability of the groups' means, and the average number of rows."""
    cells = fit.cells
    rows = np.bincount(cells.groupings[group].codes, cells.counts, len(mean)).astype(float)
    n, groups = float(rows.sum()), len(rows)
    sigma2 = float(inner.sum()) / (n - groups) if n > groups else np.nan
    between = float(rows @ (mean - rows @ mean / n) ** 2) / (groups - 1)
    typical = (n - float(rows @ rows) / n) / (groups - 1)
    tau2 = max((between - sigma2) / typical, 0.0)
    return float((tau2 / (tau2 + sigma2 / rows)).mean()), n / groups


__all__ = ["noisy_means"]
