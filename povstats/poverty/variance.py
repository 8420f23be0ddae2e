"""Variance of linear forms over strata and PSUs, and intervals from it."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from povstats.engine.forms import Forms
from povstats.engine.layout import Codes, Floats, Layout, add_up
from povstats.errors import DataError
from povstats.survey import Lonely

CONFIDENCE = 0.95
ROUNDING = 1e-13
"""A variance below this part of its terms is what rounding leaves of none."""

Reason = Literal["", "empty", "one_psu", "edge", "no_spread", "no_df", "not_defined"]


@dataclass(frozen=True, eq=False)
class Sampling:
    """What the variance takes from the design beside the layout.

    Parameters
    ----------
    lonely : what a stratum with a single PSU does.
    drawn : share of the stratum's PSUs that was drawn, shape (H,); 0 with replacement.
    """

    lonely: Lonely
    drawn: Floats


def variances(forms: Forms, by_line: Floats | None, sampling: Sampling) -> Floats:
    r"""Give the design variance of the first form in every domain.

    .. math:: \hat V = \sum_h (1 - f_h) \frac{n_h}{n_h - 1} \sum_{i=1}^{n_h} (z_{hi} - \bar z_h)^2

    with z_hi the influence function summed over the domain's rows in PSU i of stratum h, zero where it has none, and
    n_h the PSUs of the whole sample: a domain's size is random, and it keeps every PSU.

    Parameters
    ----------
    forms : z of the measure, and of the line as a second form where the line is estimated.
    by_line : dθ/dz by domain; the line's form, summed over all domains, is added so many times.
    sampling : lonely PSUs and shares drawn.

    Returns
    -------
    array
        Shape (D,); zero where a domain has no cell.

    Raises
    ------
    DataError
        Where a stratum has a single PSU and `lonely` is "fail".

    Source
    ------
    Binder (1983), International Statistical Review 51; Särndal, Swensson and Wretman (1992), Model Assisted
    Survey Sampling, chapters 5 and 10.
    """
    if sampling.lonely == "fail":
        _refuse_lonely(forms.layout, np.unique(forms.stratum))
    ends = np.searchsorted(forms.domain, np.arange(len(forms.layout.domains) + 1))
    cells = [slice(first, after) for first, after in pairwise(ends.tolist())]
    own = np.array([_within(forms, cell, sampling) for cell in cells])
    if by_line is None:
        return own
    line, everywhere = _line_variance(forms, sampling)
    joint = np.array([_with_line(forms, cell, everywhere, sampling) for cell in cells])
    return np.asarray(np.maximum(own + 2 * by_line * joint + by_line**2 * line, 0.0))


def _within(forms: Forms, cell: slice, sampling: Sampling) -> float:
    """Give the variance of a domain's form; strata without its rows are zero, and have no cell."""
    z, stratum = forms.z[cell, 0], forms.stratum[cell]
    if not len(z):
        return 0.0
    psus = forms.layout.stratum_psus
    if forms.products is None:
        return covariance(z, z, stratum, psus, sampling)
    squares = forms.products[cell, 0, 0]
    return _from_products(z, z, squares, stratum, psus, sampling)


def covariance(a: Floats, b: Floats, stratum: Codes, psus: Codes, sampling: Sampling) -> float:
    """Give the covariance of two totals.

    Parameters
    ----------
    a, b : the totals' parts in the same PSUs, shape (c,); PSUs that are not among them have zeros.
    stratum : of these PSUs. psus : PSUs of each stratum.
    sampling : lonely PSUs and shares drawn.
    """
    strata = len(psus)
    mean_a, mean_b = (add_up(stratum, x, strata) / np.maximum(psus, 1) for x in (a, b))
    absent = psus - np.bincount(stratum, minlength=strata)
    products = add_up(stratum, (a - mean_a[stratum]) * (b - mean_b[stratum]), strata) + absent * mean_a * mean_b
    total = _over_strata(products, psus, sampling)
    if sampling.lonely == "center":
        alone = psus[stratum] == 1
        left = 1 - sampling.drawn[stratum[alone]]
        total += float((left * (a[alone] - a.sum() / psus.sum()) * (b[alone] - b.sum() / psus.sum())).sum())
    return total


def _over_strata(products: Floats, psus: Codes, sampling: Sampling) -> float:
    several = psus > 1
    left = 1 - sampling.drawn[several]
    return float((left * products[several] * (psus[several] / (psus[several] - 1))).sum())


def _from_products(a: Floats, b: Floats, products: Floats, stratum: Codes, psus: Codes, sampling: Sampling) -> float:
    """Give the same where a cell holds all PSUs of a stratum: from the sums of forms and of their products."""
    n = psus[stratum]
    about = products - a * b / n
    about = np.where(np.abs(about) <= ROUNDING * np.abs(products), 0.0, about)
    strata = np.zeros(len(psus))
    np.add.at(strata, stratum, about)
    total = _over_strata(strata, psus, sampling)
    if sampling.lonely == "center":
        alone, size = n == 1, psus.sum()
        left = 1 - sampling.drawn[stratum[alone]]
        total += float((left * (a[alone] - a.sum() / size) * (b[alone] - b.sum() / size)).sum())
    return total


def _line_variance(forms: Forms, sampling: Sampling) -> tuple[float, Floats]:
    """Give the variance of the line's form over the whole sample, and its parts: by PSU, or sums by stratum."""
    psus = forms.layout.stratum_psus
    if forms.psu is not None:
        parts = add_up(forms.psu, forms.z[:, 1], len(forms.layout.stratum))
        return covariance(parts, parts, forms.layout.stratum, psus, sampling), parts
    assert forms.products is not None
    strata = np.arange(len(psus))
    parts = add_up(forms.stratum, forms.z[:, 1], len(psus))
    squares = add_up(forms.stratum, forms.products[:, 1, 1], len(psus))
    return _from_products(parts, parts, squares, strata, psus, sampling), parts


def _with_line(forms: Forms, cell: slice, line: Floats, sampling: Sampling) -> float:
    """Give the covariance of a domain's form with the line's, which the whole sample makes up."""
    z, stratum, psus = forms.z[cell, 0], forms.stratum[cell], forms.layout.stratum_psus
    if not len(z):
        return 0.0
    if forms.psu is None:
        assert forms.products is not None
        return _from_products(z, line[stratum], forms.products[cell, 0, 1], stratum, psus, sampling)
    own = line[forms.psu[cell]]
    mean = add_up(forms.layout.stratum, line, len(psus)) / np.maximum(psus, 1)
    products = add_up(stratum, z * (own - mean[stratum]), len(psus))
    total = _over_strata(products, psus, sampling)
    if sampling.lonely == "center":
        alone = psus[stratum] == 1
        left = 1 - sampling.drawn[stratum[alone]]
        size = psus.sum()
        total += float((left * (z[alone] - z.sum() / size) * (own[alone] - line.sum() / size)).sum())
    return total


def _refuse_lonely(layout: Layout, entering: Codes) -> None:
    """Raise where a stratum that enters an estimate has a single PSU."""
    alone = [layout.strata[s] for s in entering if layout.stratum_psus[s] == 1]
    if not alone:
        return
    if layout.strata == (None,):
        raise DataError("the sample has a single PSU, so no variance can be estimated; name a finer psu column")
    shown = ", ".join(repr(level) for level in alone[:5]) + (" …" if len(alone) > 5 else "")
    raise DataError(
        f"{len(alone)} strata have a single PSU, which leaves no variance to estimate: {shown}; join each to "
        'a similar stratum, or choose Design(lonely="certainty") where the PSU was drawn with certainty '
        '(adds nothing), or Design(lonely="center") (deviation from the mean of all PSUs)'
    )


def degrees(forms: Forms) -> tuple[Floats, Codes]:
    """Give PSUs minus strata, and PSUs, both counted where a domain has rows of positive weight."""
    size = len(forms.layout.domains)
    here = forms.held > 0
    psus = np.bincount(forms.domain, forms.held, minlength=size).astype(np.intp)
    pairs = np.unique(forms.domain[here] * len(forms.layout.strata) + forms.stratum[here])
    strata = np.bincount(pairs // len(forms.layout.strata), minlength=size)
    return (psus - strata).astype(float), psus


def interval(kind: str, value: float, se: float, df: float) -> tuple[float, float, Reason]:
    r"""Give the ends of the 95 per cent interval, or the reason why there is none.

    .. math::
        \text{logit: } \operatorname{expit}\{\operatorname{logit}\theta \pm t\, s / (\theta(1-\theta))\}
        \qquad \text{wald: } \theta \pm t\, s

    with t the quantile of Student's t on `df`. The Wald interval is not clipped.

    Source
    ------
    Korn and Graubard (1998), Survey Methodology 24; `svyciprop(method = "logit")` of R's survey package.
    """
    if value == 0 or (kind == "logit" and not 0 < value < 1):
        return math.nan, math.nan, "edge"
    if se == 0:
        return math.nan, math.nan, "no_spread"
    from scipy.special import expit, logit

    t = quantile_of_t(df)
    if kind != "logit":
        return value - t * se, value + t * se, ""
    half = t * se / (value * (1 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half)), ""


def quantile_of_t(df: float) -> float:
    """Give the quantile of Student's t that a 95 per cent interval takes."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + CONFIDENCE / 2))
