"""From a recipe's tree to its parts: the whole grammar, checked before any data are seen."""

from pathlib import Path
from typing import Any, Literal

from povstats.contracts import Contract, find_contract
from povstats.errors import ContractError
from povstats.reading.recipe_parts import ROLES, SIZES, TESTS, Condition, HouseholdSize, Join, Parts
from povstats.reading.recipe_sources import SHARED, made_source, missing_codes
from povstats.reading.recipe_strict import Tree, choice, fields, flag, hint, listed, needed, number, words
from povstats.reading.recipe_targets import made_target

RECIPE = (
    "name",
    "contract",
    "note",
    "sheets",
    "encoding",
    "missing",
    "file_missing",
    "keep",
    "join",
    "household_size",
    "columns",
    "extra",
)
SIZE = ("from", "definition", "migrants", "zero", *SHARED)
MIGRANTS = ("from", "counted", "in_divisor", "months_at_home", *SHARED)
CONDITION = ("column", "target", *TESTS, "when_missing", "because", *SHARED)
JOIN = ("household", "village", "unmatched_households", "unmatched_villages")


def read_parts(tree: Tree, folder: Path | None = None) -> Parts:
    """Read a recipe's tree.

    Parameters
    ----------
    folder : where the recipe's file lies; a contract's file is looked for there first, then in the working folder.

    Raises
    ------
    ContractError
        Where the tree says something that the grammar does not know, leaves out something that would have to be
        guessed, or does not make what the contract needs.
    """
    said = fields(tree, RECIPE, "the recipe")
    contract_name = words(needed(said, "contract", "the recipe", "the contract it serves, such as survey"), "contract")
    if folder is not None and contract_name.lower().endswith((".yaml", ".yml")) and (folder / contract_name).exists():
        contract_name = str(folder / contract_name)
    contract = find_contract(contract_name)
    missing = missing_codes(said.get("missing", {}), "the recipe")
    asked = missing, flag(said.get("file_missing", False), "file_missing")
    size = _size(said["household_size"], asked) if "household_size" in said else None
    targets = tuple(
        made_target(name, entry, contract, asked, own=own)
        for own, group in ((False, "columns"), (True, "extra"))
        for name, entry in _group(said, group).items()
    )
    parts = Parts(
        name=words(needed(said, "name", "the recipe", "a name, by which reports call it"), "name"),
        contract=contract_name,
        note=words(said["note"], "note") if "note" in said else "",
        sheets=_sheets(said.get("sheets", {})),
        encoding=words(said["encoding"], "encoding") if "encoding" in said else None,
        keep=tuple(_condition(entry, place, asked) for place, entry in enumerate(_rows(said), start=1)),
        join=_join(said["join"], asked) if "join" in said else None,
        size=size,
        targets=targets,
    )
    _check_names(parts, contract)
    return parts


def _group(said: Tree, group: str) -> Tree:
    """Take the columns of a group, which are named by text."""
    found = needed(said, "columns", "the recipe", "the columns to make") if group == "columns" else said.get(group, {})
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise ContractError(f"{group} must map names of columns to where they come from; got {found!r}")
    return found


def _rows(said: Tree) -> list[Any]:
    return listed(said["keep"], "keep") if "keep" in said else []


def _check_names(parts: Parts, contract: Contract) -> None:
    """Refuse names that the contract does not have, that stand twice, or that it needs and are not made."""
    declared = [column.name for column in contract.columns]
    for target in parts.targets:
        if not target.own and target.name not in declared:
            raise ContractError(
                f"contract {contract.name!r} has no column {target.name!r}{hint(target.name, declared)}; columns of "
                "your own go under extra"
            )
        if target.own and target.name in declared:
            raise ContractError(f"{target.name!r} is a column of contract {contract.name!r}; put it under columns")
    made = [target.name for target in parts.targets]
    if parts.size is not None:
        if "household_size" in made:
            raise ContractError("household_size is made by its own section; take it out of columns")
        made.append("household_size")
    absent = [column.name for column in contract.columns if column.required and column.name not in made]
    if absent:
        raise ContractError(f"contract {contract.name!r} needs {', '.join(absent)}, which the recipe does not make")
    for target in parts.targets:
        if target.per_head is not None and target.per_head.how == "size" and parts.size is None:
            raise ContractError(f"column {target.name!r}: per_head: yes needs the section household_size")
    for one in parts.keep:
        if one.target and one.target not in made:
            raise ContractError(f"keep: the recipe makes no column {one.target!r}{hint(one.target, made)}")
    if parts.join is None and any(source.table == "village" for source in parts.sources()):
        raise ContractError("a source says table: village, but the recipe has no join of villages to households")


def _sheets(entry: object) -> dict[str, str]:
    """Read which sheet holds which table; one name alone is the only table's."""
    if isinstance(entry, str):
        return {"": words(entry, "sheets")}
    return {name: words(sheet, f"sheets: {name}") for name, sheet in fields(entry, ROLES, "sheets").items()}


def _size(entry: object, asked: tuple[Tree, bool]) -> HouseholdSize:
    """Read who counts in a household."""
    where = "household_size"
    said = fields(entry, SIZE, where)
    definition = needed(said, "definition", where, "registered (户籍人口) or resident (常住人口)")
    why = "whether migrants are counted in the column and in the divisor: {counted: yes, in_divisor: no, from: …}"
    away = fields(needed(said, "migrants", where, why), MIGRANTS, "household_size: migrants")
    counted = flag(needed(away, "counted", "household_size: migrants", why), "counted")
    divided = needed(away, "in_divisor", "household_size: migrants", why)
    inside: Literal["yes", "no", "months"] = choice(divided, ("yes", "no", "months"), "in_divisor")
    arithmetic = inside == "months" or counted != (inside == "yes")
    if arithmetic and "from" not in away:
        raise ContractError(
            "household_size: migrants needs from: the column with their number, as the divisor counts them otherwise "
            "than your column does"
        )
    if not arithmetic and ("from" in away or "months_at_home" in away):
        raise ContractError("household_size: migrants: your column counts them as the divisor does; from is not needed")
    if (inside == "months") != ("months_at_home" in away):
        raise ContractError("household_size: migrants: in_divisor: months and months_at_home: column go together")
    shared = {key: value for key, value in away.items() if key in SHARED}
    own = {key: value for key, value in said.items() if key in SHARED or key == "from"}
    return HouseholdSize(
        source=made_source(own, where, {}, *asked),
        definition=choice(definition, SIZES, "household_size: definition"),
        counted=counted,
        in_divisor=inside,
        migrants=made_source(away["from"], "household_size: migrants", shared, *asked) if "from" in away else None,
        months=made_source(away["months_at_home"], "months_at_home", shared, *asked) if inside == "months" else None,
        zero=choice(said.get("zero", "refuse"), ("refuse", "missing"), "household_size: zero"),
    )


def _condition(entry: object, place: int, asked: tuple[Tree, bool]) -> Condition:
    """Read which rows are kept."""
    where = f"keep {place}"
    said = fields(entry, CONDITION, where)
    tests = [test for test in TESTS if test in said]
    if len(tests) != 1 or ("column" in said) == ("target" in said):
        raise ContractError(f"{where} needs a column (yours) or a target (made), and one of {', '.join(TESTS)}")
    shared = {key: value for key, value in said.items() if key in SHARED}
    if shared and "target" in said:
        raise ContractError(f"{where}: {', '.join(shared)} are for your own columns; a made column is final")
    test, value = tests[0], said[tests[0]]
    if test in ("in", "not_in"):
        value = tuple(listed(value, f"{where}: {test}"))
        odd = [one for one in value if isinstance(one, bool) or not isinstance(one, str | int | float)]
        if odd:
            raise ContractError(f"{where}: {test}: {odd} are no labels or codes; put yes and no in quotes")
    else:
        value = flag(value, f"{where}: {test}") if test == "is_missing" else number(value, f"{where}: {test}")
    if test == "is_missing" and "when_missing" in said:
        raise ContractError(f"{where}: is_missing already says what becomes of missing values")
    said_missing = said.get("when_missing", "refuse")
    unknown: Literal["refuse", "drop", "keep"] = choice(
        said_missing, ("refuse", "drop", "keep"), f"{where}: when_missing"
    )
    return Condition(
        source=made_source(said["column"], where, shared, *asked) if "column" in said else None,
        target=words(said["target"], f"{where}: target") if "target" in said else "",
        test=test,
        value=value,
        unknown=unknown,
        because=words(said["because"], f"{where}: because") if "because" in said else "",
    )


def _join(entry: object, asked: tuple[Tree, bool]) -> Join:
    """Read how villages are brought to households."""
    said = fields(entry, JOIN, "join")
    keys = {}
    for role in ROLES:
        listing = listed(needed(said, role, "join", "the columns that name a village, county first"), f"join: {role}")
        keys[role] = tuple(made_source(one, f"join: {role}", {"table": role}, *asked) for one in listing)
    if len(keys["household"]) != len(keys["village"]):
        raise ContractError("join: household and village must list as many columns, in the same order")
    return Join(
        household=keys["household"],
        village=keys["village"],
        unmatched_households=choice(
            said.get("unmatched_households", "refuse"), ("refuse", "keep", "drop"), "join: unmatched_households"
        ),
        unmatched_villages=choice(
            said.get("unmatched_villages", "drop"), ("refuse", "drop"), "join: unmatched_villages"
        ),
    )
