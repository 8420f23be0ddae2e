"""ps.warning_lead(): how early and how surely a monitoring line warned of the falls that a panel saw."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from povstats.engine.panels import NONE, Frame, collected, in_order, opened, refuse_missing, totals
from povstats.engine.source import Table
from povstats.errors import DataError, OptionError, finite
from povstats.poverty.variance import interval
from povstats.registry.warning_result import SHARES, WarningLead

Ratios = Mapping[str, tuple[nw.Expr, nw.Expr]]
WAVES = 200


def warning_lead(
    panel: Table,
    *,
    income: str,
    line: float | str,
    multiples: Sequence[float],
    unit: str,
    wave: str,
    spending: str | None = None,
) -> WarningLead:
    r"""Hold monitoring lines, several times the poverty line, against the falls below it that a panel saw.

    A fall is a step from y ≥ z in one wave to y < z in the next. A household is watched in a wave by the multiple m
    where z ≤ y < m z, or where y − s < m z with rigid spending s. The lead of a fall is the number of unbroken waves,
    up to the one before it, in which the household was watched: 0 is no warning.

    .. math:: \text{sensitivity} = \frac{\text{falls of the watched}}{\text{falls}}, \qquad
        \text{precision} = \frac{\text{falls of the watched}}{\text{watched, and seen in the next wave}}

    Parameters
    ----------
    panel : one row a household and wave, any table. income : column of income a head. line : z, a number or a column.
    multiples : the lines to try, over z, rising and above 1; they also bound the bands of income by which the risk of
        a fall is told.
    unit, wave : columns of the household and of the wave, a whole number. Waves follow each other in the order of those
        in the table; a household that misses one does not step over the gap.
    spending : column of rigid spending a head.

    Returns
    -------
    WarningLead
        By multiple: the length of the list, sensitivity, precision, lead; by band of income: the share that fell.
        Standard errors take households as clusters; for a registry in which every household is followed there is no
        sampling error, and the estimates stand alone.

    Raises
    ------
    OptionError
        Where multiples do not rise from above 1, or the line is not above 0.
    DataError
        Where a column is not there or missing in rows, a household has a wave twice, waves are no whole numbers, there
        are fewer than two, or nobody falls.

    Source
    ------
    Sensitivity and precision as in Kaminsky, Lizondo and Reinhart (1998), IMF Staff Papers 45(1), who measure the lead
    of a warning in the same way.
    """
    tried = [float(m) for m in multiples]
    if not tried or not all(finite(m) for m in tried) or tried[0] <= 1 or (np.diff(tried) <= 0).any():
        raise OptionError(f"multiples={list(multiples)!r} must rise from above 1, such as (1.2, 1.5, 2.0)")
    if not isinstance(line, str) and (not finite(line) or line <= 0):
        raise OptionError(f"line={line!r} must be above 0, or a column")
    frame = _rows(
        panel, [income, unit, wave, *([line] if isinstance(line, str) else []), *([spending] if spending else [])]
    )
    waves = _waves(frame, wave)
    z = nw.col(line).cast(nw.Float64) if isinstance(line, str) else nw.lit(float(line))
    y = nw.col(income).cast(nw.Float64)
    left = y - nw.col(spending).cast(nw.Float64) if spending else y
    flags = {f"watched {at}": ((y >= z) & (left < m * z)).cast(nw.Int64) for at, m in enumerate(tried)}
    bands = {
        f"band {at}": ((y >= low * z) & (y < high * z)).cast(nw.Int64) for at, (low, high) in enumerate(_bands(tried))
    }
    rows = frame.select(unit=nw.col(unit), wave=_code(wave, waves), below=(y < z).cast(nw.Int64), **flags, **bands)
    ordered = in_order(rows, "unit", "wave", ["wave", "below", *flags])
    return _measured(_stepped(ordered, list(flags)), tried, len(waves))


def _rows(panel: Table, columns: list[str]) -> Frame:
    frame = opened(panel, columns)
    refuse_missing(frame, list(dict.fromkeys(columns)), "warning_lead")
    return frame


def _waves(frame: Frame, wave: str) -> list[int]:
    kind = frame.collect_schema()[wave]
    found = collected(frame.select(wave).unique().head(WAVES + 1))[wave].tolist() if kind.is_numeric() else []
    if not found or any(float(w) != int(w) for w in found):
        raise DataError(f"column {wave!r} (wave) must hold whole numbers, such as years")
    if not 2 <= len(found) <= WAVES:
        raise DataError(
            f"column {wave!r} (wave) has {len(found)} waves; a warning needs two, and at most {WAVES} are taken"
        )
    return sorted(int(w) for w in found)


def _code(wave: str, waves: list[int]) -> nw.Expr:
    """Give the place of a wave among those of the table, from 0."""
    made = nw.lit(0)
    for at, one in enumerate(waves[1:], start=1):
        made = nw.when(nw.col(wave) >= one).then(nw.lit(at)).otherwise(made)
    return made.cast(nw.Int64)


def _bands(multiples: list[float]) -> list[tuple[float, float]]:
    ends = [1.0, *multiples, float("inf")]
    return list(pairwise(ends))


def _stepped(ordered: Frame, flags: list[str]) -> Frame:
    """Add whether a row is followed and falls, and by each multiple for how many waves it has been watched."""
    wave, first = nw.col("wave"), nw.col("wave").min().over("unit")
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


def _measured(rows: Frame, multiples: list[float], waves: int) -> WarningLead:
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
        sums |= {f"lead {at}": lead * falls, f"at_least {at}": from_first * watched * falls}
    for at in range(len(multiples) + 1):
        band = nw.col(f"band {at}").cast(nw.Float64)
        ratios[f"band {at}"] = (band * falls, band * seen)
    whole = totals(rows, [], sums).iloc[0]
    if not whole["falls"]:
        raise DataError("nobody who is above the line in one wave is below it in the next; there is nothing to warn of")
    found = _ratios(rows, ratios)
    counts = {name: int(whole[name]) for name in ("falls", "seen", "above")} | {"waves": waves}
    return WarningLead(
        _by_multiple(found, whole, multiples), _by_band(found, multiples), _leads(rows, multiples), counts
    )


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


def _by_band(found: pd.DataFrame, multiples: list[float]) -> pd.DataFrame:
    held = found.loc[[f"band {at}" for at in range(len(multiples) + 1)]].reset_index(drop=True)
    ends = pd.DataFrame(_bands(multiples), columns=["low_end", "high_end"])
    return pd.concat([ends, held.rename(columns={"a": "falls", "b": "n"})], axis=1)


def _leads(rows: Frame, multiples: list[float]) -> pd.DataFrame:
    """Count the falls by their lead, one column a multiple."""
    falls = rows.filter(nw.col("falls") == 1)
    parts = {}
    for at, m in enumerate(multiples):
        found = totals(falls, [f"lead watched {at}"], {})
        parts[m] = found.set_index(f"lead watched {at}")["rows"]
    made = pd.DataFrame(parts).fillna(0).astype(int).sort_index()
    return made.rename_axis(index="lead", columns="multiple")


def _ratios(rows: Frame, ratios: Ratios) -> pd.DataFrame:
    """Give each ratio with its standard error, interval, numerator a and denominator b; households are the clusters.

    The squares and products are summed in the engine, so that no row a household comes into memory.
    """
    sides = {f"{side} {name}": e for name, pair in ratios.items() for side, e in zip("ab", pair, strict=True)}
    by_unit: Any = rows.select("unit", **sides).group_by("unit").agg(**{name: nw.col(name).sum() for name in sides})
    asked = {name: nw.col(name) for name in sides}
    for name in ratios:
        above, below = nw.col(f"a {name}"), nw.col(f"b {name}")
        asked |= {f"aa {name}": above * above, f"ab {name}": above * below, f"bb {name}": below * below}
    whole = totals(by_unit, [], asked).iloc[0]
    n, made = float(whole["rows"]), {}
    for name in ratios:
        a, b = float(whole[f"a {name}"]), float(whole[f"b {name}"])
        share = a / b if b else np.nan
        squares = float(whole[f"aa {name}"] - 2 * share * whole[f"ab {name}"] + share**2 * whole[f"bb {name}"])
        se = float(np.sqrt(max(squares, 0.0) * n / (n - 1))) / b if b and n > 1 else np.nan
        low, high, _ = interval("logit", share, se, n - 1) if b and n > 1 else (np.nan, np.nan, "")
        made[name] = {"share": share, "se": se, "low": low, "high": high, "a": a, "b": b}
    return pd.DataFrame.from_dict(made, orient="index")
