"""The models of a study: fitted, set side by side, and given as numbers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from povstats.contracts import Contract
from povstats.models import HLMResult, fit_hlm
from povstats.studies.labels import labels_of_fits, said, titles
from povstats.studies.progress import Tell
from povstats.studies.spec import Spec
from povstats.studies.spec_model import Hidden, ModelSpec
from povstats.tables import Table, regression_table
from povstats.words import Lang, say


def fit_models(spec: ModelSpec, table: pd.DataFrame, tell: Tell) -> tuple[HLMResult, ...]:
    """Fit the formulas in their order."""
    df = "kenward-roger" if spec.covariance == "kenward-roger" else spec.df
    fits = []
    for at, one in enumerate(spec.formulas, 1):
        tell("fit", at=at, models=len(spec.formulas))
        fits.append(fit_hlm(one.formula, table, method=spec.method, df=df))
    return tuple(fits)


def tested(spec: ModelSpec, fit: HLMResult) -> Any:
    """Give what a table prints of a fit: itself, or its coefficients under a robust covariance before it."""
    if not spec.robust:
        return fit
    return (fit.robust(spec.covariance, spec.cluster), fit)  # type: ignore[arg-type]


def model_table(spec: Spec, contract: Contract | None, fits: tuple[HLMResult, ...], lang: Lang) -> Table:
    """Set the models side by side as the specification asks."""
    asked = spec.model
    assert asked is not None
    columns = titles(contract, spec, lang)
    names = [said(one.name, lang) for one in asked.formulas if one.name is not None]
    return regression_table(
        [tested(asked, fit) for fit in fits],
        lang=lang,
        style=asked.table.style[lang],  # type: ignore[arg-type]
        names=names or None,
        labels=labels_of_fits(fits, contract, spec, lang),
        title=None if spec.title is None else said(spec.title, lang),
        notes=[*_likelihoods(asked, lang), *notes(spec, lang)],
        below=asked.table.below,
        statistics=asked.table.statistics,
        order=asked.focal,
        controls={_row(one, lang, "study.controls"): one.terms for one in asked.controls},
        fixed_effects={_row(one, lang, "study.fixed_effects", columns): one.terms[0] for one in asked.fixed_effects},
    )


def _likelihoods(spec: ModelSpec, lang: Lang) -> list[str]:
    """Warn of what stands side by side in the table and is no comparison."""
    shown = spec.method == "reml" and len(spec.formulas) > 1 and spec.table.statistics
    return [say("study.note_reml", lang)] if shown else []


def notes(spec: Spec, lang: Lang) -> list[str]:
    """Give the notes under every table: where the data come from, and whether they are synthetic."""
    found = [] if spec.source is None else [say("study.source", lang, source=said(spec.source, lang))]
    return [*found, say("study.synthetic", lang)] if spec.data == "synthetic" else found


def model_numbers(spec: ModelSpec, fits: tuple[HLMResult, ...]) -> pd.DataFrame:
    """Give all numbers in the nine-column frame, a column "model" before it."""
    frames = []
    for at, fit in enumerate(fits, 1):
        first = tested(spec, fit)
        frame = fit.tidy()
        if isinstance(first, tuple):
            frame = pd.concat([first[0].tidy(), frame[frame["measure"] != "coef"]], ignore_index=True)
        frame.insert(0, "model", at)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _row(one: Hidden, lang: Lang, key: str, columns: Mapping[str, str] | None = None) -> str:
    """Word a row of Yes and No."""
    if one.name is not None:
        return said(one.name, lang)
    if columns is None:
        return say(key, lang)
    name = one.terms[0].removeprefix("C(").removesuffix(")")
    return say(key, lang, factor=columns.get(name, name))
