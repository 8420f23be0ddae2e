"""How influence prints, and the paragraph that says what hangs on single units."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.models.interpretation.effects.logs import in_percent, outcome_is_log
from povstats.models.interpretation.paragraphs.sentences import fitted, joined, listed, named
from povstats.models.summary import decimals, number
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.influence import Influence

MOST = 10
STATUSES = ("converged", "boundary", "not estimable", "failed")


def printed(found: "Influence", lang: Lang) -> Summary:
    """Print what was deleted, the largest distances, and the range of every estimate."""
    return Summary((_head(found, lang), _largest(found, lang), _ranges(found, lang)))


def paragraph(found: "Influence", lang: Lang) -> str:
    """Say what was deleted, the definition of the distance, what is flagged, and which conclusions hang on a unit."""
    cook, terms = found.table["cook"].dropna().sort_values(ascending=False), len(found.params.columns)
    values = {"level": found.level, "count": f"{len(found.table):,}", "every": f"{found.every:,}"}
    whole = len(found.table) == found.every
    sentences = [
        *fitted(found.fit, lang),
        say("diagnostics.deleted_each" if whole else "diagnostics.deleted_some", lang, **values),
        say("diagnostics.cook_defined", lang, p=terms, threshold=f"{found.threshold:.3g}"),
    ]
    units = [say("diagnostics.unit_value", lang, unit=label, value=_three(value)) for label, value in cook.items()]
    over = units[: int((cook > found.threshold).sum())]
    if over:
        flagged = {"count": f"{len(over):,}", "every": values["every"], "share": f"{100 * len(over) / found.every:.1f}"}
        sentences.append(say("diagnostics.over", lang, **flagged, names=listed(over, lang)))
    elif len(cook):
        sentences.append(say("diagnostics.none_over", lang, largest=units[0]))
    if len(cook):
        sentences.append(_moves_most(found, lang))
    return joined([*sentences, _carried(found, lang), *_unanswered(found, lang)], lang)


def _moves_most(found: "Influence", lang: Lang) -> str:
    """Say which deletion moves which coefficient most, in per cent where the outcome is a logarithm."""
    size = found.dfbetas.abs()
    term = str(size.max().idxmax())
    label = size[term].idxmax()
    full, without = float(found.fit.params[term]), float(found.params.loc[label, term])
    digits = decimals(float(found.fit.std_errors[term]))
    values = {"unit": str(label), "level": found.level, "term": named(term, lang)}
    values |= {"full": f"{full:.{digits}f}", "without": f"{without:.{digits}f}"}
    told = say("diagnostics.moves_most", lang, **values, share=f"{found.dfbetas.loc[label, term]:+.2f}")
    if term == "Intercept" or not outcome_is_log(found.fit, None):
        return told
    ends = {name: f"{float(in_percent(value)):+.2f}" for name, value in (("full", full), ("without", without))}
    return joined([told, say("diagnostics.moves_percent", lang, **ends)], lang)


def _carried(found: "Influence", lang: Lang) -> str:
    """List the coefficients whose sign or significance hangs on a unit."""
    told = []
    for term in found.params.columns:
        carried = found.carries(term)
        units = [str(label) for label in carried.index[~carried["lost"]]]
        if units and term != "Intercept":
            told.append(say("diagnostics.carried_by", lang, term=named(term, lang), names=listed(units, lang)))
    if not told:
        return say("diagnostics.none_carries", lang)
    return say("diagnostics.carried", lang, terms=say("diagnostics.between_terms", lang).join(told))


def _unanswered(found: "Influence", lang: Lang) -> list[str]:
    """Say which deletions leave no estimate, and why; and which end on the boundary."""
    by_reason: dict[str, list[str]] = {}
    for label, reason in found.reasons.items():
        by_reason.setdefault(reason.say(lang), []).append(str(label))
    told = [
        say("diagnostics.no_answer", lang, count=len(names), names=listed(names, lang), reason=reason)
        for reason, names in by_reason.items()
    ]
    edge = int((found.table["status"] == "boundary").sum())
    if edge and found.fit.status != "boundary":
        told.append(say("diagnostics.to_boundary", lang, count=f"{edge:,}"))
    return told


def _head(found: "Influence", lang: Lang) -> Grid:
    counts = found.table["status"].value_counts()
    told = [f"{_status(status, lang)} {counts[status]:,}" for status in STATUSES if status in counts]
    over = int((found.table["cook"] > found.threshold).sum())
    rows = (
        (say("models.formula", lang), found.fit.formula),
        (say("models.method", lang), say(f"models.{found.fit.method}", lang)),
        (say("diagnostics.unit", lang), found.level),
        (say("diagnostics.refits", lang), say("diagnostics.between", lang).join(told)),
        (say("diagnostics.flagged", lang, threshold=f"{found.threshold:.3g}"), f"{over:,}"),
    )
    notes = [] if len(found.table) == found.every else [_chosen(found, lang)]
    return Grid(say("diagnostics.influence_title", lang, level=found.level), (), rows, tuple(notes), words=2)


def _status(status: str, lang: Lang) -> str:
    return say(f"diagnostics.status_{status.replace(' ', '_')}", lang)


def _chosen(found: "Influence", lang: Lang) -> str:
    count, every = f"{len(found.table):,}", f"{found.every:,}"
    return say("diagnostics.note_top", lang, count=count, every=every)


def _largest(found: "Influence", lang: Lang) -> Grid:
    """List the units without an answer, then those with the largest distances, with the coefficient each moves most."""
    order = found.table.sort_values("cook", ascending=False, kind="stable", na_position="first").head(MOST)
    rows: list[tuple[str, ...]] = []
    for label, row in order.iterrows():
        status = _status(row["status"], lang)
        if np.isnan(row["cook"]):
            rows.append((str(label), f"{row['rows']:,}", "—", "—", "—", "—", "—", status))
            continue
        own = found.dfbetas.loc[label]
        term = str(own.abs().idxmax())
        numbers = [_three(row[name]) for name in ("cook", "mdffits")]
        numbers += [f"{row[name]:.3f}" for name in ("covratio", "displacement")]
        rows.append((str(label), f"{row['rows']:,}", *numbers, f"{named(term, lang)} {own[term]:+.2f}", status))
    keys = ("rows", "cook", "mdffits", "covratio", "displacement", "dfbetas", "refit")
    head = (found.level, *(say(f"diagnostics.{key}", lang) for key in keys))
    return Grid(say("diagnostics.largest_title", lang), head, tuple(rows), (say("diagnostics.note_measures", lang),))


def _three(value: float) -> str:
    """Print three digits that count, zeros at the end among them, so that a column reads alike."""
    return f"{value:#.3g}".rstrip(".")


def _ranges(found: "Influence", lang: Lang) -> Grid:
    """Give every estimate with the smallest and the largest one that a deletion leads to, and the unit deleted."""
    rows = []
    for term in found.params.columns:
        digits = decimals(float(found.fit.std_errors[term]))
        rows.append((named(term, lang), *_ends(found.params[term], float(found.fit.params[term]), f".{digits}f")))
    for group, term in found.components.columns:
        at = found.fit.sigma2 if group == "residual" else float(found.fit.random_cov[group].loc[term, term])
        residual = say("models.residual", lang)
        name = (
            residual
            if group == "residual"
            else say("diagnostics.variance_of", lang, group=group, effect=named(term, lang))
        )
        rows.append((name, *_ends(found.components[(group, term)], at, "")))
    keys = ("all_units", "lowest", "deleting", "highest", "deleting")
    head = ("", *(say(f"diagnostics.{key}", lang) for key in keys))
    return Grid(say("diagnostics.ranges_title", lang), head, tuple(rows), (say("diagnostics.note_centres", lang),))


def _ends(values: pd.Series, full: float, form: str) -> tuple[str, ...]:
    def shown(value: float) -> str:
        return f"{value:{form}}" if form else number(value)

    if values.isna().all():
        return (shown(full), "—", "—", "—", "—")
    low, high = values.idxmin(), values.idxmax()
    return shown(full), shown(values[low]), str(low), shown(values[high]), str(high)
