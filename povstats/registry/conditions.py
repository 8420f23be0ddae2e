"""ps.rule_set(): the conditions for leaving the register, as a text states them."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from povstats.errors import DataError, OptionError, allowed
from povstats.files import proven_file

RULE_SETS = (
    "annual_adjustment",
    "village_exit",
    "five_indicators",
    "five_haves_four_guarantees",
    "line_and_guarantees",
)
KINDS = ("above_line", "yes")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition: `kind` "yes" asks a column of its id for 1, "above_line" asks the income to be above the line.

    `status` is "unknown" where the text names the condition and does not list what it is.
    """

    id: str
    zh: str
    en: str
    kind: Literal["yes", "above_line"]
    status: Literal["listed", "unknown"]

    def word(self, lang: str) -> str:
        """Name it in "zh" or "en"."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """The conditions of one text, all of which a household must meet to leave.

    Attributes
    ----------
    name, section, zh, en, quote : which text, and the sentence that states them. conditions : in its order.
    steps : (process, zh, en, days) of its notices; () where it gives none.
    """

    name: str
    section: str
    zh: str
    en: str
    quote: str
    conditions: tuple[Condition, ...]
    steps: tuple[tuple[str, str, str, int], ...] = ()

    def word(self, lang: str) -> str:
        """Name it in "zh" or "en"."""
        return self.zh if lang == "zh" else self.en

    def calendar(self, process: str, start: datetime.date, lang: Literal["zh", "en"] = "zh") -> pd.DataFrame:
        """Date the steps of a process from the day it begins: each notice ends its days after it was put up.

        Parameters
        ----------
        process : "exit" or "identification", where the text has it. start : first day. lang : of the steps' names.

        Raises
        ------
        OptionError
            Where the text gives no such process.
        """
        steps = [step for step in self.steps if step[0] == process]
        if not steps:
            known = sorted({step[0] for step in self.steps})
            raise OptionError(f"{self.name!r} gives no calendar of {process!r}; it has {known}")
        rows, day = [], start
        for _, zh, en, days in steps:
            end = day + datetime.timedelta(days=days)
            rows.append({"step": zh if lang == "zh" else en, "begins": day, "ends": end, "days": days})
            day = end
        return pd.DataFrame(rows)


def rule_set(name: str | PathLike[str]) -> RuleSet:
    """Load the conditions of a text, or one's own from a .toml file of the same form.

    Parameters
    ----------
    name : one of the five of data/rules ("annual_adjustment", "village_exit", "five_indicators",
        "five_haves_four_guarantees", "line_and_guarantees"), or a path that ends in .toml.

    Returns
    -------
    RuleSet
        Its conditions; nothing in the file is run as code.

    Raises
    ------
    OptionError
        Where the name is unknown.
    DataError
        Where the file is missing, is no TOML, or has a condition of another kind or status.
    """
    path = Path(name)
    if path.suffix.lower() == ".toml":
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataError(f"{path} cannot be read as rules: {error}") from error
    else:
        allowed("name", str(name), RULE_SETS)
        tree = tomllib.loads(proven_file("rules", f"{name}.toml").decode("utf-8"))
    return _built(tree, str(name))


def _built(tree: Mapping[str, Any], where: str) -> RuleSet:
    try:
        conditions = tuple(Condition(**one) for one in tree["condition"])
        steps = tuple((s["process"], s["zh"], s["en"], int(s["days"])) for s in tree.get("step", ()))
        made = RuleSet(
            name=tree["name"],
            section=tree["section"],
            zh=tree["zh"],
            en=tree["en"],
            quote=tree["quote"],
            conditions=conditions,
            steps=steps,
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"rules {where!r}: {error}; see data/rules/card.md for the form") from error
    ids = [one.id for one in conditions]
    odd = [one.id for one in conditions if one.kind not in KINDS or one.status not in ("listed", "unknown")]
    if odd or len(set(ids)) < len(ids) or not ids:
        raise DataError(f"rules {where!r}: conditions {odd or ids} repeat, or have another kind or status")
    return made


def accounting_period(start: datetime.date, end: datetime.date) -> int:
    """Give the days of the period over which income is counted.

    Raises
    ------
    DataError
        Where it ends before it begins, as a period printed "2017-10-01 to 2017-09-30" does.
    """
    days = (end - start).days + 1
    if days < 1:
        raise DataError(f"the period from {start} to {end} ends before it begins; was {start.year - 1} meant?")
    return days
