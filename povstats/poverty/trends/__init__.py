"""Trends: a share, a count or an amount followed over time, with its breaks of definition.

A room of poverty. Second route: published metrics of the documents, and laws (tests/poverty/test_trend_*.py).
"""

from povstats.poverty.trends.result import Trend
from povstats.poverty.trends.trend import trend

__all__ = ["Trend", "trend"]
