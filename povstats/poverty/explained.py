"""The paragraph that defends an estimate."""

from typing import TYPE_CHECKING

from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.printed import counted, named, number, percent, reasons, rule, worded
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates


def paragraph(result: "Estimates", lang: str) -> str:
    """Say value, numerator, denominator, line, weights, rows, design, df and kind of interval."""
    sentences = [*told(result, lang), *asked_and_used(result, lang)]
    return say("poverty.sentence_joint", lang).join(sentences + reasons(result, lang))


def told(result: "Estimates", lang: str) -> list[str]:
    """Say the value, and what it is made up of."""
    return [_lead(result, lang), say(f"measures.meaning_{result.measure}", lang)]


def asked_and_used(result: "Estimates", lang: str) -> list[str]:
    """Say who is poor, what a row counts, which rows are used, and how sure the number is."""
    return [*_who(result, lang), counted(result, lang), *_rows(result, lang), *how_sure(result, lang)]


def _lead(result: "Estimates", lang: str) -> str:
    """Say the estimate, or between which groups it lies."""
    asked, known = result.definition, result.estimate.dropna()
    measure = named(result, lang)
    if not len(known):
        return say("measures.no_value", lang, measure=measure)
    if asked.by is None:
        return _whole(result, lang)
    values = {"low": float(known.min()), "high": float(known.max())}
    return say(
        "measures.value_groups",
        lang,
        measure=measure,
        k=len(result.estimate),
        by=asked.by,
        lowest=known.idxmin(),
        highest=known.idxmax(),
        **{end: worded(value, result.unit, lang) for end, value in values.items()},
    )


def _whole(result: "Estimates", lang: str) -> str:
    """Say the estimate of the whole, of a headcount or gap with what it is made up of."""
    value, total = float(result.estimate.iloc[0]), float(result.population.iloc[0])
    measure = named(result, lang)
    if result.measure not in ("headcount", "poverty_gap"):
        return say("measures.value", lang, measure=measure, value=worded(value, result.unit, lang))
    return say(
        f"poverty.value_{result.measure}",
        lang,
        measure=measure,
        value=percent(value),
        numerator=_amount(value * total),
        denominator=_amount(total),
    )


def _amount(total: float) -> str:
    """Print a weighted total; only small ones need decimals."""
    return number(round(total, 1 if abs(total) >= 100 else 4))


def _who(result: "Estimates", lang: str) -> list[str]:
    """Say who is poor, and where the line comes from."""
    asked = result.definition
    if asked.line is None:
        return []
    edge = say("poverty.on_line_not_poor" if asked.poor == "<" else "poverty.on_line_poor", lang)
    found = [say("poverty.who", lang, rule=rule(result), edge=edge)]
    if asked.origin is not None:
        found.append(say("measures.line", lang, line=asked.origin.describe(lang)))
    return found


def _rows(result: "Estimates", lang: str) -> list[str]:
    """Say how many rows were read, used and dropped, and what became of zero and negative welfare."""
    rows, welfare = result.rows, result.definition.welfare
    found = [say("poverty.rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}")]
    if rows.dropped:
        found += [say("poverty.dropped", lang, column=name, n=f"{n:,}") for name, n in rows.dropped.items()]
    else:
        found.append(say("poverty.none_dropped", lang, column=welfare))
    if rows.left_out:
        found.append(say("measures.left_out", lang, n=f"{rows.left_out:,}"))
    if rows.zero or rows.negative:
        key = "measures.low_kept" if result.definition.line is None else "poverty.low_welfare"
        found.append(say(key, lang, zero=f"{rows.zero:,}", negative=f"{rows.negative:,}"))
        if rows.negative and result.measure == "poverty_gap":
            found.append(say("poverty.gap_above_one", lang))
    else:
        found.append(say("poverty.no_low_welfare", lang, column=welfare))
    return found


def how_sure(result: "Estimates", lang: str) -> list[str]:
    """Say design, degrees of freedom and kind of interval."""
    design = result.definition.design
    found = [say("poverty.design", lang, design=design.describe(lang))]
    if design.route == "census":
        return [*found, say("measures.full", lang)]
    if not (design.strata is None and design.psu is None):
        found.append(say("poverty.sample", lang, psus=f"{result.psus:,}", strata=f"{result.strata:,}"))
    found += _route(result, lang)
    if result.definition.by is not None and design.route != "replicates":
        found.append(say("poverty.domains", lang))
    found.append(_degrees(result, lang))
    if (result.reason == "").any():
        ends = result.interval == "logit" or result.unit == "share"
        key = f"poverty.interval_{result.interval}" if ends else f"measures.interval_{result.interval}"
        found.append(say(key, lang))
    return found


def _route(result: "Estimates", lang: str) -> list[str]:
    """Say where the standard errors come from, and what an estimated line does to them."""
    route, origin = result.definition.design.route, result.definition.origin
    if route != "linearised":
        return [say("measures.by_replicates" if route == "replicates" else "measures.by_bootstrap", lang)]
    found = [say("measures.linearised", lang)]
    if isinstance(origin, EstimatedLine):
        smooth = result.measure not in ("headcount", "sen", "income_gap", "poor_median", "median_gap")
        kind = "line_apart" if origin.independent else "line_mean_enters" if smooth else "line_enters"
        found.append(say(f"measures.{kind}", lang))
    return found


def _degrees(result: "Estimates", lang: str) -> str:
    df = result.df.dropna()
    low, high = f"{df.min():g}", f"{df.max():g}"
    shown = low if low == high else say("poverty.range", lang, low=low, high=high)
    if result.definition.design.route == "replicates":
        return say("measures.df_replicates", lang, df=shown)
    return say("poverty.df" if result.definition.by is None else "poverty.df_groups", lang, df=shown)
