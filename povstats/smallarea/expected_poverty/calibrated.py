"""Calibration: chances to be poor against what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, OptionError, whole
from povstats.poverty.discrimination import area
from povstats.poverty.proportions import wilson
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Printed):
    """Chances against what happened next time.

    Attributes
    ----------
    table : a row a part, from the lowest chances up: households, chance (mean), observed (share poor next time), low
        and high (Wilson's interval of the observed share, households taken as drawn singly).
    brier : mean of (chance − outcome)². reference : the same of a forecast that gives everybody the observed share.
    area, area_se : under the ROC curve, with DeLong's standard error. chance, observed : means over all.
    n : households seen again. lost : households not seen.
    """

    table: pd.DataFrame
    brier: float
    reference: float
    area: float
    area_se: float
    chance: float
    observed: float
    n: int
    lost: int

    @property
    def skill(self) -> float:
        """How much of the reference's Brier score the chances save: 1 − brier / reference."""
        return 1 - self.brier / self.reference

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: chance and observed by part, then brier, skill, area and nobs."""
        rows: list[dict[str, object]] = []
        for part, row in self.table.iterrows():
            rows.append({"measure": "chance", "term": str(part), "estimate": row["chance"]})
            ends = {end: row[end] for end in ("low", "high")}
            rows.append({"measure": "observed", "term": str(part), "estimate": row["observed"], **ends})
        rows += [{"measure": name, "estimate": getattr(self, name)} for name in ("brier", "skill")]
        rows.append({"measure": "area", "estimate": self.area, "se": self.area_se})
        return tidy_frame([*rows, {"measure": "nobs", "estimate": self.n}])

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print the parts and the scores, in "zh" or "en"."""
        lang = lang or language()
        head = tuple(say(f"vulnerability.head_{key}", lang) for key in ("part", "chance", "observed", "interval", "n"))
        rows = tuple(
            (
                str(part),
                f"{100 * row['chance']:.1f}",
                f"{100 * row['observed']:.1f}",
                f"{100 * row['low']:.1f}–{100 * row['high']:.1f}",
                f"{int(row['households']):,}",
            )
            for part, row in self.table.iterrows()
        )
        return Summary((Grid(say("vulnerability.calibration", lang), head, rows, (self._scores(lang),)),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say how well the chances came true, in "zh" or "en"."""
        lang = lang or language()
        ends = {name: f"{100 * value:.1f}" for name, value in (("chance", self.chance), ("observed", self.observed))}
        lead = say("vulnerability.calibration_lead", lang, n=f"{self.n:,}", lost=f"{self.lost:,}", **ends)
        return say("poverty.sentence_joint", lang).join(
            [lead, self._scores(lang), say("vulnerability.calibration_read", lang)]
        )

    def _scores(self, lang: Lang) -> str:
        numbers = {
            "brier": f"{self.brier:.4f}",
            "reference": f"{self.reference:.4f}",
            "skill": f"{100 * self.skill:.1f}",
        }
        return say("vulnerability.scores", lang, area=f"{self.area:.3f}", se=f"{self.area_se:.3f}", **numbers)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the observed share over the mean chance, beside the line on which they agree.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : {"observed": …} names the curve.
        """
        from povstats.viz import charts

        lang = lang or language()
        name = (labels or {}).get("observed") or say("vulnerability.head_observed", lang)
        frame = self.table.rename(columns={"chance": "x", "observed": "estimate"}).assign(group=name)
        return charts.share_curves(
            frame[["group", "x", "estimate", "low", "high"]],
            x_label=say("vulnerability.axis_chance", lang),
            percent=True,
            diagonal=True,
            lang=lang,
            title=title or say("vulnerability.calibration", lang),
            unit=say("vulnerability.unit_observed", lang),
            source=source or "povstats",
            notes=(self._scores(lang),),
        )


def calibration(frame: pd.DataFrame, later: object, parts: int, read: int) -> Calibration:
    """Hold chances against outcomes; see `Vulnerability.calibrate`."""
    whole("parts", parts)
    outcome = np.asarray(pd.Series(later).to_numpy(), dtype=float) if np.ndim(later) == 1 else np.empty(0)  # type: ignore[arg-type]
    if len(outcome) != read:
        raise DataError(
            f"later has {len(outcome)} values, the table {read} rows: give one a row, missing where not seen"
        )
    own = outcome[frame.index.to_numpy()]
    seen = ~np.isnan(own)
    if not np.isin(own[seen], (0.0, 1.0)).all():
        raise DataError("later must be 1 (poor next time), 0 (not poor) or missing")
    happened, chance = own[seen], frame["vep"].to_numpy(dtype=float)[seen]
    if len(happened) < 2 or happened.min() == happened.max():
        raise DataError(
            f"of {len(happened)} households seen again all have the same outcome: nothing can be held against it"
        )
    if not 2 <= parts <= len(happened):
        raise OptionError(f"parts={parts} must lie between 2 and the {len(happened)} households seen again")
    order = np.argsort(chance, kind="stable")
    rows = [_part(chance[group], happened[group]) for group in np.array_split(order, parts)]
    value, influence = area(chance, happened, np.ones(len(chance)))
    return Calibration(
        table=pd.DataFrame(rows, index=pd.RangeIndex(1, parts + 1, name="part")),
        brier=float(((chance - happened) ** 2).mean()),
        reference=float(happened.mean() * (1 - happened.mean())),
        area=value,
        area_se=_delong(influence, happened),
        chance=float(chance.mean()),
        observed=float(happened.mean()),
        n=len(happened),
        lost=int((~seen).sum()),
    )


def _delong(influence: np.ndarray, happened: np.ndarray) -> float:
    """Give DeLong's standard error: each kind's sum of squares with its own n / (n − 1)."""
    total = 0.0
    for kind in (0.0, 1.0):
        own = influence[happened == kind]
        total += float((own**2).sum()) * len(own) / max(len(own) - 1, 1)
    return float(np.sqrt(total))


def _part(chance: np.ndarray, happened: np.ndarray) -> dict[str, float]:
    ends = wilson(float(happened.sum()), float(len(happened)))
    shares = {"chance": float(chance.mean()), "observed": float(happened.mean())}
    return {"households": float(len(chance)), **shares, "low": ends.low, "high": ends.high}
