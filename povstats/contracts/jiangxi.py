"""The contract of `datasets.jiangxi_insurance()`: declarations only."""

from povstats.contracts.column import Column, Contract

_SOURCE = "Cai, de Janvry and Sadoulet (2015), through causaldata::social_insure"


def _answer(name: str, *, missing: bool = False) -> Column:
    """Declare a question of yes and no."""
    return Column(
        name=name, kind="text", levels=("no", "yes"), missing=missing, label=f"jiangxi.{name}", source=_SOURCE
    )


def _number(name: str, low: float, high: float, unit: str, *, missing: bool = False) -> Column:
    """Declare a quantity with its range and unit."""
    return Column(
        name=name,
        kind="number",
        low=low,
        high=high,
        unit=unit,
        missing=missing,
        label=f"jiangxi.{name}",
        source=_SOURCE,
    )


JIANGXI_INSURANCE = Contract(
    name="jiangxi_insurance",
    columns=(
        Column(name="village", kind="text", label="jiangxi.village", source=_SOURCE),
        Column(name="natural_village", kind="text", label="jiangxi.natural_village", source=_SOURCE),
        Column(name="takeup", kind="integer", low=0, high=1, label="jiangxi.takeup", source=_SOURCE),
        _answer("intensive"),
        _answer("default_buy"),
        _number("first_round", 0, 1, "contracts.share"),
        _answer("male", missing=True),
        _number("age", 15, 110, "datasets.unit_years", missing=True),
        _answer("literate", missing=True),
        _number("household_size", 1, 30, "datasets.unit_persons", missing=True),
        _number("rice_area", 0, 1000, "jiangxi.unit_mu", missing=True),
        _number("risk_aversion", 0, 1, "datasets.unit_index"),
        _number("disaster_probability", 0, 100, "jiangxi.unit_percent"),
    ),
    constant_within={"village": "natural_village", "default_buy": "natural_village", "first_round": "natural_village"},
)
