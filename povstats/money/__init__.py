"""Money: repayment schedules and what they cost, reimbursement layers, household accounts, funds against causes.

Floor 2. Arithmetic on amounts that the caller names; costs of claims may stay in an engine. May use engine, viz.
Second route: the value of the payments at the rate found is zero, annuities in closed form, claims by hand, and the
figures that the documents print.
"""

from povstats.money.accounts import IncomeAccount, income_account
from povstats.money.layers import Layer, Reimbursed, reimburse
from povstats.money.matching import Matched, funds_against_causes
from povstats.money.schedules import EffectiveRate, LoanTerms, Schedule, effective_rate, repayment_schedule
from povstats.money.tornado import Tornado

__all__ = [
    "EffectiveRate",
    "IncomeAccount",
    "Layer",
    "LoanTerms",
    "Matched",
    "Reimbursed",
    "Schedule",
    "Tornado",
    "effective_rate",
    "funds_against_causes",
    "income_account",
    "reimburse",
    "repayment_schedule",
]
