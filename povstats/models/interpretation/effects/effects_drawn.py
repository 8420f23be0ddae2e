"""The frames behind the charts of slopes and of Johnson–Neyman regions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from povstats.models.drawn import source_of
from povstats.models.interpretation.effects.effects_told import where_told
from povstats.models.interpretation.effects.logs import outcome_name
from povstats.models.interpretation.effects.moderators import written
from povstats.words import Lang, say, tight

if TYPE_CHECKING:
    from povstats.models.interpretation.effects.johnson_neyman import JohnsonNeyman
    from povstats.models.interpretation.effects.simple_slopes import SimpleSlopes
    from povstats.viz import Figure


def draw_slopes(
    found: "SimpleSlopes", lang: Lang, labels: Mapping[str, str], title: str | None, source: str | None
) -> "Figure":
    """Draw simple slopes as dots with whiskers, one row a point."""
    from povstats.viz import charts

    frame = found.table[["estimate", "low", "high"]].assign(model="", term=found.table["at"])
    frame["term"] = [
        say("effects.point_joint", lang).join(
            f"{labels.get(name, name)} = {written(row[name])}" for name in found.points
        )
        or where_told("", found.held, lang)
        for row in found.points.to_dict("records")
    ]
    what = say(f"effects.what_{found.focal.kind}", lang, term=labels.get(found.term, found.term))
    told = say("effects.slopes_plot", lang, what=what, level=f"{100 * found.level:g}")
    return charts.coefficients(
        frame[["model", "term", "estimate", "low", "high"]],
        lang=lang,
        title=title or tight(told),
        unit=_unit(found, labels, lang),
        source=source or source_of(found.fit, lang),
    )


def draw_regions(
    found: "JohnsonNeyman",
    lang: Lang,
    labels: Mapping[str, str],
    title: str | None,
    source: str | None,
    x_label: str | None = None,
) -> "Figure":
    """Draw the slope over the moderator, its band and regions, and the groups' own values."""
    from povstats.viz import charts

    values = {name: labels.get(name, name) for name in (found.term, found.moderator)}
    what = say(f"effects.what_{found.focal.kind}", lang, term=values[found.term])
    about = {"what": what, "moderator": values[found.moderator], "level": f"{100 * found.level:g}"}
    told = say(f"effects.jn_plot_{found.control}", lang, **about)
    return charts.johnson_neyman(
        found.curve.rename(columns={"value": "x"}),
        x_label=x_label or values[found.moderator],
        regions=found.regions,
        values=found.groups.rename(columns={"value": "x"}),
        group=labels.get(found.group, found.group),
        lang=lang,
        title=title or tight(told),
        unit=_unit(found, labels, lang),
        source=source or source_of(found.fit, lang),
    )


def _unit(found: "SimpleSlopes | JohnsonNeyman", labels: Mapping[str, str], lang: Lang) -> str:
    """Name the unit of a slope or a difference."""
    outcome = outcome_name(found.fit)
    told = {"outcome": labels.get(outcome, outcome)}
    if found.focal.kind == "slope":
        told["term"] = labels.get(found.term, found.term)
    return tight(say(f"effects.unit_{found.focal.kind}", lang, **told))
