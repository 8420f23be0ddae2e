"""The command line. Exit codes: 0 done, 1 a finding, 2 bad input (one line on standard error)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from povstats.errors import OptionError, PovstatsError, allowed
from povstats.words import LANGUAGES, Lang, language, say

if TYPE_CHECKING:
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
QUIET = "POVSTATS_QUIET"

LangOption = Annotated[str | None, typer.Option("--lang", help="Language: zh or en.")]
TableArgument = Annotated[Path, typer.Argument(help="A .csv or .parquet file.", metavar="TABLE")]


@app.command()
def reproduce(
    only: Annotated[str | None, typer.Option(help="Make only this exhibit or notebook.", metavar="NAME")] = None,
    lang: LangOption = None,
    accept: Annotated[
        str | None, typer.Option(help="Take this exhibit, notebook or 'all' into figures/.", metavar="NAME")
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
    lang: LangOption = None,
) -> None:
    """Fit a multilevel model and print its summary."""
    from povstats.models import fit_hlm

    with _bad_input():
        spoken = _speak(lang)
        allowed("--method", method, ("reml", "ml"))
        result = fit_hlm(formula, table, method="ml" if method == "ml" else "reml")
        typer.echo(str(result.summary(spoken)))


@app.command()
def poverty(
    table: TableArgument,
    welfare: Annotated[str, typer.Option(help="Column of consumption or income.")],
    line: Annotated[float, typer.Option(help="Poverty line, in the unit of the welfare column.")],
    measure: Annotated[str, typer.Option(help="headcount or poverty-gap.")] = "headcount",
    by: Annotated[str | None, typer.Option(help="Column of groups.")] = None,
    weights: Annotated[str | None, typer.Option(help="Column of final weights.")] = None,
    strata: Annotated[str | None, typer.Option(help="Column of strata.")] = None,
    psu: Annotated[str | None, typer.Option(help="Column of primary sampling units.")] = None,
    poor: Annotated[str, typer.Option(help="Who is poor: '<' or '<=' the line.")] = "<",
    lang: LangOption = None,
) -> None:
    """Measure poverty at a line and print the estimates."""
    from povstats.poverty import headcount, poverty_gap
    from povstats.survey import Design

    with _bad_input():
        spoken = _speak(lang)
        allowed("--measure", measure, ("headcount", "poverty-gap"))
        allowed("--poor", poor, ("<", "<="))
        design = Design(weights=weights, strata=strata, psu=psu) if weights or strata or psu else None
        measured = headcount if measure == "headcount" else poverty_gap
        estimates = measured(table, welfare, line, by=by, design=design, poor="<=" if poor == "<=" else "<")
        typer.echo(estimates.summary(spoken))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A .csv or .parquet file.", metavar="FILE")],
    contract: Annotated[str, typer.Option(help="Name of a contract, or a YAML file.", metavar="NAME|FILE")],
    lang: LangOption = None,
) -> None:
    """Check a table against a contract and list every breach."""
    from povstats.contracts import check as check_table

    with _bad_input():
        spoken = _speak(lang)
        report = check_table(file, contract)
        typer.echo(report.summary(spoken))
    if not report.ok:
        raise typer.Exit(FINDING)


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
