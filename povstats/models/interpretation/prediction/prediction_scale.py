"""From the log scale to money, for outcomes that are logarithms and no others."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array
from povstats.errors import FitError, OptionError
from povstats.models.interpretation.effects.logs import is_log, outcome_is_log

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

LARGEST = 700.0
"""Beyond, the exponential overflows."""


def require_log(fit: "HLMResult", log_outcome: bool | None, asked: str) -> None:
    """Refuse what needs a log outcome where neither formula nor caller say that it is one.

    Raises
    ------
    OptionError
        Where the outcome is not known to be a log, or is one that is centred, which has lost its unit.
    """
    outcome = fit.model.formula.response
    shown = is_log(outcome)
    if not outcome_is_log(fit, log_outcome):
        raise OptionError(
            f"{asked} needs a log outcome, and {outcome!r} is not known to be one; write log(…) in the formula, or say "
            f"log_outcome=True where {outcome!r} is a column of natural logarithms"
        )
    if shown and not outcome.replace("I(", "").startswith("log("):
        raise OptionError(f"{asked}: {outcome!r} is centred, so that its exponential is no amount; model log(…) itself")


def to_level(eta: Array, variance: Array | float = 0.0) -> Array:
    """Give exp(η + v/2): the lognormal mean, or with v = 0 the median.

    Raises
    ------
    FitError
        Where it overflows.
    """
    at = eta + np.asarray(variance) / 2
    if (at > LARGEST).any():
        raise FitError(
            f"the largest prediction on the log scale is {np.nanmax(at):.0f}, whose exponential overflows; is the "
            "outcome really a natural logarithm?"
        )
    found: Array = np.exp(at)
    return found
