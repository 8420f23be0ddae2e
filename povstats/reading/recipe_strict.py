"""Strict reading of a recipe's tree: unknown keys are refused with the nearest known one, values by kind."""

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar
from unicodedata import category, normalize

import yaml

from povstats.errors import ContractError

Tree = dict[Any, Any]
Word = TypeVar("Word", bound=str)


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which also refuses a key that stands twice: the first would be lost without a word."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Tree:
    made: Tree = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, list | dict):
            raise ContractError(f"line {key_node.start_mark.line + 1}: a key must be a word or a number, got {key!r}")
        if key in made:
            raise ContractError(f"line {key_node.start_mark.line + 1}: {key!r} stands twice; keep one of the two")
        made[key] = loader.construct_object(value_node, deep=True)
    return made


Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def plain(tree: object, where: str = "the recipe") -> Any:
    """Copy a tree of mappings, lists, text, numbers, truth values and None; refuse anything else."""
    if isinstance(tree, Mapping):
        return {_key(key, where): plain(value, f"{where}: {key}") for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(value, where) for value in tree]
    if tree is None or type(tree) in (str, int, bool):
        return tree
    if type(tree) is float and math.isfinite(tree):
        return tree
    raise ContractError(f"{where}: {tree!r} is no text, finite number, list or mapping; put dates in quotes")


def _key(key: object, where: str) -> Any:
    if type(key) in (str, int, bool) or (type(key) is float and math.isfinite(key)):
        return key
    raise ContractError(f"{where}: a key must be a word or a number, got {key!r}")


def fields(entry: object, known: Sequence[str], where: str) -> Tree:
    """Take a mapping whose keys are all known.

    Raises
    ------
    ContractError
        Where it is no mapping, or has a key that means nothing here; the message names the nearest known one.
    """
    if not isinstance(entry, dict):
        raise ContractError(f"{where} must be a mapping with some of {', '.join(known)}; got {entry!r}")
    unknown = [key for key in entry if key not in known]
    if unknown:
        told = "; ".join(repr(key) + hint(key, known) for key in unknown)
        raise ContractError(f"{where} has unknown keys: {told}; the known ones are {', '.join(known)}")
    return entry


def hint(word: object, known: Iterable[str]) -> str:
    """Name what is near to a word: the same but for spaces and full width, or alike."""
    names = [str(name) for name in known]
    same = [name for name in names if name != str(word) and folded(name) == folded(str(word))]
    if same:
        return f" (the same but for spaces, case or full-width signs: {', '.join(map(repr, same))})"
    close = get_close_matches(str(word), names, 3, 0.6)
    return f" (near to it: {', '.join(map(repr, close))})" if close else ""


def folded(word: str) -> str:
    """Write a word without spaces, invisible signs, case and full-width forms, to find those that differ in no more."""
    if word.isascii() and word.isdecimal():  # most keys, and there are many
        return word
    return "".join(visible(normalize("NFKC", word)).split()).casefold()


def visible(word: str) -> str:
    """Leave out signs that nobody sees, such as the zero-width space of text copied from a web page."""
    return word if word.isascii() else "".join(sign for sign in word if category(sign) != "Cf")


def needed(entry: Tree, key: str, where: str, why: str) -> Any:
    """Take a key that must be there."""
    if key not in entry:
        raise ContractError(f"{where} needs {key}: {why}")
    return entry[key]


def choice(value: object, options: Sequence[Word], where: str) -> Word:
    """Take one of some words; yes and no may be YAML's truth values."""
    word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    for option in options:
        if word == option:
            return option
    raise ContractError(f"{where} must be one of {', '.join(o or repr(o) for o in options)}; got {value!r}")


def flag(value: object, where: str) -> bool:
    """Take yes or no."""
    return choice(value, ("yes", "no"), where) == "yes"


def number(value: object, where: str) -> float:
    """Take a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContractError(f"{where} must be a number, got {value!r}")
    return value


def words(value: object, where: str) -> str:
    """Take text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ContractError(f"{where} must be text, got {value!r}; put numbers that are names in quotes")
    return value


def listed(value: object, where: str) -> list[Any]:
    """Take a list that is not empty; one value counts as a list of one."""
    made = value if isinstance(value, list) else [value]
    if not made:
        raise ContractError(f"{where} must not be an empty list")
    return made
