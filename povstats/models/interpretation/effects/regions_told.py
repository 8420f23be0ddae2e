"""How Johnson–Neyman regions print, and the paragraph that defends them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.models.interpretation.effects.effects_told import held_told, slope_meant, tests_told
from povstats.models.interpretation.effects.logs import outcome_is_log, outcome_name
from povstats.models.interpretation.effects.moderators import rounded
from povstats.models.interpretation.paragraphs.sentences import fitted, joined, per_cent
from povstats.printing import Grid, Summary
from povstats.words import Lang, say, tight

if TYPE_CHECKING:
    from povstats.models.interpretation.effects.johnson_neyman import JohnsonNeyman


def printed(found: "JohnsonNeyman", lang: Lang) -> Summary:
    """Print the regions, and what holds of them."""
    head = (
        say("effects.jn_sign", lang),
        say("effects.jn_from", lang, moderator=found.moderator),
        say("effects.jn_to", lang),
        say("effects.jn_groups", lang, group=found.group),
        *((say("effects.jn_rows", lang),) if found.counted else ()),
    )
    rows = []
    for row in found.regions.itertuples():
        sign = say("effects.jn_positive" if row.sign > 0 else "effects.jn_negative", lang)
        ends = ("−∞" if np.isinf(row.low) else rounded(row.low), "∞" if np.isinf(row.high) else rounded(row.high))
        shares = tuple(per_cent(share, lang) for share in (row.groups, row.rows)[: 1 + found.counted])
        rows.append((sign, *ends, *shares))
    title = say("effects.jn_title", lang, term=found.term, moderator=found.moderator)
    notes = [*_whole(found, lang), *_about(found, lang)]
    return Summary((Grid(title, head if rows else (), tuple(rows), tuple(notes)),))


def paragraph(found: "JohnsonNeyman", lang: Lang) -> str:
    """Say what the slope is, where it differs from zero, for how many, and how that was controlled."""
    told = [_region(found, row, lang) for _, row in found.regions.iterrows()]
    exact = say("effects.jn_exact", lang, moderator=found.moderator)
    lead = [slope_meant(found.focal, outcome_name(found.fit), lang), *fitted(found.fit, lang), exact]
    return joined([*lead, *told, *_whole(found, lang), *_about(found, lang)], lang)


def where(low: float, high: float, lang: Lang) -> str:
    """Write a region: "below 12", "above 12", "between 12 and 40"."""
    if np.isinf(low):
        return say("effects.jn_below", lang, high=rounded(high))
    if np.isinf(high):
        return say("effects.jn_above", lang, low=rounded(low))
    return say("effects.jn_between", lang, low=rounded(low), high=rounded(high))


def _whole(found: "JohnsonNeyman", lang: Lang) -> list[str]:
    """Say that there is no region, or that one holds all of the data."""
    values = {"level": f"{100 * found.level:g}", "moderator": found.moderator}
    if not len(found.regions):
        return [say("effects.jn_nowhere", lang, **values)]
    low, high = found.span
    whole = found.regions[(found.regions["low"] <= low) & (found.regions["high"] >= high)]
    if not len(whole):
        return []
    return [say("effects.jn_all_above" if whole["sign"].iloc[0] > 0 else "effects.jn_all_below", lang, **values)]


def _region(found: "JohnsonNeyman", row: pd.Series, lang: Lang) -> str:
    if found.counted:
        rows = say("effects.jn_rows_share", lang, rows=per_cent(row["rows"], lang))
    else:
        rows = say("effects.jn_rows_open", lang, moderator=found.moderator)
    key = "effects.jn_region_positive" if row["sign"] > 0 else "effects.jn_region_negative"
    place = where(row["low"], row["high"], lang)
    values = {"moderator": found.moderator, "where": place, "group": found.group, "rows": rows}
    return tight(say(key, lang, **values, groups=per_cent(row["groups"], lang)))


def _about(found: "JohnsonNeyman", lang: Lang) -> list[str]:
    """Say the data's range, what lies outside, what is held, and which error is controlled."""
    low, high = found.span
    notes = [say("effects.jn_span", lang, moderator=found.moderator, low=rounded(low), high=rounded(high))]
    ends = [end for end in found.regions[["low", "high"]].to_numpy().ravel() if np.isfinite(end)]
    outside = [rounded(end) for end in ends if not low <= end <= high]
    if outside:
        notes.append(say("effects.jn_outside", lang, ends=say("effects.jn_end_joint", lang).join(outside)))
    if not found.constant:
        notes.append(say("effects.jn_means", lang, moderator=found.moderator))
    notes += held_told(found.held, lang)
    notes += [tests_told(found.fit, found.level, lang), _control(found, lang)]
    if outcome_is_log(found.fit, None):
        notes.append(say("effects.jn_percent_same", lang))
    return notes


def _control(found: "JohnsonNeyman", lang: Lang) -> str:
    alpha = f"{100 * (1 - found.level):.6g}"
    if found.control == "pointwise":
        return say("effects.jn_pointwise", lang, alpha=alpha)
    values = {"m": len(found.groups), "k": found.rejected, "shown": max(found.rejected, 1)}
    return say("effects.jn_fdr", lang, alpha=alpha, critical=f"{found.alpha:.3g}", **values)
