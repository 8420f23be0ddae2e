"""The contract of a household survey, households in villages in counties: declarations only."""

from povstats.contracts.column import Column, Contract


def _may(name: str, unit: str, label: str, *, low: float | None = 0, high: float | None = None) -> Column:
    """Declare a number that a survey may have, with gaps."""
    return Column(name=name, kind="number", unit=unit, low=low, high=high, missing=True, required=False, label=label)


SURVEY = Contract(
    name="survey",
    columns=(
        Column(name="household", kind="text", label="contracts.household"),
        Column(name="village", kind="text", label="contracts.village"),
        Column(name="county", kind="text", label="contracts.county"),
        Column(name="consumption", kind="number", low=0, unit="contracts.yuan_person", label="contracts.consumption"),
        _may("income", "contracts.yuan_person", "contracts.income", low=None),
        _may("household_size", "contracts.persons", "contracts.household_size", high=50),
        _may("education", "contracts.years", "contracts.education", high=25),
        _may("land", "contracts.mu_person", "contracts.land", high=1000),
        _may("migrants", "contracts.persons", "contracts.migrants", high=50),
        _may("transfers", "contracts.yuan_person", "contracts.transfers"),
        _may("trust", "contracts.score", "contracts.trust", low=None),
        _may("participation", "contracts.score", "contracts.participation", low=None),
        _may("harmony", "contracts.score", "contracts.harmony", low=None),
        _may("cadre_relation", "contracts.score", "contracts.cadre_relation", low=None),
        _may("village_consumption", "contracts.yuan_person", "contracts.village_consumption"),
        _may("aid_funds", "contracts.yuan_person", "contracts.aid_funds"),
        _may("village_migration", "contracts.share", "contracts.village_migration", high=1),
        _may("weight", "", "contracts.weight"),
    ),
    constant_within={
        "county": "village",
        "village_consumption": "village",
        "aid_funds": "village",
        "village_migration": "village",
    },
    unique=("household",),
)
