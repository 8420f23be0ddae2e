"""ps.warning_lead(): how early and how surely a monitoring line warned of the falls that a panel saw."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Unpack

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.dynamics.asked import Asked, Columns, asked_of
from povstats.dynamics.histories.columns import lines_of, moving
from povstats.engine.columns import absent
from povstats.engine.panels import NONE, Frame, collected, in_order, opened, refuse_missing, refuse_text, totals
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite
from povstats.registry.clustered_ratios import CLUSTER, STRATUM, clustered_ratios
from povstats.registry.warning_result import SHARES, WarningLead

WAVES = 200
WEIGHT = "weight"


def warning_lead(
    panel: Table, *, multiples: Sequence[float], spending: str | None = None, **columns: Unpack[Columns]
) -> WarningLead:
    r"""Hold monitoring lines, several times the poverty line, against the falls below it that a panel saw.

    A fall is a step from y ≥ z in one wave to y < z in the next. A household is watched in a wave by the multiple m
    where z ≤ y < m z, or where y − s < m z with rigid spending s. The lead of a fall is the number of unbroken waves,
    up to the one before it, in which the household was watched: 0 is no warning.

    .. math:: \text{sensitivity} = \frac{\text{falls of the watched}}{\text{falls}}, \qquad
        \text{precision} = \frac{\text{falls of the watched}}{\text{watched, and seen in the next wave}}

    Parameters
    ----------
    panel : one row a household and wave, any table.
    multiples : the lines to try, over z, rising and above 1; they also bound the bands of income by which the risk of
        a fall is told.
    spending : column of rigid spending a head.
    columns : unit, wave, welfare and line, design; see `povstats.transitions`. Waves are whole numbers and follow each
        other in the order of those in the table; a household that misses one does not step over the gap. A step has the
        weight of the row where it starts.

    Returns
    -------
    WarningLead
        By multiple: the length of the list, sensitivity, precision, lead; by band of income: the share that fell.
        Without a psu column households are the clusters; `Design.census()` says that every household is followed, so
        that there is no sampling error.

    Raises
    ------
    OptionError
        Where multiples do not rise from above 1, or the other keywords do not go together.
    DataError
        Where a column is not there, a key, weight or spending is missing in rows, a household has a wave twice or lies
        in two PSUs, waves are no whole numbers, there are fewer than two, or nobody falls. Rows without welfare or line
        are left out and counted; a step to or from them is not seen.

    Source
    ------
    Sensitivity and precision as in Kaminsky, Lizondo and Reinhart (1998), IMF Staff Papers 45(1), who measure the lead
    of a warning in the same way.
    """
    tried = [float(m) for m in multiples]
    if not tried or not all(finite(m) for m in tried) or tried[0] <= 1 or (np.diff(tried) <= 0).any():
        raise OptionError(f"multiples={list(multiples)!r} must rise from above 1, such as (1.2, 1.5, 2.0)")
    asked = asked_of(columns)
    if asked.welfare is None:
        raise OptionError("a monitoring line lies above the poverty line: give welfare= and line=, not a poor column")
    frame, dropped = _frame(panel, asked, spending)
    waves = _waves(frame, asked.wave)
    rows = _rows(frame, asked, spending, waves, tried)
    ordered = in_order(rows, "unit", "wave", ["wave", "below", *(f"watched {at}" for at in range(len(tried)))])
    steps = _stepped(ordered, len(tried))
    return _measured(steps, tried, asked, {"waves": len(waves), "dropped": dropped})


def _frame(panel: Table, asked: Asked, spending: str | None) -> tuple[Frame, int]:
    """Open the columns that are needed, and leave out the rows that do not say whether they are poor."""
    design = asked.design
    keys = [asked.unit, asked.wave, *(c for c in (design.weights, design.psu, design.strata) if c)]
    state = list(asked.state_columns)
    frame = opened(panel, [*keys, *state, *([spending] if spending else [])])
    refuse_missing(frame, keys, "warning_lead")
    schema = frame.collect_schema()
    refuse_text(frame, [*state, *(c for c in (design.weights, spending) if c)], "warning_lead")
    gone = nw.lit(False)
    for column in state:
        gone = gone | absent(schema, column)
    lost = {"lost": gone.cast(nw.Int64)}
    if design.weights:
        lost["light"] = (nw.col(design.weights) < 0).cast(nw.Int64)
    if isinstance(asked.line, str):
        low = nw.when(absent(schema, asked.line)).then(nw.lit(False)).otherwise(nw.col(asked.line) <= 0)
        lost["low"] = low.cast(nw.Int64)
    found = totals(frame, [], lost).iloc[0]
    if found.get("light", 0):
        raise DataError(f"column {design.weights!r} (weights) is negative in {int(found['light'])} rows")
    if found.get("low", 0):
        raise DataError(f"column {asked.line!r} (line) is zero or negative in {int(found['low'])} rows")
    kept = frame.filter(~gone) if found["lost"] else frame
    if spending:
        refuse_missing(kept, [spending], "warning_lead")
    _refuse_moving(kept, asked)
    return kept, int(found["lost"])


def _refuse_moving(frame: Frame, asked: Asked) -> None:
    named = [c for c in (asked.design.strata, asked.design.psu) if c]
    if not named:
        return
    homes = frame.select(*dict.fromkeys([asked.unit, *named])).unique()
    often = homes.group_by(asked.unit).agg(nw.len().alias("homes")).filter(nw.col("homes") > 1)
    count = int(totals(often, [], {})["rows"].iloc[0])
    if count:
        raise moving(asked, count, collected(often.head(1))[asked.unit].iloc[0])


def _waves(frame: Frame, wave: str) -> list[int]:
    kind = frame.collect_schema()[wave]
    found = collected(frame.select(wave).unique().head(WAVES + 1))[wave].tolist() if kind.is_numeric() else []
    if not found or any(float(w) != int(w) for w in found):
        raise DataError(f"column {wave!r} (wave) must hold whole numbers, such as years")
    if not 2 <= len(found) <= WAVES:
        raise DataError(
            f"column {wave!r} (wave) has {len(found)} waves; a warning needs two, and takes {WAVES} at most"
        )
    return sorted(int(w) for w in found)


def _by_wave(wave: str, waves: list[int], values: Sequence[float]) -> nw.Expr:
    """Write a value for each wave."""
    made = nw.lit(values[0])
    for at, one in enumerate(waves[1:], start=1):
        made = nw.when(nw.col(wave) >= one).then(nw.lit(values[at])).otherwise(made)
    return made


def _line(asked: Asked, waves: list[int]) -> nw.Expr:
    if isinstance(asked.line, str):
        return nw.col(asked.line).cast(nw.Float64)
    if isinstance(asked.line, Mapping):
        return _by_wave(asked.wave, waves, lines_of(asked, tuple(waves)))
    return nw.lit(float(asked.line))


def _rows(frame: Frame, asked: Asked, spending: str | None, waves: list[int], tried: list[float]) -> Frame:
    """Write for each row its wave, whether it is below the line, by which multiples it is watched, and its band."""
    design, z = asked.design, _line(asked, waves)
    y = nw.col(str(asked.welfare)).cast(nw.Float64)
    left = y - nw.col(spending).cast(nw.Float64) if spending else y
    # Who is on the line is poor where the caller says so; the monitoring line is for those who are not poor.
    poor = y < z if asked.boundary == "<" else y <= z
    flags = {f"watched {at}": (~poor & (left < m * z)).cast(nw.Int64) for at, m in enumerate(tried)}
    ends = list(enumerate(_bands(tried)))
    bands = {f"band {at}": (~poor & (y >= low * z) & (y < high * z)).cast(nw.Int64) for at, (low, high) in ends}
    made = {
        "unit": nw.col(asked.unit),
        "wave": _by_wave(asked.wave, waves, list(range(len(waves)))).cast(nw.Int64),
        WEIGHT: nw.col(design.weights).cast(nw.Float64) if design.weights else nw.lit(1.0),
        STRATUM: nw.col(design.strata) if design.strata else nw.lit(0),
        CLUSTER: nw.col(design.psu or asked.unit),
        "below": poor.cast(nw.Int64),
    }
    return frame.select(**made, **flags, **bands)


def _bands(multiples: list[float]) -> list[tuple[float, float]]:
    ends = [1.0, *multiples, float("inf")]
    return list(pairwise(ends))


def _stepped(ordered: Frame, multiples: int) -> Frame:
    """Add whether a row is followed and falls, and by each multiple for how many waves it has been watched."""
    wave, first = nw.col("wave"), nw.col("wave").min().over("unit")
    flags = [f"watched {at}" for at in range(multiples)]
    follows = nw.col("previous wave") == wave - 1
    seen = (nw.col("below") == 0) & (nw.col("next wave") == wave + 1) & (nw.col("next wave") != NONE)
    made = ordered.with_columns(
        first=first,
        seen=seen.cast(nw.Int64),
        falls=(seen & (nw.col("next below") == 1)).cast(nw.Int64),
        longer=follows.cast(nw.Int64),
    )
    begins = {}
    for name in flags:
        new = (nw.col(name) == 1) & ~((nw.col("longer") == 1) & (nw.col(f"previous {name}") == 1))
        begins[f"begin {name}"] = nw.when(new).then(wave).otherwise(nw.lit(NONE))
    made = made.with_columns(**begins)
    since = {name: nw.col(f"begin {name}").cum_max().over("unit", order_by="wave") for name in flags}
    made = made.with_columns(**{f"since {name}": expression for name, expression in since.items()})
    lead = {
        f"lead {name}": nw.when(nw.col(name) == 1).then(wave - nw.col(f"since {name}") + 1).otherwise(nw.lit(0))
        for name in flags
    }
    return made.with_columns(**lead)


def _measured(rows: Frame, multiples: list[float], asked: Asked, told: dict[str, int]) -> WarningLead:
    weight = nw.col(WEIGHT)
    seen, falls, longer = (nw.col(name).cast(nw.Float64) for name in ("seen", "falls", "longer"))
    above = 1 - nw.col("below").cast(nw.Float64)
    ratios: dict[str, tuple[nw.Expr, nw.Expr]] = {}
    sums: dict[str, nw.Expr] = {"falls": falls, "seen": seen, "above": above}
    for at in range(len(multiples)):
        watched, lead = (nw.col(f"{name} {at}").cast(nw.Float64) for name in ("watched", "lead watched"))
        from_first = (nw.col(f"since watched {at}") == nw.col("first")).cast(nw.Float64)
        early = (lead >= 2).cast(nw.Float64)
        ratios[f"list {at}"] = (watched, above)
        ratios[f"sensitivity {at}"] = (watched * falls, falls)
        ratios[f"precision {at}"] = (watched * falls, watched * seen)
        ratios[f"early {at}"] = (early * falls * longer, falls * longer)
        sums |= {f"lead {at}": weight * lead * falls, f"at_least {at}": from_first * watched * falls}
    for at in range(len(multiples) + 1):
        band = nw.col(f"band {at}").cast(nw.Float64)
        ratios[f"band {at}"] = (band * falls, band * seen)
        sums |= {f"falls {at}": band * falls, f"n {at}": band * seen}
    whole = totals(rows, [], sums).iloc[0]
    if not whole["falls"]:
        raise DataError("nobody who is above the line in one wave is below it in the next; there is nothing to warn of")
    weighted = {name: (weight * a, weight * b) for name, (a, b) in ratios.items()}
    found = clustered_ratios(rows, weighted, asked.design)
    counts = {name: int(whole[name]) for name in ("falls", "seen", "above")} | told
    tables = (_by_multiple(found, whole, multiples), _by_band(found, whole, multiples), _leads(rows, multiples))
    return WarningLead(*tables, counts, asked)


def _by_multiple(found: pd.DataFrame, whole: pd.Series, multiples: list[float]) -> pd.DataFrame:
    rows = []
    for at, multiple in enumerate(multiples):
        row: dict[str, float] = {"multiple": multiple}
        for what in SHARES:
            one = found.loc[f"{what} {at}"]
            row |= {what: one["share"], **{f"{what}_{end}": one[end] for end in ("se", "low", "high")}}
        warned = found.loc[f"sensitivity {at}", "a"]
        row["lead"] = float(whole[f"lead {at}"]) / warned if warned else float("nan")
        rows.append(row | {"at_least": float(whole[f"at_least {at}"])})
    return pd.DataFrame(rows).set_index("multiple")


def _by_band(found: pd.DataFrame, whole: pd.Series, multiples: list[float]) -> pd.DataFrame:
    rows = []
    for at, (low, high) in enumerate(_bands(multiples)):
        one = found.loc[f"band {at}"]
        counts = {"falls": int(whole[f"falls {at}"]), "n": int(whole[f"n {at}"])}
        rows.append({"low_end": low, "high_end": high, **one[["share", "se", "low", "high"]], **counts})
    return pd.DataFrame(rows)


def _leads(rows: Frame, multiples: list[float]) -> pd.DataFrame:
    """Count the falls by their lead, one column a multiple."""
    falls = rows.filter(nw.col("falls") == 1)
    parts = {}
    for at, m in enumerate(multiples):
        found = totals(falls, [f"lead watched {at}"], {})
        parts[m] = found.set_index(f"lead watched {at}")["rows"]
    made = pd.DataFrame(parts).fillna(0).astype(int).sort_index()
    return made.rename_axis(index="lead", columns="multiple")
