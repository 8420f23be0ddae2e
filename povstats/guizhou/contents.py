"""The contents of a study: its parts in order, each a table or a figure, and why one is left out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from povstats.errors import PovstatsError
from povstats.guizhou.absent import absent_households
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.correlations import correlations
from povstats.guizhou.decisions import decisions
from povstats.guizhou.descriptives import descriptives
from povstats.guizhou.divisor import migrant_divisor
from povstats.guizhou.endogeneity import endogeneity
from povstats.guizhou.fixed_effects import fixed_readings
from povstats.guizhou.focal import focal_effects
from povstats.guizhou.funds import aid_funds
from povstats.guizhou.grades import grade_linearity
from povstats.guizhou.item_index import item_index
from povstats.guizhou.item_models import item_model
from povstats.guizhou.lines import headcount_lines
from povstats.guizhou.mean_treatments import treatments
from povstats.guizhou.multiplicity import multiplicity
from povstats.guizhou.noisy_means import mean_reliability
from povstats.guizhou.null_baseline import null_baseline
from povstats.guizhou.policy import policy_simulation
from povstats.guizhou.poor_capital import poor_capital
from povstats.guizhou.quantiles import quantile_slopes
from povstats.guizhou.refereed import refereed
from povstats.guizhou.robustness import robustness
from povstats.guizhou.spec_curve import spec_curve
from povstats.guizhou.splits import splits
from povstats.guizhou.variables import variables
from povstats.guizhou.villages import villages
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
    each : "item" makes one part an item of the plan, result(analysis, item), its id with the item's name behind it.
    item : of such a part.
    """

    id: str
    kind: Literal["table", "figure"]
    result: Callable[..., Any]
    left_out: Callable[[Analysis], Note | None] = always
    each: Literal["item"] | None = None
    item: str = ""

    def made(self, analysis: Analysis) -> Any:
        """Give the part's result, computed once."""
        return analysis.part(self.result, *((self.item,) if self.item else ()))

    def reason(self, analysis: Analysis) -> Note | None:
        """Give why the part is left out: a column is lacking, or its computation refused; None where it is there."""
        told = self.left_out(analysis)
        if told is not None:
            return told
        try:
            self.made(analysis)
        except PovstatsError as error:
            return Note("social.refused", {"reason": str(error)})
        return None

    def drawn(self, analysis: Analysis, lang: Lang) -> "Table | Figure":
        """Make the table or figure in "zh" or "en"."""
        found = self.made(analysis)
        made: Table | Figure = found.table(lang) if self.kind == "table" else found.plot(lang=lang)
        return made


def lacking(*columns: str) -> Callable[[Analysis], Note | None]:
    """Leave a part out where the table lacks one of these columns."""

    def reason(analysis: Analysis) -> Note | None:
        lost = [name for name in columns if name not in analysis.table.columns]
        return Note("social.no_columns", {"columns": ", ".join(lost)}) if lost else None

    return reason


def no_funds(analysis: Analysis) -> Note | None:
    """Leave a part out where the plan has no column of aid funds."""
    return Note("social.no_columns", {"columns": "funds"}) if analysis.plan.funds is None else None


def parts(analysis: Analysis) -> tuple[Part, ...]:
    """Give all parts of an analysis in their order, one for every item where there is one an item."""
    found: list[Part] = []
    for one in PARTS:
        if one.each is None:
            found.append(one)
            continue
        found += [
            replace(one, id=f"{one.id}-{item.replace('_', '-')}", each=None, item=item) for item in analysis.plan.items
        ]
    return tuple(found)


PARTS: tuple[Part, ...] = (
    # The models of the text.
    Part("variables", "table", variables),
    Part("descriptives", "table", descriptives),
    Part("correlations", "table", correlations),
    Part("null-baseline", "table", null_baseline),
    Part("item", "table", item_model, each="item"),
    Part("decisions", "table", decisions),
    Part("poor-capital", "table", poor_capital),
    Part("regions", "figure", poor_capital),
    Part("villages", "figure", villages),
    # The aid funds and policy.
    Part("funds", "table", aid_funds, no_funds),
    Part("policy", "table", policy_simulation),
    Part("policy-headcount", "figure", policy_simulation),
    # Robustness.
    Part("robustness", "table", robustness),
    Part("multiplicity", "table", multiplicity),
    Part("index", "table", item_index),
    Part("quantiles", "figure", quantile_slopes, each="item"),
    Part("splits", "table", splits),
    Part("splits-drawn", "figure", splits),
    Part("curve", "figure", spec_curve, each="item"),
    # Treatments of the village mean, reliability of means, readings of "fixed effects".
    Part("treatments", "table", treatments, each="item"),
    Part("reliability", "figure", mean_reliability),
    Part("reliability-columns", "table", mean_reliability),
    Part("fixed-readings", "table", fixed_readings, each="item"),
    # Limits of the design.
    Part("focal", "table", focal_effects),
    Part("divisor", "figure", migrant_divisor),
    Part("endogeneity", "table", endogeneity),
    Part("grades", "figure", grade_linearity),
    Part("absent", "table", absent_households),
    Part("lines", "figure", headcount_lines),
    Part("referee", "table", refereed),
)
