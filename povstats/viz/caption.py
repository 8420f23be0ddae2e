"""The words around a drawing: heading with unit above, caveats and source below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from povstats.errors import allowed
from povstats.words import LANGUAGES, Lang, say

# A Chinese font has curly quotation marks as wide as a Chinese character.
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")


class Wording(TypedDict):
    """The keywords that every chart takes.

    lang : "zh" or "en".
    title : what is shown, without the unit.
    unit : unit of the values, printed behind the title; "" where the title says it.
    source : where the data come from, without the word "Source".
    notes : short caveats, printed under the chart above the source line.
    """

    lang: Lang
    title: str
    unit: str
    source: str
    notes: NotRequired[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Caption:
    """The words of one figure, in one language."""

    lang: Lang
    headline: str
    footer: tuple[str, ...]


def captioned(words: Wording, remarks: Sequence[str] = ()) -> Caption:
    """Put heading and foot together; `remarks` are the chart's own notes and stand before the caller's."""
    lang = words["lang"]
    allowed("lang", lang, LANGUAGES)
    title, unit = words["title"], words["unit"]
    headline = say("viz.heading", lang, title=title, unit=unit) if unit else title
    source = say("viz.source", lang, source=words["source"])
    notes = [*remarks, *words.get("notes", ())]
    footer: tuple[str, ...] = (_numbered(notes, lang), source) if notes else (source,)
    if lang == "en":
        headline, footer = headline.translate(_STRAIGHT), tuple(text.translate(_STRAIGHT) for text in footer)
    return Caption(lang, headline, footer)


def _numbered(notes: list[str], lang: Lang) -> str:
    """Join notes to one paragraph, numbered where there are several."""
    if len(notes) > 1:
        notes = [say("viz.numbered", lang, number=at, note=note) for at, note in enumerate(notes, start=1)]
    return say("viz.notes", lang, notes=("" if lang == "zh" else " ").join(notes))
