"""The first note of a regression table: what the brackets hold, how each model tests, what the stars mean."""

from collections.abc import Sequence

from povstats.tables.estimates import Estimated
from povstats.tables.layout import Asked
from povstats.words import say, tight


def first_note(models: Sequence[Estimated], asked: Asked) -> str:
    """Put the note together."""
    parts = [say(f"journal.note_{asked.below}", asked.lang)]
    told = _inference(models, asked.lang)
    if told:
        parts.append(told)
    if asked.starred:
        parts.append(asked.say(f"stars_{asked.style[:2]}"))
    return tight(asked.say("note", note=say("journal.sentence_joint", asked.lang).join(parts)))


def _inference(models: Sequence[Estimated], lang: str) -> str:
    """Say how standard errors and tests are made: once where all models agree, else by model."""
    by_text: dict[str, list[int]] = {}
    for model in models:
        if model.inference:
            by_text.setdefault(model.inference, []).append(model.at)
    if not by_text:
        return ""
    if len(by_text) == 1 and len(next(iter(by_text.values()))) == len(models):
        return say("journal.all_models", lang, what=_capital(next(iter(by_text))))
    told = [say("journal.some_models", lang, models=_runs(at), what=text) for text, at in by_text.items()]
    return say("journal.all_models", lang, what=say("journal.models_joint", lang).join(told))


def _capital(text: str) -> str:
    """Begin a sentence; a Chinese one stays."""
    return text[:1].upper() + text[1:]


def _runs(numbers: list[int]) -> str:
    """Print 1, 2, 3, 5 as (1)–(3), (5)."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"({run[0]})" if len(run) == 1 else f"({run[0]})–({run[-1]})" for run in runs)
