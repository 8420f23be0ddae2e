"""The contract of a registry's events, one row an event of a household, as `povstats.registry_flows` takes them."""

from povstats.contracts.column import Column, Contract

EVENTS = (
    "identified",
    "returned",
    "split",
    "natural_increase",
    "exited",
    "removed",
    "natural_decrease",
    "died",
    "moved",
    "merged",
)
"""What may happen: the flows of the ledger; a household that splits from another; its end by death, by moving
away or by merging into another."""

REGISTRY_EVENTS = Contract(
    name="registry_events",
    columns=(
        Column(name="household", kind="text", label="contracts.household"),
        Column(name="year", kind="integer", low=1949, high=2100, label="contracts.year"),
        Column(
            name="event",
            kind="text",
            levels=EVENTS,
            level_labels=tuple(f"contracts.event_{event}" for event in EVENTS),
            label="contracts.event",
        ),
        Column(name="persons", kind="integer", low=0, unit="contracts.persons", label="contracts.event_persons"),
        Column(name="place", kind="text", required=False, label="contracts.place"),
        Column(name="other", kind="text", missing=True, required=False, label="contracts.other_household"),
        Column(name="check", kind="integer", low=0, high=1, missing=True, required=False, label="contracts.exit_check"),
        Column(name="cause", kind="text", missing=True, required=False, label="contracts.cause"),
        Column(name="measure", kind="text", missing=True, required=False, label="contracts.help"),
    ),
    constant_within={"place": "household"},
)
