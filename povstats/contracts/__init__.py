"""Contracts: what a table must be, and what every result's frame looks like.

Floor 1. May use engine, errors, words. Declarations first, one checker.
"""

from povstats.contracts.check import check
from povstats.contracts.column import Column, Contract, Violation
from povstats.contracts.find import find_contract
from povstats.contracts.report import CheckReport
from povstats.contracts.tidy import TIDY_COLUMNS, tidy_frame

__all__ = [
    "TIDY_COLUMNS",
    "CheckReport",
    "Column",
    "Contract",
    "Violation",
    "check",
    "find_contract",
    "tidy_frame",
]
