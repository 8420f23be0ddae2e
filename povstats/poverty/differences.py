"""Differences between groups and dates, with the covariance of their estimates."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.engine.layout import Floats
from povstats.errors import DataError, OptionError, allowed
from povstats.poverty.influence import covariances, kept, panel_covariances
from povstats.poverty.variance import quantile_of_t
from povstats.printing import Printed, Summary
from povstats.words import language

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates

Samples = Literal["same", "independent", "panel"]
SAMPLES: tuple[Samples, ...] = ("same", "independent", "panel")


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Printed):
    """First estimate minus second, by group.

    Parameters
    ----------
    estimate : the difference, or the relative change (first − second) / second; its index names what is compared.
    se, df, t, p, low, high : standard error, degrees of freedom, t statistic and its two-sided p value, and the ends of
        the 95 per cent interval.
    covariance : of the two estimates.
    first, second : the estimates that were compared.
    samples : "same", "independent" or "panel".
    relative : whether the change is relative.
    """

    estimate: pd.Series
    se: pd.Series
    df: pd.Series
    t: pd.Series
    p: pd.Series
    low: pd.Series
    high: pd.Series
    covariance: pd.Series
    first: "Estimates"
    second: "Estimates"
    samples: Samples
    relative: bool

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame, a row a comparison."""
        names = ("estimate", "se", "df", "p", "low", "high")
        return tidy_frame(
            {
                "measure": self.first.measure,
                "group": str(label),
                "term": "relative change" if self.relative else "difference",
                **{name: getattr(self, name).iloc[i] for name in names},
            }
            for i, label in enumerate(self.estimate.index)
        )

    def summary(self, lang: str | None = None) -> Summary:
        """Give the differences as a printed table; of shares in percentage points.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.differences_told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that defends the differences: what was compared, how the samples hang together, how sure.

        Parameters
        ----------
        lang : "zh" or "en"; None is the language of `povstats.language()`.
        """
        from povstats.poverty.differences_told import paragraph

        return paragraph(self, lang or language())


def difference(
    first: "Estimates", second: "Estimates", *, samples: Samples | None = None, relative: bool = False
) -> Difference:
    r"""Compare two estimates of a measure: two dates, two lines, two columns of welfare.

    .. math:: d = \hat\theta_1 - \hat\theta_2, \quad
        \hat V(d) = \hat V_1 + \hat V_2 - 2\, \widehat{\text{cov}}

    and with `relative` :math:`d = \hat\theta_1 / \hat\theta_2 - 1`, by the delta method.

    Parameters
    ----------
    first, second : estimates by the same groups, or of the whole; groups that one of them lacks are left out.
    samples : how the samples hang together. "same": one sample, covariance from the influence functions (or from the
        replicates); "independent": none; "panel": samples that share PSUs, covariance over those of the same stratum
        and name. None sees by itself that both are of one sample, and refuses where they are not.
    relative : whether to give the change as a share of the second estimate.

    Returns
    -------
    Difference
        With t tests: on PSUs minus strata of the one sample, and on Satterthwaite's degrees of freedom for two.

    Raises
    ------
    OptionError
        Where `samples` is left open and the samples differ, is wrong, or the measures are not the same.
    DataError
        Where influence was not kept, or no group is in both.

    Source
    ------
    Kish (1965), Survey Sampling, chapter 12, on overlapping samples; Särndal, Swensson and Wretman (1992), section 5.6.
    """
    if (first.measure, dict(first.parameters)) != (second.measure, dict(second.parameters)):
        raise OptionError(f"{first.measure!r} and {second.measure!r} are two measures, or have other parameters")
    related = _related(first, second, samples)
    labels = [label for label in first.estimate.index if label in set(second.estimate.index)]
    if not labels:
        raise DataError("the estimates have no group in common")
    places = [(first.estimate.index.get_loc(g), second.estimate.index.get_loc(g)) for g in labels]
    index = pd.Index(labels, name=first.definition.by)
    return _compared(first, second, places, index, related, relative)


def between_groups(estimates: "Estimates", first: Any, second: Any) -> Difference:
    """Compare two groups of one result, first minus second; see `Estimates.difference`."""
    index = estimates.estimate.index
    for level in (first, second):
        if level not in index:
            known = ", ".join(repr(one) for one in list(index)[:12])
            raise OptionError(f"there is no group {level!r}; there are {known}")
    if first == second:
        raise OptionError(f"{first!r} cannot be compared with itself")
    places = [(index.get_loc(first), index.get_loc(second))]
    return _compared(estimates, estimates, places, pd.Index([f"{first} − {second}"]), "same", False)


def _related(first: "Estimates", second: "Estimates", samples: Samples | None) -> Samples:
    """Find out, or check, how two samples hang together."""
    if samples is not None:
        allowed("samples", samples, SAMPLES)
    left, right = kept(first), kept(second)
    one = first.definition.design == second.definition.design and left.layout.same(right.layout)
    if samples is None and not one:
        raise OptionError(
            'the estimates are of two samples: say samples="independent" where they were drawn apart, or "panel" where '
            "they share PSUs"
        )
    if samples == "same" and not one:
        raise OptionError("the estimates are not of one sample with one design: PSUs, strata or weights differ")
    if samples in ("independent", "panel") and one and len(left.layout.stratum):
        raise OptionError(f"samples={samples!r}, but both estimates are of one sample; leave samples out")
    return samples or "same"


def _compared(
    first: "Estimates",
    second: "Estimates",
    places: list[tuple[int, int]],
    index: "pd.Index[Any]",
    samples: Samples,
    relative: bool,
) -> Difference:
    """Put the differences at pairs of places into one result."""
    joint = _joint(first, second, places, samples)
    i, j = (list(side) for side in zip(*places, strict=True))
    a, b = (e.estimate.to_numpy(dtype=float)[p] for e, p in ((first, i), (second, j)))
    va, vb = (e.se.to_numpy(dtype=float)[p] ** 2 for e, p in ((first, i), (second, j)))
    if relative:
        with np.errstate(divide="ignore", invalid="ignore"):
            value, slope = a / b - 1, a / b
            variance = (va - 2 * slope * joint + slope**2 * vb) / b**2
            value = np.where(b == 0, np.nan, value)
    else:
        value, variance = a - b, va + vb - 2 * joint
    # Two equal estimates leave rounding, which has no root.
    variance = np.where(np.abs(variance) <= 1e-14 * (va + vb), 0.0, variance)
    se = np.sqrt(np.maximum(variance, 0.0))
    df = _degrees(first, second, places, samples)
    columns = {name: pd.Series(values, index=index, name=name) for name, values in _tested(value, se, df).items()}
    return Difference(
        **columns,
        covariance=pd.Series(joint, index=index, name="covariance"),
        first=first,
        second=second,
        samples=samples,
        relative=relative,
    )


def _joint(first: "Estimates", second: "Estimates", places: list[tuple[int, int]], samples: Samples) -> Floats:
    """Give the covariance of each pair."""
    if samples == "independent":
        return np.zeros(len(places))
    if samples == "panel":
        return panel_covariances(first, second, places)
    return covariances(first, second, places)


def _tested(value: Floats, se: Floats, df: Floats) -> dict[str, Floats]:
    """Give t statistics, p values and intervals; missing where there is no standard error."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, value / se, np.nan)
    half = np.array([quantile_of_t(d) if d >= 1 else math.nan for d in df]) * np.where(se > 0, se, np.nan)
    p = 2 * stdtr(df, -np.abs(t))
    return {"estimate": value, "se": se, "df": df, "t": t, "p": p, "low": value - half, "high": value + half}


def _degrees(first: "Estimates", second: "Estimates", places: list[tuple[int, int]], samples: Samples) -> Floats:
    """Give degrees of freedom: of the one sample, or Satterthwaite's for two."""
    left, right = kept(first), kept(second)
    found = []
    for i, j in places:
        df = float(first.df.iloc[i]), float(second.df.iloc[j])
        if samples == "same" and left.forms is not None and right.forms is not None:
            held = np.union1d(left.held(i), right.held(j))
            found.append(float(len(held) - len(np.unique(left.layout.stratum[held]))))
        elif samples == "same":
            found.append(min(df))
        else:
            v = float(first.se.iloc[i]) ** 2, float(second.se.iloc[j]) ** 2
            parts = sum(one**2 / d for one, d in zip(v, df, strict=True) if d >= 1 and one > 0)
            found.append(sum(v) ** 2 / parts if parts > 0 else math.nan)
    return np.array(found)
