"""The village table brought to the households, many to one, with what does not match on either side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.errors import DataError
from povstats.reading.recipe_keys import joined, key_parts
from povstats.reading.recipe_open import Opened, Tables
from povstats.reading.recipe_parts import Join
from povstats.reading.recipe_report import Step
from povstats.reading.recipe_strict import hint

SHOWN = 10


@dataclass(frozen=True, eq=False)
class Bridge:
    """For each household the row of its village in the village table (−1 where there is none), and the key used."""

    place: NDArray[np.int64]
    key: pd.Series

    def spread(self, values: pd.Series) -> pd.Series:
        """Give each household its village's value."""
        table = values
        if (self.place < 0).any():
            table = values.astype(float) if values.dtype.kind == "i" else values
            # The last row is that of households without a village.
            gap = pd.Series([np.nan if table.dtype.kind == "f" else None], dtype=table.dtype)
            table = pd.concat([table, gap], ignore_index=True)
        return table.iloc[self.place].reset_index(drop=True)


def join_villages(tables: Tables, join: Join) -> tuple[Tables, Bridge, list[Step]]:
    """Find each household's village.

    Raises
    ------
    DataError
        Where a village stands twice in the village table, or keys are not matched and the recipe does not say what
        becomes of them.
    """
    houses, villages = tables["household"], tables["village"]
    keys, steps = {}, []
    for role, sources in (("household", join.household), ("village", join.village)):
        parts, told = key_parts(sources, tables[role], "")
        keys[role] = joined(parts)
        steps += told
    _require_one_row(keys["village"], villages, join)
    place = pd.Index(keys["village"]).get_indexer(pd.Index(keys["household"])).astype(np.int64)
    lost = keys["household"][place < 0]
    if len(lost):
        steps.append(_unmatched_households(lost, len(place), join, keys["village"]))
        if join.unmatched_households == "drop":
            houses = houses.kept(place >= 0)
            keys["household"] = keys["household"][place >= 0].reset_index(drop=True)
            place = place[place >= 0]
            if not len(place):
                raise DataError(f"no household is left, as none of them finds its village: {steps[-1].examples[0]} …")
    used = np.zeros(len(keys["village"]), bool)
    used[place[place >= 0]] = True
    idle = keys["village"][~used]
    if len(idle):
        steps.append(_unmatched_villages(idle, join))
    names = {role: tuple(s.column for s in getattr(join, role)) for role in ("household", "village")}
    facts = {"on": names["household"], "to": names["village"], "villages": f"{int(used.sum()):,}"}
    steps.append(Step(kind="join", source=" + ".join(names["household"]), rows=int((place >= 0).sum()), facts=facts))
    return {**tables, "household": houses}, Bridge(place, keys["household"]), steps


def _require_one_row(key: pd.Series, villages: Opened, join: Join) -> None:
    """Refuse a village that stands twice in the village table."""
    twice = key.duplicated(keep=False)
    if not twice.any():
        return
    told = [
        f"{name!r} (rows from 0: {villages.positions(np.flatnonzero(key == name))})" for name in key[twice].unique()[:5]
    ]
    county = "" if len(join.village) > 1 else "; a name used in two counties needs the county in the key of both tables"
    own = " + ".join(source.column for source in join.village)
    raise DataError(
        f"the village table has {key[twice].nunique()} villages ({own}) in more than one row: "
        f"{'; '.join(told)}; a household joins one village{county}"
    )


def _unmatched_households(lost: pd.Series, rows: int, join: Join, known: pd.Series) -> Step:
    """Refuse, keep or drop the households whose village is not in the village table."""
    counts = lost.value_counts(sort=False)
    told = tuple(f"{name} ({n})" for name, n in counts.items())
    if join.unmatched_households == "refuse":
        near = _alike(list(counts.index), known)
        raise DataError(
            f"{len(lost)} households in {len(counts)} villages find no village in the village table: "
            f"{'; '.join(told[:SHOWN])}{' …' if len(told) > SHOWN else ''}{near}; correct the keys, or say "
            "unmatched_households: keep (village columns are then missing) or drop"
        )
    dropped = join.unmatched_households == "drop"
    return Step(
        kind="households_dropped" if dropped else "households_unmatched",
        rows=rows,
        dropped=len(lost) if dropped else 0,
        facts={"n": f"{len(lost):,}", "villages": f"{len(counts):,}"},
        examples=told,
    )


def _alike(lost: list[str], known: pd.Series) -> str:
    """Say where a part of a key differs in spaces and the like, or the number of zeros in front."""
    told = [f"{name!r}{near}" for name in lost[:SHOWN] if (near := hint(name, known))]
    return f"; {'; '.join(told[:3])}" if told else ""


def _unmatched_villages(idle: pd.Series, join: Join) -> Step:
    """Refuse or leave out the villages without a household."""
    if join.unmatched_villages == "refuse":
        raise DataError(
            f"{len(idle)} villages of the village table have no household: {'; '.join(idle[:SHOWN])}"
            f"{' …' if len(idle) > SHOWN else ''}; correct the keys, or say unmatched_villages: drop"
        )
    return Step(kind="villages_unused", rows=len(idle), facts={"n": f"{len(idle):,}"}, examples=tuple(idle))
