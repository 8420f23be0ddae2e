"""The contract of `datasets.wage_panel()`: declarations only."""

from povstats.contracts.column import Column, Contract, Kind

_SOURCE = "Vella and Verbeek (1998), through linearmodels"


def _number(name: str, low: float, high: float, unit: str = "", *, whole: bool = False) -> Column:
    """Declare a quantity with its range and unit."""
    kind: Kind = "integer" if whole else "number"
    return Column(name=name, kind=kind, low=low, high=high, unit=unit, label=f"wages.{name}", source=_SOURCE)


def _answer(name: str) -> Column:
    """Declare a question of yes and no."""
    return Column(name=name, kind="text", levels=("no", "yes"), label=f"wages.{name}", source=_SOURCE)


WAGE_PANEL = Contract(
    name="wage_panel",
    columns=(
        _number("man", 1, 99999, whole=True),
        _number("year", 1980, 1987, whole=True),
        _number("wage", 0, 100, "wages.unit_wage"),
        _number("log_wage", -5, 5),
        _number("experience", 0, 30, "datasets.unit_years", whole=True),
        _number("education", 0, 20, "datasets.unit_years", whole=True),
        _number("hours", 0, 6000, "wages.unit_hours", whole=True),
        _number("occupation", 1, 9, whole=True),
        *(_answer(name) for name in ("union", "married", "black", "hispanic")),
    ),
    constant_within={"education": "man", "black": "man", "hispanic": "man"},
    unique=("man", "year"),
)
