"""Four focal effects and their products are many tests: p-values adjusted over each family."""

from dataclasses import dataclass, field

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import terms
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import family
from povstats.tables import Table
from povstats.tables.digits import plain
from povstats.words import Lang, language, say

FAMILIES = ("focal", "interaction")
METHODS = {"p_holm": "holm", "p_fdr": "bh"}
LEVEL = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Multiplicity(Tabled):
    """Tests of the items' models with p-values adjusted over their family.

    Attributes
    ----------
    tests : index (family, term): estimate, p, holm, bh. Family "focal" holds the items' effects in the average village,
        "interaction" all their products with village columns.
    """

    tests: pd.DataFrame
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the coefficient with its own p, then measures holm and bh with theirs."""
        rows: list[dict[str, object]] = []
        for (kind, term), row in self.tests.iterrows():
            for measure in ("p", *METHODS.values()):
                name = "coef" if measure == "p" else measure
                keys = {"measure": name, "group": kind, "term": term}
                rows.append({**keys, "estimate": row["estimate"], "p": row[measure]})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give the tests, a block a family."""
        lang = lang or language()
        words, cells, index = terms(self.analysis, lang), [], []
        sizes = self.tests.groupby(level=0, sort=False).size()
        for (kind, term), row in self.tests.iterrows():
            cells.append(
                [
                    f"{row['estimate']:.3g}".replace("e-0", "e-"),
                    *(plain(row[one], 3) for one in ("p", *METHODS.values())),
                ]
            )
            block = say(f"robust.family_{kind}", lang, n=int(sizes[kind]))
            index.append((block, words.get(term, term)))
        heads = [say(f"robust.head_{name}", lang) for name in ("estimate", "p", *METHODS.values())]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "multiplicity", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say how many tests of each family stand before and after."""
        lang = lang or language()
        told = []
        for kind in FAMILIES:
            if kind not in self.tests.index.get_level_values(0):
                continue
            rows = self.tests.loc[kind]
            counts = {name: int((rows[name] < LEVEL).sum()) for name in ("p", *METHODS.values())}
            name = say(f"robust.family_{kind}", lang, n=len(rows))
            told.append(say("robust.explain_family", lang, family=name, **counts))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        return [say("robust.note_multiplicity", lang)]


def multiplicity(analysis: Analysis) -> Multiplicity:
    """Adjust the p-values of the items' random-slope models by Holm, and by Benjamini and Hochberg.

    Holm keeps the chance of any false rejection in a family at 5%, under any dependence; Benjamini and Hochberg keep
    the expected share of false ones among the rejected, for independent or positively dependent tests.

    Notes
    -----
    By povstats.family. Source: Holm (1979), Scandinavian Journal of Statistics 6; Benjamini & Hochberg (1995), Journal
    of the Royal Statistical Society B 57.
    """
    plan = analysis.plan
    fits = {item: analysis.model(item) for item in plan.items}
    products = [f"{item}:{name}" for item in plan.items for name in plan.moderators()]
    frames = {}
    for name, terms_ in (("focal", list(plan.items)), ("interaction", products)):
        if terms_:
            found = family(fits, terms_).table.droplevel("model")
            frames[name] = found[["estimate", "p", "p_holm", "p_fdr"]].rename(columns=METHODS)
    return Multiplicity(pd.concat(frames, names=["family", "term"]), analysis)
