"""The files of a study's folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from povstats.studies.figures import model_figures, save_figure, trend_figures, write_csv
from povstats.studies.labels import said
from povstats.studies.manifest import write_manifest
from povstats.studies.methods import methods_text
from povstats.studies.scripts import TABLE, r_script, stata_script
from povstats.words import LANGUAGES, say

if TYPE_CHECKING:
    from povstats.studies.result import Study


def write_contents(study: "Study", folder: Path, name: str) -> dict[str, str]:
    """Write every file of a study into an empty folder; give {file: SHA-256}.

    Parameters
    ----------
    name : of the target, for the manifest's command.
    """
    if study.social is not None:
        study.social.write(folder, study.spec)
    elif study.fits:
        _tables(study, folder / "tables")
        _figures(study, folder / "figures")
    if study.models:
        _write(folder / "model.do", stata_script(study))
        _write(folder / "model.R", r_script(study))
    for source in study.sources:
        if source.reading is not None:
            stem = f"codebook-{source.role}" if source.role else "codebook"
            source.reading.codebook().save(folder / f"{stem}.xlsx")
    if study.prepared is not None:
        study.prepared.recipe.save(folder / "recipe.yaml")
    if study.spec.kind != "data":
        study.spec.save(folder / "spec.yaml")
    if study.spec.save_table:
        study.table.to_csv(folder / TABLE, index=False, lineterminator="\n", encoding="utf-8")
    for lang in LANGUAGES:
        _write(folder / f"methods.{lang}.md", methods_text(study, lang))
    _write(folder / "report.txt", report(study))
    return write_manifest(study, folder, name)


def report(study: "Study") -> str:
    """Put the recipe's report, the check and the fits' summaries under each other, first in Chinese."""
    parts: list[str] = []
    for lang in LANGUAGES:
        parts.append(say("study.report", lang))
        parts += [str(one.reading.summary(lang)) for one in study.sources if one.reading is not None]
        if study.prepared is not None:
            parts.append(str(study.prepared.report.summary(lang)))
        if study.report is not None:
            parts.append(str(study.report.summary(lang)))
        if study.social is not None:
            parts += study.social.report(lang)
        for at, (fit, named) in enumerate(zip(study.fits, study.names, strict=True), 1):
            told = "" if named is None else said(named, lang)
            parts.append(f"({at}) {told}".rstrip())
            parts += [str(fit.summary(lang)), fit.explain(lang)]
        parts += [str(one.summary(lang)) for one in study.referees]
    return "\n\n".join(parts) + "\n"


def _tables(study: "Study", folder: Path) -> None:
    """Write the journal's table in both languages, and the numbers behind it."""
    folder.mkdir()
    stem = "models" if study.spec.model else "trend"
    for lang in LANGUAGES:
        study.journal_table(lang).save(folder / stem)
    for name, frame in study.frames().items():
        write_csv(frame, folder / f"{name}.csv")


def _figures(study: "Study", folder: Path) -> None:
    """Write the figures in both languages."""
    if study.spec.trend is None and not study.spec.figures:
        return
    folder.mkdir()
    for lang in LANGUAGES:
        if study.spec.trend is not None:
            drawn = trend_figures(study.spec, study.contract, study.fits[0], lang)
        else:
            drawn = model_figures(study.spec, study.contract, study.fits, study.table, lang)
        for name, figure in drawn:
            save_figure(figure, folder / name, study.spec)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
