"""Johnson–Neyman regions: at which values of a moderator a slope differs from zero, and how many villages lie there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.cells import Array
from povstats.engine.source import Table
from povstats.errors import OptionError, allowed
from povstats.models.interpretation.effects.contrast import check_level, group_rows, precision, tested
from povstats.models.interpretation.effects.focal import Focal, find_focal
from povstats.models.interpretation.effects.moderator_line import (
    find_moderator,
    group_values,
    line_of,
    row_values,
    span_of,
)
from povstats.models.interpretation.effects.moderators import Held, held, moderators
from povstats.models.interpretation.effects.regions import Region, critical_p, regions
from povstats.printing import Printed, Summary
from povstats.words import Lang, language

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure

CURVE = 201
"""Values of the moderator at which the curve is drawn."""


@dataclass(frozen=True, eq=False, repr=False)
class JohnsonNeyman(Printed):
    """Where the slope of a predictor differs from zero.

    Attributes
    ----------
    focal : the predictor. moderator : what the slope changes with. held : what else it changes with, and where it is.
    level : asked for. control : "pointwise" or "fdr".
    alpha : the p-value at the regions' ends, 1 − level where control is "pointwise".
    rejected : groups whose own test is rejected.
    regions : DataFrame low, high (infinite where open), sign, groups, rows: the shares of groups and rows inside.
    groups : DataFrame group, value, rows, estimate, se, df, t, p, low, high, sign (0 outside): each group's own value.
    curve : DataFrame value, estimate, se, df, t, p, low, high over the data's range; the band is that of `alpha`.
    span : the moderator's smallest and largest value in the data. constant : it has one value in every group.
    counted : the rows' shares are known; where the moderator varies in groups they need the table.
    """

    focal: Focal
    moderator: str
    held: tuple[Held, ...]
    level: float
    control: str
    alpha: float
    rejected: int
    regions: pd.DataFrame
    groups: pd.DataFrame
    curve: pd.DataFrame
    span: tuple[float, float]
    constant: bool
    counted: bool
    fit: "HLMResult" = field(repr=False)

    @property
    def term(self) -> str:
        """The predictor's name."""
        return self.focal.name

    @property
    def group(self) -> str:
        """The lowest grouping, whose groups are counted."""
        return self.fit.optimum.blocks.levels[0].name

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: region (its ends as low and high, sign as estimate), and its shares."""
        rows: list[dict[str, object]] = []
        for row in self.regions.itertuples():
            key = {"group": "positive" if row.sign > 0 else "negative", "term": f"{self.term} | {self.moderator}"}
            rows.append({"measure": "region", **key, "estimate": row.sign, "low": row.low, "high": row.high})
            rows.append({"measure": "share_groups", **key, "estimate": row.groups})
            if self.counted:
                rows.append({"measure": "share_rows", **key, "estimate": row.rows})
        rows.append({"measure": "critical_p", "term": f"{self.term} | {self.moderator}", "estimate": self.alpha})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        from povstats.models.interpretation.effects.regions_told import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give a paragraph for a referee: regions, shares of groups and rows, definition, what was controlled."""
        from povstats.models.interpretation.effects.regions_told import paragraph

        return paragraph(self, lang or language())

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        x_label: str | None = None,
    ) -> "Figure":
        """Draw the slope over the moderator with its band, the regions shaded, and the groups' values as a rug.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language, instead of those made from the model.
        labels : words for columns, such as {"aid": "aid funds (yuan per head)"}, for the outcome and the grouping too.
        x_label : words under the horizontal axis, such as the moderator's with its unit.
        """
        from povstats.models.interpretation.effects.effects_drawn import draw_regions

        return draw_regions(self, lang or language(), labels or {}, title, source, x_label)


def johnson_neyman(
    fit: "HLMResult",
    term: str,
    moderator: str,
    *,
    level: float = 0.95,
    control: Literal["pointwise", "fdr"] = "pointwise",
    table: Table | None = None,
) -> JohnsonNeyman:
    """Find the values of a moderator at which the slope of the outcome in a predictor differs from zero.

    The ends solve (g1 + g3 w)² = t²·(V11 + 2 w V13 + w² V33), with t the two-sided quantile at the degrees of freedom
    of the slope at w, on the whole line: a region may be open, and there may be none.

    Parameters
    ----------
    term : the predictor, as in `slopes`. Other moderators of it stand at their means.
    moderator : a factor of the formula, such as "aid_funds" or "log(aid_funds)"; of center(x) and scale(x) also the
        column x, in its own unit. It must enter the slope by that one function.
    level : one less the p-value at the ends.
    control : "pointwise" tests each value for itself. "fdr" takes the groups of the lowest grouping as the tests,
        each at its own value of the moderator, and by Benjamini and Hochberg's rule controls the expected share of
        false ones among the groups found: with k of m rejected, the ends are those of the p-value (1 − level)·k/m.
    table : the table of the fit, where the moderator varies within groups: without it the rows in the regions are not
        counted, and a group counts by its mean.

    Returns
    -------
    JohnsonNeyman
        `regions`, with the shares of groups and rows inside; `groups`, each at its own value; `curve`, which `plot()`
        draws.

    Raises
    ------
    DataError
        Where `table` is not the one of the fit.
    OptionError
        Where the slope does not change with the moderator, changes with it in a curve, or the moderator is categorical.

    Notes
    -----
    Source: Johnson & Neyman (1936), Statistical Research Memoirs 1; Bauer & Curran (2005), Multivariate Behavioral
    Research 40, eq. 14; Esarey & Sumner (2018), Comparative Political Studies 51(9), for the false discovery rate.
    """
    allowed("control", control, ("pointwise", "fdr"))
    check_level(level)
    focal = find_focal(fit.model, term)
    if focal.column is not None:
        raise OptionError(
            f"the slope in {term!r} depends on {focal.column} itself; see slopes() with values of both in `at`"
        )
    factor, unit = find_moderator(fit, focal, moderator)
    line, span, known = line_of(fit, focal, factor, unit), span_of(fit, factor, unit), precision(fit)
    value, constant = group_values(fit, factor, unit)
    groups = pd.DataFrame({"group": fit.optimum.blocks.levels[0].labels, "value": value, "rows": group_rows(fit)})
    groups = pd.concat([groups, tested(known, line.rows(value), level)], axis=1)
    rows = None if constant or table is None else row_values(fit, factor, unit, table)
    alpha, k = 1 - level, 0
    if control == "fdr":
        alpha, k = critical_p(groups["p"].to_numpy(), 1 - level)
    found = regions(known, line, alpha)
    groups["sign"] = np.where(groups["p"] <= alpha, np.sign(groups["estimate"]), 0).astype(int)
    values = np.linspace(*span, CURVE)
    curve = pd.concat([pd.DataFrame({"value": values}), tested(known, line.rows(values), 1 - alpha)], axis=1)
    others = [other for other in moderators(fit.model, focal) if other is not factor]
    return JohnsonNeyman(
        focal=focal,
        moderator=moderator,
        held=held(fit, others),
        level=level,
        control=control,
        alpha=alpha,
        rejected=k if control == "fdr" else int((groups["p"] <= alpha).sum()),
        regions=_counted(found, groups, (groups["value"], groups["rows"]) if constant else (rows, None)),
        groups=groups,
        curve=curve,
        span=span,
        constant=constant,
        counted=constant or rows is not None,
        fit=fit,
    )


def _counted(
    found: tuple[Region, ...], groups: pd.DataFrame, rows: tuple[Array | pd.Series | None, pd.Series | None]
) -> pd.DataFrame:
    """Count the groups and the rows of each region; `rows` has values and how many rows each stands for."""
    values, times = rows
    out = []
    for region in found:
        inside = groups["value"].between(region.low, region.high)
        share = np.nan
        if values is not None:
            share = float(np.average((values >= region.low) & (values <= region.high), weights=times))
        out.append((region.low, region.high, region.sign, float(inside.mean()), share))
    return pd.DataFrame(out, columns=["low", "high", "sign", "groups", "rows"])
