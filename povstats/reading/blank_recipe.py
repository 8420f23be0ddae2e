"""The recipe that belongs to a template, and the contract beside it, as text with its comments."""

from typing import Any

import yaml

from povstats.contracts import Column, Contract
from povstats.contracts.find import CONTRACTS, as_tree
from povstats.reading.blank_sheets import headings
from povstats.reading.recipe_units import PER_HEAD, STATED, kind_of, unit_of
from povstats.words import say

ENDLESS = 1_000_000
"""A width at which YAML breaks no line."""


def is_own(contract: Contract) -> bool:
    """Tell whether a recipe must find the contract in a file, as it is not one of povstats' own."""
    return CONTRACTS.get(contract.name) != contract


def recipe_text(contract: Contract, where: str, lang: str) -> str:
    """Write the recipe from a template's headings to the contract.

    Parameters
    ----------
    where : the contract's name, or its file beside the recipe.
    lang : language of the headings and of the comments.
    """
    names = headings(contract, lang)
    lines = [f"# {line}" for line in say("template.recipe_head", lang, contract=contract.name).splitlines()]
    lines += [f"name: {_flow(say('template.recipe_name', lang, contract=contract.name))}", f"contract: {_flow(where)}"]
    lines.append("columns:")
    for column in contract.columns:
        remark = "" if column.required else f"  # {say('template.recipe_optional', lang)}"
        lines.append(f"  {_flow(column.name)}: {_flow(_entry(column, names[column.name], lang))}{remark}")
    return "\n".join(lines) + "\n"


def contract_text(contract: Contract) -> str:
    """Write a contract as the .yaml file that reads as the same contract."""
    return yaml.safe_dump(as_tree(contract), allow_unicode=True, sort_keys=False, width=110)


def _entry(column: Column, heading: str, lang: str) -> Any:
    """Say where a column comes from, with what a recipe must state: its unit, and what the words of its levels mean."""
    said: dict[str, Any] = {"from": heading}
    unit = unit_of(column.unit)
    if unit is not None and kind_of(unit) in STATED:
        said["unit"] = unit
    if column.unit in PER_HEAD:
        said["per_head"] = "already"
    recode = {word: level for level, word in column.level_words(lang).items() if word != level}
    if recode:
        said["recode"] = recode
    return heading if len(said) == 1 else said


def _flow(entry: Any) -> str:
    """Write an entry in one line, quoted where YAML would take it for something else."""
    text = yaml.safe_dump(entry, allow_unicode=True, default_flow_style=True, sort_keys=False, width=ENDLESS)
    return text.removesuffix("...\n").strip()
