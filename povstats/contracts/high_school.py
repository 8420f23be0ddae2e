"""The contract of `datasets.high_school_1982()`: declarations only."""

from povstats.contracts.column import Column, Contract

_SOURCE = "High School and Beyond 1982, through nlme::MathAchieve and nlme::MathAchSchool"

HIGH_SCHOOL_1982 = Contract(
    name="high_school_1982",
    columns=(
        Column(name="school", kind="integer", low=1000, high=9999, label="datasets.school", source=_SOURCE),
        Column(name="sector", kind="text", levels=("Catholic", "Public"), label="datasets.sector", source=_SOURCE),
        Column(name="minority", kind="text", levels=("no", "yes"), label="datasets.minority", source=_SOURCE),
        Column(name="sex", kind="text", levels=("Female", "Male"), label="datasets.pupil_sex", source=_SOURCE),
        Column(
            name="ses",
            kind="number",
            low=-6,
            high=6,
            unit="datasets.unit_index",
            label="datasets.ses",
            source=_SOURCE,
        ),
        Column(
            name="mean_ses",
            kind="number",
            low=-3,
            high=3,
            unit="datasets.unit_index",
            label="datasets.mean_ses",
            source=f"{_SOURCE}: MEANSES, rounded in the source",
        ),
        Column(
            name="math",
            kind="number",
            low=-10,
            high=40,
            unit="datasets.unit_score",
            label="datasets.math",
            source=_SOURCE,
        ),
    ),
    constant_within={"sector": "school", "mean_ses": "school"},
)
