"""Numbers of the documents by the id of their fact, for the exhibits that compute with them."""

from functools import cache

from povstats.documents import facts

INPUTS = ("documents/facts.csv", "documents/source.toml")
"""The files that fix them."""


@cache
def _values() -> dict[str, float]:
    table = facts()
    return {str(id): float(value) for id, value in zip(table["id"], table["value"], strict=True)}


def stated(*ids: str) -> list[float]:
    """Give the values of facts, in their order, in the unit of the fact."""
    return [_values()[id] for id in ids]
