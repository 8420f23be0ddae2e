"""The contract of a registry's yearly counts, one row a place and year, as `povstats.trend` takes them."""

from povstats.contracts.column import Column, Contract, Kind


def _may(name: str, kind: Kind, unit: str, label: str, *, high: float | None = None) -> Column:
    """Declare a quantity that a registry may have, with gaps."""
    return Column(name=name, kind=kind, unit=unit, low=0, high=high, missing=True, required=False, label=label)


REGISTRY = Contract(
    name="registry",
    columns=(
        Column(name="place", kind="text", label="contracts.place"),
        Column(name="year", kind="integer", low=1949, high=2100, label="contracts.year"),
        _may("poor_persons", "integer", "contracts.persons", "contracts.poor_persons"),
        _may("poor_households", "integer", "contracts.households", "contracts.poor_households"),
        _may("population", "integer", "contracts.persons", "contracts.population"),
        _may("households", "integer", "contracts.households", "contracts.all_households"),
        _may("incidence", "number", "contracts.share", "contracts.incidence", high=1),
        _may("exited_persons", "integer", "contracts.persons", "contracts.exited_persons"),
        _may("returned_persons", "integer", "contracts.persons", "contracts.returned_persons"),
        _may("income", "number", "contracts.yuan_person", "contracts.registry_income"),
        # What the counts rest on: trend(breaks=["line", "basis"]) cuts the series where one of them changes.
        _may("line", "number", "contracts.yuan_person", "contracts.line"),
        Column(name="basis", kind="text", required=False, label="contracts.basis"),
    ),
    unique=("place", "year"),
)
