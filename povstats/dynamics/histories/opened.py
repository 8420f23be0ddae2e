"""The door: a panel becomes a history, in memory or in an engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import narwhals as nw

from povstats.dynamics.asked import Asked
from povstats.dynamics.histories.account import Account
from povstats.dynamics.histories.tally import Clusters, Tally
from povstats.engine import open_lazily
from povstats.engine.layout import Codes, Floats


@dataclass(frozen=True, eq=False)
class UnitSums:
    """Sums over the rows of every unit.

    Attributes
    ----------
    sums : by name, shape (U,). rows : rows of every unit, shape (U,).
    weight : of the unit's first row, shape (U,). cluster, group : shape (U,).
    clusters : of the panel.
    """

    sums: Mapping[str, Floats]
    rows: Codes
    weight: Floats
    cluster: Codes
    group: Codes
    clusters: Clusters


class History(Protocol):
    """The rows of a checked panel with their codes (see `histories.codes`), wherever they lie."""

    @property
    def asked(self) -> Asked:
        """The keywords."""

    @property
    def account(self) -> Account:
        """Rows, units, waves, gaps."""

    @property
    def groups(self) -> tuple[Any, ...]:
        """Levels of `by` in the order of their type; ("",) without groups."""

    def tally(self, names: Sequence[str]) -> Tally:
        """Add up weights by cluster and combination of codes, GROUP first."""

    def runs(self) -> Any:
        """Give a row for each run of a state: a narwhals frame, lazy where the panel is.

        Columns UNIT, GROUP, RUN, STATE (of the first row), "start" and "end" (waves), "length" (waves), LEFT, RIGHT,
        AGE (of the first row), WEIGHT (of the first row).
        """

    def unit_sums(self, expressions: Mapping[str, nw.Expr]) -> UnitSums:
        """Add up row expressions in "poor" (1, 0), RELATIVE, "length" (of the row's run) and WAVE by unit."""


def open_history(table: Any, asked: Asked) -> History:
    """Check a panel and code its rows.

    Parameters
    ----------
    table : what `povstats.engine.open_lazily` opens. asked : the checked keywords.

    Raises
    ------
    DataError
        Where a column is not there or cannot play its part; a unit has two rows of one wave, lies in two PSUs or
        strata; there are fewer than two waves; no row says whether its unit is poor.
    """
    frame = open_lazily(table)
    if isinstance(frame, nw.LazyFrame):
        from povstats.dynamics.histories.in_engine import engine_history

        return engine_history(frame, asked)
    from povstats.dynamics.histories.in_memory import array_history

    return array_history(frame, asked)
