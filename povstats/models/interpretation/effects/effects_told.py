"""What slopes, regions and main effects say in the same words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.models.interpretation.effects.focal import Focal
from povstats.models.interpretation.effects.logs import in_percent
from povstats.models.interpretation.effects.moderators import Held, rounded
from povstats.models.interpretation.paragraphs.sentences import degrees, listed, tested
from povstats.models.summary import decimals, pvalue
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def slope_meant(focal: Focal, outcome: str, lang: Lang) -> str:
    """Say what is measured: a slope, or the difference of a level from the reference."""
    if focal.kind == "difference":
        level, reference = focal.levels
        name = focal.name.split("[")[0]
        return say("effects.difference_meant", lang, outcome=outcome, term=name, level=level, reference=reference)
    return say("effects.slope_meant", lang, outcome=outcome, term=focal.name)


def held_told(held: Sequence[Held], lang: Lang) -> list[str]:
    """Say where the moderators stand that are not given."""
    if not held:
        return []
    parts = []
    for one in held:
        if len(one.means) == 1 and not one.means[0][0]:
            parts.append(say("effects.held_mean", lang, name=one.name, value=rounded(one.means[0][1])))
        else:
            values = [f"{label} {mean:.3g}" for label, mean in one.means]
            parts.append(say("effects.held_shares", lang, name=one.name, values=listed(values, lang)))
    return [say("effects.held", lang, names=listed(parts, lang))]


def tests_told(fit: "HLMResult", level: float, lang: Lang) -> str:
    """Say how the slopes are tested."""
    return say(f"effects.tests_{fit.df_method}", lang, level=f"{100 * level:g}")


def dof_told(dof: pd.Series, lang: Lang) -> str:
    """Say the degrees of freedom; nothing where they are infinite."""
    if np.isinf(dof).any():
        return ""
    low, high = degrees(float(dof.min())), degrees(float(dof.max()))
    shown = low if low == high else say("effects.range", lang, low=low, high=high)
    return say("effects.dof", lang, dof=shown)


def where_told(at: str, held: Sequence[Held], lang: Lang) -> str:
    """Say at which point a slope stands."""
    return at or say("effects.at_means" if held else "effects.everywhere", lang)


def written_row(row: pd.Series) -> list[str]:
    """Write estimate, standard error, df, t, p and the ends of the interval."""
    digits = decimals(row["se"])
    estimate, se, low, high = (f"{row[key]:.{digits}f}" for key in ("estimate", "se", "low", "high"))
    return [estimate, se, degrees(row["df"]), f"{row['t']:.2f}", pvalue(row["p"]), low, high]


def in_percent_told(row: pd.Series, lang: Lang) -> list[str]:
    """Write a change of the logarithm in per cent, and its interval."""
    value, low, high = percents(row)
    return [value, say("effects.ends", lang, low=low, high=high)]


def percents(row: pd.Series) -> tuple[str, str, str]:
    """Write estimate, low and high of a change of the logarithm in per cent."""
    numbers = in_percent(row[["estimate", "low", "high"]].to_numpy(dtype=float))
    digits = percent_digits(float(numbers[2] - numbers[1]))
    value, low, high = (f"{number:.{digits}f}" for number in numbers)
    return value, low, high


def percent_digits(width: float) -> int:
    """Choose the decimals of a percentage by the width of its interval: about two digits of it."""
    return int(np.clip(1 - np.floor(np.log10(max(width, 1e-9))), 1, 6)) if np.isfinite(width) else 1


def slope_read(row: pd.Series, where: str, level: float, *, log: bool, lang: Lang) -> str:
    """Read one slope; `where` says at which values of what it depends on."""
    estimate, _, _, _, _, low, high = written_row(row)
    values = {"where": where, "level": f"{100 * level:g}"}
    values |= {"estimate": estimate, "low": low, "high": high, "p": tested(row["p"])}
    if not log:
        return say("effects.slope_read", lang, **values)
    value, left, right = percents(row)
    return say("effects.slope_read_log", lang, **values, percent=value, left=left, right=right)
