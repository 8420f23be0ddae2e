"""Analysis: a table and a plan, and the models that all parts of the study share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from povstats.errors import DataError, allowed
from povstats.guizhou.plan import Plan
from povstats.models import HLMResult, fit_hlm
from povstats.words import Lang

ALIKE = 1e-3


@dataclass(frozen=True, eq=False)
class Analysis:
    """The study of one survey.

    Attributes
    ----------
    table : one row a household, with the plan's columns. plan : which column plays which part.
    labels : {column: {"zh": …, "en": …}}, words for columns instead of the contract's.
    """

    table: pd.DataFrame
    plan: Plan
    labels: Mapping[str, Mapping[Lang, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table that lacks a column of the plan."""
        plan = self.plan
        needed = [plan.outcome, *plan.items, *plan.household, *plan.village, plan.group]
        lacking = [name for name in needed if name not in self.table.columns]
        if lacking:
            raise DataError(
                f"the table has no column {', '.join(map(repr, lacking))}; map it by a recipe, or leave it out of "
                "the plan"
            )

    @cached_property
    def _fits(self) -> dict[str, HLMResult]:
        return {}

    def fitted(self, formula: str) -> HLMResult:
        """Fit a formula by REML, once."""
        if formula not in self._fits:
            self._fits[formula] = fit_hlm(formula, self.table, method="reml")
        return self._fits[formula]

    @cached_property
    def _parts(self) -> dict[tuple[Any, ...], Any]:
        return {}

    def part(self, made: Callable[..., Any], *arguments: Any) -> Any:
        """Compute a part of the study, made(analysis, *arguments), once."""
        key = (made, *arguments)
        if key not in self._parts:
            self._parts[key] = made(self, *arguments)
        return self._parts[key]

    @property
    def null(self) -> HLMResult:
        """The model without predictors."""
        return self.fitted(self.plan.null)

    @property
    def baseline(self) -> HLMResult:
        """The model of households' and villages' controls, without social capital."""
        return self.fitted(self.plan.formula())

    def model(self, item: str, *, slope: bool = True, centred: bool = True) -> HLMResult:
        """Give the model of one item with its cross-level interactions."""
        allowed("item", item, self.plan.items)
        return self.fitted(self.plan.formula(item, slope=slope, centred=centred))

    @property
    def contained(self) -> tuple[str, ...]:
        """Columns of villages that are means of the outcome, or of its logarithm, over the same households.

        Alike to a thousandth, since such means are written in whole yuan, and over all rows with an outcome, since
        they were made before a model left rows out.
        """
        spent = self.table[self.plan.outcome].where(self.table[self.plan.outcome] > 0)
        means = [one.groupby(self.table[self.plan.group]).mean() for one in (spent, np.log(spent))]
        villages = self.table.groupby(self.plan.group, observed=True)[list(self.plan.village)].first()

        def same(name: str) -> bool:
            return any(bool((villages[name] / mean - 1).abs().max() < ALIKE) for mean in means)

        return tuple(name for name in self.plan.village if same(name))

    @property
    def poor(self) -> pd.Series | None:
        """Who is poor, as true and false by row: by the plan's column, else by its line; None without either.

        A row is missing where the column is, or where consumption is.
        """
        plan = self.plan
        if plan.poor is not None and plan.poor in self.table.columns:
            told = self.table[plan.poor]
            return (told == 1).astype("boolean").mask(told.isna())
        if plan.line is not None:
            spent = self.table[plan.outcome]
            return (spent < plan.line).astype("boolean").mask(spent.isna())
        return None

    def varies_within(self, column: str) -> bool:
        """Tell whether a column has more than one value in some group."""
        return bool((self.table.groupby(self.plan.group, observed=True)[column].nunique() > 1).any())
