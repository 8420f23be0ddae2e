"""The paragraph that defends predicted headcounts."""

from typing import TYPE_CHECKING

from povstats.models.interpretation.paragraphs.sentences import fitted, joined, listed
from povstats.smallarea.printed import percent
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.smallarea.result import SmallArea


def paragraph(result: "SmallArea", lang: Lang) -> str:
    """Say the values, how they are made, from which model and rows, how sure they are, and on what they rest."""
    asked = result.asked
    sentences = [*_values(result, lang), say("smallarea.formula", lang)]
    sentences.append(say("smallarea.counts_persons" if asked.size else "smallarea.counts_rows", lang, size=asked.size))
    sentences += [*fitted(result.fit, lang), *_rows(result, lang)]
    sentences += [*_synthetic(result, lang), *_errors(result, lang), say("smallarea.rests_on", lang)]
    return joined(sentences, lang)


def _values(result: "SmallArea", lang: Lang) -> list[str]:
    whole, areas, asked = result.whole, result.areas, result.asked
    lead = say(
        "smallarea.value", lang, line=f"{asked.line:,.10g}", headcount=percent(whole["headcount"]),
        gap=percent(whole["gap"]),
    )  # fmt: skip
    found = [lead]
    if asked.n:
        ends = {end: percent(whole[f"headcount_{end}"]) for end in ("low", "high")}
        found.append(say("smallarea.value_error", lang, se=percent(whole["headcount_se"]), **ends))
    if len(areas) > 1:
        lowest, highest = areas["headcount"].idxmin(), areas["headcount"].idxmax()
        found.append(
            say(
                "smallarea.range", lang, k=f"{len(areas):,}", by=asked.by, lowest=lowest, highest=highest,
                low=percent(areas["headcount"].min()), high=percent(areas["headcount"].max()),
            )
        )  # fmt: skip
    return found


def _rows(result: "SmallArea", lang: Lang) -> list[str]:
    rows = result.rows
    found = [say("smallarea.table_rows", lang, read=f"{rows.read:,}", used=f"{rows.used:,}")]
    if rows.dropped:
        gaps = [say("smallarea.missing_in", lang, column=name, count=f"{n:,}") for name, n in rows.missing.items()]
        found.append(say("smallarea.dropped", lang, columns=listed(gaps, lang)))
    return found


def _synthetic(result: "SmallArea", lang: Lang) -> list[str]:
    """Say how many areas have no sampled household, and what share of all is predicted so."""
    whole = result.areas["synthetic"] == 1
    share = float(result.whole["synthetic"])
    if share == 0:
        return [say("smallarea.none_synthetic", lang)]
    group = result.fit.optimum.blocks.levels[0].name
    return [say("smallarea.synthetic_share", lang, group=group, share=percent(share), k=f"{int(whole.sum()):,}")]


def _errors(result: "SmallArea", lang: Lang) -> list[str]:
    asked = result.asked
    if not asked.n:
        return [say("smallarea.no_errors", lang)]
    found = [say("smallarea.errors", lang, n=f"{asked.n:,}")]
    if asked.done < asked.n:
        found.append(say("smallarea.failures", lang, n=f"{asked.n - asked.done:,}"))
    if result.fit.status == "boundary":
        found.append(say("smallarea.boundary", lang))
    return found
