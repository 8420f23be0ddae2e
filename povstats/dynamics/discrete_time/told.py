"""A fitted hazard in words: its table and the paragraph that defends it."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.dynamics.face import decimal, rested, share
from povstats.printing import Grid
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.dynamics.discrete_time.result import HazardResult

TOLD = 6


def grid(result: "HazardResult", lang: Lang) -> Grid:
    """Lay out coefficients; with cloglog their exponentials are ratios of hazards, with logit of odds."""
    ends, p, model = result.conf_int(), result.pvalues, result.model
    ratio = say(f"dynamics.ratio_{model.link}", lang)
    keys = ("coefficient", "se", "low", "high", "p")
    head = ("", *(say(f"dynamics.{key}", lang) for key in keys), ratio)
    rows = []
    for name in result.params.index:
        b = float(result.params[name])
        cells = (b, float(result.std_errors[name]), float(ends["low"][name]), float(ends["high"][name]))
        rows.append((_label(name, lang), *(decimal(cell) for cell in cells), decimal(float(p[name])),
                     decimal(float(np.exp(b)), 3)))  # fmt: skip
    if result.test is not None:
        rows.append((say("dynamics.frailty_variance", lang), decimal(result.frailty_variance),
                     decimal(result.frailty_se), "", "", decimal(result.test.p), ""))  # fmt: skip
    notes = (*_model(result, lang), *_frailty(result, lang), *_rows(result, lang),
             *rested(result.asked, result.account, lang))  # fmt: skip
    return Grid(say(f"dynamics.hazard_{model.of}", lang), head, tuple(rows), notes)


def sentences(result: "HazardResult", lang: Lang) -> list[str]:
    """Say the model, its rows, the covariates, the frailty, and on what it rests."""
    found = [*_model(result, lang), *_rows(result, lang)]
    ends = result.conf_int()
    for name in list(result.means.index)[:TOLD]:
        told = {end: decimal(float(np.exp(ends[end][name])), 3) for end in ("low", "high")}
        found.append(
            say(f"dynamics.told_{result.model.link}", lang, name=name,
                ratio=decimal(float(np.exp(result.params[name])), 3), p=decimal(float(result.pvalues[name])), **told)
        )  # fmt: skip
    return [*found, *_frailty(result, lang), say("dynamics.hazard_rests", lang),
            *rested(result.asked, result.account, lang)]  # fmt: skip


def _label(name: str, lang: Lang) -> str:
    """Print a coefficient; those of the baseline in the reader's language."""
    if name.startswith("age "):
        return say("dynamics.age_class", lang, age=name.removeprefix("age "))
    return {
        "Intercept": say("models.intercept", lang), "log(age)": say("dynamics.log_age", lang),
        "age": say("dynamics.age_term", lang),
    }.get(name, name)  # fmt: skip


def _model(result: "HazardResult", lang: Lang) -> list[str]:
    """Say link, baseline and covariates."""
    model = result.model
    baseline = say(f"dynamics.baseline_{model.baseline}", lang)
    told = {"link": model.link, "baseline": baseline, "formula": model.formula.strip() or "—"}
    return [say(f"dynamics.model_{model.of}", lang, **told)]


def _rows(result: "HazardResult", lang: Lang) -> list[str]:
    """Say rows, events, spells and units, and what is left out."""
    counts = {name: f"{n:,}" for name, n in result.counts.items()}
    found = [say("dynamics.hazard_rows", lang, **{k: counts[k] for k in ("rows", "events", "spells", "units")},
                 share=share(result.counts["events"] / result.counts["rows"]))]  # fmt: skip
    if result.counts["left_out"]:
        found.append(say("dynamics.rows_out", lang, n=counts["left_out"]))
    return found + [say("dynamics.dropped", lang, column=name, n=f"{n:,}") for name, n in result.dropped.items()]


def _frailty(result: "HazardResult", lang: Lang) -> list[str]:
    """Say the frailty, its variance and its test; and a fit that failed."""
    found = []
    if result.test is not None:
        key = "boundary" if result.status == "boundary" else result.model.frailty
        told = {"variance": decimal(result.frailty_variance), "ratio": decimal(result.test.ratio, 2),
                "p": decimal(result.test.p)}  # fmt: skip
        found.append(say(f"dynamics.frailty_{key}", lang, **told))
    if result.status == "failed":
        found.append(say("dynamics.hazard_failed", lang))
    return found
