"""The contents of a study: its parts in order, each a table or a figure, and why one is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from povstats.errors import OptionError, PovstatsError
from povstats.guizhou.analysis import Analysis
from povstats.models.notes import Note
from povstats.words import Lang

if TYPE_CHECKING:
    from povstats.tables import Table
    from povstats.viz import Figure


def always(analysis: Analysis) -> Note | None:
    """Leave nothing out."""
    return None


@dataclass(frozen=True)
class Part:
    """One table or figure of the study.

    Attributes
    ----------
    id : lower-case words joined by dashes; names its files, and its exhibit after "guizhou-".
    kind : "table" has result.table(lang), "figure" has result.plot(lang=lang).
    result : makes the frozen result of an analysis; one function may serve a table and a figure, and is run once.
    left_out : gives the reason why a survey cannot have the part, as a Note of words.toml; None where it can.
    """

    id: str
    kind: Literal["table", "figure"]
    result: Callable[[Analysis], Any]
    left_out: Callable[[Analysis], Note | None] = always

    def reason(self, analysis: Analysis) -> Note | None:
        """Give why the part is left out: a column is lacking, or its computation refused; None where it is there."""
        told = self.left_out(analysis)
        if told is not None:
            return told
        try:
            analysis.part(self.result)
        except PovstatsError as error:
            return Note("social.refused", {"reason": str(error)})
        return None

    def drawn(self, analysis: Analysis, lang: Lang) -> "Table | Figure":
        """Make the table or figure in "zh" or "en"."""
        found = analysis.part(self.result)
        made: Table | Figure = found.table(lang) if self.kind == "table" else found.plot(lang=lang)
        return made


def lacking(*columns: str) -> Callable[[Analysis], Note | None]:
    """Leave a part out where the table lacks one of these columns."""

    def reason(analysis: Analysis) -> Note | None:
        lost = [name for name in columns if name not in analysis.table.columns]
        return Note("social.no_columns", {"columns": ", ".join(lost)}) if lost else None

    return reason


def part(id: str) -> Part:
    """Give a part by its id.

    Raises
    ------
    OptionError
        Where there is none.
    """
    found = [one for one in PARTS if one.id == id]
    if not found:
        raise OptionError(f"the study has no part {id!r}; it has {', '.join(one.id for one in PARTS)}")
    return found[0]


PARTS: tuple[Part, ...] = (
    # The models of the text (C).
    # The aid funds and policy (D).
    # Robustness (D).
    # Treatments of the village mean, reliability, choice of model (E).
    # Limits of the design (F).
)
