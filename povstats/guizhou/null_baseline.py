"""The null model with its intraclass correlation, and the baseline without social capital."""

from dataclasses import dataclass, field

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import small, terms, title
from povstats.guizhou.tabled import Tabled, finished, paragraph, warnings_of
from povstats.models import HLMResult
from povstats.tables import Table, regression_table
from povstats.words import Lang, language, say

REPLICATES, SEED = 1000, 2009


@dataclass(frozen=True, eq=False, repr=False)
class NullBaseline(Tabled):
    """The two models without social capital.

    Attributes
    ----------
    null, baseline : the fits. icc : Series estimate, low, high of the null model, percentiles of a parametric bootstrap
        of `replicates` refits. taken : shares by which the baseline's variances of villages and of households are
        smaller than the null model's; negative where one is larger.
    """

    null: HLMResult
    baseline: HLMResult
    icc: pd.Series
    taken: tuple[float, float]
    replicates: int
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: icc with its interval, shares of variance taken, both models."""
        group = self.analysis.plan.group
        ends = {"low": self.icc.low, "high": self.icc.high}
        rows: list[dict[str, object]] = [{"measure": "icc", "group": group, "estimate": self.icc.estimate, **ends}]
        rows += [
            {"measure": "taken", "group": name, "estimate": share}
            for name, share in zip((group, "residual"), self.taken, strict=True)
        ]
        parts = [named(fit.tidy(), name) for name, fit in (("null", self.null), ("baseline", self.baseline))]
        return pd.concat([tidy_frame(rows), *parts], ignore_index=True)

    def table(self, lang: Lang | None = None) -> Table:
        """Give both models side by side, the interval of the intraclass correlation below."""
        lang = lang or language()
        made = regression_table(
            [self.null, self.baseline],
            lang=lang,
            style="cn-journal" if lang == "zh" else "en-journal",
            names=[say(f"social.model_{name}", lang) for name in ("null", "baseline")],
            labels=terms(self.analysis, lang),
            title=say("guizhou.null_baseline", lang),
            notes=[self._icc(lang), say("social.note_centred", lang), *warnings_of(self.analysis, self.baseline, lang)],
        )
        return finished(made, self.analysis)

    def explain(self, lang: Lang | None = None) -> str:
        """Say how much of the outcome lies between villages, and what the controls account for."""
        lang = lang or language()
        village, household = (f"{share:.0%}" for share in self.taken)
        taken = say("social.explain_taken", lang, village=village, household=household)
        return paragraph([self._icc(lang), taken, self.baseline.explain(lang)], lang)

    def _icc(self, lang: Lang) -> str:
        numbers = {key: f"{self.icc[key]:.3f}" for key in ("estimate", "low", "high")}
        group = small(title(self.analysis, self.analysis.plan.group, lang), lang)
        return say("social.note_icc", lang, group=group, n=f"{self.replicates:,}", **numbers)


def null_baseline(analysis: Analysis) -> NullBaseline:
    """Fit the null model and the baseline, with the interval of the null model's ICC.

    ICC = τ²/(τ² + σ²), the share of the log outcome's variance that lies between villages.
    """
    null, baseline, group = analysis.null, analysis.baseline, analysis.plan.group
    shares = null.variance_shares(n=REPLICATES, rng=SEED).table
    taken = []
    for before, after in (
        (null.random_cov[group].iloc[0, 0], baseline.random_cov[group].iloc[0, 0]),
        (null.sigma2, baseline.sigma2),
    ):
        taken.append(1 - float(after) / float(before) if before > 0 else float("nan"))
    return NullBaseline(null, baseline, shares.loc[("icc", "")], (taken[0], taken[1]), REPLICATES, analysis)


def named(frame: pd.DataFrame, model: str) -> pd.DataFrame:
    """Put a model's name before the groups of its frame, so that frames of several models stand in one."""
    return frame.assign(group=[f"{model} | {group}" if group else model for group in frame["group"]])
