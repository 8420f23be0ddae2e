"""Words that every part of the study prints alike: that its data are synthetic, or where they come from."""

from povstats.guizhou.plan import Plan
from povstats.words import Lang, say


def titled(title: str, plan: Plan, lang: Lang) -> str:
    """Give a title, with the word "synthetic" in it where the survey is."""
    return say("guizhou.with_synthetic", lang, title=title) if plan.data == "synthetic" else title


def notes_of(plan: Plan, lang: Lang) -> tuple[str, ...]:
    """Give the notes that a table ends with: that its data are synthetic, or where they come from."""
    if plan.data == "synthetic":
        return (say("guizhou.note_synthetic", lang),)
    return () if plan.source is None else (say("study.source", lang, source=plan.source[lang]),)


def source_of(plan: Plan, lang: Lang) -> str | None:
    """Give the source line of a chart: that its data are synthetic, or the plan's; None leaves the chart its own."""
    if plan.data == "synthetic":
        return say("guizhou.source_synthetic", lang)
    return None if plan.source is None else plan.source[lang]
