"""The codes that every row of a history has, in memory and in an engine."""

UNIT, WAVE, STATE, NEXT, AGE, LEFT, RIGHT, RUN = "unit", "wave", "state", "next", "age", "left", "right", "run"
GROUP, WEIGHT, CHECK, RELATIVE, START = "group", "weight", "check", "relative", "start"
"""Names of columns. WAVE is the place of the wave among those of the table, from 0; AGE the waves, this one included,
since the run of its state began, 0 where that is not known; RUN counts the runs of a unit from 1; RELATIVE is welfare
over the line; START whether the row is the first of its run; CHECK is 1 for a wrong exit, 0 for a right one, 2 for no
answer."""

NEVER, AFTER_EXIT, POOR, BACK = 0, 1, 2, 3
"""STATE: not poor and not seen poor before; not poor and seen poor before; poor; poor, and in the wave before not poor
after having been seen poor earlier: a return."""

UNSEEN, LAST = 2, 3
"""NEXT, beside 0 (not poor) and 1 (poor) in the wave that follows: not seen there; there is none."""

SEEN, FIRST, LATE, GAP = 0, 1, 2, 3
"""LEFT, how a run begins: by a change that was seen; with the first wave of the table; with the unit's first wave,
which is a later one; after waves in which the unit was not seen."""

ENDED, OPEN, LOST = 0, 1, 2
"""RIGHT, how a run ends: by a change that was seen; with the last wave of the table; with the unit's last wave, which
is an earlier one; GAP, before waves in which the unit was not seen."""
