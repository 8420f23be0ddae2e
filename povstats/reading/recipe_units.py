"""Units that Chinese surveys use, and what turns one into another."""

from fractions import Fraction
from types import MappingProxyType

from povstats.errors import ContractError

# {unit: (kind, how many of the kind's first unit it is)}. 1 hectare = 15 mu; 1 mu = 2000/3 square metres;
# 1 jin = 500 g and 1 liang = 50 g: State Council of the PRC, order on uniform measures of 25 June 1959, and the
# notice on area units of 20 December 1990.
UNITS = MappingProxyType(
    {
        "yuan": ("money", Fraction(1)),
        "thousand_yuan": ("money", Fraction(1000)),
        "ten_thousand_yuan": ("money", Fraction(10_000)),
        "hundred_million_yuan": ("money", Fraction(10**8)),
        "mu": ("area", Fraction(1)),
        "hectare": ("area", Fraction(15)),
        "square_metre": ("area", Fraction(3, 2000)),
        "kilogram": ("weight", Fraction(1)),
        "jin": ("weight", Fraction(1, 2)),
        "liang": ("weight", Fraction(1, 20)),
        "tonne": ("weight", Fraction(1000)),
        "share": ("share", Fraction(1)),
        "per_cent": ("share", Fraction(1, 100)),
        "per_mille": ("share", Fraction(1, 1000)),
        "persons": ("persons", Fraction(1)),
        "ten_thousand_persons": ("persons", Fraction(10_000)),
        "households": ("households", Fraction(1)),
        "ten_thousand_households": ("households", Fraction(10_000)),
        "years": ("time", Fraction(1)),
        "months": ("time", Fraction(1, 12)),
    }
)

NAMES = MappingProxyType(
    {
        **{name.replace("_", " "): name for name in UNITS},
        **{name: name for name in UNITS},
        **{"元": "yuan", "千元": "thousand_yuan", "万元": "ten_thousand_yuan", "亿元": "hundred_million_yuan"},
        **{"亩": "mu", "公顷": "hectare", "ha": "hectare", "平方米": "square_metre", "square meter": "square_metre"},
        **{"公斤": "kilogram", "千克": "kilogram", "kg": "kilogram", "斤": "jin", "市斤": "jin", "两": "liang"},
        **{"吨": "tonne", "比例": "share", "百分数": "per_cent", "百分比": "per_cent", "%": "per_cent"},
        **{"percent": "per_cent", "千分数": "per_mille", "‰": "per_mille", "人": "persons", "户": "households"},
        **{"万人": "ten_thousand_persons", "万户": "ten_thousand_households", "年": "years", "月": "months"},
    }
)

OF_CONTRACTS = MappingProxyType(
    {
        "contracts.yuan_person": "yuan",
        "contracts.mu_person": "mu",
        "contracts.persons": "persons",
        "contracts.households": "households",
        "contracts.share": "share",
        "contracts.years": "years",
    }
)
"""The unit of a column by its contract's words."""

PER_HEAD = frozenset({"contracts.yuan_person", "contracts.mu_person"})
"""Words of contracts that mean per person: a recipe says whether its source is per head already."""

STATED = frozenset({"money", "area", "share"})
"""Kinds in which people use several units: a recipe must say which."""


def unit_of(contract_unit: str) -> str | None:
    """Give the unit that a contract's words mean, None where it is not one of ours."""
    return OF_CONTRACTS.get(contract_unit) or NAMES.get(contract_unit)


def kind_of(unit: str) -> str:
    """Give what a unit measures."""
    return UNITS[unit][0]


def factor(start: str, end: str) -> Fraction:
    """Give what a number in unit `start` is multiplied by to be in unit `end`.

    Raises
    ------
    ContractError
        Where the two measure different things.
    """
    (kind, size), (other, target) = UNITS[start], UNITS[end]
    if kind != other:
        raise ContractError(f"{start} measures {kind} and {end} {other}; no factor turns one into the other")
    return size / target
