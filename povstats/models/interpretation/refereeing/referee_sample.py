"""What a referee asks of the sample: outcome in a predictor, few or small groups, rows left out, crossed labels."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtr

from povstats.models.inference.df import satterthwaite
from povstats.models.interpretation.paragraphs.sentences import LEVEL
from povstats.models.interpretation.refereeing.finding import Finding, clean
from povstats.models.interpretation.refereeing.referee_terms import too_even
from povstats.models.notes import Note
from povstats.models.weights import FEW, sampled

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

MANY_LOST = 0.05
"""Share of rows left out from which on complete cases are not taken for the whole (Schafer 1999)."""
SMALL_SHARE = 0.25
"""Share of groups with no more rows than random effects from which on the fit rests on the others."""
SIZE = 0.06
"""True size of a z test at 5 per cent from which on it is called too large: at 28 degrees of freedom."""


def outcome_inside(fit: "HLMResult") -> Finding:
    """Find predictors that hold the outcome: the fit's own notes, with the coefficients."""
    notes = [note for note in fit.notes if note.key.startswith("models.note_outcome_")] or too_even(fit)
    if not notes:
        return clean("outcome")
    evidence, numbers = [], []
    for note in notes:
        piece = note.values["predictor"]
        evidence.append(Note(f"referee.outcome_{note.key.rsplit('_', 1)[1]}", note.values))
        own = [column.name for column in fit.model.fixed if column.pieces == (piece,)]
        for name in own:
            words = {"term": name, "value": f"{fit.params[name]:.4g}"}
            evidence.append(Note("referee.outcome_coefficient", words))
            numbers.append({"group": note.values["group"], "term": name, "estimate": fit.params[name]})
    group = notes[0].values["group"].split(":")[-1]
    remedy = Note("referee.remedy_outcome", {"group": group})
    return Finding("outcome", "trap", tuple(evidence), remedy, tuple(numbers))


def rows_lost(fit: "HLMResult") -> Finding:
    """Compare the rows left out with those read."""
    rows = fit.rows
    share = rows.dropped / rows.read
    number = {"estimate": share}
    if share <= MANY_LOST:
        return clean("dropped", number)
    columns = ", ".join(f"{column} {count:,}" for column, count in rows.missing.items())
    values = {"dropped": f"{rows.dropped:,}", "read": f"{rows.read:,}", "share": f"{100 * share:.1f}"}
    evidence = (Note("referee.evidence_dropped", values | {"columns": columns}),)
    return Finding("dropped", "trap", evidence, Note("referee.remedy_dropped"), (number,))


def few_groups(fit: "HLMResult") -> Finding:
    """Take the levels with few groups from the fit's notes."""
    numbers = tuple({"group": name, "estimate": float(count)} for name, count in fit.ngroups.items())
    notes = [note.values for note in fit.notes if note.key == "models.note_few_groups"]
    if not notes:
        return clean("groups", *numbers)
    lowest = fit.dof.idxmin()
    evidence = [
        Note("referee.evidence_groups", {"group": one["group"], "number": one["number"], "sd": _sd(fit, one["group"])})
        for one in notes
    ]
    if np.isfinite(fit.dof[lowest]):
        evidence.append(Note("referee.evidence_dof", {"term": str(lowest), "dof": f"{fit.dof[lowest]:.1f}"}))
    return Finding(
        "groups", "trap", tuple(evidence), Note("referee.remedy_groups", {"column": notes[0]["column"]}), numbers
    )


def normal_tests(fit: "HLMResult") -> Finding:
    """Set the size of z tests against t tests with the degrees of freedom that there are."""
    if fit.df_method != "normal":
        return clean("normal")
    weighted = sampled(fit.cells, fit.optimum.blocks.levels)
    top = fit.optimum.blocks.levels[-1]
    dof = np.full(len(fit.params), top.slots - 1.0) if weighted else satterthwaite(fit.optimum, fit.units.x)
    size = 2 * stdtr(np.minimum(dof, 1e10), float(ndtri(LEVEL / 2)))
    exact = 2 * stdtr(np.minimum(dof, 1e10), -np.abs(fit.tstats.to_numpy()))
    numbers = tuple(
        {"term": term, "estimate": float(s), "df": float(d), "p": float(p)}
        for term, s, d, p in zip(fit.params.index, size, dof, exact, strict=True)
    )
    if not (size.max() >= SIZE or (weighted and top.slots < FEW)):
        return clean("normal", *numbers)
    worst = int(np.argmin(dof))
    values = {"term": str(fit.params.index[worst]), "dof": f"{dof[worst]:.1f}", "size": f"{100 * size[worst]:.1f}"}
    evidence = [Note("referee.evidence_clusters" if weighted else "referee.evidence_normal", values)]
    moved = [i for i, p in enumerate(exact) if (p < LEVEL) != (fit.pvalues.iloc[i] < LEVEL)]
    if moved:
        evidence += [
            Note("referee.evidence_moved", {"term": str(fit.params.index[i]), "t": f"{exact[i]:.3f}", "z": f"{p:.3f}"})
            for i, p in ((i, fit.pvalues.iloc[i]) for i in moved)
        ]
    remedy = Note("referee.remedy_clusters" if weighted else "referee.remedy_normal")
    return Finding("normal", "trap", tuple(evidence), remedy, numbers)


def small_groups(fit: "HLMResult") -> Finding:
    """Count the lowest groups with no more rows than they have effects."""
    level = fit.optimum.blocks.levels[0]
    grouping = fit.cells.groupings[level.name]
    rows = np.bincount(grouping.codes, fit.cells.counts, len(grouping.labels))
    small, single = rows <= level.q, rows == 1
    share = float(small.mean())
    number = {"group": level.name, "estimate": share}
    if share < SMALL_SHARE:
        return clean("single", number)
    values = {
        "group": level.name,
        "small": f"{int(small.sum()):,}",
        "all": f"{len(rows):,}",
        "share": f"{100 * share:.0f}",
        "effects": str(level.q),
        "single": f"{int(single.sum()):,}",
        "rows": f"{100 * float(rows[small].sum() / rows.sum()):.0f}",
    }
    remedy = Note("referee.remedy_single", {"group": level.name})
    return Finding("single", "trap", (Note("referee.evidence_single", values),), remedy, (number,))


def crossed_labels(fit: "HLMResult") -> Finding:
    """Take crossed groupings from the fit's notes."""
    notes = [note.values for note in fit.notes if note.key == "models.note_crossed"]
    if not notes:
        return clean("crossed")
    evidence = tuple(Note("referee.evidence_crossed", values) for values in notes)
    return Finding("crossed", "trap", evidence, Note("referee.remedy_crossed", notes[0]))


def _sd(fit: "HLMResult", group: str) -> str:
    cov = fit.random_cov[group]
    return f"{float(np.sqrt(cov.iloc[0, 0])):.4g}"


__all__ = ["crossed_labels", "few_groups", "normal_tests", "outcome_inside", "rows_lost", "small_groups"]
