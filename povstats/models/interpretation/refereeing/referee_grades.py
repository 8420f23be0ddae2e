"""What a referee asks of counts and grades: equal steps, a divisor that moves, an outcome that was cut."""

import ast
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from povstats.engine import open_table
from povstats.errors import FitError
from povstats.models.fit import fit_hlm
from povstats.models.interpretation.diagnostics.table_rows import read_rows
from povstats.models.interpretation.effects.logs import is_log
from povstats.models.interpretation.paragraphs.readings import meaning_of
from povstats.models.interpretation.paragraphs.sentences import LEVEL, tested
from povstats.models.interpretation.refereeing.finding import Finding, clean, unchecked
from povstats.models.notes import Note
from povstats.models.terms import Factor, tree_of
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.engine.source import Table
    from povstats.models.result import HLMResult

FEWEST, MOST = 3, 10
"""Whole values of a predictor from which on, and up to which, its steps are compared."""
SHIFTED = ("center", "scale", "I")


def graded(fit: "HLMResult") -> dict[str, str]:
    """Find predictors that enter as a straight line and look graded: by coefficient, their column.

    The smallest and largest value of every cell are whole numbers, at least 2 and at most 9 apart. Values between them
    are in the table alone.
    """
    curved, found = meaning_of(fit.model).curved, {}
    owner = {piece: (text, factor) for text, factor in fit.model.factors.items() for piece in factor.pieces}
    for column in fit.model.fixed:
        if len(column.pieces) != 1 or column.pieces[0] in curved:
            continue
        text, factor = owner[column.pieces[0]]
        if factor.levels is None and _plain(text) and _whole(fit, factor):
            found[column.name] = factor.columns[0]
    return found


def ordinal(fit: "HLMResult", table: "Table") -> Finding:
    """Test every graded predictor's straight line against a dummy for each value.

    The K values' line is tested by K − 2 of the dummies beside it: together they say what K − 1 dummies say.

    Raises
    ------
    DataError
        Where `table` is not the one of the fit.
    """
    if sampled(fit.cells, fit.optimum.blocks.levels):
        return unchecked("ordinal", "weights")
    names = graded(fit)
    if not names:
        return clean("ordinal")
    read_rows(fit, table)
    frame, evidence, numbers = open_table(table), [], []
    for term, column in names.items():
        values = np.unique(frame[column].drop_nulls().to_numpy().astype(float))
        values = values[np.isfinite(values)]
        if not FEWEST <= len(values) <= MOST or (values % 1 != 0).any():
            continue
        steps = {f"povstats_step_{i}": value for i, value in enumerate(values[1:-1])}
        wider = frame.with_columns(
            **{name: (nw.col(column) == value).cast(nw.Float64) for name, value in steps.items()}
        )
        try:
            joint = fit_hlm(
                f"{fit.formula} + {' + '.join(steps)}",
                wider.to_native(),
                method="reml" if fit.method == "reml" else "ml",
                precision=fit.weights.rows if fit.weights.precision else None,
            ).joint_test(list(steps))
        except FitError as error:
            return unchecked("ordinal", "error", error=str(error))
        numbers.append({"term": term, "estimate": joint.statistic, "df": joint.ddf, "p": joint.pvalue})
        if joint.pvalue < LEVEL:
            told = {"f": f"{joint.statistic:.2f}", "ndf": str(joint.ndf), "ddf": f"{joint.ddf:.1f}"}
            words = {"term": term, "values": str(len(values)), "p": tested(joint.pvalue), **told}
            evidence.append((column, Note("referee.evidence_ordinal", words)))
    if not evidence:
        return clean("ordinal", *numbers)
    remedy = Note("referee.remedy_ordinal", {"column": evidence[0][0]})
    return Finding("ordinal", "trap", tuple(note for _, note in evidence), remedy, tuple(numbers))


def hints(fit: "HLMResult") -> list[str]:
    """Give what a fit hints at and cannot show, as keys of words.

    "grades": a predictor looks graded. "divisor": the outcome is a logarithm, as amounts per head are, and a predictor
    may be a count from zero on, as of migrants. "cut": the outcome is 0 or 1, perhaps by a line.
    """
    found = ["grades"] if graded(fit) else []
    response = fit.model.formula.response
    lowest = [min(float(fit.cells.extremes[piece][0].min()) for piece in _pieces(fit, term)) for term in graded(fit)]
    if is_log(response) and 0.0 in lowest:
        found.append("divisor")
    piece = next(iter(fit.model.factors[response].pieces))
    low, high = fit.cells.extremes[piece]
    if low.min() == 0 and high.max() == 1:
        first, second = fit.cells.sums(piece)
        shift, rows = fit.cells.shift[piece], fit.cells.moments[:, 0, 0]
        # Σ y(1 − y) is zero for answers and above it for shares.
        total, square = first + shift * rows, second + 2 * shift * first + shift**2 * rows
        if np.allclose(total, square, rtol=0, atol=1e-9 * float(rows.sum())):
            found.append("cut")
    return found


def _pieces(fit: "HLMResult", term: str) -> tuple[str, ...]:
    return next(column.pieces for column in fit.model.fixed if column.name == term)


def _plain(text: str) -> bool:
    """Tell whether a factor is a column, perhaps centred or scaled."""
    tree = tree_of(text)[0]
    while isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in SHIFTED:
        tree = tree.args[0]
    return isinstance(tree, ast.Name)


def _whole(fit: "HLMResult", factor: Factor) -> bool:
    """Tell whether a column's extremes in the cells are whole and few, as it is or up to a shift and a scale."""
    piece = next(iter(factor.pieces))
    ends = np.concatenate(fit.cells.extremes[piece])
    plain = isinstance(tree_of(factor.text)[0], ast.Name)
    steps = (ends - ends.min()) if plain else (ends - ends.min()) / _step(ends)
    near = np.abs(steps - np.round(steps)).max() < 1e-6 and (not plain or (ends % 1 == 0).all())
    return bool(near and FEWEST - 1 <= np.round(steps).max() < MOST)


def _step(ends: "np.ndarray") -> float:
    """Give the smallest distance between different values; 1 where there is one value."""
    apart = np.diff(np.unique(ends))
    apart = apart[apart > 1e-9 * max(float(np.ptp(ends)), 1e-300)]
    return float(apart.min()) if len(apart) else 1.0


__all__ = ["graded", "hints", "ordinal"]
