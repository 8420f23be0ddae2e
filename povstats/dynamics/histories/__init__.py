"""Histories: a panel's rows by unit and wave, with what each row was before and is next.

A room of dynamics. Two routes, in memory (numpy over sorted rows) and in an engine (windows), give the same codes;
tests hold them equal. Verbs ask for tallies of codes, runs of a state, and sums of units.
"""

from povstats.dynamics.histories.account import Account
from povstats.dynamics.histories.codes import AFTER_EXIT, BACK, GAP, LAST, NEVER, POOR, SEEN, UNSEEN
from povstats.dynamics.histories.opened import History, open_history
from povstats.dynamics.histories.tally import Ratio, Tally

__all__ = [
    "AFTER_EXIT",
    "BACK",
    "GAP",
    "LAST",
    "NEVER",
    "POOR",
    "SEEN",
    "UNSEEN",
    "Account",
    "History",
    "Ratio",
    "Tally",
    "open_history",
]
