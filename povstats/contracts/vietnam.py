"""The contract of `datasets.vietnam_1998()`: declarations only."""

from povstats.contracts.column import Column, Contract

_SOURCE = "Viet Nam Living Standards Survey 1997-98, through Ecdat::VietNamH"

VIETNAM_1998 = Contract(
    name="vietnam_1998",
    columns=(
        Column(name="commune", kind="integer", low=1, high=194, label="datasets.commune", source=_SOURCE),
        Column(name="urban", kind="text", levels=("no", "yes"), label="datasets.urban", source=_SOURCE),
        Column(name="farm", kind="text", levels=("no", "yes"), label="datasets.farm", source=_SOURCE),
        Column(name="sex", kind="text", levels=("female", "male"), label="datasets.sex", source=_SOURCE),
        Column(
            name="age",
            kind="integer",
            low=15,
            high=110,
            unit="datasets.unit_years",
            label="datasets.age",
            source=_SOURCE,
        ),
        Column(
            name="education",
            kind="number",
            low=0,
            high=25,
            unit="datasets.unit_years",
            label="datasets.education",
            source=_SOURCE,
        ),
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
            name="expenditure",
            kind="number",
            low=100,
            high=1_000_000,
            unit="datasets.unit_dong_household",
            label="datasets.expenditure",
            source=f"{_SOURCE}: exp(lntotal)",
        ),
        Column(
            name="expenditure_per_head",
            kind="number",
            low=50,
            high=200_000,
            unit="datasets.unit_dong_person",
            label="datasets.expenditure_per_head",
            source=f"{_SOURCE}: exp(lntotal) / hhsize",
        ),
        Column(
            name="log_expenditure_per_head",
            kind="number",
            low=3,
            high=13,
            unit="datasets.unit_log_dong_person",
            label="datasets.log_expenditure_per_head",
            source=f"{_SOURCE}: lntotal - log(hhsize)",
        ),
    ),
    constant_within={"urban": "commune"},
)
