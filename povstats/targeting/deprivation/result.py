"""AlkireFoster: the answer of `povstats.alkire_foster`."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.poverty.estimate import Definition, Estimates
from povstats.printing import Printed, Summary
from povstats.targeting.deprivation.exact import Weights
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

NUMBERS = ("estimate", "se", "df", "low", "high")
Three = Mapping[str, Estimates]


@dataclass(frozen=True)
class Asked:
    """What was asked.

    Attributes
    ----------
    weights : of the indicators. k : the cut-off. by : column of the groups. missing : rows without it, by indicator.
    """

    weights: Weights
    k: Fraction
    by: str | None
    missing: Mapping[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class AlkireFoster(Printed):
    """Multidimensional poverty.

    Attributes
    ----------
    whole : headcount (H), intensity (A) and m0 (M0) of all. by_indicator : "uncensored", "censored" headcounts and
        "contribution" to M0, each by indicator. swept : the three by cut-off. groups : the three by group, or None.
    parts : "share" of the persons and "contribution" to M0, each by group. asked : weights, cut-off, groups, gaps.
    """

    whole: Three
    by_indicator: Mapping[str, Mapping[str, Estimates]]
    swept: Mapping[Fraction, Three]
    groups: Three | None
    parts: Mapping[str, Mapping[Any, Estimates]]
    asked: Asked

    @property
    def definition(self) -> Definition:
        """What the estimates were asked for."""
        return self.whole["m0"].definition

    @property
    def indicators(self) -> pd.DataFrame:
        """By indicator: weight, and estimate and se of uncensored, censored and contribution."""
        rows = {}
        for name, part in self.asked.weights.parts.items():
            row: dict[str, float] = {"weight": part / self.asked.weights.whole}
            for kind, found in self.by_indicator.items():
                row[kind] = float(found[name].estimate.iloc[0])
                row[f"{kind}_se"] = float(found[name].se.iloc[0])
            rows[name] = row
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def sweep(self) -> pd.DataFrame:
        """By cut-off: columns k, measure, estimate, se, low, high."""
        rows = [
            {"k": float(k), "measure": name, **{part: float(getattr(one, part).iloc[0]) for part in NUMBERS}}
            for k, three in self.swept.items()
            for name, one in three.items()
        ]
        return pd.DataFrame(rows)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: H, A, M0, then by indicator, cut-off and group, then "nobs"."""
        rows: list[dict[str, object]] = [_row(one, name) for name, one in self.whole.items()]
        rows += [_row(one, kind, term=name) for kind, own in self.by_indicator.items() for name, one in own.items()]
        rows += [_row(one, name, term=f"k={k}") for k, three in self.swept.items() for name, one in three.items()]
        for name, one in (self.groups or {}).items():
            rows += [_row(one, name, group=level) for level in one.estimate.index]
        rows += [
            _row(one, f"group_{kind}", term=str(level))
            for kind, own in self.parts.items()
            for level, one in own.items()
        ]
        return tidy_frame([*rows, {"measure": "nobs", "estimate": self.whole["m0"].n.iloc[0]}])

    def summary(self, lang: str | None = None) -> Summary:
        """Print H, A and M0, the indicators, and the groups, in "zh" or "en"."""
        from povstats.targeting.deprivation.told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Say who is poor, what drives it, which rows are used and how sure it is, in "zh" or "en"."""
        from povstats.targeting.deprivation.told import paragraph

        return paragraph(self, lang or language())

    def plot_sweep(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw H and M0 over the cut-off, with 95 per cent bands: steps where every possible score was swept.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : names of "headcount" and "m0".
        notes : caveats.
        """
        from povstats.viz import charts

        lang = lang or language()
        names = {key: say(f"multidimensional.short_{key}", lang) for key in ("headcount", "m0")} | dict(labels or {})
        parts = [self._steps(measure).assign(group=name) for measure, name in names.items()]
        frame = pd.concat(parts, ignore_index=True)
        return charts.share_curves(
            frame[["group", "x", "estimate", "low", "high"]],
            x_label=say("multidimensional.axis_k", lang),
            percent=True,
            lang=lang,
            title=title or say("multidimensional.sweep_title", lang),
            unit=say("multidimensional.unit", lang),
            source=source or "povstats",
            notes=notes,
        )

    def _steps(self, measure: str) -> pd.DataFrame:
        """Give the points of a measure over k; between two scores that a row can have it is what it is at the upper."""
        found = self.sweep[self.sweep["measure"] == measure].rename(columns={"k": "x"}).reset_index(drop=True)
        scores = self.asked.weights.scores()
        if scores is None or not set(scores) <= set(self.swept):
            return found
        before = found.assign(x=[0.0, *found["x"][:-1]])
        return pd.concat([before, found]).sort_index(kind="stable").reset_index(drop=True)


def _row(one: Estimates, measure: str, *, term: str = "", group: Any = None) -> dict[str, object]:
    place = 0 if group is None else one.estimate.index.get_loc(group)
    numbers = {part: getattr(one, part).iloc[place] for part in NUMBERS}
    return {"measure": measure, "group": "" if group is None else str(group), "term": term, **numbers}
