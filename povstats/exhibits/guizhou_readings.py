"""Numbers that follow from those the Guizhou text prints: both readings of its effects, and what its means imply."""

from functools import cache
from math import exp, log

from povstats.documents import guizhou_statements

ITEMS = ("trust", "participation", "harmony", "cadre_relation")
TERMS = 11
"""Effects of an item's model: the item, three products, four of the household, three of the village."""


@cache
def readings() -> dict[str, str]:
    """Give the computed numbers as text, by name, for the tables' words.

    A printed effect p, in per cent, is b = p / 100 where 100 b is printed; its exact effect is then 100 (e^b − 1).
    Where that is printed, b = ln(1 + p / 100). "Percentage points" q are read as an effect of q per cent
    (literal) or as the coefficient q itself. Amounts are of the mean consumption per head.

    Source: Halvorsen, R. and Palmquist, R. (1980), The interpretation of dummy variables in semilogarithmic equations,
    American Economic Review 70(3), for the exact effect.
    """
    made = {}
    for term in ("education", "land", "migrants"):
        printed = _printed("trust", term)
        made[f"{term}_printed"] = _signed(printed)
        made[f"{term}_exact"] = _signed(100 * (exp(printed / 100) - 1))
        made[f"{term}_b"] = _signed(log(1 + printed / 100), 4)
    mean = _printed("survey", "consumption")
    for name, term in (("grade", "focal"), ("funds", "aid_funds")):
        points = _printed("participation", term)
        made[f"{name}_points"] = f"{points:.2f}"
        made[f"{name}_literal"] = f"{mean * points / 100:.2f}"
        made[f"{name}_linear"] = f"{mean * points:.0f}"
        made[f"{name}_exact"] = f"{100 * (exp(points) - 1):.1f}"
        made[f"{name}_yuan"] = f"{mean * (exp(points) - 1):.0f}"
    made["mean"] = f"{mean:.0f}"
    made["mu_in_years"] = f"{_printed('trust', 'land') / _printed('trust', 'education'):.1f}"
    return made | _poor() | _counted()


def _poor() -> dict[str, str]:
    """Work out how many households are poor: the share at which the means of both groups average to that of all."""
    households = _printed("survey", "household")
    mean, poor, others = (_printed("survey", f"consumption{part}") for part in ("", ", poor", ", not poor"))
    share = (others - mean) / (others - poor)
    # Every printed mean is rounded to the yuan; the share falls with the first mean and grows with the other two.
    least = (others - 0.5 - (mean + 0.5)) / (others - 0.5 - (poor - 0.5))
    most = (others + 0.5 - (mean - 0.5)) / (others + 0.5 - (poor + 0.5))
    number = round(households * share)
    return {
        "poor_share": f"{100 * share:.1f}",
        "poor_least": f"{100 * least:.2f}",
        "poor_most": f"{100 * most:.2f}",
        "poor_exact": f"{households * share:.2f}",
        "poor": f"{number}",
        "households": f"{households:.0f}",
        "poor_mean": f"{(number * poor + (households - number) * others) / households:.2f}",
        "mean_poor": f"{poor:.0f}",
        "mean_others": f"{others:.0f}",
    }


def _counted() -> dict[str, str]:
    """Count the effects of the four models, those with a number, and those of which nothing is said by name."""
    said = {
        (s.model, s.term) for s in guizhou_statements() if s.model in ITEMS and (s.sign or s.significance != "silent")
    }
    named = {pair for pair in said if pair[1] != "education, land"}
    numbers = {(s.model, s.term) for s in guizhou_statements() if s.model in ITEMS and s.value is not None}
    effects = TERMS * len(ITEMS)
    return {"effects": str(effects), "numbers": str(len(numbers)), "silent": str(effects - len(named))}


def _printed(model: str, term: str) -> float:
    """Give the number that the text prints for a term."""
    [value] = [s.value for s in guizhou_statements() if (s.model, s.term) == (model, term) and s.value is not None]
    return value


def _signed(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace("-", "−")
