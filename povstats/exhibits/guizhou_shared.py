"""The synthetic survey of the Guizhou study, drawn and analysed once for all its exhibits. Synthetic data."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from povstats.guizhou import Analysis

SEED = 2009


@cache
def analysis() -> "Analysis":
    """Give the analysis that every exhibit of the synthetic survey shows."""
    from povstats.datasets import guizhou_synthetic
    from povstats.guizhou import Analysis, Plan

    return Analysis(guizhou_synthetic(SEED), Plan(data="synthetic"))
