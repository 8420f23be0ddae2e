"""How far the mean of a village's sampled households is noise, and what that does to coefficients of such means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import fdtri

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError, share
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import small, title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import fit_hlm
from povstats.models.drawn import source_of as model_source
from povstats.models.inference.random_source import generator_of
from povstats.tables import Table
from povstats.tables.digits import bracketed, decimals, plain
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

Array = np.ndarray[Any, Any]
TARGETS = (0.8, 0.9)
SPLITS = 200
MOST = 60
"""Households a village up to which the chart goes."""
OUTCOME, COLUMN, MEAN = "outcome", "povstats_column", "povstats_mean"


@dataclass(frozen=True, eq=False, repr=False)
class MeanReliability(Tabled):
    """Reliability of villages' sample means.

    Attributes
    ----------
    rows : index column ("outcome" is the log of the plan's outcome); icc, ratio (τ²/σ²) with ratio_low and ratio_high,
        reliability with low and high, halves (from random halves, stepped up), needed with needed_low and needed_high
        by target, such as "needed 0.8" (households a village; infinite where villages do not differ).
    contextual : index column; within, contextual, se (of contextual), corrected, between: coefficients of log outcome
        on the column. corrected is missing where the interval of the reliability reaches zero.
    households : villages' harmonic mean of sampled households. villages : their number. level : of the intervals.
    targets : reliabilities that are asked for.
    """

    rows: pd.DataFrame
    contextual: pd.DataFrame
    households: float
    villages: int
    level: float
    targets: tuple[float, ...]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: icc, reliability, halves, needed and the contextual coefficients by column."""
        found: list[dict[str, object]] = []
        for name, row in self.rows.iterrows():
            found.append({"measure": "icc", "term": name, "estimate": row["icc"]})
            ends = {key: row[key] for key in ("low", "high")}
            found.append({"measure": "reliability", "term": name, "estimate": row["reliability"], **ends})
            found.append({"measure": "reliability_halves", "term": name, "estimate": row["halves"]})
            for target in self.targets:
                ends = {key: row[f"needed_{key} {target:g}"] for key in ("low", "high")}
                key = {"measure": "needed", "group": f"{target:g}", "term": name}
                found.append({**key, "estimate": row[f"needed {target:g}"], **ends})
        for name, row in self.contextual.iterrows():
            keys = ("within", "between", "corrected")
            found += [{"measure": key, "term": name, "estimate": row[key]} for key in keys]
            found.append({"measure": "contextual", "term": name, "estimate": row["contextual"], "se": row["se"]})
        return tidy_frame([*found, {"measure": "ngroups", "estimate": self.villages}])

    def table(self, lang: Lang | None = None) -> Table:
        """Give reliabilities with intervals, the households needed, and the contextual coefficients."""
        lang = lang or language()
        index, cells = [], []
        for name, row in self.rows.iterrows():
            index.append(self._title(str(name), lang))
            interval = f"[{row['low']:.2f}, {row['high']:.2f}]"
            needed = [self._count(row[f"needed {target:g}"], lang) for target in self.targets]
            cell = [f"{row['icc']:.3f}", f"{row['reliability']:.2f}", interval, f"{row['halves']:.2f}", *needed]
            effects = self.contextual.loc[name] if name in self.contextual.index else None
            cells.append([*cell, *_shown(effects)])
        heads = [say(f"means.head_{key}", lang) for key in ("icc", "reliability", "interval", "halves")]
        heads += [say("means.head_needed", lang, target=f"{target:g}") for target in self.targets]
        heads += [say(f"means.head_{key}", lang) for key in ("within", "between", "contextual", "corrected")]
        frame = pd.DataFrame(cells, pd.Index(index), heads, dtype=object)
        return made(self.analysis, frame, "reliability_columns", self._notes(lang), lang)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the reliability of the outcome's mean over the number of sampled households.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns; the outcome is named in a note.
        """
        from povstats.viz import charts

        lang, plan, row = lang or language(), self.analysis.plan, self.rows.loc[OUTCOME]
        sizes = np.arange(1, MOST + 1)
        ratios = {"estimate": row["ratio"], "low": row["ratio_low"], "high": row["ratio_high"]}
        columns = {name: _lambda(float(ratio), sizes) for name, ratio in ratios.items()}
        frame = pd.DataFrame({"panel": "", "group": "", "x": sizes, **columns})
        marks = [charts.Mark("y", target, f"{target:g}") for target in self.targets]
        words = self._words(lang)
        words["outcome"] = (labels or {}).get(self.analysis.plan.outcome, words["outcome"])
        here = say("means.mark_here", lang, households=f"{self.households:.3g}")
        return charts.curve_panels(
            frame,
            x_label=say("means.axis_households", lang),
            shape="band",
            marks=[*marks, charts.Mark("x", self.households, here)],
            lang=lang,
            title=heading(plan, lang, "reliability", title),
            unit=say("means.unit_reliability", lang),
            source=foot(plan, lang, model_source(self.analysis.null, lang), source),
            notes=[say("means.note_reliability_plot", lang, **words), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say how reliable the outcome's mean is, what that does to a coefficient, and what it would take."""
        lang = lang or language()
        return paragraph([say("means.explain_reliability", lang, **self._words(lang)), *self._notes(lang)], lang)

    def _words(self, lang: Lang) -> dict[str, str]:
        row, households = self.rows.loc[OUTCOME], f"{self.households:.3g}"
        words = {key: f"{row[key]:.2f}" for key in ("reliability", "low", "high", "halves")}
        for at, target in enumerate(self.targets):
            words |= {f"target{at}": f"{target:g}", f"needed{at}": self._count(row[f"needed {target:g}"], lang)}
        return words | {"households": households, "outcome": self._title(OUTCOME, lang), "level": f"{self.level:.0%}"}

    def _title(self, name: str, lang: Lang) -> str:
        if name != OUTCOME:
            return title(self.analysis, name, lang)
        return say("social.log_of", lang, name=small(title(self.analysis, self.analysis.plan.outcome, lang), lang))

    def _count(self, value: float, lang: Lang) -> str:
        return f"{np.ceil(value - 1e-9):,.0f}" if np.isfinite(value) else say("means.never", lang)

    def _notes(self, lang: Lang) -> list[str]:
        words = {"level": f"{self.level:.0%}", "villages": str(self.villages), "households": f"{self.households:.3g}"}
        return [say(f"means.note_{key}", lang, **words) for key in ("reliability", "attenuation")]


def mean_reliability(
    analysis: Analysis,
    columns: tuple[str, ...] | None = None,
    *,
    targets: tuple[float, ...] = TARGETS,
    level: float = 0.95,
    rng: "np.random.Generator | int" = 1,
) -> MeanReliability:
    """Measure how reliable the villages' sample means are, of the log outcome and of columns.

    λ = average of τ² / (τ² + σ²/n_j) over villages, with the variances of the null model x_ij = μ + u_j + e_ij (REML).
    The interval is exact under normality: with r = τ²/σ² and w_j = n_j / (1 + n_j r), Σ w_j (x̄_j − x̄_w)² / ((J − 1) s²)
    is F with J − 1 and N − J degrees of freedom at the true r, and falls in r. n = λ/(1 − λ)·σ²/τ² households give λ.
    Beside it, without a model: the correlation ρ of the means of two random halves, stepped up to 2ρ/(1 + ρ)
    (zero where it is below zero).

    A coefficient of the true mean is estimated as λ times itself where the sample mean stands in its place, if that is
    all that is wrong. For a column x the model ln C = a + b x_ij + c x̄_j + u_j + e_ij gives within b and contextual c;
    corrected is c/λ. between is the regression of villages' means of ln C on those of x; with villages of one size it
    is b + c.

    Parameters
    ----------
    columns : of households, numeric; None takes the plan's items and household columns that are numeric and vary
        within villages.
    targets : reliabilities, between 0 and 1. level : coverage of the intervals. rng : for the halves.

    Raises
    ------
    OptionError
        Where a column is not there, or a target is none.
    DataError
        Where a column has fewer than two villages, or does not vary within them.

    Notes
    -----
    Source: Raudenbush & Bryk (2002), Hierarchical Linear Models, eq. 3.42; Wald (1940), Annals of Mathematical
    Statistics 11, for the interval; Lüdtke et al. (2008), Psychological Methods 13, eq. 9, for contextual effects.
    """
    share("level", level)
    for target in targets:
        share("targets", target)
    plan, generator = analysis.plan, generator_of(rng)
    table = analysis.table.assign(**{OUTCOME: np.log(analysis.table[plan.outcome].astype(float))})
    found, effects = {}, {}
    for name in (OUTCOME, *_chosen(analysis, columns)):
        if name not in table.columns:
            raise OptionError(f"columns names {name!r}, which is no column of the table")
        known = table[[OUTCOME, name, plan.group]].dropna() if name != OUTCOME else table[[name, plan.group]].dropna()
        found[name] = _reliability(known[name].astype(float), known[plan.group], name, targets, level, generator)
        if name != OUTCOME:
            one = found[name]
            usable = one["reliability"] if one["ratio_low"] > 0 else np.nan
            effects[name] = _contextual(known, name, plan.group, usable)
    sizes = table.dropna(subset=[OUTCOME]).groupby(plan.group, observed=True).size()
    rows = pd.DataFrame.from_dict(found, orient="index")
    keys = ["within", "contextual", "se", "corrected", "between"]
    contextual = pd.DataFrame.from_dict(effects, orient="index", columns=keys)
    return MeanReliability(
        rows, contextual, float(len(sizes) / (1 / sizes).sum()), len(sizes), level, targets, analysis
    )


def exact_ratio(values: pd.Series, groups: pd.Series, level: float) -> tuple[float, float]:
    """Give the exact interval of τ²/σ² in a one-way model with villages of any sizes (Wald 1940)."""
    of = values.groupby(groups.to_numpy(), observed=True)
    n, means = of.size().to_numpy(dtype=float), of.mean().to_numpy()
    G, N = len(n), float(n.sum())
    within = float(((values - of.transform("mean")) ** 2).sum()) / (N - G)

    def statistic(r: float) -> float:
        w = n / (1 + n * r)
        return float((w * (means - np.average(means, weights=w)) ** 2).sum()) / ((G - 1) * within)

    upper, lower = (float(fdtri(G - 1, N - G, p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return _crossing(statistic, upper), _crossing(statistic, lower)


def _crossing(falling: Callable[[float], float], value: float) -> float:
    """Find where a falling function reaches a value; zero where it begins below it."""
    if falling(0.0) <= value:
        return 0.0
    high = 1.0
    while falling(high) > value:
        high *= 4
    return float(brentq(lambda r: falling(r) - value, 0.0, high, xtol=1e-12))


def _reliability(
    values: pd.Series, groups: pd.Series, name: str, targets: tuple[float, ...], level: float, rng: np.random.Generator
) -> dict[str, float]:
    of = values.groupby(groups.to_numpy(), observed=True)
    n = of.size().to_numpy(dtype=float)
    if len(n) < 2 or not float(((values - of.transform("mean")) ** 2).sum()) > 0:
        raise DataError(f"column {name!r} must vary within villages, of which there must be two or more")
    null = fit_hlm(f"{COLUMN} ~ 1 + (1 | group)", pd.DataFrame({COLUMN: values, "group": groups}), method="reml")
    ratio = float(null.random_cov["group"].iloc[0, 0]) / null.sigma2
    low, high = exact_ratio(values, groups, level)
    low, high = min(low, ratio), max(high, ratio)  # REML and the exact law are two routes where sizes differ
    found = {"icc": ratio / (1 + ratio), "ratio": ratio, "ratio_low": low, "ratio_high": high}
    for key, one in (("reliability", ratio), ("low", low), ("high", high)):
        found[key] = float(_lambda(one, n).mean())
    found["halves"] = _by_halves(values.to_numpy(), pd.factorize(groups)[0], rng)
    for target in targets:
        for key, r in (("needed", ratio), ("needed_low", high), ("needed_high", low)):
            found[f"{key} {target:g}"] = target / (1 - target) / r if r > 1e-12 else np.inf
    return found


def _by_halves(values: Array, codes: Array, rng: np.random.Generator) -> float:
    """Correlate the means of two random halves of each village over splits, and step the mean up to the whole."""
    counts = np.bincount(codes)
    large = counts >= 4
    found = []
    for _ in range(SPLITS):
        order = np.lexsort((rng.random(len(values)), codes))
        place = np.empty(len(values), dtype=np.intp)
        place[order] = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
        first = place < (counts // 2)[codes]
        halves = [np.bincount(codes[part], values[part], len(counts)) for part in (first, ~first)]
        a, b = (half[large] / size[large] for half, size in zip(halves, (counts // 2, -(-counts // 2)), strict=True))
        found.append(float(np.corrcoef(a, b)[0, 1]))
    r = max(float(np.mean(found)), 0.0)  # below zero there is nothing to step up
    return 2 * r / (1 + r)


def _contextual(known: pd.DataFrame, name: str, group: str, reliability: float) -> list[float]:
    of = known.groupby(group, observed=True)
    mean = of[name].transform("mean")
    frame = pd.DataFrame(
        {OUTCOME: known[OUTCOME], COLUMN: known[name].astype(float), MEAN: mean, "group": known[group]}
    )
    fit = fit_hlm(f"{OUTCOME} ~ {COLUMN} + {MEAN} + (1 | group)", frame, method="reml")
    means = of[[OUTCOME, name]].mean()
    between = float(np.polyfit(means[name], means[OUTCOME], 1)[0])
    within, contextual = float(fit.params[COLUMN]), float(fit.params[MEAN])
    return [within, contextual, float(fit.std_errors[MEAN]), contextual / reliability, between]


def _shown(effects: "pd.Series | None") -> list[str]:
    """Print the coefficients of a column, the contextual one with its standard error."""
    if effects is None:
        return ["—"] * 4
    places = decimals([effects["se"]], 2)
    told = {key: plain(effects[key], places) or "—" for key in ("within", "between", "contextual", "corrected")}
    told["contextual"] += f" {bracketed(effects['se'], places)}"
    return list(told.values())


def _chosen(analysis: Analysis, columns: tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is not None:
        return columns
    plan = analysis.plan
    numeric = [c for c in (*plan.items, *plan.household) if pd.api.types.is_numeric_dtype(analysis.table[c])]
    return tuple(name for name in numeric if analysis.varies_within(name))


def _lambda(ratio: float, sizes: Array) -> Array:
    """Give the reliability of a mean of n rows at τ²/σ²."""
    found: Array = sizes * ratio / (1 + sizes * ratio)
    return found
