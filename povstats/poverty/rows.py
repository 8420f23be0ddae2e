"""The rows of a poverty estimate: what is refused, what is left out and counted, what is kept as it is."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from povstats.engine import open_table
from povstats.errors import DataError
from povstats.poverty.estimate import Definition, RowCount
from povstats.survey import missing_rows, require_column, require_complete, require_number, require_weights


@dataclass(frozen=True, eq=False)
class Rows:
    """Checked rows under fixed names: welfare, weight, kept, and by, stratum, psu where they were named.

    Parameters
    ----------
    frame : the columns; `weight` is the final weight × size, `welfare` is 0 where it is missing and not kept.
    count : rows read, used and dropped.
    """

    frame: nw.DataFrame[Any]
    count: RowCount

    def column(self, name: str) -> str | None:
        """Give `name` where the frame has that column."""
        return name if name in self.frame.columns else None


def checked_rows(table: Any, definition: Definition) -> Rows:
    """Check every column of the definition and bring the rows under fixed names.

    Rows without welfare are dropped and counted. Zero and negative welfare stays as it is and is counted.

    Raises
    ------
    DataError
        Where a column is not there; welfare is text or infinite; a weight, size, stratum, PSU or group is
        missing; a weight is negative or a size not positive; no row with welfare and weight is left.
    """
    frame = open_table(table)
    columns = _columns(frame, definition)
    kept = ~missing_rows(frame, definition.welfare)
    welfare = np.where(kept, _doubles(frame, definition.welfare), 0.0)
    weight = np.ones(len(frame))
    for factor in ("weights", "size"):
        if factor in columns:
            weight = weight * _doubles(frame, columns.pop(factor))
    if not weight[kept].sum() > 0:
        raise DataError(
            f"no row of {len(frame)} has both {definition.welfare!r} and a positive weight, so there is "
            "nothing to estimate; check that these are the right columns"
        )
    lost = int((~kept).sum())
    count = RowCount(
        read=len(frame),
        used=len(frame) - lost,
        dropped={definition.welfare: lost} if lost else {},
        zero=int((welfare[kept] == 0).sum()),
        negative=int((welfare[kept] < 0).sum()),
    )
    made = {"welfare": welfare, "weight": weight, "kept": kept}
    fresh = [nw.new_series(name, values, backend=frame.implementation) for name, values in made.items()]
    named = [frame[column].alias(name) for name, column in columns.items()]
    return Rows(nw.from_dict({series.name: series for series in [*fresh, *named]}), count)


def _doubles(frame: nw.DataFrame[Any], column: str) -> NDArray[np.float64]:
    """Give a column of numbers as doubles."""
    return np.asarray(frame[column].cast(nw.Float64).to_numpy(), dtype=float)


def _columns(frame: nw.DataFrame[Any], definition: Definition) -> dict[str, str]:
    """Check the columns, and give those beside welfare by their fixed name."""
    design = definition.design
    require_number(frame, "welfare", definition.welfare)
    columns = {}
    if design.weights is not None:
        columns["weights"] = require_weights(frame, "weights", design.weights)
    if definition.size is not None:
        columns["size"] = require_weights(frame, "size", definition.size, positive=True)
    for name, role, column in (
        ("by", "by", definition.by),
        ("stratum", "strata", design.strata),
        ("psu", "psu", design.psu),
    ):
        if column is not None:
            columns[name] = require_complete(frame, role, require_column(frame, role, column))
    return columns
