"""Returns: the rates of return to poverty that go by one name, each with its numerator and denominator.

A room of dynamics. Second routes: hand-made panels for every definition, plain pandas (tests/dynamics).
"""

from povstats.dynamics.returns.rate import return_rate, return_rates
from povstats.dynamics.returns.result import DEFINITIONS, Definition, ReturnRate, ReturnRates

__all__ = ["DEFINITIONS", "Definition", "ReturnRate", "ReturnRates", "return_rate", "return_rates"]
