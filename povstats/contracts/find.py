"""From what a caller names, a contract by name, as an object or in a YAML file, to the contract."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from povstats.contracts.column import Column, Contract
from povstats.contracts.guizhou import GUIZHOU
from povstats.contracts.high_school import HIGH_SCHOOL_1982
from povstats.contracts.jiangxi import JIANGXI_INSURANCE
from povstats.contracts.panel import PANEL
from povstats.contracts.registry import REGISTRY
from povstats.contracts.registry_events import REGISTRY_EVENTS
from povstats.contracts.survey import SURVEY
from povstats.contracts.vietnam import VIETNAM_1998
from povstats.contracts.vietnam_persons import VIETNAM_PERSONS_1998
from povstats.contracts.wage_panel import WAGE_PANEL
from povstats.errors import ContractError, OptionError

_OWN = (
    VIETNAM_1998,
    VIETNAM_PERSONS_1998,
    HIGH_SCHOOL_1982,
    JIANGXI_INSURANCE,
    SURVEY,
    REGISTRY,
    REGISTRY_EVENTS,
    GUIZHOU,
    PANEL,
    WAGE_PANEL,
)
CONTRACTS: Mapping[str, Contract] = {one.name: one for one in _OWN}
_COLUMN_KEYS = frozenset(Column.__dataclass_fields__)
_CONTRACT_KEYS = frozenset(Contract.__dataclass_fields__)


def find_contract(contract: "str | PathLike[str] | Contract") -> Contract:
    """Find a contract.

    Parameters
    ----------
    contract : a Contract, the name of one of povstats' own, or the path of a .yaml or .yml file.

    Raises
    ------
    ContractError
        Where the name is unknown, or the file is missing or not a contract.
    """
    if isinstance(contract, Contract):
        return contract
    path = Path(contract)
    if isinstance(contract, PathLike) or path.suffix.lower() in (".yaml", ".yml"):
        return read_contract(path)
    if contract not in CONTRACTS:
        raise ContractError(
            f"there is no contract {contract!r}; povstats has {', '.join(map(repr, sorted(CONTRACTS)))}, "
            "and one's own is a .yaml file"
        )
    return CONTRACTS[contract]


def read_contract(path: Path) -> Contract:
    """Read a contract from a YAML file.

    The file is a mapping with `columns`, a list of mappings with the fields of `Column`; `name`,
    `constant_within` and `unique` (a list) may be left out. Nothing in the file is run.

    Raises
    ------
    ContractError
        Where the file is missing, is not YAML, or does not declare a contract.
    """
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(f"contract file {path.name} cannot be read: {error}") from error
    try:
        return _declared(tree, path.stem)
    except (ContractError, OptionError) as error:
        raise ContractError(f"contract file {path.name}: {error}") from error


def as_tree(contract: Contract) -> dict[str, object]:
    """Give the tree that `read_contract` reads as the same contract, without what is as it would be anyway."""
    plain = {name: field.default for name, field in Column.__dataclass_fields__.items()}
    columns = []
    for column in contract.columns:
        said = {name: getattr(column, name) for name in plain if getattr(column, name) != plain[name]}
        columns.append({key: list(value) if isinstance(value, tuple) else value for key, value in said.items()})
    tree: dict[str, object] = {"name": contract.name, "columns": columns}
    if contract.constant_within:
        tree["constant_within"] = dict(contract.constant_within)
    if contract.unique:
        tree["unique"] = list(contract.unique)
    return tree


def _declared(tree: object, stem: str) -> Contract:
    """Make the contract that a YAML tree declares."""
    fields = _fields(tree, _CONTRACT_KEYS, "the file")
    name = fields.get("name", stem)
    columns = fields.get("columns")
    within = fields.get("constant_within", {})
    if not isinstance(name, str):
        raise ContractError(f"name must be text, got {name!r}")
    if not isinstance(columns, list):
        raise ContractError("columns must be a list of columns, each with a name and a kind")
    unique = fields.get("unique", [])
    if not isinstance(unique, list) or not all(isinstance(word, str) for word in unique):
        raise ContractError("unique must be a list of columns that together tell rows apart, such as [place, year]")
    if not isinstance(within, dict) or not all(isinstance(word, str) for word in (*within, *within.values())):
        raise ContractError("constant_within must map columns to group columns, such as {urban: commune}")
    made = tuple(_column(entry, place) for place, entry in enumerate(columns, start=1))
    return Contract(name=name, columns=made, constant_within=within, unique=tuple(unique))


def _column(entry: object, place: int) -> Column:
    """Make the column that one entry of the list declares."""
    fields = _fields(entry, _COLUMN_KEYS, f"column {place}")
    if "name" not in fields or "kind" not in fields:
        raise ContractError(f"column {place} needs a name and a kind, it has {sorted(fields)}")
    lists = {}
    for name in ("levels", "level_labels"):
        listed = fields.get(name, [])
        if not isinstance(listed, list):
            raise ContractError(f"column {place}: {name} must be a list, got {listed!r}")
        lists[name] = tuple(listed)
    declared: dict[str, Any] = {**fields, **lists}
    return Column(**declared)


def _fields(entry: object, known: frozenset[str], what: str) -> dict[str, object]:
    """Refuse an entry that is no mapping, or has a key that means nothing here."""
    if not isinstance(entry, dict):
        raise ContractError(f"{what} must be a mapping of {', '.join(sorted(known))}; got {entry!r}")
    unknown = [key for key in entry if key not in known]
    if unknown:
        raise ContractError(f"{what} has unknown keys {unknown}; the known ones are {', '.join(sorted(known))}")
    return entry
