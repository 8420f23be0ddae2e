"""The frames behind the chart of residuals: points, and quantiles by panel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from povstats.models.drawn import source_of
from povstats.models.interpretation.paragraphs.sentences import named
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.models.interpretation.diagnostics.residuals import Residuals
    from povstats.viz import Figure


def plot(
    found: "Residuals",
    *,
    lang: Lang | None = None,
    title: str | None = None,
    source: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw residuals against fitted values, and normal quantile plots of the rows and of every random effect.

    The bands are pointwise, for independent normal values: outside each lie 5 % of such values at that rank.

    Parameters
    ----------
    lang : "zh" or "en".
    title, source : words of one's own, in that language, instead of those made from the model.
    labels : words for groupings and effects, such as {"village": "village", "trust": "trust (0-10)"}.
    """
    lang, labels = lang or language(), labels or {}
    from povstats.viz import charts

    fit, rows = found.fit, found.frame[["fitted", "standardised", "score"]].dropna()
    outcome = fit.model.response
    quantiles = [_panel(say("diagnostics.panel_rows", lang), rows["score"], rows["standardised"])]
    for group, frame in found.levels.items():
        for effect in fit.model.effects(group):
            known = frame[[f"score({effect})", f"std({effect})"]].dropna()
            if len(known) < 4:
                continue
            words = {"group": labels.get(group, group), "effect": labels.get(effect, named(effect, lang))}
            panel = _panel(say("diagnostics.panel_effects", lang, **words), *(known[c] for c in known))
            quantiles.append(panel.assign(label=known.index.map(str)))
    return charts.residuals(
        rows[["fitted", "standardised"]].rename(columns={"fitted": "x", "standardised": "y"}),
        pd.concat(quantiles, ignore_index=True).fillna({"label": ""}),
        lang=lang,
        title=title or tight(say("diagnostics.residuals_chart", lang, outcome=labels.get(outcome, outcome))),
        unit="",
        source=source or source_of(fit, lang),
    )


def _panel(name: str, score: pd.Series, value: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"panel": name, "score": score.to_numpy(), "value": value.to_numpy()})
    return frame.assign(label="")
