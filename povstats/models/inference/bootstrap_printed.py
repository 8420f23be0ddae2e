"""How a bootstrap prints, and its rows in the nine-column frame."""

from typing import TYPE_CHECKING

from povstats.models.summary import decimals, pvalue
from povstats.models.weights import FEW
from povstats.printing import Grid, Summary
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.inference.bootstrap_result import BootstrapResult


def tidied(result: "BootstrapResult") -> list[dict[str, object]]:
    """List coefficients, variance components and counts, one row each."""
    ends, errors = result.conf_int(), result.std_errors
    rows: list[dict[str, object]] = []
    for name, estimate in result.estimates.items():
        coefficient = name in result.fit.params.index
        row: dict[str, object] = {"measure": "coef" if coefficient else "variance", "term": str(name)}
        row |= {"estimate": estimate, "se": errors[name], "low": ends.low[name], "high": ends.high[name]}
        if result.pvalues is not None:
            row["p"] = result.pvalues[name]
        rows.append(row)
    counts = (("replicates", result.n), ("failures", result.failures), ("boundary", result.boundary))
    return rows + [{"measure": "bootstrap", "term": term, "estimate": value} for term, value in counts]


def printed(result: "BootstrapResult", lang: Lang) -> Summary:
    """Print what was done, then estimates with their errors and intervals."""
    head = [
        (say("models.formula", lang), result.fit.formula),
        (say("models.boot_kind", lang), say(f"models.boot_{result.kind}", lang)),
        (say("models.boot_replicates", lang), f"{result.n:,}"),
        (say("models.boot_failures", lang), f"{result.failures:,}"),
    ]
    if result.kind != "wild":
        head.append((say("models.boot_boundary", lang), f"{result.boundary:.1%}"))
    top = Grid(say("models.boot_title", lang), (), tuple(head), words=2)
    ends, errors = result.conf_int(), result.std_errors
    rows = []
    for name, estimate in result.estimates.items():
        digits = decimals(errors[name])
        shown = say("models.intercept", lang) if name == "Intercept" else str(name)
        numbers = (estimate, errors[name], ends.low[name], ends.high[name])
        row = (shown, *(f"{value:.{digits}f}" for value in numbers))
        rows.append(row if result.pvalues is None else (*row, pvalue(result.pvalues[name])))
    keys = ["estimate", "std_error", "low", "high"] + ([] if result.pvalues is None else ["pvalue"])
    notes = [say(f"models.boot_note_{'wild' if result.kind == 'wild' else 'refits'}", lang)]
    drawn = result.fit.optimum.blocks.levels[-1]
    if result.kind == "cluster" and drawn.slots < FEW:
        notes.append(say("models.boot_few", lang, clusters=str(drawn.slots), group=drawn.name, least=str(FEW)))
    return Summary((top, Grid("", ("", *(say(f"general.{key}", lang) for key in keys)), tuple(rows), tuple(notes))))
