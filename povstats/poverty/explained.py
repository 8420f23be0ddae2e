"""The paragraph that defends an estimate."""

from typing import TYPE_CHECKING

from povstats.poverty.printed import counted, number, percent, reasons
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates


def paragraph(result: "Estimates", lang: str) -> str:
    """Say value, numerator, denominator, line, weights, rows, design, df and kind of interval."""
    sentences = [*_value(result, lang), counted(result, lang), *_rows(result, lang), *_spread(result, lang)]
    return say("poverty.sentence_joint", lang).join(sentences + reasons(result, lang))


def _value(result: "Estimates", lang: str) -> list[str]:
    """Say the estimate, or between which groups it lies, and how it is made up."""
    asked, known = result.definition, result.estimate.dropna()
    measure = say(f"poverty.{result.measure}", lang)
    if asked.by is None:
        total = float(result.population.iloc[0])
        value = float(known.iloc[0])
        lead = say(
            f"poverty.value_{result.measure}",
            lang,
            measure=measure,
            value=percent(value),
            numerator=_amount(value * total),
            denominator=_amount(total),
        )
    else:
        lead = say(
            "poverty.value_groups",
            lang,
            measure=measure,
            k=len(result.estimate),
            by=asked.by,
            lowest=known.idxmin(),
            low=percent(float(known.min())),
            highest=known.idxmax(),
            high=percent(float(known.max())),
        )
    edge = say("poverty.on_line_not_poor" if asked.poor == "<" else "poverty.on_line_poor", lang)
    rule = f"{asked.welfare} {asked.poor} {number(asked.line)}"
    return [
        lead,
        say(f"poverty.meaning_{result.measure}", lang),
        say("poverty.who", lang, rule=rule, edge=edge),
    ]


def _amount(total: float) -> str:
    """Print a weighted total; only small ones need decimals."""
    return number(round(total, 1 if abs(total) >= 100 else 4))


def _rows(result: "Estimates", lang: str) -> list[str]:
    """Say how many rows were read, used and dropped, and what became of zero and negative welfare."""
    rows, welfare = result.rows, result.definition.welfare
    found = [say("poverty.rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}")]
    if rows.dropped:
        found += [say("poverty.dropped", lang, column=name, n=f"{n:,}") for name, n in rows.dropped.items()]
    else:
        found.append(say("poverty.none_dropped", lang, column=welfare))
    if rows.zero or rows.negative:
        found.append(say("poverty.low_welfare", lang, zero=f"{rows.zero:,}", negative=f"{rows.negative:,}"))
        if rows.negative and result.measure == "poverty_gap":
            found.append(say("poverty.gap_above_one", lang))
    else:
        found.append(say("poverty.no_low_welfare", lang, column=welfare))
    return found


def _spread(result: "Estimates", lang: str) -> list[str]:
    """Say design, degrees of freedom and kind of interval."""
    design, df = result.definition.design, result.df.dropna()
    by = result.definition.by
    clustered = not (design.strata is None and design.psu is None)
    found = [say("poverty.design", lang, design=design.describe(lang))]
    if clustered:
        found.append(say("poverty.sample", lang, psus=f"{result.psus:,}", strata=f"{result.strata:,}"))
    found.append(say("poverty.linearised", lang))
    if by is not None:
        found.append(say("poverty.domains", lang))
    low, high = f"{df.min():g}", f"{df.max():g}"
    shown = low if low == high else say("poverty.range", lang, low=low, high=high)
    found.append(say("poverty.df" if by is None else "poverty.df_groups", lang, df=shown))
    if (result.reason == "").any():
        found.append(say(f"poverty.interval_{result.interval}", lang))
    return found
