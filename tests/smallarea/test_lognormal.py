"""Poverty of a lognormal household against numerical integration.

INTEGRAL: scipy's adaptive quadrature, asked for 1e-11.
"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betainc
from scipy.stats import norm

from povstats.smallarea.intervals import ends
from povstats.smallarea.lognormal import expected, variances

INTEGRAL = 1e-8


@pytest.mark.parametrize("mu", [5.0, 7.0, 7.6, 9.0])
@pytest.mark.parametrize("sd", [0.1, 0.5, 1.4])
def test_closed_forms_are_the_integrals(mu, sd):
    line = 7.5

    def moment(power):
        top = min(line, mu + 12 * sd)
        value = quad(
            lambda u: (1 - np.exp(u - line)) ** power * norm.pdf(u, mu, sd),
            mu - 12 * sd,
            top,
            points=[mu] if mu < top else None,
            epsabs=0,
            epsrel=1e-11,
            limit=200,
        )[0]
        return value if top > mu - 12 * sd else 0.0

    found, spread = expected(np.array([mu]), sd, line), variances(np.array([mu]), sd, line)
    p, gap, square = moment(0), moment(1), moment(2)
    assert found.headcount[0] == pytest.approx(p, rel=INTEGRAL, abs=1e-12)
    assert found.gap[0] == pytest.approx(gap, rel=INTEGRAL, abs=1e-12)
    assert spread.headcount[0] == pytest.approx(p * (1 - p), rel=INTEGRAL, abs=1e-12)
    assert spread.gap[0] == pytest.approx(square - gap**2, rel=1e-6, abs=1e-12)


def test_far_from_the_line_nothing_overflows():
    found = expected(np.array([-900.0, 900.0]), 0.5, 7.0)
    assert found.headcount.tolist() == [1.0, 0.0]
    assert found.gap.tolist() == pytest.approx([1.0, 0.0])


def test_ends_hold_their_share_of_the_mixture():
    """By drawing: the chance on the probit scale, then the share as Beta."""
    typical, bias, sd = np.array([0.3, 0.02]), np.array([0.02, -0.01]), np.array([0.2, 0.3])
    within = typical * (1 - typical) / 30
    low, high = ends(typical, (bias, sd, np.full(2, np.inf)), within)
    rng = np.random.default_rng(4)
    chance = norm.cdf(norm.ppf(typical) - bias + sd * rng.normal(size=(200_000, 2)))
    share = rng.beta(chance * 29, (1 - chance) * 29)
    # The share of draws on either side: 41 nodes cut the ends of the normal a little.
    np.testing.assert_allclose((share < low).mean(axis=0), 0.025, atol=0.004)
    np.testing.assert_allclose((share > high).mean(axis=0), 0.025, atol=0.004)
    # Without error of the effects it is Beta alone.
    low, high = ends(typical, (0 * bias, 0 * sd, np.ones(2)), within)
    np.testing.assert_allclose(betainc(typical * 29, (1 - typical) * 29, high), 0.975, rtol=1e-9)


def test_a_share_that_is_sure_has_no_interval():
    low, high = ends(np.array([1.0, 0.0]), (np.zeros(2), np.full(2, 0.1), np.full(2, 9.0)), np.zeros(2))
    assert low.tolist() == high.tolist() == [1.0, 0.0]
