"""The same fit with something added, from the cached cross-products: random slopes, or means by group."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from povstats.engine.cells import Array, Cells
from povstats.models.assemble import assemble
from povstats.models.design import Column
from povstats.models.model import Model
from povstats.models.optimum import optimise
from povstats.models.pack import pack
from povstats.models.standard import standardise
from povstats.models.units import units

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def again(fit: "HLMResult", model: Model, cells: Cells) -> "HLMResult":
    """Fit a changed model to the same rows, by the same method.

    Parameters
    ----------
    fit : the fit at hand, without sampling weights. model, cells : what is fitted instead.

    Raises
    ------
    FitError
        Where the changed model cannot be estimated.
    """
    names = [column.name for column in model.fixed]
    standard = standardise(assemble(model, cells), names)
    optimum = optimise(standard.blocks, fit.method == "reml")
    return pack(model, cells, fit.rows, units(standard, names), optimum, fit.method, fit.df_method, ())


def with_slope(fit: "HLMResult", group: str, column: Column) -> "HLMResult":
    """Let a household column's slope vary over a grouping, correlated with its intercept where it has one."""
    sets = list(fit.model.random)
    own = [i for i, one in enumerate(sets) if one.group == group]
    place = next((i for i in own if any(not c.pieces for c in sets[i].columns)), own[0])
    sets[place] = replace(sets[place], columns=(*sets[place].columns, column))
    return again(fit, replace(fit.model, random=tuple(sets)), fit.cells)


def with_means(fit: "HLMResult", group: str, means: Mapping[str, Array]) -> "HLMResult":
    """Add columns of one value a group to the fixed part.

    Parameters
    ----------
    group : the grouping. means : by the column's name, shape (groups,).
    """
    cells, codes = fit.cells, fit.cells.groupings[group].codes
    own = {name: values[codes] for name, values in means.items()}
    shift = {name: float(cells.counts @ values / cells.counts.sum()) for name, values in own.items()}
    held = np.column_stack([cells.values, *(values - shift[name] for name, values in own.items())])
    extremes = {name: np.stack([values, values]) for name, values in own.items()}
    wider = replace(
        cells,
        village=(*cells.village, *own),
        values=held,
        shift={**cells.shift, **shift},
        extremes={**cells.extremes, **extremes},
    )
    fixed = (*fit.model.fixed, *(Column(name, (name,)) for name in own))
    return again(fit, replace(fit.model, fixed=fixed), wider)


__all__ = ["again", "with_means", "with_slope"]
