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


def heading(plan: Plan, lang: Lang, key: str, title: str | None = None) -> str:
    """Give a chart's title: the caller's words, or those of the section [guizhou]; synthetic where the survey is."""
    return titled(title or say(f"guizhou.{key}", lang), plan, lang)


def foot(plan: Plan, lang: Lang, own: str, source: str | None = None) -> str:
    """Give a chart's source line: that its data are synthetic, else the caller's, the plan's, or the fit's own."""
    if plan.data == "synthetic":
        return say("guizhou.source_synthetic", lang)
    return source or source_of(plan, lang) or own


def source_of(plan: Plan, lang: Lang) -> str | None:
    """Give the source line of a chart: that its data are synthetic, or the plan's; None leaves the chart its own."""
    if plan.data == "synthetic":
        return say("guizhou.source_synthetic", lang)
    return None if plan.source is None else plan.source[lang]
