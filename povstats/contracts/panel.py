"""The contract of a panel of households, one row a household and wave, as the verbs of dynamics take them."""

from povstats.contracts.column import Column, Contract


def _may(name: str, unit: str, label: str, *, low: float | None = 0) -> Column:
    """Declare a number that a panel may have, with gaps."""
    return Column(name=name, kind="number", unit=unit, low=low, missing=True, required=False, label=label)


PANEL = Contract(
    name="panel",
    columns=(
        Column(name="household", kind="text", label="contracts.household"),
        Column(name="wave", kind="integer", low=1949, high=2100, label="contracts.wave"),
        _may("income", "contracts.yuan_person", "contracts.income", low=None),
        _may("consumption", "contracts.yuan_person", "contracts.consumption"),
        Column(name="poor", kind="integer", low=0, high=1, missing=True, required=False, label="contracts.poor"),
        _may("line", "contracts.yuan_person", "contracts.line"),
        _may("weight", "", "contracts.weight"),
        Column(name="village", kind="text", required=False, label="contracts.village"),
        Column(name="county", kind="text", required=False, label="contracts.county"),
    ),
    # The cluster holds whole households: village and county are those in which a household was drawn.
    constant_within={"village": "household", "county": "household"},
    unique=("household", "wave"),
)
