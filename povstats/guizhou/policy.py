"""What the models imply for more aid, or a grade more of social capital: consumption and headcount. Not causal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.lines import implied
from povstats.guizhou.named import relabelled, small, title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult
from povstats.models.inference.random_source import generator_of
from povstats.models.interpretation.prediction.prediction_rows import Rows, open_rows
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

LEVEL = 0.95
FEWEST = 200
SCENARIOS = ("funds", "item")
MEASURES = ("consumption", "percent", "headcount")

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Policy(Tabled):
    """Changes that the models imply.

    Attributes
    ----------
    changes : index (item, scenario, measure): estimate, low, high. Scenario "funds" adds `step` to every village's
        funds per head, "item" a grade to every household below the top grade. Measure "consumption" is the change of
        its mean in money, "percent" the same in per cent, "headcount" that of the share of poor (0–1).
    line : the poverty line; implied : whether the marked poor imply it. step : of funds. moved : by item, the share of
        households that a grade more moves. n : draws.
    """

    changes: pd.DataFrame
    line: float
    implied: bool
    step: float
    moved: Mapping[str, float]
    n: int
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measures change_consumption, change_percent and change_headcount."""
        return tidy_frame(
            {"measure": f"change_{measure}", "group": scenario, "term": item, **row.to_dict()}
            for (item, scenario, measure), row in self.changes.iterrows()
        )

    def table(self, lang: Lang | None = None) -> Table:
        """Give the changes, a block a scenario, a row an item."""
        lang = lang or language()
        cells, index = [], []
        for scenario in self._scenarios():
            for item in self.analysis.plan.items:
                rows = self.changes.loc[(item, scenario)]
                shown = [self._cells(rows.loc[measure], measure) for measure in MEASURES]
                block = say(f"policy.scenario_{scenario}", lang, step=f"{self.step:g}")
                index += [(block, title(self.analysis, item, lang)), (block, "")]
                cells += [[one for one, _ in shown], [ends for _, ends in shown]]
        heads = [say(f"policy.head_change_{measure}", lang) for measure in MEASURES]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "policy", self._notes(lang), lang, "interval")

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the changes of the headcount, a panel a scenario.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        told, plan = relabelled(self.analysis, labels), self.analysis.plan
        rows = [
            {
                "panel": say(f"policy.scenario_{scenario}", lang, step=f"{self.step:g}"),
                "row": _title(told, item, lang),
                "group": "",
                **(100 * self.changes.loc[(item, scenario, "headcount")]).to_dict(),
            }
            for scenario in self._scenarios()
            for item in plan.items
        ]
        return charts.row_panels(
            pd.DataFrame(rows),
            line=0.0,
            lang=lang,
            title=heading(plan, lang, "policy_headcount", title),
            unit=say("policy.unit_headcount", lang),
            source=foot(plan, lang, say("policy.source", lang), source),
            notes=[*self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say what the numbers are, and what they cannot be."""
        lang = lang or language()
        told = []
        for item in self.analysis.plan.items:
            row = 100 * self.changes.loc[(item, "item", "headcount")]
            ends = {key: plain(float(row[key]), 1) for key in ("estimate", "low", "high")}
            name = small(title(self.analysis, item, lang), lang)
            told.append(say("policy.explain", lang, item=name, moved=f"{self.moved[item]:.0%}", **ends))
        return paragraph([*self._notes(lang), *told], lang)

    def _scenarios(self) -> list[str]:
        known = set(self.changes.index.get_level_values(1))
        return [one for one in SCENARIOS if one in known]

    def _cells(self, row: pd.Series, measure: str) -> tuple[str, str]:
        scale, to = {"consumption": (1.0, 0), "percent": (1.0, 1), "headcount": (100.0, 1)}[measure]
        shown = [plain(scale * float(row[key]), to) for key in ("estimate", "low", "high")]
        return shown[0], f"[{shown[1]}, {shown[2]}]"

    def _notes(self, lang: Lang) -> list[str]:
        key = "line_implied" if self.implied else "line_given"
        notes = [say("policy.note", lang, n=f"{self.n:,}"), say(f"policy.{key}", lang, line=f"{self.line:,.0f}")]
        return notes + ([say("policy.note_fixed", lang)] if self.analysis.contained else [])


def policy_simulation(
    analysis: Analysis, step: float = 100.0, n: int = 1000, rng: np.random.Generator | int = 1
) -> Policy:
    """Simulate what every item's model implies for more aid funds, and for a grade more of the item.

    With μ = x'β and v = z'Tz + σ² of a household, mean consumption is the mean of exp(μ + v/2), and the headcount that
    of Φ((ln line − μ)/√v): both are over the predictive distribution of village effects and residuals. The scenario
    changes x of every household; β is drawn n times from N(β̂, cov), T and σ² stay at their estimates. What the
    village's other columns would do in answer, its mean consumption among them, is not followed.

    Parameters
    ----------
    step : change of funds per head, in money. n : draws, at least 200. rng : a Generator or a seed.

    Raises
    ------
    DataError
        Where there is no poverty line: none in the plan, and the marked poor do not all lie below the others.
    OptionError
        Where step or n is not as it must be.

    Notes
    -----
    Model-implied, not causal: who has more funds or social capital is not drawn at random. Source: King, Tomz &
    Wittenberg (2000), American Journal of Political Science 44, on simulating quantities of interest; Elbers, Lanjouw &
    Lanjouw (2003), Econometrica 71, on headcounts from a model of log consumption.
    """
    if isinstance(step, bool) or not isinstance(step, int | float) or not 0 < step < np.inf:
        raise OptionError(f"step={step!r} must be an amount above zero, such as 100")
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < FEWEST:
        raise OptionError(f"n={n!r} draws are too few for an interval of 95%; give {FEWEST} or more")
    line, from_poor = _line(analysis)
    plan, generator, frames, moved = analysis.plan, generator_of(rng), {}, {}
    for item in plan.items:
        fit = analysis.model(item)
        rows = open_rows(fit, analysis.table, ())
        top = float(analysis.table[item].max())
        grade = analysis.table[item].astype(float)
        tables = {"item": analysis.table.assign(**{item: np.minimum(grade + 1, top).where(grade.notna())})}
        moved[item] = float((grade.dropna() < top).mean())
        if plan.funds is not None:
            tables = {"funds": analysis.table.assign(**{plan.funds: analysis.table[plan.funds] + step}), **tables}
        draws = generator.multivariate_normal(fit.params.to_numpy(), fit.cov.to_numpy(), n, method="eigh")
        for scenario, table in tables.items():
            other = open_rows(fit, table, ())
            frames[(item, scenario)] = _changes(fit, rows, other, np.log(line), draws)
    changes = pd.concat(frames, names=["item", "scenario", "measure"]).sort_index()
    return Policy(changes, line, from_poor, float(step), moved, int(n), analysis)


def _title(analysis: Analysis, item: str, lang: Lang) -> str:
    return title(analysis, item, lang)


def _line(analysis: Analysis) -> tuple[float, bool]:
    """Give the plan's line, else the middle between the richest of the marked poor and the poorest of the others."""
    if analysis.plan.line is not None:
        return float(analysis.plan.line), False
    found = implied(analysis)
    if found is None:
        raise DataError(
            f"there is no poverty line: the plan has none, and column {analysis.plan.poor!r} is absent or does not "
            "part poor and others by their consumption; give the plan a line in money"
        )
    return float(np.mean(found)), True


def _changes(fit: HLMResult, before: Rows, after: Rows, log_line: float, draws: Array) -> pd.DataFrame:
    """Give estimate and interval of the three changes."""
    parts = zip(after.Z, fit.random_cov.values(), strict=True)
    v_after = fit.sigma2 + sum(np.einsum("ij,jk,ik->i", z, t.to_numpy(), z) for z, t in parts)
    parts = zip(before.Z, fit.random_cov.values(), strict=True)
    v_before = fit.sigma2 + sum(np.einsum("ij,jk,ik->i", z, t.to_numpy(), z) for z, t in parts)

    def measured(beta: Array) -> Array:
        old, new = before.X @ beta, after.X @ beta
        mean = np.exp(old + v_before[:, None] / 2).mean(axis=0)
        change = np.exp(new + v_after[:, None] / 2).mean(axis=0) - mean
        poor = ndtr((log_line - new) / np.sqrt(v_after)[:, None]).mean(axis=0)
        poor -= ndtr((log_line - old) / np.sqrt(v_before)[:, None]).mean(axis=0)
        return np.array([change, 100 * change / mean, poor])

    point = measured(fit.params.to_numpy(dtype=float)[:, None])[:, 0]
    ends = np.quantile(measured(draws.T), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return pd.DataFrame({"estimate": point, "low": ends[0], "high": ends[1]}, index=list(MEASURES))
