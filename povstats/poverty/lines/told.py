"""An estimated line in words: a clause, a table, a paragraph."""

from typing import TYPE_CHECKING

from povstats.printing import Grid, Summary
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.lines.estimated import EstimatedLine


def described(line: "EstimatedLine", lang: str) -> str:
    """Say the line in one clause."""
    return say("measures.line_is", lang, what=_what(line, lang), value=f"{line.value:,.2f}")


def printed(line: "EstimatedLine", lang: str) -> Summary:
    """Lay out the line and its statistic."""
    head = ("", say("measures.estimate", lang), say("poverty.std_error", lang))
    center = float(line.statistic.estimate.iloc[0])
    of = say(f"measures.of_{line.of}", lang)
    rows = (
        (say("measures.line_name", lang), f"{line.value:,.2f}", f"{line.se:,.2f}"),
        (of, f"{center:,.2f}", f"{line.se / line.share:,.2f}"),
    )
    design = line.statistic.definition.design.describe(lang)
    return Summary((Grid(_what(line, lang), head, rows, (say("poverty.note_design", lang, design=design),)),))


def paragraph(line: "EstimatedLine", lang: str) -> str:
    """Say of what the line is a share, among whom, how sure it is, and what it does to a measure."""
    definition, of = line.statistic.definition, say(f"measures.of_{line.of}", lang)
    sentences = [
        say("measures.line_told", lang, what=_what(line, lang), value=f"{line.value:,.2f}", se=f"{line.se:,.2f}"),
        say(
            "measures.line_statistic",
            lang,
            of=of,
            welfare=definition.welfare,
            value=f"{line.value / line.share:,.2f}",
            se=f"{line.se / line.share:,.2f}",
            n=f"{line.statistic.rows.used:,}",
        ),
        say("poverty.design", lang, design=definition.design.describe(lang)),
        say("measures.line_use", lang),
    ]
    return say("poverty.sentence_joint", lang).join(sentences)


def _what(line: "EstimatedLine", lang: str) -> str:
    welfare = line.statistic.definition.welfare
    return say(f"measures.line_of_{line.of}", lang, share=f"{100 * line.share:g}", welfare=welfare)
