"""What exhibits on the panel of wages share: its files, and the line below which a wage is low."""

from functools import cache

from povstats.datasets import wage_panel
from povstats.poverty import relative_line

WAGES = ("examples/wage_panel/wages.csv", "examples/wage_panel/source.toml")


@cache
def low_pay_line() -> float:
    """Give 60 per cent of the median wage of all years."""
    return float(relative_line(wage_panel(), "wage", share=0.6))
