"""How powers print, their rows in the nine-column frame, and the paragraph that defends them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.models.interpretation.paragraphs.readings import inside
from povstats.models.planning.plan import WANTED
from povstats.models.summary import decimals
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.planning.power_result import PowerResult

LEAN = 3.0
"""Monte Carlo errors by which the error of the first kind must miss alpha to be told."""


def tidied(result: "PowerResult") -> list[dict[str, object]]:
    """List powers, detectable effects and errors of the first kind, then what became of the fits."""
    rows: list[dict[str, object]] = []
    for (villages, households, term), row in zip(result.table.index, result.table.itertuples(), strict=True):
        key = {"group": f"{villages} × {households}", "term": term}
        ends = {"low": max(row.power - 1.96 * row.mc_se, 0.0), "high": min(row.power + 1.96 * row.mc_se, 1.0)}
        rows.append({"measure": "power", **key, "estimate": row.power, "se": row.mc_se, "df": row.dof, **ends})
        rows.append({"measure": "mde", **key, "estimate": row.mde, "df": row.dof})
        rows.append({"measure": "type_one_error", **key, "estimate": row.size})
    for (villages, households), row in zip(result.cells.index, result.cells.itertuples(), strict=True):
        for name in ("boundary", "failures"):
            rows.append({"measure": name, "group": f"{villages} × {households}", "estimate": getattr(row, name)})
    return rows


def printed(result: "PowerResult", lang: Lang) -> Summary:
    """Print what was simulated, one grid for each focal coefficient, and what became of the fits."""
    plan = result.plan
    rows = (
        (say("models.formula", lang), plan.formula),
        (say("power.origin", lang), _origin(result, lang)),
        (say("power.surveys", lang), f"{result.n:,}"),
        (say("power.test", lang), say("power.test_is", lang, alpha=f"{result.alpha:g}")),
    )
    top = Grid(say("power.title", lang), (), rows, words=2)
    return Summary((top, *(_powers(result, term, lang) for term in result.focal), _fits(result, lang)))


def _origin(result: "PowerResult", lang: Lang) -> str:
    plan = result.plan
    if plan.pilot is None:
        return say("power.origin_assumed", lang)
    households, villages = (f"{number:,}" for number in plan.pilot)
    return say("power.origin_pilot", lang, households=households, villages=villages, group=plan.group)


def _powers(result: "PowerResult", term: str, lang: Lang) -> Grid:
    found = result.table.xs(term, level="term")
    digits = decimals(float(found["se"].min()))
    rows = []
    for (villages, households), row in zip(found.index, found.itertuples(), strict=True):
        shares = (f"{100 * row.power:.1f}", f"{100 * row.mc_se:.1f}")
        numbers = (f"{row.se:.{digits}f}", f"{row.dof:.0f}" if row.dof < 1e6 else "∞", f"{row.mde:.{digits}f}")
        rows.append((f"{villages:,}", f"{households:,}", *shares, *numbers, f"{100 * row.size:.1f}"))
    keys = ("villages", "households", "power", "mc_se", "se", "dof", "mde", "size")
    head = tuple(say(f"power.{key}", lang) for key in keys)
    name = say("models.intercept", lang) if term == "Intercept" else term
    effect = f"{found['effect'].iloc[0]:.{digits}f}"
    title = say("power.of", lang, term=name, effect=effect)
    return Grid(title, head, tuple(rows), (say("power.note", lang, alpha=f"{100 * result.alpha:g}"),), words=0)


def _fits(result: "PowerResult", lang: Lang) -> Grid:
    rows = tuple(
        (f"{villages:,}", f"{households:,}", f"{100 * row.boundary:.1f}", f"{row.failures:,.0f}")
        for (villages, households), row in zip(result.cells.index, result.cells.itertuples(), strict=True)
    )
    head = tuple(say(f"power.{key}", lang) for key in ("villages", "households", "boundary", "failures"))
    return Grid(say("power.fits", lang), head, rows, (say("power.note_fits", lang),), words=0)


def paragraph(result: "PowerResult", lang: Lang) -> str:
    """Say what was simulated, how the predictors were drawn, what was tested, and what came out."""
    plan = result.plan
    lead = {"formula": plan.formula, "n": f"{result.n:,}", "origin": _origin(result, lang)}
    test = say("power.tested", lang, alpha=f"{100 * result.alpha:g}", method=say(f"power.{_method(result)}", lang))
    found = [say("power.what", lang, **lead), say(f"power.drawn_{plan.origin}", lang, group=plan.group), test]
    for term in result.focal[:3]:
        found += _verdict(result, term, lang)
    found += _caveats(result, lang)
    return say("power.sentence_joint", lang).join(found)


def _method(result: "PowerResult") -> str:
    return "reml" if result.plan.reml else "ml"


def _verdict(result: "PowerResult", term: str, lang: Lang) -> list[str]:
    """Say which is the smallest survey that finds the effect, and what the largest one could find."""
    rows = result.table.xs(term, level="term")
    name = say("models.intercept", lang) if term == "Intercept" else term
    effect = float(rows["effect"].iloc[0])
    size = {"term": name, "effect": plain(effect), "read": _read(result, term, effect, lang)}
    enough = rows[rows["power"] >= WANTED]
    total = pd.Series([v * h for v, h in enough.index], enough.index, dtype=float)
    best = total.idxmin() if len(enough) else rows["power"].idxmax()
    row = rows.loc[best]
    values = {"villages": f"{best[0]:,}", "households": f"{best[1]:,}", "group": result.plan.group}
    values |= {"power": f"{100 * row['power']:.0f}", "error": f"{100 * row['mc_se']:.1f}"}
    values |= {"mde": plain(row["mde"]), "mde_read": _read(result, term, float(row["mde"]), lang)}
    return [say("power.enough" if len(enough) else "power.too_small", lang, **size, **values)]


def _read(result: "PowerResult", term: str, effect: float, lang: Lang) -> str:
    """Read an effect in per cent where the outcome is a logarithm; a product's is a change of a slope, and is not."""
    if inside(result.plan.outcome, "log") is None or ":" in term or term == "Intercept":
        return ""
    change = 100 * float(np.expm1(effect))
    return say("power.in_percent", lang, change=("+" if change >= 0 else "") + plain(float(f"{change:.3g}")))


def plain(value: float) -> str:
    """Print a number with four digits, without an exponent."""
    return np.format_float_positional(float(f"{value:.4g}"), trim="-")


def _caveats(result: "PowerResult", lang: Lang) -> list[str]:
    """Tell errors of the first kind off alpha, and surveys on the boundary or without an estimate."""
    found, edge = [], float(result.cells["boundary"].max())
    noise = LEAN * np.sqrt(result.alpha * (1 - result.alpha) / result.n)
    sizes = result.table.loc[[key[2] in result.focal for key in result.table.index], "size"]
    away = sizes[(sizes - result.alpha).abs() > noise]
    if len(away):
        worst = (away - result.alpha).abs().idxmax()
        told = {"size": f"{100 * away[worst]:.1f}", "term": str(worst[2]), "alpha": f"{100 * result.alpha:g}"}
        found.append(say("power.off", lang, villages=str(worst[0]), households=str(worst[1]), **told))
    else:
        found.append(say("power.held", lang, alpha=f"{100 * result.alpha:g}"))
    if edge > 0.05:
        found.append(say("power.edge", lang, share=f"{100 * edge:.0f}"))
    failures = int(result.cells["failures"].sum())
    if failures:
        found.append(say("power.failed", lang, failures=f"{failures:,}"))
    if result.plan.origin == "pilot":
        found.append(say("power.pilot_noise", lang))
    return found
