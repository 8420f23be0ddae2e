"""Three readings of "fixed effects" side by side: no random slope, no effects of villages at all, village dummies."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import OptionError, PovstatsError, allowed
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.moderators import complete
from povstats.guizhou.named import small, terms, title
from povstats.guizhou.plan import Plan
from povstats.guizhou.pooled import pooled
from povstats.guizhou.tabled import Tabled, finished, paragraph, warnings_of
from povstats.models import HLMResult, WithinResult, fit_within
from povstats.tables import Table
from povstats.tables.digits import bracketed, decimals, plain, stars
from povstats.words import Lang, language, say

READINGS = ("steady", "pooled", "dummies", "varying")
"""No u1; neither u0 nor u1; an intercept for each village; and, beside the three, both u0 and u1."""
QUESTIONS = ("main", "cross", "level", "apart")


@dataclass(frozen=True, eq=False, repr=False)
class FixedReadings(Tabled):
    """An item's model under the readings of "fixed effects".

    Attributes
    ----------
    item : of social capital. coefficients : index (reading, term); estimate, se, df, p, low, high. Terms that a reading
        does not identify have no row. reasons : why a reading is missing, by its name.
    fits : the models of "steady" and "varying". without : village columns that were left out.
    """

    item: str
    coefficients: pd.DataFrame
    reasons: dict[str, str]
    fits: dict[str, HLMResult]
    without: tuple[str, ...]
    analysis: Analysis = field(repr=False)

    def identified(self, reading: str) -> frozenset[str]:
        """List the terms that a reading estimates."""
        known = self.coefficients.index.get_level_values(0)
        return frozenset(self.coefficients.loc[reading].index) if reading in known else frozenset()

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: coef by reading (group) and term."""
        return tidy_frame(
            {"measure": "coef", "group": reading, "term": term, **row.to_dict()}
            for (reading, term), row in self.coefficients.iterrows()
        )

    def table(self, lang: Lang | None = None) -> Table:
        """Give the readings side by side, then what each can answer."""
        lang = lang or language()
        words = terms(self.analysis, lang)
        index, cells = [], []
        for term in self._terms():
            rows = [self._cell(reading, term) for reading in READINGS]
            index += [(say("means.block_estimates", lang), name) for name in (words.get(term, term), "")]
            cells += [[estimate for estimate, _ in rows], [error for _, error in rows]]
        for question in QUESTIONS:
            index.append((say("means.block_identified", lang), say(f"means.ask_{question}", lang)))
            cells.append([say(f"means.answer_{question}_{reading}", lang) for reading in READINGS])
        heads = [say(f"means.reading_{reading}", lang) for reading in READINGS]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        item = small(title(self.analysis, self.item, lang), lang)
        table = Table(frame, say("means.fixed_readings", lang, item=item), tuple(self._notes(lang)), lang)
        return finished(table, self.analysis)

    def explain(self, lang: Lang | None = None) -> str:
        """Say how far the item's coefficient and error move between the readings, and what each gives up."""
        lang = lang or language()
        told = []
        for reading in READINGS:
            if self.item in self.identified(reading):
                row = self.coefficients.loc[(reading, self.item)]
                numbers = {"estimate": plain(float(row["estimate"]), 4), "se": plain(float(row["se"]), 4)}
                told.append(
                    say("means.explain_reading", lang, reading=say(f"means.reading_{reading}", lang), **numbers)
                )
        return paragraph([say("means.explain_readings", lang), *told, *self._notes(lang)], lang)

    def _terms(self) -> list[str]:
        plan = self.analysis.plan
        wanted = [self.item, *(f"{self.item}:{name}" for name in plan.moderators()), *plan.moderators()]
        known = set(self.coefficients.index.get_level_values(1))
        return [term for term in wanted if term in known]

    def _cell(self, reading: str, term: str) -> tuple[str, str]:
        if term not in self.identified(reading):
            return "—", ""
        places = decimals(self.coefficients.xs(term, level=1)["se"], 2)
        row = self.coefficients.loc[(reading, term)]
        return plain(row["estimate"], places) + stars(row["p"]), bracketed(row["se"], places)

    def _notes(self, lang: Lang) -> list[str]:
        held = say("social.note_contained", lang)
        told = warnings_of(self.analysis, self.fits["varying"], lang)
        notes = [say("means.note_readings", lang), *(one for one in told if one != held or not self.without)]
        if self.without:
            names = say("social.word_joint", lang).join(
                small(title(self.analysis, name, lang), lang) for name in self.without
            )
            notes.append(say("means.note_readings_without", lang, names=names))
        if self.analysis.plan.data == "synthetic":
            notes.append(say("means.note_readings_text", lang))
        lost = [say("means.note_reading_lost", lang, reading=name, reason=why) for name, why in self.reasons.items()]
        return notes + lost


def fixed_readings(analysis: Analysis, item: str, without: tuple[str, ...] | None = None) -> FixedReadings:
    """Estimate an item's model under three readings of "fixed effects", and with random intercept and slope.

    steady: ln C = … + u0_j, the slope without u1_j. pooled: neither, least squares over all households, standard errors
    CR2 by village. dummies: an α_j for each village in place of u0_j and of all that is constant in villages, standard
    errors clustered by village (CR1); what the item's slope does over the village variables stays identified, their own
    effects do not. varying: u0_j and u1_j. All of the same rows, village variables centred.

    Parameters
    ----------
    item : one of the plan's items, numeric.
    without : columns of the plan's villages that are left out; None leaves out means of the outcome over the same
        households, which leave no variance between villages, so that the readings nearly coincide.

    Raises
    ------
    OptionError
        Where the item or a column is unknown.
    FitError, DataError
        Where a random-effects model cannot be fitted.

    Notes
    -----
    Source: Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, chapter 10; Bell & McCaffrey
    (2002), Survey Methodology 28.
    """
    left = analysis.contained if without is None else without
    for name in left:
        allowed("without", name, analysis.plan.village)
    told = complete(analysis, item)
    kept = tuple(name for name in told.plan.village if name not in left)
    told = Analysis(told.table, _narrowed(told.plan, kept), told.labels)
    plan, table = told.plan, told.table
    fits = {reading: told.model(item, slope=reading == "varying") for reading in ("steady", "varying")}
    frames, reasons = {name: _frame(fit) for name, fit in fits.items()}, {}
    others: dict[str, Callable[[], pd.DataFrame]] = {
        "pooled": lambda: _pooled(told, item),
        "dummies": lambda: _frame(fit_within(plan.fixed(item), table, group=plan.group)),
    }
    for reading, fitted in others.items():
        try:
            frames[reading] = fitted()
        except PovstatsError as error:
            reasons[reading] = str(error)
    ordered = {reading: frames[reading] for reading in READINGS if reading in frames}
    return FixedReadings(item, pd.concat(ordered, names=["reading", "term"]), reasons, fits, left, analysis)


def _narrowed(plan: Plan, village: tuple[str, ...]) -> Plan:
    """Keep some of the plan's village columns."""
    if not village:
        raise OptionError(f"no village column of {list(plan.village)} is left, so that nothing moderates the slope")
    moderator = plan.moderator if plan.moderator in village else village[0]
    return replace(plan, village=village, moderator=moderator, funds=None)


def _frame(fit: HLMResult | WithinResult) -> pd.DataFrame:
    parts = {"estimate": fit.params, "se": fit.std_errors, "df": fit.dof, "p": fit.pvalues}
    return pd.DataFrame(parts).join(fit.conf_int())


def _pooled(told: Analysis, item: str) -> pd.DataFrame:
    """Fit the plan's fixed part by least squares, with the names that fit_hlm gives its terms."""
    plan, table = told.plan, told.table
    columns = pd.get_dummies(table[[*plan.household, item]], drop_first=True, dtype=float).astype(float)
    for name in plan.village:
        centred = table[name].astype(float) - float(table[name].mean())
        columns[f"center({name})"] = centred
        columns[f"{item}:center({name})"] = columns[item] * centred
    return pooled(np.log(table[plan.outcome].to_numpy(dtype=float)), columns, table[plan.group])
