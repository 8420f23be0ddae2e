"""Tables 3 and 4 and the two that are lost: one form of social capital, its model in three specifications."""

from dataclasses import dataclass, field

import pandas as pd

from povstats.errors import PovstatsError, allowed
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.named import terms, title
from povstats.guizhou.null_baseline import named
from povstats.guizhou.tabled import Tabled, finished, paragraph, warnings_of
from povstats.models import HLMResult, WithinResult, fit_within
from povstats.tables import Table, regression_table
from povstats.words import Lang, language, say

SPECIFICATIONS = ("steady", "varying", "within")
TEXT = {"trust": ("steady", "within"), "participation": ("steady", "varying")}
"""What the text says it used: "fixed effects" for trust, "random effects" for participation. Either word has two
readings among the three columns, and the text does not say which; of the other two items its tables are lost."""


@dataclass(frozen=True, eq=False, repr=False)
class ItemModel(Tabled):
    """The model of one item with its cross-level interactions.

    Attributes
    ----------
    item : of social capital. steady : the fit without a random slope. varying : with one. within : village dummies,
        standard errors clustered by village; None where it refuses, for the `reason`.
    """

    item: str
    steady: HLMResult
    varying: HLMResult
    within: WithinResult | None
    reason: str
    analysis: Analysis = field(repr=False)

    @property
    def shown(self) -> dict[str, HLMResult | WithinResult]:
        """The specifications that there are, by name."""
        fits = {"steady": self.steady, "varying": self.varying, "within": self.within}
        return {name: fit for name, fit in fits.items() if fit is not None}

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame of all specifications, each one's name before its groups."""
        return pd.concat([named(fit.tidy(), name) for name, fit in self.shown.items()], ignore_index=True)

    def table(self, lang: Lang | None = None) -> Table:
        """Give the specifications side by side; of synthetic data, marked which the text says it used."""
        lang = lang or language()
        plan = self.analysis.plan
        used = TEXT.get(self.item, ()) if plan.data == "synthetic" else ()
        heads = [say(f"social.model_{name}", lang) + (" †" if name in used else "") for name in self.shown]
        notes = [say("social.note_centred", lang), say("social.note_random_zero", lang)]
        notes += warnings_of(self.analysis, self.varying, lang)
        notes += [say("social.note_no_within", lang, reason=self.reason)] if self.within is None else []
        if plan.data == "synthetic":
            notes.append(say(f"social.text_{self.item}", lang) if used else say("social.text_lost", lang))
        products = [f"{self.item}:{name}" for name in plan.moderators()]
        made = regression_table(
            list(self.shown.values()),
            lang=lang,
            style="cn-journal" if lang == "zh" else "en-journal",
            names=heads,
            labels=terms(self.analysis, lang),
            title=say("social.item_title", lang, item=title(self.analysis, self.item, lang)),
            order=[self.item, *products],
            notes=notes,
        )
        return finished(made, self.analysis)

    def explain(self, lang: Lang | None = None) -> str:
        """Defend the random-slope model, and say what the other two leave out."""
        lang = lang or language()
        told = [self.varying.explain(lang), say("social.explain_item", lang)]
        if self.within is None:
            told.append(say("social.note_no_within", lang, reason=self.reason))
        return paragraph(told, lang)


def item_model(analysis: Analysis, item: str) -> ItemModel:
    """Fit an item's model without and with a random slope of the item, and with village dummies.

    Level 1: ln C_ij = b0_j + b1_j·SC_ij + controls + e_ij. Level 2: b0_j and b1_j on the village's columns, centred,
    with u0_j and, in the second column, u1_j. The third has an intercept of its own for each village in place of u0_j,
    so that of the village's columns only the products with the item remain.

    Parameters
    ----------
    item : one of the plan's items.

    Raises
    ------
    OptionError
        Where it is none of them.
    FitError, DataError
        Where a model cannot be fitted.
    """
    plan = analysis.plan
    allowed("item", item, plan.items)
    within, reason = None, ""
    try:
        within = fit_within(plan.fixed(item), analysis.table, group=plan.group)
    except PovstatsError as error:
        reason = str(error)
    steady, varying = (analysis.model(item, slope=slope) for slope in (False, True))
    return ItemModel(item, steady, varying, within, reason, analysis)
