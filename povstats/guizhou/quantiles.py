"""An item's slope at quantiles of log consumption, with a bootstrap of whole villages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError, allowed
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import relabelled, small
from povstats.guizhou.named import title as named
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models.inference.bootstrap import progress
from povstats.models.inference.random_source import generator_of
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
LEVEL = 0.95
FEWEST = 50
FINE, ROUGH = 1e-6, 1e-4
"""Change of the coefficients at which iterations end: of an estimate, and of a replicate, which varies by far more."""
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, repr=False)
class QuantileSlopes(Tabled):
    """An item's slope over quantiles.

    Attributes
    ----------
    item : of social capital. slopes : by quantile: estimate, se, low, high (percentiles of the bootstrap). mean : the
        slope of the conditional mean, by least squares on the same rows. n : replicates. failed : without a solution.
    """

    item: str
    slopes: pd.DataFrame
    mean: float
    n: int
    failed: int
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: quantile_slope by quantile, and the slope of the mean."""
        rows: list[dict[str, object]] = [
            {"measure": "quantile_slope", "group": f"{q:g}", "term": self.item, **row.to_dict()}
            for q, row in self.slopes.iterrows()
        ]
        return tidy_frame([*rows, {"measure": "mean_slope", "term": self.item, "estimate": self.mean}])

    def table(self, lang: Lang | None = None) -> Table:
        """Give the slopes by quantile with their intervals."""
        lang = lang or language()
        cells = [
            [plain(row.estimate, 3), plain(row.se, 3), f"[{plain(row.low, 3)}, {plain(row.high, 3)}]"]
            for row in self.slopes.itertuples()
        ]
        heads = [say(f"robust.head_{key}", lang) for key in ("slope", "se", "interval")]
        frame = pd.DataFrame(cells, pd.Index([f"{q:g}" for q in self.slopes.index]), heads, dtype=object)
        return made(self.analysis, frame, "quantiles", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the slope over the quantiles beside that of the mean.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        told, plan = relabelled(self.analysis, labels), self.analysis.plan
        frame = self.slopes.rename_axis("x").reset_index().assign(panel=named(told, self.item, lang), group="")
        return charts.curve_panels(
            frame[["panel", "group", "x", "estimate", "low", "high"]],
            x_label=say("robust.axis_quantile", lang),
            shape="joined",
            marks=[charts.Mark("y", self.mean)],
            lang=lang,
            title=heading(plan, lang, "quantiles", title),
            unit=say("robust.unit_log", lang),
            source=foot(plan, lang, say("robust.source", lang), source),
            notes=[say("robust.mark_mean", lang, slope=plain(self.mean, 3)), *self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say whether the slope is another among the poor than among the rich of alike households."""
        lang = lang or language()
        first, last = self.slopes.iloc[0], self.slopes.iloc[-1]
        words = {"item": small(named(self.analysis, self.item, lang), lang)}
        words |= {"first": plain(first["estimate"], 3), "last": plain(last["estimate"], 3)}
        words |= {"low": f"{self.slopes.index[0]:g}", "high": f"{self.slopes.index[-1]:g}"}
        return paragraph([*self._notes(lang), say("robust.explain_quantiles", lang, **words)], lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("robust.note_quantiles", lang, n=self.n - self.failed)]
        notes += [say("robust.note_failed", lang, n=self.failed)] if self.failed else []
        return notes + ([say("social.note_contained", lang)] if self.analysis.contained else [])


def quantile_slopes(
    analysis: Analysis,
    item: str,
    quantiles: Sequence[float] = QUANTILES,
    n: int = 100,
    rng: np.random.Generator | int = 1,
) -> QuantileSlopes:
    """Regress quantiles of log consumption on an item and the plan's controls, without products.

    Q_τ(ln C | x) = x'β(τ), by statsmodels' QuantReg. Whole villages are drawn with replacement, n times: households of
    one village are alike, so that QuantReg's own errors are too small.

    Parameters
    ----------
    item : one of the plan's items. quantiles : between 0 and 1. n : replicates, at least 50. rng : a Generator or seed.

    Raises
    ------
    OptionError
        Where the item is unknown, a quantile is not inside 0 and 1, or n is too small.
    DataError
        Where a predictor is not numeric, or there are fewer than ten villages.

    Notes
    -----
    Source: Koenker & Bassett (1978), Econometrica 46; the bootstrap of clusters for quantile regression, Hagemann
    (2017), Journal of the American Statistical Association 112.
    """
    allowed("item", item, analysis.plan.items)
    if not quantiles or any(not 0 < one < 1 for one in quantiles):
        raise OptionError(f"quantiles={list(quantiles)!r} must lie inside 0 and 1")
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < FEWEST:
        raise OptionError(f"n={n!r} replicates are too few; give {FEWEST} or more")
    y, x, groups = _rows(analysis, item)
    point = np.array([_slope(y, x, one) for one in quantiles])
    places = [np.flatnonzero(groups == code) for code in range(groups.max() + 1)]
    generator, draws = generator_of(rng), []
    with progress(n, "quantile regressions") as tell:
        for _ in range(n):
            chosen = np.concatenate([places[at] for at in generator.integers(0, len(places), len(places))])
            draws.append([_slope(y[chosen], x[chosen], one, ROUGH) for one in quantiles])
            tell(1)
    drawn = np.array(draws)
    kept = drawn[np.isfinite(drawn).all(axis=1)]
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    frame = {"estimate": point, "se": kept.std(axis=0, ddof=1), "low": low, "high": high}
    mean = float(np.linalg.lstsq(x, y, rcond=None)[0][1])
    return QuantileSlopes(
        item, pd.DataFrame(frame, pd.Index(list(quantiles))), mean, int(n), int(n) - len(kept), analysis
    )


def _rows(analysis: Analysis, item: str) -> tuple[Array, Array, Array]:
    """Take outcome, constant, item and standardised controls, and the villages' codes, of the complete rows."""
    plan, table = analysis.plan, analysis.table
    names = [item, *plan.household, *plan.village]
    odd = [name for name in names if not pd.api.types.is_numeric_dtype(table[name])]
    if odd:
        raise DataError(
            f"quantile regression takes numbers here; {odd} are not: code them as numbers, or leave them out"
        )
    used = table[[plan.outcome, plan.group, *names]].dropna()
    used = used[used[plan.outcome] > 0]
    groups, labels = pd.factorize(used[plan.group])
    if len(labels) < 10:
        raise DataError(f"{len(labels)} groups of {plan.group!r} are too few to draw from; ten are the least")
    controls = used[names[1:]].astype(float)
    controls = controls.loc[:, controls.std() > 0]
    controls = (controls - controls.mean()) / controls.std()
    x = np.column_stack([np.ones(len(used)), used[item].astype(float), controls])
    return np.log(used[plan.outcome].to_numpy(dtype=float)), x, groups


def _slope(y: Array, x: Array, quantile: float, tolerance: float = FINE) -> float:
    """Fit one quantile by statsmodels; where its iterations do not come to an end, by the linear programme itself."""
    import warnings

    # Loaded here: it is slow to import, and the other parts do not need it.
    from statsmodels.regression.quantile_regression import QuantReg
    from statsmodels.tools.sm_exceptions import IterationLimitWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", IterationLimitWarning)
        try:
            return float(QuantReg(y, x).fit(q=quantile, p_tol=tolerance).params[1])
        except (IterationLimitWarning, np.linalg.LinAlgError):
            return programmed(y, x, quantile)


def programmed(y: Array, x: Array, quantile: float) -> float:
    """Minimise τ Σ u + (1 − τ) Σ v over y = xβ + u − v, u ≥ 0, v ≥ 0, and give the second coefficient; NaN where none.

    Notes
    -----
    Source: Koenker & Bassett (1978), Econometrica 46, appendix.
    """
    from scipy.optimize import linprog
    from scipy.sparse import eye, hstack

    n, k = x.shape
    cost = np.concatenate([np.zeros(k), np.full(n, quantile), np.full(n, 1 - quantile)])
    bounds = [(None, None)] * k + [(0, None)] * (2 * n)
    found = linprog(cost, A_eq=hstack([x, eye(n), -eye(n)], format="csr"), b_eq=y, bounds=bounds, method="highs")
    return float(found.x[1]) if found.success else float("nan")
