"""From rows to cells, and from cells to a model's cross-products by level."""

from collections.abc import Mapping

import narwhals as nw

from povstats.engine.cells import Cells
from povstats.engine.columns import Piece
from povstats.engine.lazy_moments import lazy_moments
from povstats.engine.learn import AnyFrame
from povstats.engine.moments import moments
from povstats.models.blocks import Blocks, make_blocks
from povstats.models.levels import arrange
from povstats.models.model import Model


def reduce_rows(used: AnyFrame, pieces: Mapping[str, Piece], model: Model, weight: str | None) -> Cells:
    """Reduce the rows where they are: arrays in memory, aggregates in an engine."""
    groupings = list(model.groupings.values())
    if isinstance(used, nw.LazyFrame):
        return lazy_moments(used, pieces, model.products, groupings, weight)
    return moments(used, pieces, model.products, groupings, weight)


def assemble(model: Model, cells: Cells) -> Blocks:
    """Arrange a model's levels and make its cross-products from the cells.

    Parameters
    ----------
    model, cells : the compiled formula and the statistics of the rows.
    """
    sets = {name: tuple(len(columns) for columns in model.sets(name)) for name in model.groupings}
    levels, codes = arrange({name: cells.groupings[name] for name in model.groupings}, sets)
    random = {name: [[column.pieces for column in columns] for columns in model.sets(name)] for name in model.groupings}
    return make_blocks(cells, levels, codes, [column.pieces for column in model.fixed], random, model.response)
