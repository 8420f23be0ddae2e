"""What a referee asks of the predictors: moderators without a zero, missing slopes, contextual effects."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.advice_outcome import evenness_notes
from povstats.models.assemble import assemble
from povstats.models.constancy import constant_within
from povstats.models.design import Column
from povstats.models.interpretation.paragraphs.readings import meaning_of
from povstats.models.interpretation.paragraphs.sentences import LEVEL, tested
from povstats.models.interpretation.refereeing.finding import Finding, clean, unchecked
from povstats.models.interpretation.refereeing.refitted import with_means, with_slope
from povstats.models.notes import Note
from povstats.models.standard import standardise
from povstats.models.summary import number
from povstats.models.weights import sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

SAME = 0.99
"""Share of a group mean that group-level predictors of the model must tell for it to be in the model already."""
SPARE = 10
"""Groups beyond the columns that vary between groups, from which on a Mundlak comparison is made."""


def uncentred(fit: "HLMResult") -> Finding:
    """Find main effects that hold where a moderator is zero, although its values leave zero out."""
    meaning = meaning_of(fit.model)
    moving = meaning.moving
    evidence, numbers, named = [], [], []
    for main in fit.model.fixed:
        for product in fit.model.fixed:
            beside = moving[product.name] - moving[main.name]
            if not moving[main.name] or not moving[main.name] < moving[product.name] or len(beside) != 1:
                continue
            piece = next(iter(beside))
            low, high = float(fit.cells.extremes[piece][0].min()), float(fit.cells.extremes[piece][1].max())
            if meaning.owner[piece].levels is not None or low <= 0 <= high:
                continue
            a, b = main.name, product.name
            r = float(fit.cov.loc[a, b] / (fit.std_errors[a] * fit.std_errors[b]))
            values = {"term": a, "moderator": piece, "low": f"{low:,.6g}", "high": f"{high:,.6g}"}
            values |= {"product": b, "r": f"{r:.2f}", "p": tested(fit.pvalues[a])}
            evidence.append(Note("referee.evidence_uncentred", values))
            numbers.append({"group": piece, "term": a, "estimate": r, "low": low, "high": high})
            named.append(piece)
    if not evidence:
        return clean("uncentred")
    first = {"moderator": named[0], "term": str(evidence[0].values["term"])}
    remedy = Note("referee.remedy_uncentred", first)
    return Finding("uncentred", "trap", tuple(evidence), remedy, tuple(numbers))


def missing_slopes(fit: "HLMResult") -> Finding:
    """Find cross-level interactions whose household predictor has no random slope, and see what one changes.

    Of the product of a household column h and what is constant within the groups of a level, the slope of h over these
    groups varies by more than the group's column says; without a random slope that spread is in no standard error.
    """
    lacking = _lacking(fit)
    if not lacking:
        return clean("slope")
    evidence, numbers = [], []
    for name, (group, household) in lacking.items():
        t = float(fit.tstats[name])
        values = {"term": name, "group": group, "household": household.name, "t": f"{t:.2f}"}
        evidence.append(Note("referee.evidence_slope", values))
        numbers.append({"group": group, "term": name, "estimate": t, "df": fit.dof[name], "p": fit.pvalues[name]})
        try:
            if sampled(fit.cells, fit.optimum.blocks.levels):
                continue
            other = with_slope(fit, group, household)
        except FitError:
            continue
        values = {"t": f"{other.tstats[name]:.2f}", "p": tested(other.pvalues[name]), "own": tested(fit.pvalues[name])}
        values["sd"] = number(float(other.random_cov[group].loc[household.name, household.name]) ** 0.5)
        evidence.append(Note("referee.evidence_slope_refit", values))
        row = {"df": other.dof[name], "p": other.pvalues[name], "estimate": float(other.tstats[name])}
        numbers.append({"group": f"{group}, with slope", "term": name, **row})
    group, household = next(iter(lacking.values()))
    remedy = Note("referee.remedy_slope", {"household": household.name, "group": group.replace(":", "/")})
    return Finding("slope", "trap", tuple(evidence), remedy, tuple(numbers))


def _lacking(fit: "HLMResult") -> dict[str, tuple[str, Column]]:
    """Give by interaction the grouping and the household column whose slope is not random there."""
    found = {}
    groups = sorted(fit.ngroups, key=lambda name: fit.ngroups[name])  # the highest level that the moderator belongs to
    for column in fit.model.fixed:
        for group in groups:
            inner = tuple(piece for piece in column.pieces if not constant_within(fit.cells, piece, group))
            if not inner or len(inner) == len(column.pieces):
                continue
            random = [effect.pieces for one in fit.model.sets(group) for effect in one]
            if inner not in random:
                named = next((one.name for one in fit.model.fixed if one.pieces == inner), ":".join(inner))
                found[column.name] = (group, Column(named, inner))
            break
    return found


def contextual(fit: "HLMResult") -> Finding:
    """Add the lowest groups' means of household predictors, and test whether they matter (Mundlak)."""
    level = fit.optimum.blocks.levels[0]
    if sampled(fit.cells, fit.optimum.blocks.levels):
        return unchecked("contextual", "weights")
    if level.repeat > 1 or any(one.repeat > 1 for one in fit.optimum.blocks.levels):
        return unchecked("contextual", "crossed")
    means, columns = _means(fit, level.name)
    if not means:
        return clean("contextual")
    if level.slots < columns + SPARE:
        return unchecked("contextual", "groups", group=level.name, number=str(level.slots))
    try:
        other = with_means(fit, level.name, means)
        joint = other.joint_test(list(means))
    except FitError as error:
        return unchecked("contextual", "error", error=str(error))
    ends = other.conf_int()
    rows = pd.DataFrame({"estimate": other.params, "se": other.std_errors, "df": other.dof, "p": other.pvalues})
    numbers = [
        {"group": level.name, "term": name, **rows.loc[name], "low": ends.low[name], "high": ends.high[name]}
        for name in means
    ]
    numbers.append({"group": level.name, "term": "joint F", "estimate": joint.statistic, "p": joint.pvalue})
    numbers[-1]["df"] = joint.ddf
    if joint.pvalue >= LEVEL:
        return clean("contextual", *numbers)
    values = {"f": f"{joint.statistic:.2f}", "ndf": str(joint.ndf), "ddf": f"{joint.ddf:.1f}"}
    values |= {"p": tested(joint.pvalue), "group": level.name}
    evidence = [Note("referee.evidence_contextual", values)]
    for name in means:
        if other.pvalues[name] < LEVEL:
            words = {"term": _inside(name), "value": f"{other.params[name]:.4g}", "p": tested(other.pvalues[name])}
            evidence.append(Note("referee.evidence_contextual_term", words))
    return Finding("contextual", "trap", tuple(evidence), _split(fit, other, level.name, means), tuple(numbers))


def too_even(fit: "HLMResult") -> list[Note]:
    """Look for the outcome's means in a predictor that household predictors hide, by the fit with their means added.

    Without these means what the predictors say of the groups stands between a group's outcome and its mean, so that the
    intercepts keep a variance and fit_hlm has nothing to note.
    """
    levels = fit.optimum.blocks.levels
    if sampled(fit.cells, levels) or any(level.repeat > 1 for level in levels):
        return []
    means, columns = _means(fit, levels[0].name)
    if not means or levels[0].slots < columns + SPARE:
        return []
    try:
        other = with_means(fit, levels[0].name, means)
    except FitError:
        return []
    standard = standardise(assemble(other.model, other.cells), [column.name for column in other.model.fixed])
    found = evenness_notes(other.model, other.cells, standard, other.optimum) if other.optimum.boundary else []
    own = [note for note in found if note.values["predictor"] not in means]
    return [Note("referee.outcome_disguised", note.values) for note in own]


def _split(fit: "HLMResult", other: "HLMResult", group: str, means: dict[str, Array]) -> Note:
    """Say how the clearest difference is written into the formula: within() and between() take numbers."""
    order = sorted(means, key=lambda name: float(other.pvalues[name]))
    kinds = meaning_of(fit.model).owner
    numeric = [_inside(name) for name in order if _inside(name) in kinds and kinds[_inside(name)].levels is None]
    if not numeric:
        return Note("referee.remedy_contextual_share", {"term": _inside(order[0]), "group": group})
    by = "" if len(fit.model.groupings) == 1 and ":" not in group else f", {group.split(':')[-1]}"
    return Note("referee.remedy_contextual", {"term": numeric[0] + by})


def _inside(mean: str) -> str:
    return mean.removeprefix("mean(").removesuffix(")")


def _means(fit: "HLMResult", group: str) -> tuple[dict[str, Array], int]:
    """Give the group means that are not in the model already, and how many columns vary between groups only."""
    cells, codes = fit.cells, fit.cells.groupings[group].codes
    size = len(cells.groupings[group].labels)
    n = np.bincount(codes, cells.moments[:, 0, 0], size)
    first = np.zeros(size, dtype=np.intp)
    first[codes] = np.arange(len(codes))
    known = [np.ones(size)]
    for column in fit.model.fixed:
        if column.pieces and all(constant_within(cells, piece, group) for piece in column.pieces):
            known.append(np.prod([cells.extremes[piece][0][first] for piece in column.pieces], axis=0))
    root, found = np.sqrt(n), {}
    for column in fit.model.fixed:
        if len(column.pieces) != 1 or column.pieces[0] in cells.village:
            continue
        (piece,) = column.pieces
        mean = np.bincount(codes, cells.sums(piece)[0], size) / n + cells.shift[piece]
        basis = np.column_stack(known) * root[:, None]
        length = np.sqrt((basis**2).sum(axis=0))
        y = (mean - n @ mean / n.sum()) * root
        spread = cells.sums(piece)[1].sum() - cells.sums(piece)[0].sum() ** 2 / n.sum()
        left = y - basis / length @ np.linalg.lstsq(basis / length, y, rcond=None)[0]
        if y @ y > 1e-8 * spread and left @ left > (1 - SAME) * (y @ y):
            found[f"mean({column.name})"] = mean
            known.append(mean)
    return found, len(known)


__all__ = ["contextual", "missing_slopes", "too_even", "uncentred"]
