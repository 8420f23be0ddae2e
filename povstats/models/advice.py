"""What a referee would say of a design before looking at its estimates."""

from collections.abc import Sequence

from povstats.models.levels import Level
from povstats.models.notes import Note

FEW = 10
"""Below this many groups of a level its variance is hardly estimated, and fixed effects are advised."""


def design_notes(levels: Sequence[Level], boundary: bool) -> list[Note]:
    """Say which levels have few groups, which groupings cross, and what a boundary fit leaves valid.

    Parameters
    ----------
    levels : of the model. boundary : the fit lies on the boundary.
    """
    notes = [
        Note("models.note_few_groups", {"group": level.name, "number": str(len(level.labels)), "column": _last(level)})
        for level in levels
        if len(level.labels) < FEW
    ]
    notes += [
        Note("models.note_crossed", {"group": level.name, "other": levels[0].name})
        for level in levels
        if level.repeat > 1
    ]
    return [*notes, Note("models.note_boundary")] if boundary else notes


def _last(level: Level) -> str:
    return level.name.split(":")[-1]
