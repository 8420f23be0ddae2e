"""The frames behind the charts of influence: distances by unit, and a coefficient without each unit."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from povstats.errors import FitError, allowed
from povstats.models.drawn import source_of
from povstats.models.interpretation.paragraphs.sentences import named
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.influence import Influence
    from povstats.viz import Figure


def plot(
    found: "Influence",
    term: str | None = None,
    *,
    lang: Lang | None = None,
    title: str | None = None,
    source: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw Cook's distance of every unit, or one coefficient without each unit.

    Parameters
    ----------
    term : a coefficient: its estimates with 95 % intervals without the units that move it most, and a line at the
        estimate with all; without it, Cook's distance over the units, the largest ones named.
    lang : "zh" or "en".
    title, source : words of one's own, in that language, instead of those made from the model.
    labels : words for groupings and coefficients, such as {"village": "village", "trust": "trust (0-10)"}.

    Raises
    ------
    FitError
        Where no deletion leaves an estimate.
    """
    lang, labels = lang or language(), labels or {}
    known = found.table["cook"].notna()
    if not known.any():
        raise FitError(f"no deletion of a unit of {found.level!r} leaves an estimate, so there is nothing to draw")
    level = labels.get(found.level, found.level)
    source = source or source_of(found.fit, lang)
    from povstats.viz import charts

    if term is None:
        frame = pd.DataFrame({"unit": found.table.index[known], "value": found.table.loc[known, "cook"].to_numpy()})
        return charts.cooks(
            frame,
            lang=lang,
            title=title or tight(say("diagnostics.cook_chart", lang, level=level)),
            unit="",
            source=source,
            line=(found.threshold, say("diagnostics.threshold_line", lang, value=f"{found.threshold:.3g}")),
            x_label=level,
            notes=_left_out(found, lang),
        )
    allowed("term", term, tuple(found.params.columns))
    name = labels.get(term, named(term, lang))
    return charts.without_each(
        _estimates(found, term)[known.to_numpy()],
        lang=lang,
        title=title or tight(say("diagnostics.without_chart", lang, term=name, level=level)),
        unit=labels.get(found.fit.model.response, ""),
        source=source,
        full=_full(found, term),
        notes=_left_out(found, lang),
    )


def _estimates(found: "Influence", term: str) -> pd.DataFrame:
    """Give the coefficient without each unit, with its 95 % interval, and whether its sign or significance changes."""
    estimate, se, dof = (frame[term].to_numpy() for frame in (found.params, found.std_errors, found.dof))
    half = stdtrit(np.minimum(dof, 1e10), 0.975) * se
    frame = pd.DataFrame({"unit": found.table.index, "estimate": estimate, "low": estimate - half})
    return frame.assign(high=estimate + half, changes=found.table.index.isin(found.carries(term).index))


def _full(found: "Influence", term: str) -> tuple[float, float, float]:
    ends = found.fit.conf_int().loc[term]
    return float(found.fit.params[term]), float(ends["low"]), float(ends["high"])


def _left_out(found: "Influence", lang: Lang) -> list[str]:
    """Say which units have no number to draw."""
    lost = int(found.table["cook"].isna().sum())
    return [say("diagnostics.note_left_out", lang, count=lost)] if lost else []
