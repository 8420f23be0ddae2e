"""Recipes: from one's own columns, codes and units to a contract's, with an account of every step."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from povstats.contracts import find_contract
from povstats.errors import ContractError, OptionError
from povstats.files import replacing
from povstats.printing import Grid, Printed, Summary
from povstats.reading.prepared import Prepared
from povstats.reading.recipe_columns import Bench, household_size, make_column
from povstats.reading.recipe_grammar import read_parts
from povstats.reading.recipe_join import join_villages
from povstats.reading.recipe_keep import keep_made, keep_own
from povstats.reading.recipe_keys import require_nested, require_unique
from povstats.reading.recipe_open import open_tables, opening_steps, require_sources
from povstats.reading.recipe_parts import Join, Parts
from povstats.reading.recipe_report import RecipeReport
from povstats.reading.recipe_strict import Loader, plain
from povstats.words import language, say


@dataclass(frozen=True, eq=False, repr=False)
class Recipe(Printed):
    """A recipe, checked against its grammar and its contract.

    Attributes
    ----------
    tree : as it was written: mappings, lists, text and numbers.
    parts : what the tree says.
    """

    tree: Mapping[str, Any]
    parts: Parts

    @property
    def name(self) -> str:
        """The name by which reports call it."""
        return self.parts.name

    @property
    def contract(self) -> str:
        """The contract whose columns are made."""
        return self.parts.contract

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the recipe says, shortened; comments and layout of the file do not count."""
        # Keys may be numbers or text, which JSON would make alike.
        return hashlib.sha256(json.dumps(_pairs(self.tree), ensure_ascii=False).encode()).hexdigest()[:16]

    def apply(self, data: Any) -> Prepared:
        """Make the contract's columns from one's own.

        Parameters
        ----------
        data : what `povstats.read` gave, a pandas or polars frame, a path, or {"household": …, "village": …} of
            these; never changed.

        Returns
        -------
        Prepared
            The table, the report of every step, and the names.

        Raises
        ------
        DataError
            Where the data do not fit the recipe: columns that are not there, labels that differ, values that no rule
            covers, keys that repeat or do not match. The message names columns, rows and the remedy.
        """
        return _apply(self, data)

    def save(self, path: "str | PathLike[str]") -> Path:
        """Write the recipe as a YAML file; `povstats.recipe(path)` gives the same recipe."""
        target = Path(path)
        if target.suffix.lower() not in (".yaml", ".yml"):
            raise OptionError(f"{target.name}: a recipe is a .yaml or .yml file")
        text = yaml.safe_dump(dict(self.tree), allow_unicode=True, sort_keys=False, width=110)
        with replacing(target) as part:
            part.write_text(f"# povstats recipe, fingerprint {self.fingerprint}\n{text}", encoding="utf-8")
        return target

    def summary(self, lang: str | None = None) -> Summary:
        """Print which column comes from which, in "zh" or "en"."""
        lang = lang or language()
        contract = find_contract(self.contract)
        titles = contract.titles(lang)
        head = tuple(say(f"recipe.{key}", lang) for key in ("column", "label", "source"))
        joint = say("recipe.and_joint", lang)
        rows = tuple(
            (name, titles.get(name, say("recipe.own_column", lang)), joint.join(own) or "–")
            for name, own in own_names(self.parts).items()
        )
        title = say("recipe.recipe_title", lang, name=self.name, contract=contract.name, fingerprint=self.fingerprint)
        return Summary((Grid(title, head, rows, (self.parts.note,) if self.parts.note else (), words=3),))


def recipe(source: "str | PathLike[str] | Mapping[str, Any] | Recipe") -> Recipe:
    """Read a recipe, which turns one's own columns, codes and units into a contract's.

    Parameters
    ----------
    source : the path of a .yaml or .yml file, a dict of the same shape, or the name of a recipe that comes with
        povstats, such as "cfps_2018" (`povstats.recipes()` lists them). Nothing in it is run.

    Raises
    ------
    ContractError
        Where the file cannot be read, or says something that the grammar does not know, or leaves out something that
        would have to be guessed. The message names the key and the nearest known one.

    Notes
    -----
    Its keys::

        name: 贵州农户调查            # by which reports call it
        contract: survey              # whose columns are made; one's own is a .yaml, beside the recipe's file or here
        note: one or more sentences for the methods paragraph
        sheets: {household: 农户, village: 村}    # of one workbook; or the name of the only sheet
        encoding: gb18030             # where it is to be forced
        missing: {-8: 不适用, 99: [不知道, null]}  # every column: code to the labels it may have; null is no label
        file_missing: no              # yes: the codes that the file itself declares missing are missing
        keep:                         # rows: in, not_in, at_least, at_most, above, below, is_missing
          - {column: 问卷状态, in: [完成], because: 只用有效问卷}
          - {target: consumption, is_missing: no}
        join:                         # many households to one village
          household: [县, 村]
          village: [县名, 村名]
          unmatched_households: refuse            # keep, drop
          unmatched_villages: drop                # refuse
        household_size:               # who is divided by
          from: 户籍人口
          definition: registered      # resident
          migrants: {counted: yes, in_divisor: no, from: 外出人数}  # in_divisor: months, with months_at_home: column
          zero: refuse                # missing
        columns:
          household: [县, 村, 户编号]              # several columns make a key
          village: [县, 村]
          county: {from: 县, as: label}
          consumption: {from: 全年消费, as: number, unit: 万元, per_head: yes}
          trust: {mean: [信任1, 信任2, {from: 信任3, reverse: [1, 5]}], answered: 2}
          aid_funds: {from: 扶贫资金, table: village, unit: 元, per_head: {from: 户籍人口, definition: registered}}
        extra:                        # columns outside the contract
          log_land: {from: 耕地对数, logged: {base: natural, keep: yes}}

    A source may say: from, table, tidy (full-width and invisible signs, spaces), as (number, text, label), unreadable
    (refuse, missing), missing ({code: label}, [labels] or none), file_missing, recode ({label or code: value}) or order
    ([labels from 1]), others (refuse, missing, keep), reverse ([low, high]), times; a column says them for all
    its sources. A column also takes sum or mean (with answered: all or a number; for sums unanswered: zero or prorate),
    constant, logged (natural, 2, 10, or {base, plus, keep}), unit, per_head (yes, already, {from, definition}).
    The order of the steps is fixed: tidy, number, missing, label or recode, reverse, times, sum or mean, logged, unit,
    per_head.
    """
    if isinstance(source, Recipe):
        return source
    if isinstance(source, Mapping):
        tree = plain(source)
        return Recipe(tree=tree, parts=read_parts(tree))
    if not isinstance(source, str | PathLike):
        raise ContractError(f"a recipe is a file, a dict or a name, not {type(source).__name__}")
    path = Path(source)
    if isinstance(source, str) and not path.suffix:
        from povstats.reading.shipped import shipped

        return shipped(source)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise ContractError(f"{path.name!r} is no recipe file; a recipe is a .yaml or .yml file, or a dict")
    try:
        # Loader is PyYAML's SafeLoader with one refusal more.
        tree = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ContractError) as error:
        raise ContractError(f"recipe file {path.name} cannot be read: {error}") from error
    try:
        tree = plain(tree)
        return Recipe(tree=tree, parts=read_parts(tree, folder=path.parent))
    except (ContractError, OptionError) as error:
        raise ContractError(f"recipe file {path.name}: {error}") from error


def own_names(parts: Parts) -> dict[str, tuple[str, ...]]:
    """Give the caller's own columns behind each made one."""
    made = {target.name: tuple(source.column for source in target.sources) for target in parts.targets}
    size = parts.size
    if size is not None:
        made["household_size"] = tuple(s.column for s in (size.source, size.migrants, size.months) if s is not None)
    return made


def _apply(recipe: Recipe, data: Any) -> Prepared:
    parts, contract = recipe.parts, find_contract(recipe.contract)
    tables = open_tables(data, parts)
    prints = {"recipe": recipe.fingerprint, **{role: opened.fingerprint for role, opened in tables.items()}}
    require_sources(tables, parts.sources())
    steps = opening_steps(tables)
    tables, told = keep_own(tables, parts)
    steps += told
    bridge = None
    if parts.join is not None:
        tables, bridge, told = join_villages(tables, parts.join)
        steps += told
    bench = Bench(tables=tables, bridge=bridge, contract=contract, steps=steps)
    frame = _columns(bench, parts)
    names = {name: own_names(parts)[name] for name in frame.columns}
    _require_nested(bench, frame, names, parts.join)
    households = tables["household"]
    stays, told = keep_made(frame, households, parts)
    frame, rows = frame[stays].reset_index(drop=True), households.rows[stays]
    bench.steps += told
    if contract.unique and set(contract.unique) <= set(frame.columns):
        bench.steps.append(require_unique(frame, contract.unique, names, rows))
    report = RecipeReport(steps=tuple(bench.steps), recipe=recipe.name, rows=len(frame))
    return Prepared(frame, report, contract, names, rows, recipe, prints)


def _columns(bench: Bench, parts: Parts) -> pd.DataFrame:
    """Make every column, in the contract's order, then the caller's own."""
    made: dict[str, pd.Series] = {}
    if parts.size is not None:
        bench.size = made["household_size"] = household_size(bench, parts.size)
    for target in parts.targets:
        made[target.name] = make_column(bench, target, bench.contract.keys)
    declared = [column.name for column in bench.contract.columns if column.name in made]
    return pd.DataFrame({name: made[name] for name in [*declared, *(n for n in made if n not in declared)]})


def _require_nested(bench: Bench, frame: pd.DataFrame, names: dict[str, tuple[str, ...]], join: Join | None) -> None:
    """Refuse a village that lies in two counties, in the made columns and in the key that joins the village table."""
    keys = bench.contract.keys
    for outer, inner in bench.contract.constant_within.items():
        if {outer, inner} <= keys & set(frame.columns):
            both = ", ".join([*(names[outer] or ("…",)), *names[inner]])
            what = f"{inner} ({' + '.join(names[inner])})"
            require_nested(frame, inner, outer, what, f"{inner}: {{from: [{both}]}}")
            if bench.bridge is not None and join is not None:
                own = [source.column for source in join.household]
                used = pd.DataFrame({inner: np.asarray(bench.bridge.key), outer: frame[outer]})
                both = ", ".join([*(names[outer] or ("…",)), *own])
                require_nested(used, inner, outer, f"join ({' + '.join(own)})", f"household: [{both}]")


def _pairs(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return [[type(key).__name__, str(key), _pairs(value)] for key, value in tree.items()]
    return [_pairs(value) for value in tree] if isinstance(tree, list) else tree
