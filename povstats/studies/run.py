"""ps.study(): read, prepare, check, fit, write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import pandas as pd

from povstats.contracts import CheckReport, check
from povstats.errors import ContractError
from povstats.guizhou.named import CONTRACT
from povstats.reading import recipe as read_recipe
from povstats.studies.estimated import fit_models
from povstats.studies.followed import fit_trend
from povstats.studies.progress import Tell, silent, told
from povstats.studies.result import Study
from povstats.studies.social import check_social, run_social
from povstats.studies.sources import Source, open_sources
from povstats.studies.spec import Spec, read_spec
from povstats.studies.spec_parts import Said
from povstats.words import LANGUAGES


class BreachError(ContractError):
    """The prepared table breaks its contract; `report` tells every breach."""

    def __init__(self, report: CheckReport) -> None:
        super().__init__(report.summary("en"))
        self.report = report


@dataclass(frozen=True, eq=False)
class Taken:
    """Data as they enter a study: the sources, what the recipe made, the check of it, and the table."""

    sources: tuple[Source, ...]
    prepared: Any
    report: CheckReport | None
    table: pd.DataFrame


def prepare(data: Any, recipe: Any = None, *, tell: Tell = silent) -> Taken:
    """Read data, apply a recipe and check what it made.

    Parameters
    ----------
    data : a path, a Reading, a table, or {"household": …, "village": …} of these.
    recipe : a recipe, a dict, the path of its YAML file, or None for a table that is analysed as it is.
    tell : called with each step.
    """
    made = None if recipe is None else read_recipe(recipe)
    tell("read")
    sources = open_sources(data, made)
    if made is None:
        [source] = sources
        table = source.reading.table if source.reading is not None else source.data
        return Taken(sources, None, None, table)
    tell("prepare")
    given = {one.role: one.data for one in sources}
    prepared = made.apply(sources[0].data if "" in given else given)
    tell("check")
    return Taken(sources, prepared, check(prepared, prepared.contract), prepared.table)


def study(
    data: Any,
    recipe: Any = None,
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | None" = None,
    *,
    out: "str | PathLike[str] | None" = None,
) -> Study:
    """Run a whole analysis: read, prepare by a recipe, check, fit, and write one folder.

    Parameters
    ----------
    data : a path to a .csv, .xlsx, .dta, .sav or .parquet file, a Reading, a table in memory, or several of these by
        role, {"household": …, "village": …}.
    recipe : what turns the file's columns into a contract's (`povstats.recipe`): the path of its YAML file, a dict or
        a Recipe; None analyses the table as it is, and nothing is then checked.
    spec : what is to be done: a YAML file or a dict. `kind: model` has formulas (each with a name), method, df,
        covariance, cluster, controls, fixed_effects, focal, table and figures; `kind: trend` has time, value or
        numerator and denominator, by, breaks, measure, charts and unit; both have title, source, data (real or
        synthetic), labels, sizes_mm, formats and save_table. `kind: social_capital` has outcome, items, household,
        village, group, county, moderator, at, funds, poor, line and splits, and the shared ones without title; a table
        without a recipe is then checked against the contract "guizhou". "guizhou" is that study as it comes with
        povstats. Words are {zh: …, en: …} or one text for both. None only reads, prepares and checks.
    out : a folder, or a .zip, to write to; None writes nothing. An existing one is replaced only where it holds an
        earlier study, and a folder only where nothing was added or changed by hand.

    Returns
    -------
    Study
        `fits`, `prepared`, `table`, `path`, of a study of social capital `analysis`; prints an overview, and
        `explain()` is the methods paragraph. Steps are told in a terminal unless POVSTATS_QUIET is set.

    Raises
    ------
    BreachError
        Where the prepared table breaks its contract, with all breaches; nothing is fitted or written then.
    OptionError
        Where the specification is not as it must be, or `out` holds something else.
    """
    asked = read_spec(spec)
    with told() as tell:
        return run(data, recipe, asked, out=out, tell=tell)


def run(data: Any, recipe: Any, spec: Spec, *, out: "str | PathLike[str] | None" = None, tell: Tell = silent) -> Study:
    """Do what `study` says, telling each step."""
    from povstats.studies.folder import refuse_target

    if out is not None:
        refuse_target(out)
    taken = prepare(data, recipe, tell=tell)
    spec = _marked(spec, taken)
    if spec.social is not None and taken.report is None:
        taken = replace(taken, report=check_social(taken.table, spec.social))
    if taken.report is not None and not taken.report.ok:
        raise BreachError(taken.report)
    fits: tuple[Any, ...] = ()
    if spec.model is not None:
        fits = fit_models(spec.model, taken.table, tell)
    elif spec.trend is not None:
        tell("trend")
        fits = (fit_trend(spec.trend, taken.table),)
    social = None
    if spec.social is not None:
        social = run_social(spec.social, taken.table, _words(taken, spec), tell)
        fits = social.fits
    made = Study(taken.sources, taken.prepared, taken.report, taken.table, spec, fits, social)
    if out is None:
        return made
    tell("write")
    return made.save(out)


def _marked(spec: Spec, taken: Taken) -> Spec:
    """Mark the study synthetic where its table says so of itself, as povstats' own synthetic surveys do."""
    if "synthetic" not in {getattr(one.data, "attrs", {}).get("data") for one in taken.sources}:
        return spec
    social = None if spec.social is None else replace(spec.social, data="synthetic")
    return replace(spec, data="synthetic", social=social)


def _words(taken: Taken, spec: Spec) -> dict[str, Said]:
    """Give the words for columns: of another contract than the study's own its titles, and over them those asked."""
    known: dict[str, Said] = {}
    if taken.prepared is not None and taken.prepared.contract.name != CONTRACT:
        told = {lang: taken.prepared.contract.titles(lang) for lang in LANGUAGES}
        known = {name: {lang: told[lang][name] for lang in LANGUAGES} for name in told["en"]}
    return {**known, **spec.labels}
