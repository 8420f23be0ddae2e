"""ps.grouped(): both curves fitted to the points of a Lorenz curve, and the better one that is valid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError, FitError, OptionError
from povstats.poverty.lorenz_fits.curve import Form, LorenzCurve, fit_curve
from povstats.printing import Grid, Printed, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.poverty.decompositions.incidence_of_growth import GrowthIncidence
    from povstats.poverty.decompositions.over_time import Change
    from povstats.viz import Figure

FORMS: tuple[Form, ...] = ("quadratic", "beta")
FEWEST = 4
LINE_PLACES = 4


@dataclass(frozen=True, eq=False, repr=False)
class Grouped(Printed):
    """Two curves through the same points.

    Attributes
    ----------
    points : columns p and L, the points inside (0, 1). mean : of welfare, in its unit.
    curves : LorenzCurve by form, "quadratic" and "beta"; `curves["beta"].headcount(line)` asks one of them.
    """

    points: pd.DataFrame
    mean: float
    curves: Mapping[Form, LorenzCurve]

    @property
    def chosen(self) -> LorenzCurve:
        """The valid curve with the smaller sum of squares.

        Raises
        ------
        FitError
            Where neither is a Lorenz curve.
        """
        valid = [curve for curve in self.curves.values() if curve.valid]
        if not valid:
            told = "; ".join(f"{form}: {', '.join(curve.faults)}" for form, curve in self.curves.items())
            raise FitError(f"neither curve is a Lorenz curve ({told}); look for points out of order or rounded")
        return min(valid, key=lambda curve: curve.sse)

    def headcount(self, line: float) -> float:
        """Give the share of the population below a line in the unit of the mean, by the chosen curve."""
        return self.chosen.headcount(line)

    def poverty_gap(self, line: float) -> float:
        """Give the mean shortfall as a share of the line."""
        return self.chosen.poverty_gap(line)

    def poverty_severity(self, line: float) -> float:
        """Give the mean squared shortfall as a share of the line."""
        return self.chosen.poverty_severity(line)

    def watts(self, line: float) -> float:
        """Give the Watts index, by the exact integral."""
        return self.chosen.watts(line)

    @property
    def gini(self) -> float:
        """Give the Gini coefficient."""
        return self.chosen.gini

    def quantile(self, share: float) -> float:
        """Give the welfare below which a share of the population lies; 0.5 gives the median."""
        return self.chosen.quantile(share)

    def decompose(
        self,
        last: "Grouped",
        line: float,
        *,
        measure: Literal["headcount", "poverty_gap", "poverty_severity"] = "headcount",
        labels: tuple[str, str] = ("1", "2"),
    ) -> "Change":
        """Take the change from this distribution to a later one apart; the formulas are those of `povstats.decompose`.

        Parameters
        ----------
        last : the later distribution, its mean at the same prices. line : of both, in the unit of the means.
        measure : of poverty. labels : the dates in words.

        Raises
        ------
        OptionError
            Where the measure is unknown.
        FitError
            Where neither curve of a distribution is a Lorenz curve.
        """
        from povstats.poverty.lorenz_fits.compared import change_between

        return change_between(self, last, line, measure, labels)

    def growth_incidence(
        self, last: "Grouped", *, years: float, line: float | None = None, labels: tuple[str, str] = ("1", "2")
    ) -> "GrowthIncidence":
        """Compare the percentiles of this distribution with those of a later one; see `povstats.growth_incidence`.

        Parameters
        ----------
        last : the later distribution. years : between the two. line : for the growth of the poor. labels : the dates.

        Raises
        ------
        OptionError
            Where years are not above 0.
        FitError
            Where neither curve of a distribution is a Lorenz curve.
        """
        from povstats.poverty.lorenz_fits.compared import growth_between

        return growth_between(self, last, years, line, labels)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: parameters, sse, gini and median of both curves, and which is chosen."""
        rows: list[dict[str, object]] = []
        for form, curve in self.curves.items():
            names = ("a", "b", "c") if form == "quadratic" else ("theta", "gamma", "delta")
            rows += [
                {"measure": "parameter", "group": form, "term": name, "estimate": value}
                for name, value in zip(names, curve.parameters, strict=True)
            ]
            rows += [
                {"measure": "sse", "group": form, "estimate": curve.sse},
                {"measure": "valid", "group": form, "estimate": float(curve.valid)},
                {"measure": "chosen", "group": form, "estimate": float(curve is self._chosen())},
            ]
            if curve.valid:
                rows += [
                    {"measure": "gini", "group": form, "estimate": curve.gini},
                    {"measure": "median", "group": form, "estimate": curve.quantile(0.5)},
                ]
        return tidy_frame(rows)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print both curves in "zh" or "en"."""
        lang = lang or language()
        head = ("", *(say(f"grouped.head_{key}", lang) for key in ("parameters", "sse", "gini", "median", "state")))
        rows = []
        for form, curve in self.curves.items():
            values = ", ".join(f"{value:.5f}" for value in curve.parameters)
            told = [f"{curve.gini:.4f}", f"{curve.quantile(0.5):,.2f}"] if curve.valid else ["—", "—"]
            rows.append(
                (say(f"grouped.form_{form}", lang), values, f"{curve.sse:.2e}", *told, self._state(curve, lang))
            )
        notes = (say("grouped.note", lang, n=len(self.points), mean=f"{self.mean:,.2f}"),)
        return Summary((Grid(say("grouped.title", lang), head, tuple(rows), notes, words=1),))

    def explain(self, lang: Lang | None = None) -> str:
        """Say which curve was chosen, from what, and what grouped data cannot tell."""
        lang = lang or language()
        chosen = self._chosen()
        if chosen is None:
            return say("grouped.explain_none", lang, n=len(self.points))
        words = {"form": say(f"grouped.form_{chosen.form}", lang), "n": len(self.points)}
        return say("grouped.explain", lang, gini=f"{chosen.gini:.4f}", median=f"{chosen.quantile(0.5):,.2f}", **words)

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw both curves with the points that they were fitted to.

        Parameters
        ----------
        lang : "zh" or "en". title, source : words of one's own. labels : words for "points", "quadratic" and "beta".
        """
        from povstats.viz import charts

        lang, own = lang or language(), labels or {}
        p = np.linspace(0, 1, 101)
        words = {key: own.get(key, say(f"grouped.form_{key}", lang)) for key in FORMS}
        lines = pd.concat(
            pd.DataFrame({"group": words[form], "x": p, "y": curve.ordinate(p)})
            for form, curve in self.curves.items()
            if "root" not in curve.faults
        )
        named = own.get("points", say("grouped.points", lang))
        points = pd.DataFrame({"group": named, "x": self.points["p"], "y": self.points["L"]})
        return charts.lorenz(
            lines,
            points,
            x_label=say("grouped.axis_p", lang),
            lang=lang,
            title=title or say("grouped.title", lang),
            unit=say("grouped.axis_l", lang),
            source=source or say("grouped.own_source", lang),
        )

    def _chosen(self) -> LorenzCurve | None:
        try:
            return self.chosen
        except FitError:
            return None

    def _state(self, curve: LorenzCurve, lang: Lang) -> str:
        if curve.valid:
            return say("grouped.chosen" if curve is self._chosen() else "grouped.valid", lang)
        faults = say("grouped.joint", lang).join(say(f"grouped.fault_{key}", lang) for key in curve.faults)
        return say("grouped.invalid", lang, faults=faults)


def grouped(p: Sequence[float], L: Sequence[float], mean: float) -> Grouped:
    """Fit two Lorenz curves to published shares.

    General quadratic: L(1 − L) = a(p² − L) + bL(p − 1) + c(p − L). Beta: L = p − θ p^γ (1 − p)^δ. Chosen is the valid
    one that is nearer to the points in squares.

    Parameters
    ----------
    p : cumulative shares of the population, 0–1, rising; 0 and 1 may be among them and are not fitted.
    L : the cumulative shares of welfare that belong to them. mean : of welfare, in money; lines are in its unit.

    Returns
    -------
    Grouped
        Both curves with headcount, poverty_gap, poverty_severity, watts, gini and quantiles, and the choice.

    Raises
    ------
    DataError
        Where the points are not numbers inside 0 and 1, do not rise, lie above the diagonal, are not convex beyond
        rounding, or fewer than four lie inside.
    OptionError
        Where the mean is not above zero.

    Notes
    -----
    Watts is the integral itself. The World Bank's tables sum it in steps and count the first cell twice, which is some
    3% more. Source: Villaseñor & Arnold (1989), Journal of Econometrics 40; Kakwani (1980), Econometrica 48; Datt
    (1998), IFPRI Discussion Paper 50.
    """
    if isinstance(mean, bool) or not isinstance(mean, int | float | np.number) or not 0 < float(mean) < np.inf:
        raise OptionError(f"mean={mean!r} must be an amount above zero, in the unit of the lines")
    points = _points(p, L)
    x, y = points["p"].to_numpy(), points["L"].to_numpy()
    return Grouped(points, float(mean), {form: fit_curve(form, x, y, float(mean)) for form in FORMS})


def _points(p: Any, ordinates: Any) -> pd.DataFrame:
    """Check the points, and give those inside."""
    try:
        x, y = np.asarray(p, dtype=float), np.asarray(ordinates, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("p and L must be numbers") from error
    if x.ndim != 1 or x.shape != y.shape:
        raise DataError(f"p and L must be two lists of the same length, not of shapes {x.shape} and {y.shape}")
    bad = np.flatnonzero(~np.isfinite(x) | ~np.isfinite(y) | (x < 0) | (x > 1) | (y < 0) | (y > 1))
    if len(bad):
        raise DataError(f"points {bad.tolist()} (from 0) are not inside 0 and 1; divide percentages by 100")
    falls = np.flatnonzero((np.diff(x) <= 0) | (np.diff(y) < 0)) + 1
    if len(falls):
        raise DataError(f"points {falls.tolist()} (from 0) do not rise; give cumulative shares, from the poorest up")
    above = np.flatnonzero((y > x) & (x < 1))
    if len(above):
        raise DataError(f"points {above.tolist()} (from 0) lie above the diagonal; the poorest come first")
    inside = (x > 0) & (x < 1)
    if (y[inside] <= 0).any() or (y[inside] >= x[inside]).any():
        raise DataError("points inside need welfare above zero and below their share of the population")
    if inside.sum() < FEWEST:
        raise DataError(f"{int(inside.sum())} points lie inside 0 and 1; three parameters need {FEWEST} or more")
    return pd.DataFrame({"p": x[inside], "L": y[inside]})
