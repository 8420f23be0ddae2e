"""How the hazard depends on the age of the spell: the columns of the baseline."""

from typing import Literal

import numpy as np

from povstats.engine.layout import Codes, Floats
from povstats.errors import DataError

Baseline = Literal["dummies", "log", "linear", "quadratic", "cubic"]
BASELINES: tuple[Baseline, ...] = ("dummies", "log", "linear", "quadratic", "cubic")
POWERS = {"linear": 1, "quadratic": 2, "cubic": 3}


def baseline_columns(age: Codes, baseline: Baseline, top: int) -> tuple[list[str], Floats]:
    """Give names and columns, shape (n, k), of the baseline.

    Parameters
    ----------
    age : of the spells, from 1. top : of "dummies": ages from it on are one class.
    """
    if baseline == "dummies":
        held = np.minimum(age, top)
        ages = list(range(1, top + 1))
        names = [f"age {a}" if a < top else f"age {a}+" for a in ages]
        return names, np.column_stack([(held == a).astype(float) for a in ages])
    one, t = np.ones(len(age)), age.astype(float)
    if baseline == "log":
        return ["Intercept", "log(age)"], np.column_stack([one, np.log(t)])
    powers = range(1, POWERS[baseline] + 1)
    return ["Intercept", *("age" if p == 1 else f"age^{p}" for p in powers)], np.column_stack(
        [one, *(t**p for p in powers)]
    )


def last_class(age: Codes, event: Floats) -> int:
    """Find the age from which ages are one class: the highest for which every class has rows with and without events.

    Raises
    ------
    DataError
        Where an age below has rows of one kind only, and no such class can be made.
    """
    highest = int(age.max())
    found = 0
    for top in range(1, highest + 1):
        held = np.minimum(age, top)
        sizes = np.bincount(held, minlength=top + 1)[1:]
        events = np.bincount(held, event, minlength=top + 1)[1:]
        if ((events > 0) & (events < sizes)).all():
            found = top
    if not found:
        raise DataError(
            "all rows at risk have the event, or none has, so no hazard can be modelled; check who is poor, or take "
            "more waves"
        )
    return found
