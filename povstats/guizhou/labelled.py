"""Words that every part of the study prints alike: that its data are synthetic, where they are."""

from povstats.guizhou.plan import Plan
from povstats.words import Lang, say


def titled(title: str, plan: Plan, lang: Lang) -> str:
    """Give a title, with the word "synthetic" in it where the survey is."""
    return say("guizhou.with_synthetic", lang, title=title) if plan.data == "synthetic" else title


def notes_of(plan: Plan, lang: Lang) -> tuple[str, ...]:
    """Give the note that a table of synthetic data ends with."""
    return (say("guizhou.note_synthetic", lang),) if plan.data == "synthetic" else ()


def source_of(plan: Plan, lang: Lang) -> str | None:
    """Give the source line of a chart of synthetic data; None leaves the chart its own."""
    return say("guizhou.source_synthetic", lang) if plan.data == "synthetic" else None
