"""Recipes that come with povstats, for the big Chinese surveys: maps of variables without data.

Each is a file in data/recipes/<survey>: what is known of it (status, files, meaning of the variables and where their
names were seen) around a recipe of the usual grammar. None is more than its status says: until somebody has run it on
the real file, it says so whenever it is applied.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from povstats.errors import ContractError, DataError
from povstats.files import data_file
from povstats.reading.prepared import Prepared
from povstats.reading.recipe import Recipe
from povstats.reading.recipe_grammar import read_parts
from povstats.reading.recipe_strict import Loader, fields, flag, hint, needed, plain, words
from povstats.words import language, say

FOLDER = "recipes"
HEAD = ("status", "tested", "survey", "wave", "files", "variables", "recipe")
VARIABLE = ("zh", "en", "seen")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a variable of a survey means, and where its name was seen: names of source.toml, or "yours"."""

    zh: str
    en: str
    seen: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ShippedRecipe(Recipe):
    """A recipe that comes with povstats.

    Attributes
    ----------
    survey, wave : such as "CFPS" and 2018.
    tested : whether somebody has run it on the real file.
    status : {"zh": …, "en": …}; what is known of it.
    files : {"household": …, "village": …}; the survey's files that it is for.
    variables : {name: meaning}; every variable of the survey that it reads.
    """

    survey: str
    wave: int
    tested: bool
    status: Mapping[str, str]
    files: Mapping[str, str]
    variables: Mapping[str, Variable]

    def notice(self, lang: str | None = None) -> str:
        """Say what the recipe is for and how far it was tested, in "zh" or "en"."""
        lang = lang or language()
        files = " + ".join(self.files.values())
        return say("shipped.notice", lang, name=self.name, status=self.status[lang], files=files)

    def apply(self, data: Any) -> Prepared:
        """Make the contract's columns from the survey's; says first, until it is tested, that it is not.

        Parameters
        ----------
        data : as for any recipe.

        Raises
        ------
        DataError
            Where the data lack a variable, with its name and its meaning, or do not fit the recipe.
        """
        data = _read(data, self.parts.encoding)
        self._require(data)
        if not self.tested:
            print(self.notice())
        return super().apply(data)

    def _require(self, data: Any) -> None:
        """Refuse data that lack variables, all at once, with what they mean."""
        given = data if isinstance(data, Mapping) else {"household": data}
        told = []
        for role, column in dict.fromkeys((one.table, one.column) for one in self.parts.sources()):
            names = _names(given[role]) if role in given else [column]  # a table that is not there is refused later
            if column not in names:
                means = self.variables[column]
                told.append(f"{column!r}, {means.en} / {means.zh}, of the {role} table{hint(column, names)}")
        if told:
            raise DataError(
                f"recipe {self.name!r}: the data lack {'; '.join(told)}. It is for {' + '.join(self.files.values())}; "
                "check the file and its release, rename the columns, or save the recipe and change the copy"
            )


def shipped(name: str) -> ShippedRecipe:
    """Read a shipped recipe.

    Raises
    ------
    ContractError
        Where there is none of that name, or its file is damaged.
    """
    paths = dict(_paths())
    if name not in paths:
        raise ContractError(f"there is no recipe {name!r}{hint(name, paths)}; there are {', '.join(paths)}")
    try:
        tree = yaml.load(paths[name].read_text(encoding="utf-8"), Loader=Loader)
        return _made(plain(tree))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ContractError) as error:
        raise ContractError(f"recipe {name!r} of this installation is damaged: {error}; reinstall povstats") from error


def recipes(lang: str | None = None) -> pd.DataFrame:
    """List the recipes that come with povstats; `povstats.recipe(name)` gives one.

    Parameters
    ----------
    lang : "zh" or "en", of `status`; None is the language of `povstats.language()`.

    Returns
    -------
    One row a recipe: name, survey, wave, tested, status (in `lang`, "zh" or "en"), files, contract, and the columns
    that it makes.
    """
    lang = lang or language()
    rows = []
    for name, _ in _paths():
        one = shipped(name)
        made = [target.name for target in one.parts.targets]
        row = (one.survey, one.wave, one.tested, one.status[lang], " + ".join(one.files.values()), one.contract)
        rows.append((name, *row, ", ".join(made)))
    return pd.DataFrame(
        rows, columns=["name", "survey", "wave", "tested", "status", "files", "contract", "columns_made"]
    )


def _paths() -> Iterator[tuple[str, Path]]:
    """Give every shipped recipe's name and file, in the order of names."""
    yield from sorted((path.stem, path) for path in data_file(FOLDER).glob("*/*.yaml"))


def _made(tree: Any) -> ShippedRecipe:
    """Make a shipped recipe of a file's tree."""
    said = fields(tree, HEAD, "the file")
    head = {key: needed(said, key, "the file", "what every shipped recipe says") for key in HEAD}
    status = fields(head["status"], LANGUAGES, "status")
    files = fields(head["files"], ("household", "village"), "files")
    known = {name: _variable(name, entry) for name, entry in dict(head["variables"]).items()}
    parts = read_parts(head["recipe"])
    read = {source.column for source in parts.sources()}
    odd = sorted(read ^ set(known))
    if odd:
        raise ContractError(f"variables and recipe do not name the same columns: {odd}")
    return ShippedRecipe(
        tree=head["recipe"],
        parts=parts,
        survey=words(head["survey"], "survey"),
        wave=int(head["wave"]),
        tested=flag(head["tested"], "tested"),
        status={lang: words(needed(status, lang, "status", "both languages"), "status") for lang in LANGUAGES},
        files={role: words(name, f"files: {role}") for role, name in files.items()},
        variables=known,
    )


def _variable(name: str, entry: object) -> Variable:
    said = fields(entry, VARIABLE, f"variable {name!r}")
    zh, en = (words(needed(said, lang, name, "what it means"), name) for lang in LANGUAGES)
    seen = needed(said, "seen", name, "where its name was seen")
    return Variable(zh=zh, en=en, seen=tuple(words(one, f"{name}: seen") for one in seen))


def _read(data: Any, encoding: str | None) -> Any:
    """Read paths, so that a file is read once for its names and its values."""
    from povstats.reading.read import read

    if isinstance(data, Mapping):
        return {role: _read(one, encoding) for role, one in data.items()}
    return read(data, encoding=encoding) if isinstance(data, str | PathLike) else data


def _names(table: Any) -> list[str]:
    """Name the columns of a reading or a frame."""
    frame = table.table if isinstance(getattr(table, "table", None), pd.DataFrame) else table
    return [str(name) for name in frame.columns]
