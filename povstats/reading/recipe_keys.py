"""Keys of households and villages: made of several columns, complete, and told apart without doubt."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from povstats.errors import DataError
from povstats.reading.recipe_cells import cells
from povstats.reading.recipe_levels import as_text
from povstats.reading.recipe_open import Opened
from povstats.reading.recipe_parts import Source
from povstats.reading.recipe_report import Step
from povstats.reading.recipe_strict import folded

BETWEEN = "/"
"""Stands between the parts of a key: 正安县/大寨村/12."""


def key_parts(
    sources: Sequence[Source], opened: Opened, column: str, *, alone: bool | None = None
) -> tuple[list[pd.Series], list[Step]]:
    """Take the columns of a key as text; `alone` tells that they are the whole of it.

    Raises
    ------
    DataError
        Where a part is missing, or two values differ in spaces, case or full-width signs only.
    """
    parts, steps = [], []
    for source in sources:
        values, told = cells(source, opened, column, numeric=False)
        parts.append(key_text(values, source.column, opened, alone=len(sources) == 1 if alone is None else alone))
        steps += told
    return parts, steps


def key_text(values: pd.Series, column: str, opened: Opened, *, alone: bool) -> pd.Series:
    """Write a part of a key as text; `alone` tells that it is the whole key."""
    gone = np.flatnonzero(values.isna() | (values == ""))
    if len(gone):
        raise DataError(
            f"{opened.where(column)} is part of a key and missing in {len(gone)} rows (from 0: "
            f"{opened.positions(gone)}); fill it in, or leave these rows out with keep: is_missing: no"
        )
    place, seen = pd.factorize(values)
    large = [v for v in seen.tolist() if isinstance(v, float) and (abs(v) >= 2**53 or not v.is_integer())]
    if large:
        raise DataError(
            f"{opened.where(column)} is part of a key and holds {large[0]!r}, which is no whole number or has more "
            "digits than decimals keep; store the key as text in the file"
        )
    texts = [as_text(value) for value in seen.tolist()]
    odd = [text for text in texts if not alone and BETWEEN in text]
    if odd:
        raise DataError(
            f"{opened.where(column)} is part of a key and holds {BETWEEN!r}, which stands between the parts, in "
            f"{len(odd)} values, such as {odd[0]!r}; recode these values"
        )
    forms: dict[str, list[str]] = {}
    for text in texts:
        forms.setdefault(folded(text), []).append(text)
    doubtful = [" and ".join(map(repr, alike)) for alike in forms.values() if len(alike) > 1]
    if doubtful:
        raise DataError(
            f"{opened.where(column)} is part of a key, and values differ in spaces, case, full-width or invisible "
            f"signs only: {'; '.join(doubtful[:5])}; say tidy: yes for these signs and outer spaces, or recode them"
        )
    return pd.Series(np.array(texts, object)[place], dtype=object)


def joined(parts: Sequence[pd.Series]) -> pd.Series:
    """Put the parts of a key together."""
    made = parts[0]
    for part in parts[1:]:
        made = made + BETWEEN + part
    return made


def require_unique(
    frame: pd.DataFrame, key: Sequence[str], names: dict[str, tuple[str, ...]], rows: NDArray[np.int64]
) -> Step:
    """Refuse rows that a key does not tell apart, with examples."""
    twice = frame.duplicated(list(key), keep=False)
    own = [f"{name} = {' + '.join(names[name])}" if names.get(name) else name for name in key]
    if twice.any():
        groups = frame.loc[twice, list(key)].groupby(list(key), sort=False, dropna=False).indices
        places = np.flatnonzero(twice)
        told = [
            f"{' · '.join(map(str, values if isinstance(values, tuple) else (values,)))} (rows from 0: "
            f"{', '.join(str(rows[places[at]]) for at in found[:3])})"
            for values, found in list(groups.items())[:3]
        ]
        raise DataError(
            f"{', '.join(own)}: {int(twice.sum())} rows share {len(groups)} values: {'; '.join(told)}; add to the key "
            "what tells them apart (county, village), or leave rows out with keep"
        )
    return Step(kind="unique", column=key[0], rows=len(frame), facts={"names": tuple(own)})


def require_nested(frame: pd.DataFrame, inner: str, outer: str, what: str, remedy: str) -> None:
    """Refuse a name of a village that occurs in two counties; `what` names it in the message."""
    pairs = frame[[inner, outer]].drop_duplicates()
    twice = pairs[pairs.duplicated(inner, keep=False)]
    if len(twice):
        groups = twice.groupby(inner, sort=False)[outer].agg(list)
        told = "; ".join(f"{name!r} in {' and '.join(map(str, among))}" for name, among in groups.head(5).items())
        raise DataError(
            f"{what}: {len(groups)} names occur in several values of {outer}: {told}; put {outer} into the key, as in "
            f"{remedy}"
        )
