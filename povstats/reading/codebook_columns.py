"""One column of a codebook: its kind, counts of its codes, its range and distribution."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.reading.reading_printed import code_text
from povstats.reading.suspects import suspects

if TYPE_CHECKING:
    from povstats.reading.reading import Reading

SIGNS = "▁▂▃▄▅▆▇█"
STEPS = 10
EMPTY = '""'
SHOWN = 6
KEPT = 200
"""So many codes of a column, or frequent texts, go into the sheet of values."""
Row = dict[str, Any]


def describe(reading: "Reading", name: str) -> tuple[Row, list[Row]]:
    """Describe a column.

    Returns
    -------
    row, counts
        A row of the codebook's frame, and the rows of its counts.
    """
    column = reading.table[name]
    labels = reading.values.get(name, {})
    apart = _declared(reading, name)
    row: Row = {"column": name, "label": reading.labels.get(name, ""), "suspected": "", "bar": ""}
    row |= {"missing": int(column.isna().sum()), "declared": sum(apart.values())}
    reasons = reading.missing_at.get(name)
    row["missing"] -= 0 if reasons is None else len(reasons)
    valid = column[column.notna() & ~column.isin(list(apart))] if apart else column.dropna()
    row["n"] = len(valid)
    found, occurring = _kind_of(valid, labels, apart)
    row |= found
    words = {**labels, **reading.missing.get(name, {})}
    counts = [
        {"column": name, "code": code, "label": words.get(code, ""), "count": count, "declared": code in apart}
        for code, count in [*occurring.items(), *apart.items()]
    ]
    for one in counts:
        one["share"] = one["count"] / max(len(column), 1)
    row["missing_codes"] = _text({code: count for code, count in apart.items() if count}, words)
    return row, counts


def bar(counts: "NDArray[np.integer] | list[int]") -> str:
    """Draw counts as signs of growing height; a dot where there is none."""
    top = max(counts, default=0)
    return "".join("·" if not count else SIGNS[int(np.ceil(count / top * len(SIGNS))) - 1] for count in counts)


def _declared(reading: "Reading", name: str) -> dict[Any, int]:
    """Count the codes that the file declares missing."""
    codes = reading.missing.get(name, {})
    reasons = reading.missing_at.get(name)
    if reasons is not None:
        found = reasons.value_counts()
        return {code: int(found.get(code, 0)) for code in codes}
    if not codes or reading.format == "dta":
        return {}
    column = reading.table[name]
    return {code: int((column == code).sum()) for code in codes}


def _kind_of(
    valid: "pd.Series[Any]", labels: Mapping[Any, str], apart: Mapping[Any, int]
) -> tuple[Row, dict[Any, int]]:
    """Describe the values by their type."""
    kind = valid.dtype
    if pd.api.types.is_bool_dtype(kind):
        return _texts(valid, {}, "yes_no")
    if pd.api.types.is_numeric_dtype(kind):
        return _numbers(np.sort(valid.to_numpy(dtype="float64" if kind.kind not in "iuf" else None)), labels, apart)
    if pd.api.types.is_datetime64_any_dtype(kind):
        ends = f"{valid.min():%Y-%m-%d} … {valid.max():%Y-%m-%d}" if len(valid) else ""
        numbers = np.sort(valid.astype("int64").to_numpy())
        return {"kind": "date", "values": ends, "distinct": len(np.unique(numbers)), "bar": _steps(numbers)}, {}
    if pd.api.types.is_object_dtype(kind):
        valid = valid.map(str)  # lists and the like, which Parquet may hold
    return _texts(valid, labels, "coded" if labels else "text")


def _numbers(values: NDArray[Any], labels: Mapping[Any, str], apart: Mapping[Any, int]) -> tuple[Row, dict[Any, int]]:
    """Describe sorted numbers; as codes where most of their different values have labels."""
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.array([], dtype=int)
    levels, sizes = values[starts], np.diff(np.r_[starts, len(values)])
    # Codes are told as the file has them, 1 and not 1.0.
    held = {_plain(level): int(size) for level, size in zip(levels[:KEPT], sizes[:KEPT], strict=False)}
    own = {code: label for code, label in labels.items() if code not in apart and not isinstance(code, str)}
    coded = bool(own) and 2 * sum(level in own for level in held) >= len(levels)
    odd = suspects(values, labels, apart)
    short = not coded and len(levels) <= STEPS and all(isinstance(level, int) for level in held)
    if coded or short:
        occurring = dict(sorted({**dict.fromkeys(map(_plain, own), 0), **held}.items()))
    else:
        occurring = {_plain(code): int(np.sum(values == code)) for code in own}
    row = {"kind": "coded" if coded else "number", "distinct": len(levels)}
    row |= _moments(values)
    row["values"] = _text(occurring, labels)
    row["suspected"] = _text({_plain(code): count for code, count in odd.items()}, labels)
    row["bar"] = bar(list(occurring.values())[: 2 * STEPS]) if coded or short else _steps(values)
    return row, occurring


def _moments(values: NDArray[Any]) -> Row:
    """Give range, quartiles, mean and share of zeros."""
    if not len(values):
        return {}
    # Between an infinite value and a finite one there is no point to interpolate.
    method: Literal["linear", "nearest"] = "linear" if np.isfinite([values[0], values[-1]]).all() else "nearest"
    quartiles = np.quantile(values, (0, 0.25, 0.5, 0.75, 1), method=method)
    found = dict(zip(("min", "q25", "median", "q75", "max"), map(float, quartiles), strict=True))
    return {**found, "mean": float(np.mean(values, dtype="float64")), "zeros": float(np.mean(values == 0))}


def _steps(values: NDArray[Any]) -> str:
    """Draw sorted numbers in equal steps, the outer hundredths in the first and last one."""
    if not len(values) or values[0] == values[-1] or not np.isfinite([values[0], values[-1]]).all():
        return ""
    low, high = np.quantile(values, (0.01, 0.99))
    if low == high:
        low, high = values[0], values[-1]
    # The steps lie between the percentiles 1 and 99: one large value would press all others into one step.
    return bar(np.histogram(np.clip(values.astype("float64"), low, high), bins=STEPS)[0])


def _texts(valid: "pd.Series[Any]", labels: Mapping[Any, str], kind: str) -> tuple[Row, dict[Any, int]]:
    """Describe texts by their most frequent values."""
    sizes = valid.value_counts()
    occurring = {code: int(size) for code, size in sizes.head(KEPT).items()}
    for code in labels:
        occurring.setdefault(code, 0)
    row = {"kind": kind, "distinct": len(sizes), "values": _text(occurring, labels)}
    return {**row, "bar": bar(list(occurring.values())[:STEPS])}, occurring


def _text(counts: Mapping[Any, int], labels: Mapping[Any, str]) -> str:
    """Print codes with labels and counts."""
    parts = []
    for code, count in counts.items():
        words = f"{code_text(code) or EMPTY} {labels.get(code, '')}".strip()
        parts.append(f"{words}: {count:,}")
    return "; ".join(parts[:SHOWN]) + (" …" if len(parts) > SHOWN else "")


def _plain(number: Any) -> Any:
    """Give a whole number as int, since that is how a code is written."""
    value = number.item() if hasattr(number, "item") else number
    return int(value) if isinstance(value, float) and value.is_integer() else value
