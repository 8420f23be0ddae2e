"""The contract of a study of social capital and household consumption, with the variables of the Guizhou text."""

from povstats.contracts.column import Column, Contract

_SOURCE = "the text on Guizhou's survey of 2009, sections 2 and 3 (data/documents, document 001)"


def _item(name: str, *, required: bool = True) -> Column:
    """Declare a form of social capital in whole grades, a higher one meaning more of it.

    The text does not say how many grades its questions have; any scale from 1 to at most 10 will do.
    """
    return Column(
        name=name,
        kind="integer",
        unit="contracts.grade",
        low=1,
        high=10,
        missing=True,
        required=required,
        label=f"contracts.{name}",
        source=_SOURCE if required else f"{_SOURCE}; listed there, in none of its models",
    )


def _household(name: str, unit: str, high: float, label: str = "", *, whole: bool = False) -> Column:
    """Declare a household's control, with gaps: models leave those households out and say so."""
    return Column(
        name=name,
        kind="integer" if whole else "number",
        unit=unit,
        low=0,
        high=high,
        missing=True,
        label=label or f"contracts.{name}",
        source=_SOURCE,
    )


def _village(name: str, unit: str, low: float, high: float) -> Column:
    """Declare a village's trait, without gaps: a missing one would take the whole village out."""
    return Column(name=name, kind="number", unit=unit, low=low, high=high, label=f"contracts.{name}", source=_SOURCE)


GUIZHOU = Contract(
    name="guizhou",
    columns=(
        # A household's id must be unique in the whole table, and a village's name in all counties: where villages
        # number their households, or counties have villages of one name, a recipe makes a key of both columns.
        Column(name="household", kind="text", label="contracts.household"),
        Column(name="village", kind="text", label="contracts.village"),
        Column(name="county", kind="text", label="contracts.county"),
        Column(
            name="consumption",
            kind="number",
            unit="contracts.yuan_person",
            # Its logarithm is modelled, so nothing and less than nothing have no place here.
            low=1,
            high=1_000_000,
            label="contracts.consumption",
            source=_SOURCE,
        ),
        _household("education", "contracts.years", 25, "contracts.education_per_head"),
        _household("land", "contracts.mu_person", 200),
        _household("migrants", "contracts.persons", 20, whole=True),
        _household("transfers", "contracts.yuan_person", 1_000_000),
        _item("trust"),
        _item("participation"),
        _item("harmony"),
        _item("cadre_relation"),
        _village("village_consumption", "contracts.yuan_person", 1, 1_000_000),
        _village("aid_funds", "contracts.yuan_person", 0, 1_000_000),
        _village("village_migration", "contracts.share", 0, 1),
        _item("poverty_view", required=False),
        Column(
            name="household_size",
            kind="integer",
            unit="contracts.persons",
            low=1,
            high=30,
            missing=True,
            required=False,
            label="contracts.household_size",
        ),
        # 1 is poor. The text counts poor households and prints no line.
        Column(
            name="poor",
            kind="integer",
            low=0,
            high=1,
            missing=True,
            required=False,
            label="contracts.poor",
            source=_SOURCE,
        ),
        Column(name="weight", kind="number", low=0, missing=True, required=False, label="contracts.weight"),
    ),
    constant_within={
        "county": "village",
        "village_consumption": "village",
        "aid_funds": "village",
        "village_migration": "village",
    },
    unique=("household",),
)
