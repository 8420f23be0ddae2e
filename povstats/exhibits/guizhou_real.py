"""The Guizhou study's models on households that were really asked: Viet Nam, communes in the place of villages.

The survey has consumption and communes and no social capital: schooling of the head and farming stand where the items
stand in the study, and every table and chart says so. Real data.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from povstats.datasets import vietnam_1998
from povstats.exhibits.registry import exhibit
from povstats.guizhou import Analysis, Plan
from povstats.models import compare, fit_hlm, fit_within, specification_test, split_half_mean
from povstats.models.summary import pvalue
from povstats.tables import Table, regression_table
from povstats.words import LANGUAGES, Lang, say

if TYPE_CHECKING:
    from povstats.models import HLMResult, SpecificationTest
    from povstats.viz import Figure

NOTEBOOK = "25_guizhou_real_data"
SOURCE = "examples/vietnam_1998/source.toml"
ITEMS, CONTROLS = ("education", "farm"), ("age", "household_size", "woman")
SEED, DRAWS, SIZES = 1998, 200, (5, 8, 10, 15)
SPLITS = range(1, 8)
"""Seeds of the random halves: an odd number, so that one split is the median."""

Mean = Literal["money", "log", "money_half", "log_half"]
MEANS: tuple[Mean, ...] = ("money", "log", "money_half", "log_half")
"""The commune's mean expenditure, in million dong or as the mean logarithm: of all its households, or of one random
half, for the rows of the other half, which alone are fitted."""
DECISIONS = ("fixed", "random", "random slope")
AVERAGED = {"money": "million_dong", "log": "log_expenditure_per_head"}


def _titled(key: str) -> dict[str, Any]:
    """Give what every exhibit of this file is registered with."""
    return {"data": "real", "notebook": NOTEBOOK, "inputs": (SOURCE,), "titled": lambda lang: say(key, lang)}


@exhibit("vietnam-village-models", **_titled("realdata.models"))
def models(lang: Lang) -> Table:
    """Set the null model and the models of schooling and of farming side by side, by two means of the commune."""
    fits = [analysis("money").null]
    for item in ITEMS:
        fits += [analysis("money").model(item), analysis("log_half", median_split(item)).model(item)]
    names = [say("realdata.model_null", lang)] + [labels(lang)[item] for item in ITEMS for _ in range(2)]
    return regression_table(
        fits,
        lang=lang,
        style="cn-journal" if lang == "zh" else "en-journal",
        names=names,
        labels=labels(lang),
        controls={say("vietnam.controls", lang): list(CONTROLS)},
        order=list(ITEMS),
        statistics=(),
        title=say("realdata.models", lang),
        notes=[say("realdata.note_models", lang, splits=len(SPLITS)), *_notes(lang)],
    )


@exhibit("vietnam-village-units", **_titled("realdata.units"))
def units(lang: Lang) -> Table:
    """Give the cross-level interaction with the commune's mean, by what the mean is and how it is estimated."""
    index, cells = [], []
    for item in ITEMS:
        for mean in MEANS:
            found = [interaction(item, mean, how) for how in ("varying", "within")]
            index += [(labels(lang)[item], say(f"realdata.{mean}", lang)), (labels(lang)[item], "")]
            cells += [[_number(value) for value, _ in found], [f"({error:.4f})" for _, error in found]]
    columns = [say(f"realdata.how_{how}", lang) for how in ("varying", "within")]
    frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), columns, dtype=object)
    shares = {item: f"{significant(item):.0%}" for item in ITEMS}
    notes = (say("realdata.note_units", lang), say("realdata.note_splits", lang, splits=len(SPLITS), **shares))
    return Table(frame, say("realdata.units", lang), (*notes, *_notes(lang)), lang)


@exhibit("vietnam-village-means", **_titled("realdata.means"))
def means(lang: Lang) -> Table:
    """Set five treatments of the commune's mean side by side: how the slope goes with the level of the commune."""
    refused, none = say("realdata.cell_refused", lang), say("realdata.cell_none", lang)
    naive, halved, implied = [], [], []
    for item in ITEMS:
        naive += [_with_error(*interaction(item, "log", "varying"))]
        halved += [_with_error(*interaction(item, "log_half", "varying"))]
        estimate, p = from_covariance(item)
        implied += [f"{_number(estimate)} [p = {pvalue(p)}]".replace("= <", "< ")]
    whole, half = (f"{len(analysis(mean, SPLITS[0]).table):,}" for mean in ("log", "log_half"))
    rows = {
        "naive": [*naive, whole],
        "leave_one_out": [refused, refused, "—"],
        "split_half": [*halved, half],
        "outside": [none, none, "—"],
        "covariance": [*implied, whole],
    }
    columns = [*(labels(lang)[item] for item in ITEMS), say("realdata.head_fitted", lang)]
    index = [say(f"realdata.treatment_{name}", lang, splits=len(SPLITS)) for name in rows]
    frame = pd.DataFrame(list(rows.values()), index, columns, dtype=object)
    return Table(frame, say("realdata.means", lang), (say("realdata.note_means", lang), *_notes(lang)), lang)


@exhibit("vietnam-village-decisions", **_titled("realdata.decisions"))
def decisions(lang: Lang) -> Table:
    """Count what the specification test decides for each item, over the random splits."""
    rows = []
    for item in ITEMS:
        found = [specification(item, split) for split in SPLITS]
        made: list[str] = [test.decision for test in found]
        rows.append([*(str(made.count(one)) for one in DECISIONS), _span([test.mundlak.pvalue for test in found])])
        rows[-1].append(_span([test.slopes[item].pvalue for test in found]))
    heads = [say(f"models.spec_decision_{one.replace(' ', '_')}", lang) for one in DECISIONS]
    heads += [say(f"realdata.head_{name}", lang) for name in ("mundlak", "slope")]
    frame = pd.DataFrame(rows, [labels(lang)[item] for item in ITEMS], heads, dtype=object)
    notes = (say("realdata.note_decisions", lang, splits=len(SPLITS)), *_notes(lang))
    return Table(frame, say("realdata.decisions", lang), notes, lang)


@exhibit("vietnam-village-slopes", **_titled("realdata.slopes"))
def slopes(lang: Lang) -> "Figure":
    """Draw the distance of farm households over the level of the commune, one line a random split."""
    from povstats.viz import charts

    ends = np.percentile(households().groupby("commune")["log"].first(), [2.5, 97.5])
    lines = pd.concat([_line("farm", split, ends).assign(group=split) for split in SPLITS])
    return charts.slopes(
        lines[["group", "x", "y"]],
        x_label=say("realdata.axis_level", lang),
        average=lines.groupby("x", as_index=False)["y"].mean(),
        lang=lang,
        title=say("realdata.slopes", lang),
        unit=say("vietnam.unit_log_points", lang),
        source=_source("lines", lang),
    )


@exhibit("vietnam-village-regions", **_titled("realdata.regions"))
def regions(lang: Lang) -> "Figure":
    """Draw where farm and other households differ, over the level of the commune, in the median split."""
    return _regions("farm", "farmer", "realdata.regions", lang)


@exhibit("vietnam-village-schooling", **_titled("realdata.schooling"))
def schooling(lang: Lang) -> "Figure":
    """Draw what a year of schooling goes with, over the level of the commune, in the median split."""
    return _regions("education", "education", "realdata.schooling", lang)


@exhibit("vietnam-village-reliability", **_titled("realdata.reliability"))
def reliability(lang: Lang) -> Table:
    """Set the reliability of a mean of n households, by formula, beside the correlation of two such means."""
    found = parallel_means()
    rows = [
        [f"{row.communes:.0f}", f"{row.formula:.3f}", f"{row.drawn:.3f}", f"{row.low:.3f}–{row.high:.3f}"]
        for row in found.itertuples()
    ]
    columns = [say(f"realdata.head_{name}", lang) for name in ("communes", "formula", "drawn", "range")]
    index = [say("realdata.size", lang, n=size) for size in found.index]
    frame = pd.DataFrame(rows, index, columns, dtype=object)
    notes = (say("realdata.note_reliability", lang, draws=DRAWS, seed=SEED), *_notes(lang))
    return Table(frame, say("realdata.reliability", lang), notes, lang)


@cache
def analysis(mean: Mean, split: int = 0) -> Analysis:
    """Give the study with one mean of the commune.

    Parameters
    ----------
    mean : which; of those of a half, the rows of that half are left out.
    split : the seed that draws the halves; no matter for the means of all households.
    """
    table = households()
    if mean in ("money_half", "log_half"):
        column = AVERAGED[mean.removesuffix("_half")]
        table = table.assign(**{mean: split_half_mean(table, column, by="commune", rng=split)})
        table = table[table[mean].notna()].reset_index(drop=True)
    plan = Plan(
        outcome="expenditure_per_head",
        items=ITEMS,
        household=CONTROLS,
        village=(mean, "urban"),
        group="commune",
        county=None,
        moderator=mean,
        funds=None,
        poor=None,
        splits=(),
    )
    words = {lang: labels(lang) for lang in LANGUAGES}
    return Analysis(table, plan, {name: {lang: words[lang][name] for lang in words} for name in words["zh"]})


@cache
def households() -> pd.DataFrame:
    """Give the households with answers as 0 and 1, and the means of all households of their communes."""
    table = vietnam_1998().assign(farmer=lambda rows: rows["farm"])
    answers = {"urban": "yes", "farm": "yes", "sex": "female"}
    table = table.assign(**{name: (table[name] == told).astype(float) for name, told in answers.items()})
    table = table.rename(columns={"sex": "woman"}).assign(million_dong=table["expenditure_per_head"] / 1000)
    return table.assign(
        **{mean: table.groupby("commune")[column].transform("mean") for mean, column in AVERAGED.items()}
    )


def interaction(item: str, mean: Mean, how: str) -> tuple[float, float]:
    """Give the product of an item and a mean, per standard deviation of the mean between communes, and its error.

    Of means of halves, over the splits s with estimates θ_s and errors σ_s: θ = median θ_s and the square root of
    median(σ_s² + (θ_s − θ)²), which counts the luck of the split as error.

    Parameters
    ----------
    how : "varying" (random slope) or "within" (an intercept for each commune, errors clustered by commune).

    Notes
    -----
    Source: Chernozhukov et al. (2018), Econometrics Journal 21, definition 3.3.
    """
    splits = SPLITS if mean.endswith("_half") else (0,)
    found = np.array([_interaction(item, mean, how, split)[:2] for split in splits])
    middle = float(np.median(found[:, 0]))
    return middle, float(np.sqrt(np.median(found[:, 1] ** 2 + (found[:, 0] - middle) ** 2)))


@cache
def from_covariance(item: str) -> tuple[float, float]:
    """Read from a model without any mean how the slope goes with the level: cov(u0, u1) / sd(u0), and its p-value.

    The item is centred, so that u0 is the level of the commune at the average household. The p-value is that of the
    likelihood ratio against no covariance (REML, one degree of freedom).

    Notes
    -----
    Source: Snijders & Bosker (2012), Multilevel Analysis, section 5.1.
    """
    fixed = f"log(expenditure_per_head) ~ {' + '.join(CONTROLS)} + center({item}) * center(urban)"
    joined, apart = (
        fit_hlm(f"{fixed} + (1 + center({item}) {bar} commune)", households(), method="reml") for bar in ("|", "||")
    )
    cov = joined.random_cov["commune"].to_numpy()
    return float(cov[0, 1] / np.sqrt(cov[0, 0])), float(compare(apart, joined).table["p"].iloc[1])


@cache
def specification(item: str, split: int) -> "SpecificationTest":
    """Test the model of an item with the mean logarithm of the other half: fixed or random, and does the slope vary."""
    study = analysis("log_half", split)
    return specification_test(study.plan.formula(item), study.table)


def significant(item: str) -> float:
    """Give the share of splits in which the random-slope model calls the interaction significant at 5 per cent."""
    return float(np.mean([_interaction(item, "log_half", "varying", split)[2] < 0.05 for split in SPLITS]))


def median_split(item: str) -> int:
    """Give the split whose interaction of the item and the mean logarithm is the median."""
    found = {split: _interaction(item, "log_half", "varying", split)[0] for split in SPLITS}
    return sorted(SPLITS, key=lambda split: found[split])[len(SPLITS) // 2]


@cache
def parallel_means() -> pd.DataFrame:
    """Compare the reliability of means of n households by formula with that of disjoint draws of n and n.

    λ = τ² / (τ² + σ²/n), with the variances of the null model. Two means of n households of one commune, drawn without
    a household in common, correlate by λ in expectation: the second route. Index n; columns communes (those with 2n
    households), formula, drawn (mean over the draws), low and high (2.5 and 97.5 per cent).

    Notes
    -----
    Source: Raudenbush & Bryk (2002), Hierarchical Linear Models, eq. 3.42; parallel forms, Lord & Novick (1968).
    """
    null, table = analysis("money").null, households()
    tau = float(null.random_cov["commune"].iloc[0, 0])
    codes, counts = table["commune"].to_numpy() - 1, table.groupby("commune").size().to_numpy()
    values = table["log_expenditure_per_head"].to_numpy()
    rng, rows = np.random.default_rng(SEED), []
    for n in SIZES:
        large = counts >= 2 * n
        drawn = []
        for _ in range(DRAWS):
            order = np.lexsort((rng.random(len(values)), codes))
            starts = (np.cumsum(counts) - counts)[large]
            taken = values[order[starts[:, None] + np.arange(2 * n)]]
            drawn.append(np.corrcoef(taken[:, :n].mean(axis=1), taken[:, n:].mean(axis=1))[0, 1])
        low, high = np.percentile(drawn, [2.5, 97.5])
        rows.append((large.sum(), tau / (tau + null.sigma2 / n), np.mean(drawn), low, high))
    return pd.DataFrame(rows, pd.Index(SIZES, name="n"), ["communes", "formula", "drawn", "low", "high"])


@cache
def _interaction(item: str, mean: Mean, how: str, split: int) -> tuple[float, float, float]:
    """Give the interaction of one split: estimate and error per standard deviation, and p-value."""
    study = analysis(mean, split)
    fit: Any = study.model(item)
    if how == "within":
        fit = fit_within(study.plan.fixed(item), study.table, group="commune")
    spread = float(study.table.groupby("commune")[mean].first().std())
    term = f"{item}:center({mean})"
    return spread * float(fit.params[term]), spread * float(fit.std_errors[term]), float(fit.pvalues[term])


def _line(item: str, split: int, ends: "np.ndarray[Any, Any]") -> pd.DataFrame:
    """Give the slope of an item at both ends of the level of communes, in an urban share that is the average."""
    study = analysis("log_half", split)
    params = study.model(item).params
    middle = float(study.table["log_half"].mean())
    return pd.DataFrame({"x": ends, "y": params[item] + params[f"{item}:center(log_half)"] * (ends - middle)})


@cache
def _uncentred(item: str, column: str) -> "HLMResult":
    """Fit the median split with the mean as it is, so that an axis reads; `column` stands for the item."""
    study = analysis("log_half", median_split(item))
    return fit_hlm(study.plan.formula(item, centred=False).replace(item, column), study.table)


def _regions(item: str, column: str, key: str, lang: Lang) -> "Figure":
    """Draw the Johnson–Neyman regions of an item over the mean logarithm of the other half."""
    words = labels(lang) | {"log(expenditure_per_head)": say("vietnam.unit_log_points", lang)}
    words |= {name: words[name].lower() for name in ("commune", "education")}
    found = _uncentred(item, column).johnson_neyman(column, "log_half")
    axis = say("realdata.axis_level", lang)
    return found.plot(lang=lang, labels=words, title=say(key, lang), source=_source("median", lang), x_label=axis)


def labels(lang: Lang) -> dict[str, str]:
    """Give the words for the columns, terms and groups of the models."""
    known = ("commune", "age", "household_size", "farm", "urban", "expenditure_per_head")
    words = {name: say(f"datasets.{name}", lang) for name in known}
    words |= {name: say(f"realdata.{name}", lang) for name in ("education", "woman", *MEANS)}
    words |= {f"center({name})": words[name] for name in ("urban", *MEANS)}
    words |= {"farmer": words["farm"], "farmer[T.yes]": words["farm"]}
    return words | {"log(expenditure_per_head)": say("datasets.log_expenditure_per_head", lang)}


def _source(which: str, lang: Lang) -> str:
    """Give the source of a figure, with what it shows of the random splits."""
    return say(f"realdata.source_{which}", lang, source=say("realdata.source", lang), splits=len(SPLITS))


def _notes(lang: Lang) -> tuple[str, ...]:
    return (say("realdata.no_social_capital", lang), say("realdata.source", lang))


def _span(values: list[float]) -> str:
    """Give the median of p-values with their range."""
    low, middle, high = (pvalue(float(one)) for one in np.quantile(values, [0, 0.5, 1]))
    return f"{middle} ({low}–{high})"


def _with_error(value: float, error: float) -> str:
    return f"{_number(value)} ({error:.4f})"


def _number(value: float) -> str:
    return f"{value:.4f}".replace("-", "−")
