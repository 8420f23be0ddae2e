"""A study's overview: what was done, and what lies where."""

from collections import Counter
from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.studies.manifest import rerun
from povstats.studies.social import Social
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.studies.result import Study


def printed(study: "Study", lang: Lang) -> Summary:
    """Lay the overview out."""
    rows = [(say("study.data", lang), _sources(study, lang))]
    if study.prepared is not None:
        rows.append((say("study.head_recipe", lang), f"{study.prepared.recipe.name} → {study.prepared.contract.name}"))
    rows.append((say("study.rows", lang), f"{len(study.table):,}"))
    rows.append((say("study.head_check", lang), _checked(study, lang)))
    if study.models:
        for at, fit in enumerate(study.fits, 1):
            rows.append((say("study.model", lang, at=at), fit.formula))
            groups = ", ".join(f"{group} {n:,}" for group, n in fit.ngroups.items())
            status = say(f"models.status_{fit.status}", lang)
            rows.append(("", say("study.fitted", lang, used=f"{fit.nobs:,}", groups=groups, status=status)))
        traps = sum(len(one.traps) for one in study.referees)
        rows.append((say("study.head_referee", lang), say("study.traps_found", lang, traps=traps)))
        if study.social is not None:
            rows += _parts(study.social, lang)
    elif study.spec.trend is not None:
        rows.append((say("study.head_trend", lang), study.fits[0].asked.name))
    grids = [Grid(say("study.title", lang), (), tuple(rows), words=2)]
    if study.path is not None:
        grids.append(_written(study, lang))
    return Summary(tuple(grids))


def _parts(social: Social, lang: Lang) -> list[tuple[str, str]]:
    """Count the parts, and name what is left out with its reason."""
    rows = [(say("social.head_parts", lang), say("social.parts_made", lang, made=len(social.made)))]
    return rows + [("", told) for told in social.left_out(lang)]


def _written(study: "Study", lang: Lang) -> Grid:
    """Say what lies where."""
    assert study.path is not None
    places = Counter(file.split("/")[0] if "/" in file else file for file in study.files)
    rows = [
        (f"{place}/" if place in ("tables", "figures") else place, _content(place, lang), f"{n}")
        for place, n in sorted(places.items(), key=lambda pair: (pair[0] not in ("tables", "figures"), pair[0]))
    ]
    title = say("study.written", lang, path=study.path)
    command = rerun(study, study.path.name)
    packed = study.path.suffix.lower() == ".zip"
    again = say("study.again_zip" if packed else "study.again", lang, folder=study.path.stem, command=command)
    notes = () if command is None else (again,)
    return Grid(title, (), tuple(rows), notes, words=2)


def _content(place: str, lang: Lang) -> str:
    """Say what a file holds, by its name without language, role and ending."""
    kinds = ("tables", "figures", "codebook", "methods", "recipe", "spec", "prepared", "report")
    kind = next((kind for kind in kinds if place.startswith(kind)), "script")
    return say(f"study.file_{kind}", lang, program="R" if place.endswith(".R") else "Stata")


def _sources(study: "Study", lang: Lang) -> str:
    told = [
        say("study.shape", lang, name=one.file or say("study.memory", lang), rows=f"{one.rows:,}", columns=one.columns)
        for one in study.sources
    ]
    return say("study.word_joint", lang).join(told)


def _checked(study: "Study", lang: Lang) -> str:
    if study.report is None:
        return say("study.unchecked", lang)
    return say("study.kept", lang, contract=study.report.contract.name, columns=len(study.report.columns))
