"""The figures of a study, in both languages and in a journal's widths."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import Contract
from povstats.files import replacing
from povstats.models import HLMResult
from povstats.models.drawn import source_of as model_source
from povstats.poverty import Trend
from povstats.studies.followed import followed_name
from povstats.studies.labels import labels_of_fits, said, short_titles, small, titles
from povstats.studies.spec import Spec
from povstats.studies.spec_figures import FigureSpec
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.viz import Figure

DIGITS = "%.10g"
"""Of numbers in a csv: more than any standard error supports, fewer than the noise of another processor's sums."""

NUMBER = re.compile(r"[-−]?\d[\d,]*(\.\d+)?")


def model_figures(
    spec: Spec, contract: Contract | None, fits: tuple[HLMResult, ...], table: pd.DataFrame, lang: Lang
) -> "Iterator[tuple[str, Figure]]":
    """Draw what the specification asks: a name without language, and the figure."""
    for at, one in enumerate(spec.figures, 1):
        fit = fits[one.model - 1]
        words = {
            "lang": lang,
            "labels": figure_labels(one, fit, contract, spec, lang),
            "source": source_of(spec, model_source(fit, lang), lang),
            "title": None if one.title is None else said(one.title, lang),
        }
        across = str(one.options.get("moderator") or one.options.get("term"))
        if one.kind == "johnson_neyman" or (one.kind == "slopes" and "at" not in one.options):
            words["x_label"] = labels_of_fits((fit,), contract, spec, lang).get(across, across)
        yield f"{at:02}-{one.kind.replace('_', '-')}", _drawn(one, fit, table, words)


def figure_labels(one: FigureSpec, fit: HLMResult, contract: Contract | None, spec: Spec, lang: Lang) -> dict[str, str]:
    """Give the words for a figure: without units, and small where they stand inside a title.

    What begins a title or stands alone over a panel keeps its capital letter.
    """
    words = labels_of_fits((fit,), contract, spec, lang, units=False)
    if lang == "zh":
        return words
    inside = {name: small(told) for name, told in words.items()}
    if one.kind == "residuals":
        return {**words, fit.model.response: inside.get(fit.model.response, fit.model.response)}
    first = one.options.get("effect") if one.kind == "caterpillar" else one.options.get("term")
    if one.kind in ("caterpillar", "influence") and first in words:
        inside[first] = words[first]
    return inside


def trend_figures(spec: Spec, contract: Contract | None, trend: Trend, lang: Lang) -> "Iterator[tuple[str, Figure]]":
    """Draw the charts of a trend."""
    asked = spec.trend
    assert asked is not None
    words = titles(contract, spec, lang)
    title = followed_name(spec, contract, trend, lang) if spec.title is None else said(spec.title, lang)
    own = say("trend.own_source", lang, n=f"{len(trend.table):,}")
    trend = replace(trend, table=with_named_numbers(trend, short_titles(contract, spec, lang)))
    for at, kind in enumerate(asked.charts, 1):
        yield (
            f"{at:02}-{kind}",
            trend.plot(
                kind,
                lang=lang,
                title=title,
                unit=None if asked.unit is None else said(asked.unit, lang),
                source=source_of(spec, own, lang),
                labels={group: words[group] for group in set(trend.table["group"]) if group in words},
            ),
        )


def with_named_numbers(trend: Trend, words: dict[str, str]) -> pd.DataFrame:
    """Name the column of a break where its value is a number, which says nothing beside a line; a text stands alone."""

    def named(basis: str) -> str:
        parts = zip(trend.asked.breaks, basis.split(" · "), strict=True)
        return " · ".join(f"{words.get(name, name)} {part}" if NUMBER.fullmatch(part) else part for name, part in parts)

    rows = trend.table
    whole = [basis.count(" · ") == len(trend.asked.breaks) - 1 for basis in rows["basis"]]
    return rows.assign(basis=[named(b) if fits else b for b, fits in zip(rows["basis"], whole, strict=True)])


def source_of(spec: Spec, own: str, lang: Lang) -> str:
    """Word the source of a figure: the specification's, else the result's own; and that the data are synthetic."""
    told = own if spec.source is None else said(spec.source, lang)
    if spec.data != "synthetic":
        return told
    return say("study.clause_joint", lang).join([told, say("study.synthetic_short", lang)])


def save_figure(figure: "Figure", stem: Path, spec: Spec) -> None:
    """Write a figure in every size and format, and its numbers once.

    Parameters
    ----------
    stem : path without size, language and ending.
    """
    for width in spec.sizes_mm:
        for ending in spec.formats:
            name = f"{stem.name}.{width:g}mm.{figure.lang}.{ending}"
            figure.save(stem.with_name(name), width_mm=width, format=ending)  # type: ignore[arg-type]
    write_csv(figure.numbers, stem.with_name(f"{stem.name}.{figure.lang}.csv"))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write numbers so that a spreadsheet reads them, with the same bytes on every call."""
    told = str(frame.to_csv(index=False, float_format=DIGITS, lineterminator="\n"))
    with replacing(path) as part:
        part.write_bytes(told.encode("utf-8-sig"))


def _drawn(one: FigureSpec, fit: HLMResult, table: pd.DataFrame, words: dict[str, Any]) -> "Figure":
    """Draw one figure of a model."""
    options = dict(one.options)
    if one.kind == "caterpillar":
        return fit.plot_caterpillar(options.get("effect", "Intercept"), group=options.get("group"), **words)
    if one.kind == "slopes":
        if "at" in options:
            return fit.slopes(options["term"], options["at"]).plot(**words)
        return fit.plot_slopes(options["term"], **words)
    if one.kind == "johnson_neyman":
        control = options.get("control", "pointwise")
        found = fit.johnson_neyman(options["term"], options["moderator"], control=control, table=table)
        return found.plot(**words)
    if one.kind == "influence":
        level = options.get("level")
        deleted = fit.influence(level) if level else fit.influence()
        return deleted.plot(options.get("term"), **words)
    return fit.residuals(table).plot(**words)
