"""What aid funds go with: log points, per cent and yuan of consumption for a step of funds per head."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import HLMResult
from povstats.models.interpretation.effects.contrast import derivative_rows, means, precision, tested
from povstats.tables import Table
from povstats.tables.digits import plain, stars
from povstats.words import Lang, language, say

LEVEL = 0.95
BASELINE = "baseline"


@dataclass(frozen=True, eq=False, repr=False)
class AidFunds(Tabled):
    """Funds' effect, model by model.

    Attributes
    ----------
    effects : by model ("baseline" and the items): estimate, se, df, t, p, low, high of the logarithm for one `step` of
        funds per head, where the item is at its mean and the village's other columns are at theirs.
    step : in the unit of funds. mean, median : of the outcome, in money.
    """

    effects: pd.DataFrame
    step: float
    mean: float
    median: float
    analysis: Analysis = field(repr=False)

    def money(self, at: float) -> pd.DataFrame:
        """Give what one step goes with at an outcome, in money: at·(exp(b) − 1), and the same of the interval's ends.

        Parameters
        ----------
        at : an outcome, in money.
        """
        return at * np.expm1(self.effects[["estimate", "low", "high"]])

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: funds_log, funds_percent and funds_money (at the mean outcome) by model."""
        rows: list[dict[str, object]] = []
        for model, row in self.effects.iterrows():
            keys = {"group": model, "term": self.analysis.plan.funds}
            rows.append({"measure": "funds_log", **keys, **row[["estimate", "se", "df", "p", "low", "high"]].to_dict()})
            for measure, scale in (("funds_percent", 100.0), ("funds_money", self.mean)):
                ends = scale * np.expm1(row[["estimate", "low", "high"]].astype(float))
                rows.append({"measure": measure, **keys, **ends.to_dict()})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give log points, per cent, and money at the mean and the median outcome, an interval below each."""
        lang = lang or language()
        cells, index = [], []
        scales = ((100.0, 2), (self.mean, 0), (self.median, 0), (self.mean / self.step, 2))
        for model, row in self.effects.iterrows():
            ends = np.expm1(row[["estimate", "low", "high"]].to_numpy(dtype=float))
            mark = stars(row["p"])
            cells.append([plain(row["estimate"], 4) + mark, *(plain(scale * ends[0], to) for scale, to in scales)])
            bounds = [(row["low"], row["high"], 4), *((scale * ends[1], scale * ends[2], to) for scale, to in scales)]
            cells.append([f"[{plain(low, to)}, {plain(high, to)}]" for low, high, to in bounds])
            name = say("policy.baseline", lang) if model == BASELINE else title(self.analysis, str(model), lang)
            index += [name, ""]
        words = {"mean": f"{self.mean:,.0f}", "median": f"{self.median:,.0f}"}
        heads = [say(f"policy.head_{key}", lang, **words) for key in ("log", "percent", "mean", "median", "ratio")]
        frame = pd.DataFrame(cells, pd.Index(index), heads, dtype=object)
        return made(self.analysis, frame, "funds", self._notes(lang), lang, "interval")

    def explain(self, lang: Lang | None = None) -> str:
        """Say what a step of funds goes with in each model, and against what to hold it."""
        lang = lang or language()
        told = []
        for model, row in self.money(self.mean).iterrows():
            name = say("policy.baseline", lang) if model == BASELINE else title(self.analysis, str(model), lang)
            ends = {key: plain(float(row[key]), 0) for key in ("estimate", "low", "high")}
            told.append(say("policy.explain_funds", lang, model=name, **ends))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("policy.note_funds", lang, step=f"{self.step:g}")]
        return notes + ([say("social.note_contained", lang)] if self.analysis.contained else [])


def aid_funds(analysis: Analysis, step: float = 100.0) -> AidFunds:
    """Read the effect of aid funds off the baseline and off every item's random-slope model.

    With ln C = … + γ_f F + γ_sf SC·F, one step goes with step·(γ_f + γ_sf·mean(SC)) log points: an item's mean takes
    the place of its zero, which no grade is. In money, C·(exp(b) − 1) at the mean and at the median outcome C.

    Parameters
    ----------
    step : a change of funds per head, in money.

    Raises
    ------
    DataError
        Where the plan has no column of funds.
    OptionError
        Where the step is not a number above zero.

    Notes
    -----
    An association: funds may go where consumption is low. Source: Halvorsen & Palmquist (1980), American Economic
    Review 70, on effects in semi-logarithmic models.
    """
    plan = analysis.plan
    if plan.funds is None:
        raise DataError("the plan has no column of aid funds")
    if isinstance(step, bool) or not isinstance(step, int | float) or not 0 < step < np.inf:
        raise OptionError(f"step={step!r} must be an amount above zero, such as 100")
    fits = [analysis.baseline, *(analysis.model(item) for item in plan.items)]
    frames = [_effect(fit, plan.funds, step) for fit in fits]
    spent = analysis.table[plan.outcome].dropna()
    effects = pd.concat(frames, keys=[BASELINE, *plan.items]).droplevel(1)
    return AidFunds(effects, float(step), float(spent.mean()), float(spent.median()), analysis)


def _effect(fit: HLMResult, funds: str, step: float) -> pd.DataFrame:
    """Test step·∂ ln C/∂F at the means of all other columns over the rows that the fit used."""
    values = {piece: np.array([mean]) for piece, mean in means(fit).items()}
    rows = step * derivative_rows(fit.model.fixed, {f"center({funds})": 1.0}, values, 1)
    return tested(precision(fit), rows, LEVEL)
