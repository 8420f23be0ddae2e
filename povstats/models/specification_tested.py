"""One test of a specification: its numbers, or why there are none."""

from dataclasses import dataclass

import numpy as np

from povstats.models.notes import Note


@dataclass(frozen=True, slots=True)
class Tested:
    """A test.

    Attributes
    ----------
    key : "mundlak", "mundlak_classical", "hausman", "hausman_between", "hausman_ends" or "slope".
    statistic, df, df2, pvalue : the statistic, its degrees of freedom (df2 infinite for a χ²), the upper tail;
        missing where the test is not defined.
    reference : the distribution that `pvalue` comes from.
    reason : why the test is not defined; None where it is.
    term : of a slope test, the slope.
    """

    key: str
    statistic: float = np.nan
    df: float = np.nan
    df2: float = np.nan
    pvalue: float = np.nan
    reference: str = ""
    reason: Note | None = None
    term: str = ""

    @property
    def defined(self) -> bool:
        """Whether there is a statistic."""
        return self.reason is None
