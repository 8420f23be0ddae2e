"""The command line. Exit codes: 0 done, 1 a finding, 2 bad input (one line on standard error)."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from povstats.errors import OptionError, PovstatsError, allowed
from povstats.words import LANGUAGES, Lang, language, say

if TYPE_CHECKING:
    from povstats.models import HLMResult
    from povstats.reproduce import Plan, Report

app = typer.Typer(
    name="povstats",
    help="Multilevel models, poverty, reproducible notebooks. 多层模型、贫困测度与可复现分析。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

FINDING, BAD_INPUT = 1, 2
READINGS = ("summary", "explain", "percent", "equations", "statements", "influence", "referee")
QUIET = "POVSTATS_QUIET"

LangOption = Annotated[str | None, typer.Option("--lang", help="Language: zh or en.")]
TableArgument = Annotated[Path, typer.Argument(help="A .csv or .parquet file.", metavar="TABLE")]
FileArgument = Annotated[Path, typer.Argument(help="A .csv, .xlsx, .dta, .sav or .parquet file.", metavar="FILE")]
RecipeOption = Annotated[
    Path | None, typer.Option(help="What turns the file's columns into a contract's, a YAML file.", metavar="R.yaml")
]


@app.command()
def reproduce(
    only: Annotated[
        str | None, typer.Option(help="Make only this exhibit, notebook or subject.", metavar="NAME")
    ] = None,
    lang: LangOption = None,
    accept: Annotated[
        str | None, typer.Option(help="Take this exhibit, notebook, subject or 'all' into figures/.", metavar="NAME")
    ] = None,
) -> None:
    """Run the notebooks, make every figure, table and page in build/, and compare with figures/."""
    from povstats.exhibits import FRONT, everything
    from povstats.reproduce import find_checkout, make_plan

    with _bad_input():
        _speak(lang)
        plan = make_plan(find_checkout(), everything(), only=only, lang=lang, accept=accept, front=FRONT)
        report = _run(plan)
    for line in _told(report):
        typer.echo(line)
    if not report.ok:
        raise typer.Exit(FINDING)


@app.command()
def fit(
    formula: Annotated[str, typer.Argument(help='In the grammar of lme4: "y ~ x + (1 + x | group)".')],
    table: TableArgument,
    method: Annotated[str, typer.Option(help="reml or ml.")] = "reml",
    read: Annotated[
        list[str] | None,
        typer.Option(help=f"What to print, once or more: {', '.join(READINGS)}.", metavar="READING"),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the journal's table: STEM.LANG.docx, .tex, .html, .csv.", metavar="STEM")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Fit a multilevel model; print its summary or other readings, and save a journal's table."""
    from povstats.models import fit_hlm
    from povstats.tables import regression_table

    with _bad_input():
        spoken = _speak(lang)
        allowed("--method", method, ("reml", "ml"))
        for name in read or ():
            allowed("--read", name, READINGS)
        result = fit_hlm(formula, table, method="ml" if method == "ml" else "reml")
        typer.echo("\n\n".join(str(_reading(result, name, spoken)) for name in read or READINGS[:1]))
        if save is not None:
            style: Literal["cn-journal", "en-journal"] = "cn-journal" if spoken == "zh" else "en-journal"
            for path in regression_table([result], lang=spoken, style=style).save(save):
                typer.echo(path, err=True)


@app.command()
def poverty(
    table: TableArgument,
    welfare: Annotated[str, typer.Option(help="Column of consumption or income.")],
    line: Annotated[str, typer.Option(help="Poverty line: 2300, CN-2010:2013, or 0.6*median of the sample.")],
    measure: Annotated[str, typer.Option(help="headcount, poverty-gap, …; profile for several.")] = "headcount",
    by: Annotated[str | None, typer.Option(help="Column of groups.")] = None,
    weights: Annotated[str | None, typer.Option(help="Column of final weights.")] = None,
    strata: Annotated[str | None, typer.Option(help="Column of strata.")] = None,
    psu: Annotated[str | None, typer.Option(help="Column of primary sampling units.")] = None,
    size: Annotated[str | None, typer.Option(help="Column of persons, where rows are households.")] = None,
    poor: Annotated[str, typer.Option(help="Who is poor: '<' or '<=' the line.")] = "<",
    lang: LangOption = None,
) -> None:
    """Measure poverty at a line and print the estimates."""
    from povstats.poverty import PROFILED, USUAL, poverty_profile, written_line
    from povstats.survey import Design

    with _bad_input():
        spoken = _speak(lang)
        allowed("--measure", measure, ("profile", *(name.replace("_", "-") for name in PROFILED)))
        allowed("--poor", poor, ("<", "<="))
        design = Design(weights=weights, strata=strata, psu=psu) if weights or strata or psu else None
        rule: Literal["<", "<="] = "<=" if poor == "<=" else "<"
        name = measure.replace("-", "_")
        asked = USUAL if measure == "profile" else (name,)
        at = written_line(line, table, welfare, design=design, size=size)
        found = poverty_profile(table, welfare, at, asked, by=by, design=design, poor=rule, size=size)
        typer.echo((found if measure == "profile" else found[name]).summary(spoken))


@app.command()
def panel(
    table: TableArgument,
    unit: Annotated[str, typer.Option(help="Column of the household.")],
    wave: Annotated[str, typer.Option(help="Column of the wave.")],
    welfare: Annotated[str | None, typer.Option(help="Column of consumption or income, with --line.")] = None,
    line: Annotated[float | None, typer.Option(help="Poverty line.")] = None,
    poor: Annotated[str | None, typer.Option(help="Column of 1 (poor) and 0, instead of --welfare.")] = None,
    years: Annotated[float, typer.Option(help="How long after an exit the cumulative rate looks.")] = 3,
    check: Annotated[str | None, typer.Option(help="Column of checked exits: 1 wrong, 0 right.")] = None,
    lang: LangOption = None,
) -> None:
    """Follow households through a panel: entry, exit, attrition, and return by each definition."""
    from povstats.dynamics import return_rates, transitions
    from povstats.dynamics.asked import Columns

    with _bad_input():
        spoken = _speak(lang)
        columns: Columns = {"unit": unit, "wave": wave}
        if welfare is not None:
            columns["welfare"] = welfare
        if line is not None:
            columns["line"] = line
        if poor is not None:
            columns["poor"] = poor
        typer.echo(transitions(table, **columns).summary(spoken))
        typer.echo()
        typer.echo(return_rates(table, years=years, check=check, **columns).summary(spoken))


@app.command()
def registry(
    file: FileArgument,
    recipe: RecipeOption = None,
    save: Annotated[
        Path | None, typer.Option(help="Write accounts, rates and formulas to this workbook.", metavar="X.xlsx")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Balance a registry from its events (contract registry_events), and write the workbook that defends it."""
    from povstats.contracts import check as check_table
    from povstats.reading import read
    from povstats.registry import RegistryColumns, ledger, registry_flows, registry_report
    from povstats.studies import prepare

    with _bad_input():
        spoken = _speak(lang)
        events = read(file) if recipe is None else prepare(file, recipe).prepared
        breaches = check_table(events, "registry_events")
        if not breaches.ok:
            typer.echo(breaches.summary(spoken))
            raise typer.Exit(FINDING)
        held = events.table
        given = {name: name if name in held else None for name in ("place", "other", "check")}
        columns = RegistryColumns(household="household", year="year", event="event", persons="persons", **given)
        flows = registry_flows(held, **columns.asked())
        typer.echo(ledger(flows, place="place", unit="unit").summary(spoken))
        if save is not None:
            typer.echo(registry_report(held, save, columns, lang=spoken), err=True)


@app.command()
def codebook(
    file: FileArgument,
    save: Annotated[Path | None, typer.Option(help="Write the codebook to this workbook.", metavar="X.xlsx")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    lang: LangOption = None,
) -> None:
    """Describe every column of a file: label, values with counts, missing by code, range."""
    from povstats.reading import read

    with _bad_input():
        spoken = _speak(lang)
        book = read(file, sheet=sheet).codebook()
        typer.echo(book.summary(spoken))
        if save is not None:
            book.save(save)
            typer.echo(save, err=True)


@app.command()
def check(
    file: FileArgument,
    contract: Annotated[
        str | None,
        typer.Option(
            help="Name of a contract, such as survey or guizhou, or a YAML file; with a recipe, its own.",
            metavar="NAME|FILE",
        ),
    ] = None,
    recipe: RecipeOption = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, without a recipe.")] = None,
    lang: LangOption = None,
) -> None:
    """Check a file against a contract, by way of a recipe where one is given, and list every breach."""
    from povstats.contracts import check as check_table
    from povstats.reading import read
    from povstats.studies import prepare

    with _bad_input():
        spoken = _speak(lang)
        if recipe is None:
            if contract is None:
                raise OptionError("give --contract NAME, or a recipe, which names its own")
            report = check_table(read(file, sheet=sheet), contract)
        else:
            if sheet is not None:
                raise OptionError("a recipe names its sheets itself: leave --sheet out")
            taken = prepare(file, recipe)
            typer.echo(f"{taken.prepared.report.summary(spoken)}\n")
            report = check_table(taken.prepared, contract or taken.prepared.contract)
        typer.echo(report.summary(spoken))
    if not report.ok:
        raise typer.Exit(FINDING)


@app.command()
def template(
    contract: Annotated[
        str, typer.Argument(help="Name of a contract, such as guizhou, or a YAML file.", metavar="CONTRACT")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; nothing in it is overwritten.", metavar="DIR")],
    lang: LangOption = None,
) -> None:
    """Write empty files for a survey: a table, sheets for entry, recipes from their headings, a codebook."""
    from povstats.reading import template as write_template

    with _bad_input():
        spoken = _speak(lang)
        typer.echo(write_template(contract, out).summary(spoken))


@app.command()
def study(
    file: FileArgument,
    out: Annotated[Path, typer.Option(help="Folder, or .zip, to write.", metavar="DIR|X.zip")],
    recipe: RecipeOption = None,
    spec: Annotated[Path | None, typer.Option(help="What is to be done, a YAML file.", metavar="S.yaml")] = None,
    lang: LangOption = None,
) -> None:
    """Run a whole analysis: read, prepare, check, fit, and write tables, figures, scripts and methods."""
    from povstats.studies import BreachError, read_spec, run, told

    with _bad_input():
        spoken = _speak(lang)
        asked = read_spec(spec)
        try:
            with told() as tell:
                made = run(file, recipe, asked, out=out, tell=tell)
        except BreachError as error:
            typer.echo(error.report.summary(spoken))
            raise typer.Exit(FINDING) from error
        typer.echo(made.summary(spoken))


def _reading(fit: "HLMResult", name: str, lang: Lang) -> object:
    """Give one reading of a fit, which prints itself."""
    from povstats.models import referee

    made: dict[str, Callable[[], object]] = {
        "summary": lambda: fit.summary(lang),
        "explain": lambda: fit.explain(lang),
        "percent": lambda: fit.percent_effects().summary(lang),
        "equations": lambda: fit.equations(lang).summary(lang),
        "statements": lambda: fit.statements(lang).summary(lang),
        "influence": lambda: fit.influence().summary(lang),
        "referee": lambda: referee(fit).summary(lang),
    }
    return made[name]()


@contextmanager
def _bad_input() -> Iterator[None]:
    """Turn what povstats refuses into one line and exit code 2."""
    try:
        yield
    except PovstatsError as error:
        typer.echo(f"povstats: {' '.join(str(error).split())}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _speak(lang: str | None) -> Lang:
    """Set the language of what follows, where one is named."""
    if lang is not None and lang not in LANGUAGES:
        raise OptionError(f"--lang={lang!r} is not one of {', '.join(LANGUAGES)}")
    return language(lang)


def _run(plan: "Plan") -> "Report":
    """Reproduce, telling each step unless POVSTATS_QUIET is set; a terminal shows one moving line."""
    from rich.console import Console

    from povstats.reproduce import reproduce as carry_out

    console = Console(stderr=True, quiet=bool(os.environ.get(QUIET)), highlight=False)
    with console.status("povstats") as status:

        def tell(step: str, name: str) -> None:
            words = say(f"cli.{step}", language(), name=name)
            status.update(words)
            if not console.is_terminal:
                console.print(words)

        return carry_out(plan, tell=tell)


def _told(report: "Report") -> Iterator[str]:
    """Say what was made, in how long and where to look; or what failed and why."""
    lang = language()
    failure = report.failure
    if failure is not None:
        key = "cli.failed_cell" if failure.cell else "cli.failed"
        yield say(key, lang, where=failure.where, cell=failure.cell, source=failure.source)
        yield failure.reason
        yield from (f"    {line}" for line in failure.trace.splitlines())
        yield say("cli.kept", lang, build=report.build)
        return
    made = {"notebooks": len(report.notebooks), "exhibits": len(report.exhibits), "seconds": report.seconds}
    yield say("cli.made", lang, **made)
    if report.accepted:
        yield say("cli.accepted", lang, names=", ".join(report.accepted))
    for difference in report.warnings:
        yield say("cli.warning", lang, file=difference.file, detail=difference.detail)
    for difference in report.findings:
        yield say("cli.finding", lang, file=difference.file, detail=difference.detail)
    yield from (say("cli.unshown", lang, name=name) for name in report.unshown)
    apart = sorted({difference.exhibit for difference in report.findings if difference.kind != "orphan"})
    if apart:
        yield say("cli.how_accept", lang, name=apart[0] if len(apart) == 1 else "all")
    elif report.ok:
        yield say("cli.agrees", lang)
    yield say("cli.look", lang, index=report.build / "pages" / "index.html")
