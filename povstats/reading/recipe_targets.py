"""From a recipe's tree to the columns it makes: how sources are put together, and units, logs and divisors."""

from typing import Any, Literal

from povstats.contracts import Column, Contract
from povstats.errors import ContractError
from povstats.reading.recipe_parts import SIZES, Logged, PerHead, Target
from povstats.reading.recipe_sources import SHARED, made_source
from povstats.reading.recipe_strict import Tree, choice, fields, flag, hint, listed, needed, number, words
from povstats.reading.recipe_units import NAMES, PER_HEAD, STATED, factor, kind_of, unit_of

WAYS: tuple[Literal["from", "sum", "mean", "constant"], ...] = ("from", "sum", "mean", "constant")
TARGET = (*WAYS, *SHARED, "answered", "unanswered", "logged", "unit", "per_head")


def made_target(name: str, entry: object, contract: Contract, asked: tuple[Tree, bool], *, own: bool) -> Target:
    """Make a target.

    Parameters
    ----------
    entry : a column's name, a list of names (a key), or a mapping with one of `from`, `sum`, `mean`, `constant`.
    asked : the missing codes of all columns, and whether those of the file are taken.
    own : whether it is a column outside the contract.
    """
    where = f"column {name!r}"
    said = {"from": entry} if isinstance(entry, str | list) else fields(entry, TARGET, where)
    ways = [way for way in WAYS if way in said]
    if len(ways) != 1:
        raise ContractError(f"{where} needs exactly one of {', '.join(WAYS)}; it has {', '.join(ways) or 'none'}")
    declared = next((column for column in contract.columns if column.name == name), None)
    if ways[0] == "constant":
        return _constant(name, said, own)
    sources = _sources(said, ways[0], where, asked)
    several = len(sources) > 1 and ways[0] == "from"
    if several and declared is not None and declared.kind != "text":
        raise ContractError(f"{where}: several columns make a key, which is text; to add them up write sum")
    answered, unanswered = _answered(said, ways[0], len(sources), where)
    made = Target(
        name=name,
        own=own,
        how="key" if several else "one" if ways[0] == "from" else ways[0],
        sources=sources,
        answered=answered,
        unanswered=unanswered,
        logged=_logged(said["logged"], where, own) if "logged" in said else None,
        unit=_unit(said, declared, where),
        per_head=_per_head(said, declared, where, asked),
    )
    worked = [key for key in ("logged", "unit", "per_head") if key in said]
    if several and worked:
        raise ContractError(f"{where}: a key has no {', '.join(worked)}")
    if made.logged is not None and made.logged.kept and (made.unit is not None or made.per_head is not None):
        raise ContractError(f"{where}: a column kept as a logarithm has no unit or per_head; exponentiate it first")
    return made


def _sources(said: Tree, way: str, where: str, asked: tuple[Tree, bool]) -> Any:
    """Read a column's sources, each with what the column says for all of them."""
    shared = {key: value for key, value in said.items() if key in SHARED}
    entries = listed(said[way], f"{where}: {way}")
    if way != "from" and len(entries) < 2:
        raise ContractError(f"{where}: {way} needs a list of two or more columns")
    sources = tuple(made_source(one, where, shared, *asked) for one in entries)
    twice = sorted({s.column for s in sources if [(o.column, o.table) for o in sources].count((s.column, s.table)) > 1})
    if twice:
        raise ContractError(f"{where}: {way} names {twice} more than once")
    return sources


def _constant(name: str, said: Tree, own: bool) -> Target:
    """Read a value that is the same for all rows, in the contract's unit."""
    where = f"column {name!r}"
    if len(said) > 1:
        raise ContractError(f"{where}: a constant stands alone, in the contract's unit; leave the rest out")
    value = said["constant"]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ContractError(f"{where}: constant must be text or a number, got {value!r}")
    return Target(name=name, own=own, how="constant", constant=value)


def _answered(said: Tree, way: str, items: int, where: str) -> tuple[int | None, Literal["", "zero", "prorate"]]:
    """Read how many of several items must be there, which is never guessed."""
    if way not in ("sum", "mean"):
        odd = [key for key in ("answered", "unanswered") if key in said]
        if odd:
            raise ContractError(f"{where}: {', '.join(odd)} go with sum or mean")
        return None, ""
    least = needed(said, "answered", where, f"how many of the {items} items must be there: all, or a number")
    if least == "all" or least == items:
        if "unanswered" in said:
            raise ContractError(f"{where}: where all must be there, unanswered has no meaning")
        return None, ""
    if isinstance(least, bool) or not isinstance(least, int) or not 1 <= least <= items:
        raise ContractError(f"{where}: answered must be all or a number from 1 to {items}, got {least!r}")
    if way == "mean":
        if "unanswered" in said:
            raise ContractError(f"{where}: a mean is over the items that are there; unanswered goes with sum")
        return least, ""
    why = "zero, or prorate (the mean of the others), for the items that are not there"
    return least, choice(needed(said, "unanswered", where, why), ("zero", "prorate"), f"{where}: unanswered")


def _logged(entry: object, where: str, own: bool) -> Logged:
    """Read how a column was logged."""
    said = fields(entry if isinstance(entry, dict) else {"base": entry}, ("base", "plus", "keep"), f"{where}: logged")
    base = needed(said, "base", f"{where}: logged", "natural, 2 or 10")
    if base not in ("natural", 2, 10) or isinstance(base, bool):
        raise ContractError(f"{where}: logged: base must be natural, 2 or 10, got {base!r}")
    kept = flag(said.get("keep", False), f"{where}: logged: keep")
    if kept and not own:
        raise ContractError(
            f"{where}: the contract asks for the level, so a logarithm is exponentiated; a column kept as a logarithm "
            "goes under extra"
        )
    return Logged(base=base, plus=number(said.get("plus", 0.0), f"{where}: logged: plus"), kept=kept)


def _unit(said: Tree, declared: Column | None, where: str) -> tuple[str, str] | None:
    """Read a column's unit; where people use several, it must be stated."""
    wanted = unit_of(declared.unit) if declared is not None else None
    if "unit" not in said:
        if wanted is not None and kind_of(wanted) in STATED:
            known = ", ".join(name for name, unit in NAMES.items() if kind_of(unit) == kind_of(wanted))
            raise ContractError(f"{where} needs unit: the unit of your column, one of {known}")
        return None
    entry = said["unit"]
    if isinstance(entry, dict):
        pair = fields(entry, ("from", "to"), f"{where}: unit")
        start, end = (_named(needed(pair, key, f"{where}: unit", "a unit"), f"{where}: unit") for key in ("from", "to"))
        if wanted is not None and end != wanted:
            raise ContractError(f"{where}: unit: the contract asks for {wanted}, not {end}")
    else:
        start = _named(entry, f"{where}: unit")
        if wanted is None:
            raise ContractError(f"{where}: unit must be {{from: …, to: …}}, as the contract states no unit for it")
        end = wanted
    factor(start, end)
    return start, end


def _named(word: object, where: str) -> str:
    known = NAMES.get(words(word, where))
    if known is None:
        raise ContractError(f"{where}: {word!r} is no unit known here{hint(word, NAMES)}; they are {', '.join(NAMES)}")
    return known


def _per_head(said: Tree, declared: Column | None, where: str, asked: tuple[Tree, bool]) -> PerHead | None:
    """Read what a total is divided by; where the contract asks for a value per head, it must be stated."""
    entry = said.get("per_head")
    if entry is None:
        if declared is not None and declared.unit in PER_HEAD:
            raise ContractError(
                f"{where} needs per_head: yes (divide by household_size), already (your column is per head), or "
                "{from: a column with the number of persons, definition: registered or resident}"
            )
        return None
    if isinstance(entry, dict):
        # The number of persons is in the column's own table unless it says otherwise.
        place = {"table": said["table"]} if "table" in said else {}
        said = fields(entry, ("from", "definition", *SHARED), f"{where}: per_head")
        definition = needed(said, "definition", f"{where}: per_head", "registered (户籍人口) or resident (常住人口)")
        own = {key: value for key, value in said.items() if key != "definition"}
        return PerHead(
            how="column",
            source=made_source(own, f"{where}: per_head", place, *asked),
            definition=choice(definition, SIZES, f"{where}: per_head: definition"),
        )
    how = choice(entry, ("yes", "already"), f"{where}: per_head")
    return PerHead(how="size" if how == "yes" else "already")
