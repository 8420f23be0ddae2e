"""Whether an item's effect survives other errors, county dummies and a clipped outcome."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, PovstatsError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import terms, title
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import fit_hlm
from povstats.tables import Table
from povstats.tables.digits import bracketed, decimals, plain, stars
from povstats.words import Lang, language, say

VARIANTS = ("model", "kenward_roger", "cr2", "county", "winsorised")
CLIPPED = 0.01
"""The share of outcomes at either end that is set to the value at that end."""


@dataclass(frozen=True, eq=False, repr=False)
class Robustness(Tabled):
    """An item's effect and its cross-level interactions under other errors and other data.

    Attributes
    ----------
    coefficients : index (item, variant, term): estimate, se, df, p, low, high. Variants: "model" (Satterthwaite),
        "kenward_roger", "cr2" (clustered by village), "county" (county dummies), "winsorised" (outcome clipped).
    reasons : why a variant is missing, by its name.
    """

    coefficients: pd.DataFrame
    reasons: dict[str, str]
    analysis: Analysis = field(repr=False)

    @property
    def variants(self) -> list[str]:
        """The variants that there are."""
        known = set(self.coefficients.index.get_level_values("variant"))
        return [name for name in VARIANTS if name in known]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: coef by variant (group) and term."""
        return tidy_frame(
            {"measure": "coef", "group": variant, "term": term, **row.to_dict()}
            for (_, variant, term), row in self.coefficients.iterrows()
        )

    def table(self, lang: Lang | None = None) -> Table:
        """Give the variants side by side, a block an item."""
        lang = lang or language()
        words, cells, index = terms(self.analysis, lang), [], []
        for item in self.analysis.plan.items:
            own = self.coefficients.loc[item]
            for term in dict.fromkeys(own.index.get_level_values("term")):
                rows = own.xs(term, level="term")
                places = decimals(rows["se"], 2)
                there = [rows.loc[name] if name in rows.index else None for name in self.variants]
                cells.append(
                    ["—" if row is None else plain(row["estimate"], places) + stars(row["p"]) for row in there]
                )
                cells.append(["" if row is None else bracketed(row["se"], places) for row in there])
                index += [(title(self.analysis, item, lang), name) for name in (words.get(term, term), "")]
        heads = [say(f"robust.variant_{name}", lang) for name in self.variants]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "robustness", self._notes(lang), lang)

    def explain(self, lang: Lang | None = None) -> str:
        """Say of every item how far its effect moves, and whether a variant changes what is significant."""
        lang = lang or language()
        told = []
        for item in self.analysis.plan.items:
            rows = self.coefficients.xs(item, level="term").loc[item]
            key = "same" if (rows["p"] < 0.05).nunique() == 1 else "differs"
            ends = {name: plain(float(getattr(rows["estimate"], name)()), 3) for name in ("min", "max")}
            told.append(say(f"robust.explain_{key}", lang, item=title(self.analysis, item, lang), **ends))
        return paragraph([*self._notes(lang), *told], lang)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("robust.note_variants", lang)]
        lost = [
            say("robust.note_lost", lang, variant=say(f"robust.variant_{name}", lang), reason=why)
            for name, why in self.reasons.items()
        ]
        return [*notes, *lost, *([say("social.note_contained", lang)] if self.analysis.contained else [])]


def robustness(analysis: Analysis) -> Robustness:
    """Estimate every item's random-slope model again under other errors, with county dummies, and with clipped ends.

    Winsorised: the lowest and the highest hundredth of consumption are set to the 1st and 99th percentile.

    Notes
    -----
    Source: Kenward & Roger (1997), Biometrics 53; Bell & McCaffrey (2002), Survey Methodology 28 (CR2); Tukey (1962),
    Annals of Mathematical Statistics 33, on winsorising.
    """
    plan = analysis.plan
    frames: dict[tuple[str, str], pd.DataFrame] = {}
    reasons: dict[str, str] = {}
    for item in plan.items:
        wanted = [item, *(f"{item}:{name}" for name in plan.moderators())]
        for variant, fitted in _ways(analysis, item).items():
            try:
                frames[(item, variant)] = _frame(fitted()).loc[wanted]
            except PovstatsError as error:
                if variant == "model":
                    raise
                reasons.setdefault(variant, str(error))
    return Robustness(
        pd.concat(frames, names=["item", "variant", "term"]).sort_index(level=0, sort_remaining=False),
        reasons,
        analysis,
    )


def winsorised(values: pd.Series, share: float = CLIPPED) -> pd.Series:
    """Set what lies beyond the quantiles at `share` and 1 − `share` to these; missing values stay."""
    low, high = values.quantile([share, 1 - share])
    return values.clip(low, high)


def _ways(analysis: Analysis, item: str) -> dict[str, Callable[[], Any]]:
    """Give by variant what fits it."""
    plan, table = analysis.plan, analysis.table
    formula = plan.formula(item)

    def county() -> Any:
        if plan.county is None or plan.county not in table.columns:
            raise DataError("the table has no column of counties")
        return fit_hlm(plan.formula(item, extra=f"C({plan.county})"), table)

    return {
        "model": lambda: analysis.model(item),
        "kenward_roger": lambda: fit_hlm(formula, table, df="kenward-roger"),
        "cr2": lambda: analysis.model(item).robust("CR2", plan.group),
        "county": county,
        "winsorised": lambda: fit_hlm(formula, table.assign(**{plan.outcome: winsorised(table[plan.outcome])})),
    }


def _frame(fit: Any) -> pd.DataFrame:
    """Give estimates with the errors, degrees of freedom and intervals of a fit."""
    parts = {"estimate": fit.params, "se": fit.std_errors, "df": fit.dof, "p": fit.pvalues}
    return pd.DataFrame(parts).join(fit.conf_int()).astype(np.float64)
