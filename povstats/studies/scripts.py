"""The same models in Stata and R, as scripts that read the prepared table."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats import __version__
from povstats.models.notes import Note
from povstats.studies.labels import said
from povstats.words import LANGUAGES, say

if TYPE_CHECKING:
    from povstats.studies.result import Study

TABLE = "prepared.csv"
"""The prepared table, as the scripts read it."""


def stata_script(study: "Study") -> str:
    """Write a do-file: each model reads the table anew, since the lines before it make columns."""
    table = study.table
    texts = [str(at) for at, name in enumerate(table.columns, 1) if _is_text(table[name])]
    kept = f" stringcols({' '.join(texts)})" if texts else ""
    load = f'import delimited "{TABLE}", varnames(1) case(preserve) encoding("utf-8"){kept} clear'
    return _script(study, "stata", "*", load)


def r_script(study: "Study") -> str:
    """Write an R script with lme4."""
    table = study.table
    texts = [str(name) for name in table.columns if _is_text(table[name])]
    named = ", ".join(f'"{name}" = "character"' for name in texts)
    kept = f", colClasses = c({named})" if texts else ""
    load = f'd <- read.csv("{TABLE}", check.names = FALSE, fileEncoding = "UTF-8"{kept})'
    return _script(study, "lme4", "#", load)


def _script(study: "Study", program: str, mark: str, load: str) -> str:
    """Put the models under each other, every remark in both languages."""
    spec = study.spec
    lines = [*_said(mark, "study.script_head", version=__version__)]
    made = "script_saved" if spec.save_table else "script_unsaved"
    lines += _said(mark, f"study.{made}", table=TABLE)
    for at, (fit, name) in enumerate(zip(study.fits, study.names, strict=True), 1):
        named = {lang: "" if name is None else said(name, lang) for lang in LANGUAGES}
        statement = fit.statements("en").statement(program)
        lines += ["", *(f"{mark} ({at}) {words}".rstrip() for words in dict.fromkeys(named.values()))]
        lines += [f"{mark} {line}" for line in fit.formula.splitlines()]
        if statement.code:
            lines += [load, *statement.code.splitlines()]
            lines += _said(mark, "study.script_loglik", value=f"{fit.loglik:.4f}")
        for note in statement.notes:
            lines += _told(mark, note)
    if spec.model is not None and spec.model.robust:
        lines += ["", *_said(mark, f"study.script_robust_{program}", kind=spec.model.covariance)]
        if program == "lme4":
            by = f", cluster = d${spec.model.cluster}" if spec.model.cluster else ""
            lines.append(f'clubSandwich::coef_test(fit, vcov = "{spec.model.covariance}"{by})')
    return "\n".join(lines) + "\n"


def _said(mark: str, key: str, **values: object) -> list[str]:
    return [f"{mark} {say(key, lang, **values)}" for lang in LANGUAGES]


def _told(mark: str, note: Note) -> list[str]:
    return [f"{mark} {note.say(lang)}" for lang in LANGUAGES]


def _is_text(values: pd.Series) -> bool:
    return not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))
