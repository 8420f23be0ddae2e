"""The contract of `datasets.vietnam_persons_1998()`: declarations only."""

from povstats.contracts.column import Column, Contract

_SOURCE = "Viet Nam Living Standards Survey 1997-98, through Ecdat::VietNamI"


def _count(name: str, high: int, unit: str = "") -> Column:
    """Declare a whole number from 0."""
    return Column(
        name=name, kind="integer", low=0, high=high, unit=unit, label=f"persons.{name}", source=_SOURCE
    )  # fmt: skip


def _answer(name: str) -> Column:
    """Declare a question of yes and no."""
    return Column(name=name, kind="text", levels=("no", "yes"), label=f"persons.{name}", source=_SOURCE)


VIETNAM_PERSONS_1998 = Contract(
    name="vietnam_persons_1998",
    columns=(
        Column(name="commune", kind="integer", low=1, high=194, label="datasets.commune", source=_SOURCE),
        Column(name="household", kind="integer", low=1, high=5741, label="persons.household", source=_SOURCE),
        Column(name="sex", kind="text", levels=("female", "male"), label="persons.sex", source=_SOURCE),
        _count("age", 110, "datasets.unit_years"),
        _answer("insured"),
        _count("illnesses", 20),
        _count("ill_days", 60, "persons.unit_days"),
        _count("limited_days", 60, "persons.unit_days"),
        _answer("injured"),
        _count("pharmacy_visits", 60),
        _count("education_code", 11),
        Column(
            name="household_size",
            kind="integer",
            low=1,
            high=30,
            unit="datasets.unit_persons",
            label="datasets.household_size",
            source=_SOURCE,
        ),
        Column(
            name="expenditure_per_head",
            kind="number",
            low=50,
            high=100_000,
            unit="datasets.unit_dong_person",
            label="datasets.expenditure_per_head",
            source=f"{_SOURCE}: 1000 exp(lnhhexp) / household_size",
        ),
    ),
    constant_within={
        "education_code": "household",
        "household_size": "household",
        "expenditure_per_head": "household",
        "commune": "household",
    },
)
