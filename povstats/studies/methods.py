"""The methods paragraph: what was really done to these data, and nothing that was not."""

import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy
import pandas
import scipy

from povstats import __version__
from povstats.guizhou.variables import variables
from povstats.models import HLMResult, Referee
from povstats.studies.estimated import tested
from povstats.studies.labels import said
from povstats.studies.social import Social
from povstats.studies.sources import Source
from povstats.studies.spec_figures import FigureSpec
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.studies.result import Study


def methods_text(study: "Study", lang: Lang) -> str:
    """Write the paragraphs, with headings, as Markdown."""
    joint = say("study.sentence_joint", lang)
    parts = [("study.head_data", joint.join(_data(study, lang)))]
    if study.social is not None:
        parts.append(("social.head_study", joint.join(_social(study.social, lang))))
    if study.models:
        for at, (fit, referee) in enumerate(zip(study.fits, study.referees, strict=True), 1):
            sentences = [*_model(study, fit, at, lang), *_referee(referee, lang)]
            parts.append(("study.head_model", joint.join(sentences)))
    elif study.spec.trend is not None:
        parts.append(("study.head_trend", joint.join(_trend(study, lang))))
    parts.append(("study.head_software", _software(lang)))
    lines = [f"# {say('study.methods', lang)}"]
    many = len(study.fits) > 1
    at = 0
    for head, text in parts:
        at += head == "study.head_model"
        named = say(head, lang, at=f" ({at})" if many else "") if head == "study.head_model" else say(head, lang)
        lines += ["", f"## {named}", "", text]
    return "\n".join(lines) + "\n"


def paragraphs(study: "Study", lang: Lang) -> str:
    """Give the same without headings, in one paragraph."""
    lines = methods_text(study, lang).splitlines()
    return say("study.sentence_joint", lang).join(line for line in lines if line and not line.startswith("#"))


def _data(study: "Study", lang: Lang) -> Iterator[str]:
    """Tell the files, the recipe's steps, and the check."""
    if study.spec.data == "synthetic":
        yield say("study.data_synthetic", lang)
    for source in study.sources:
        yield _source(source, lang)
        if source.reading is not None and source.reading.notes:
            notes = [note.say(lang) for note in source.reading.notes]
            yield say("study.reading_notes", lang, notes=say("study.sentence_joint", lang).join(notes))
    if study.prepared is not None:
        yield study.prepared.explain(lang)
    elif study.report is None:
        yield say("study.no_recipe", lang)
    if study.report is not None:
        facts = {"contract": study.report.contract.name, "rows": f"{study.report.rows:,}"}
        key = "study.checked" if study.prepared is not None else "social.checked"
        yield say(key, lang, columns=len(study.report.columns), **facts)


def _social(social: Social, lang: Lang) -> Iterator[str]:
    """Tell which columns play which part, the parts, and what is left out and why."""
    yield variables(social.analysis).explain(lang)
    yield say("social.parts_done", lang, parts=say("study.word_joint", lang).join(one.id for one in social.made))
    yield from social.left_out(lang)


def _source(source: Source, lang: Lang) -> str:
    """Tell one file or table."""
    facts = {"rows": f"{source.rows:,}", "columns": f"{source.columns:,}", "sha": source.fingerprint}
    role = say("study.role", lang, role=source.role) if source.role else ""
    if source.reading is None:
        return say("study.from_table", lang, role=role, **facts)
    encoding = source.reading.encoding
    coded = say("study.encoding", lang, encoding=encoding) if encoding else ""
    kind = {"format": source.reading.format, "size": f"{source.size:,}", "encoding": coded}
    return say("study.from_file", lang, role=role, file=source.file, **kind, **facts)


def _model(study: "Study", fit: HLMResult, at: int, lang: Lang) -> Iterator[str]:
    """Tell one model: its formula, its rows, its inference, its state, and what to know of it."""
    spec, name = study.spec.model, study.names[at - 1]
    if name is not None:
        yield say("study.model_name", lang, name=said(name, lang))
    yield say("study.model_formula", lang, formula=fit.formula, method=say(f"models.{fit.method}", lang))
    groups = [f"{say('study.of_group', lang, group=g, n=f'{n:,}')}" for g, n in fit.ngroups.items()]
    facts = {"read": f"{fit.rows.read:,}", "used": f"{fit.nobs:,}"}
    yield say("study.model_rows", lang, groups=say("study.clause_joint", lang).join(groups), **facts)
    if fit.rows.missing:
        lost = [say("study.lost", lang, column=c, n=f"{n:,}") for c, n in fit.rows.missing.items()]
        told = say("study.clause_joint", lang).join(lost)
        yield say("study.model_lost", lang, dropped=f"{fit.rows.dropped:,}", lost=told)
    else:
        yield say("study.model_whole", lang)
    first = fit if spec is None else tested(spec, fit)
    inferred = first[0] if isinstance(first, tuple) else fit
    yield say("study.model_tests", lang, tests=inferred.inference_note(lang))
    yield say(f"study.status_{fit.status}", lang)
    notes = dict.fromkeys(note.say(lang).rstrip("。.") for note in (*fit.notes, *inferred.notes))
    if notes:
        yield say("study.model_notes", lang, notes=say("study.clause_joint", lang).join(notes))
    figures = [say(f"study.figure_{_kind(one)}", lang) for one in study.spec.figures if one.model == at]
    if figures:
        yield say("study.model_figures", lang, figures=say("study.word_joint", lang).join(dict.fromkeys(figures)))


def _kind(one: FigureSpec) -> str:
    """Name the kind of a figure: lines of groups are no simple slopes."""
    return "simple_slopes" if one.kind == "slopes" and "at" in one.options else one.kind


def _trend(study: "Study", lang: Lang) -> Iterator[str]:
    """Tell the rows without the value, and the trend."""
    assert study.spec.trend is not None
    [trend] = study.fits
    used, rows = len(trend.table), len(study.table)
    if used < rows:
        followed = study.spec.trend.value or study.spec.trend.numerator
        yield say("study.trend_gaps", lang, lost=f"{rows - used:,}", rows=f"{rows:,}", column=followed)
    yield trend.explain(lang)


def _referee(referee: Referee, lang: Lang) -> Iterator[str]:
    """Tell the traps of a model, and that nothing further was done about them."""
    traps = referee.traps
    checks = len(traps) + len(referee.of("clean"))
    if not traps:
        yield say("study.no_traps", lang, checks=checks)
        return
    yield say("study.traps", lang, checks=checks, traps=len(traps))
    for at, one in enumerate(traps, 1):
        yield say("study.trap", lang, at=at, trap=one.title(lang), evidence=one.told(lang))
    yield say("study.traps_left", lang)


def versions() -> dict[str, str]:
    """Give the versions of what computed the numbers."""
    return {
        "povstats": __version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "pandas": pandas.__version__,
    }


def _software(lang: Lang) -> str:
    found = versions()
    others = say("study.word_joint", lang).join(f"{name} {version}" for name, version in list(found.items())[1:])
    return say("study.software", lang, version=found["povstats"], others=others)
