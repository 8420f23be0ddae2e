"""What a referee finds in the models of all items, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import title
from povstats.guizhou.null_baseline import named
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import Referee, referee
from povstats.tables import Table
from povstats.words import Lang, language, say


@dataclass(frozen=True, eq=False, repr=False)
class Refereed(Tabled):
    """The reports on the items' models with random slopes. `reports` : by item."""

    reports: Mapping[str, Referee]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame of all reports, the item before their groups."""
        return pd.concat([named(one.tidy(), item) for item, one in self.reports.items()], ignore_index=True)

    def table(self, lang: Lang | None = None) -> Table:
        """Give a row a check, a column an item; below, what no look at the fits can show."""
        lang = lang or language()
        first = next(iter(self.reports.values()))
        index, cells = [], []
        for at, finding in enumerate(first.findings):
            index.append((say(f"referee.concern_{finding.concern}", lang), finding.title(lang)))
            cells.append([say(f"limits.state_{one.findings[at].state}", lang) for one in self.reports.values()])
        heads = [title(self.analysis, item, lang) for item in self.reports]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "referee", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Tell every item's traps with their evidence."""
        lang = lang or language()
        told = []
        for item, one in self.reports.items():
            traps = "".join(
                say("limits.trap_told", lang, trap=trap.title(lang), evidence=trap.told(lang)) for trap in one.traps
            )
            words = {"item": title(self.analysis, item, lang), "traps": traps or say("limits.no_traps", lang)}
            told.append(say("limits.item_traps", lang, **words))
        return paragraph([*told, *self._notes(lang)], lang)

    def _notes(self, lang: Lang) -> list[str]:
        unseen = list(dict.fromkeys(key for one in self.reports.values() for key in one.unseen))
        things = say("explain.item_joint", lang).join(say(f"referee.unseen_{key}", lang) for key in unseen)
        return [say("limits.note_referee", lang), say("referee.cannot_see", lang, things=things)]


def refereed(analysis: Analysis) -> Refereed:
    """Hold every item's model with a random slope against the traps that `povstats.referee` knows, with the table."""
    return Refereed(
        {item: referee(analysis.model(item), table=analysis.table) for item in analysis.plan.items}, analysis
    )
