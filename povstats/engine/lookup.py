"""Small tables joined to a lazy one: constants of domains, factors of PSUs."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa

from povstats.engine.layout import Floats
from povstats.errors import EngineError

KEY = "povstats key {}"


def attach(
    frame: nw.LazyFrame[Any], keys: Sequence[str], labels: nw.DataFrame[Any], columns: Mapping[str, Floats]
) -> nw.LazyFrame[Any]:
    """Add to every row the numbers of its key; rows whose key is not among `labels` are lost.

    Parameters
    ----------
    frame : a lazy table. keys : its columns that make the key.
    labels : an eager frame of the keys, one row a key, in the types of `frame`.
    columns : by name one number a row of `labels`.

    Raises
    ------
    EngineError
        Where the engine is neither DuckDB nor polars.
    """
    arrays = {KEY.format(i): labels[key].to_arrow() for i, key in enumerate(keys)}
    table = pa.table(arrays | {name: pa.array(values, pa.float64()) for name, values in columns.items()})
    if frame.implementation.is_duckdb():
        # DuckDB finds `table` by its name here; a relation made apart would sit on another connection.
        on = " and ".join(f'rows."{key}" = small."{KEY.format(i)}"' for i, key in enumerate(keys))
        added = ", ".join(f'small."{name}"' for name in columns)
        query = f"select rows.*, {added} from rows join povstats_small as small on {on}"
        found: nw.LazyFrame[Any] = nw.from_native(_query(frame.to_native(), query, table))
        return found
    if frame.implementation.is_polars():
        small = nw.from_arrow(table, backend="polars").lazy()
        joined: nw.LazyFrame[Any] = frame.join(small, left_on=list(keys), right_on=list(arrays), how="inner")
        return joined
    raise EngineError(
        f"a lazy table of {frame.implementation} cannot be used yet; hand over a DuckDB relation, a polars LazyFrame "
        "or the path of a Parquet file"
    )


def _query(relation: Any, query: str, povstats_small: pa.Table) -> Any:
    """Run a query in which a local table has a name; the relation keeps hold of the table."""
    return relation.query("rows", query)
