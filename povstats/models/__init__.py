"""Hierarchical models: formula → terms → cells → likelihood → fit → result → inference.

Floor 2. Takes tables through engine; draws and prints through viz and tables, which take frames. Checked against lme4
and lmerTest (tests/reference/models.json) and a slow many-start optimum (tests/reference/adversarial.json).
"""

from povstats.models.families import Family, family
from povstats.models.fit import fit_hlm
from povstats.models.inference.compare import Comparison, compare
from povstats.models.interpretation.refereeing.referee import Referee, referee
from povstats.models.planning import Assumed, PowerResult, simulate_power
from povstats.models.pooling import pool
from povstats.models.pooling_result import PooledResult
from povstats.models.result import HLMResult
from povstats.models.specification import SpecificationTest, specification_test
from povstats.models.split_half import split_half_mean
from povstats.models.within import fit_within
from povstats.models.within_result import WithinResult

__all__ = [
    "Assumed",
    "Comparison",
    "Family",
    "HLMResult",
    "PooledResult",
    "PowerResult",
    "Referee",
    "SpecificationTest",
    "WithinResult",
    "compare",
    "family",
    "fit_hlm",
    "fit_within",
    "pool",
    "referee",
    "simulate_power",
    "specification_test",
    "split_half_mean",
]
