"""Vulnerability: the answer of `povstats.vulnerability`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.models.rows import Account
from povstats.printing import Printed, Summary
from povstats.smallarea.expected_poverty.calibrated import Calibration, calibration
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult
    from povstats.viz import Figure


@dataclass(frozen=True)
class Asked:
    """What was asked.

    Attributes
    ----------
    line : in money. threshold : the chance from which a household is vulnerable. by_rate : whether that is the observed
        share of the poor. by : column or grouping of the groups. size : column of the persons, or None.
    variance : the variance function.
    """

    line: float
    threshold: float
    by_rate: bool
    by: str
    size: str | None
    variance: str


@dataclass(frozen=True, eq=False, repr=False)
class Vulnerability(Printed):
    """Each household's chance to be poor.

    Attributes
    ----------
    frame : one row a household used, index its number in the table (from 0): group, mean and sd of its log welfare next
        time, vep (the chance to be poor), poor (observed, 1 or 0), persons, vulnerable (1 or 0).
    theta : coefficients of the variance function. asked : line, threshold and the rest.
    rows : read, used, missing. fit : the model.
    """

    frame: pd.DataFrame
    theta: pd.Series
    asked: Asked
    rows: Account
    fit: "HLMResult" = field(repr=False)

    @property
    def groups(self) -> pd.DataFrame:
        """By group: vep (mean chance), vulnerable (share), poor (observed share), households, persons; None is all."""
        parts = [(group, part) for group, part in self.frame.groupby("group", sort=True)]
        rows = {group: _means(part) for group, part in [*parts, (None, self.frame)]}
        return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), dtype=object, name=self.asked.by))

    @property
    def crossed(self) -> pd.DataFrame:
        """Shares of persons: rows poor and not poor (observed), columns vulnerable and not."""
        weight = self.frame["persons"] / self.frame["persons"].sum()
        table = weight.groupby([self.frame["poor"], self.frame["vulnerable"]]).sum()
        table = table.unstack(fill_value=0.0).reindex(index=[1.0, 0.0], columns=[1.0, 0.0], fill_value=0.0)
        return table.set_axis(["poor", "not_poor"], axis=0).set_axis(["vulnerable", "not_vulnerable"], axis=1)

    def calibrate(self, later: object, *, parts: int = 10) -> Calibration:
        """Hold the chances against what happened at the next wave.

        Parameters
        ----------
        later : for every row of the table, in its order, 1 where it was poor next time, 0 where it was not, missing
            where it was not seen again: a column, a list or an array.
        parts : into how many parts of equal size the households are put, by their chance.

        Returns
        -------
        Calibration
            Mean chance and observed share by part, Brier score, and the area under the ROC curve.

        Raises
        ------
        DataError
            Where the length is not that of the table, a value is neither 0, 1 nor missing, or all outcomes are alike.
        """
        return calibration(self.frame, later, parts, self.rows.read)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: by group vep, vulnerable and headcount, then nobs; the whole has group ""."""
        rows: list[dict[str, object]] = []
        for measure, column in (
            ("vep", "vep"),
            ("vulnerable", "vulnerable"),
            ("headcount", "poor"),
            ("nobs", "households"),
        ):
            for group, row in self.groups.iterrows():
                rows.append({"measure": measure, "group": "" if group is None else str(group), "estimate": row[column]})
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print groups, who is poor and vulnerable, and the variance function, in "zh" or "en"."""
        from povstats.smallarea.expected_poverty.told import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Say how the chances are made, how many are vulnerable, and on what it rests, in "zh" or "en"."""
        from povstats.smallarea.expected_poverty.told import paragraph

        return paragraph(self, lang or language())

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw by group the observed share of the poor, the mean chance to be poor, and the share of the vulnerable.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : names of the groups.
        """
        from povstats.viz import charts

        lang, own = lang or language(), labels or {}
        rows = []
        for group, row in self.groups.iterrows():
            name = say("vulnerability.all", lang) if group is None else own.get(str(group), str(group))
            for column in ("poor", "vep", "vulnerable"):
                series = say(f"vulnerability.{column}", lang)
                rows.append({"panel": "", "row": name, "group": series, "estimate": row[column]})
        return charts.row_panels(
            pd.DataFrame(rows).assign(low=np.nan, high=np.nan),
            percent=True,
            lang=lang,
            title=title or say("vulnerability.chart", lang, line=f"{self.asked.line:,.10g}"),
            unit=say("vulnerability.unit", lang),
            source=source or "povstats",
        )


def _means(part: pd.DataFrame) -> dict[str, float]:
    weight = part["persons"].to_numpy(dtype=float)
    shares = {name: float(np.average(part[name], weights=weight)) for name in ("vep", "vulnerable", "poor")}
    return {**shares, "households": float(len(part)), "persons": float(weight.sum())}
