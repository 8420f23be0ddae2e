"""The search on functions whose minima are known: curved valleys, saddles, quartic floors, walls.

END: where a search with exact derivatives stops, in the value; FLAT: in the place, on a quartic floor where the value
moves with the fourth power.
"""

import numpy as np
import pytest

from povstats.models.newton import minimise

END = 1e-12
FLAT = 1e-2


def smooth(value, gradient, hessian, domain=lambda theta: True):
    """Make a criterion; None outside its domain."""

    def criterion(theta):
        if not domain(theta):
            return None
        return float(value(theta)), lambda: (np.array(gradient(theta), float), np.array(hessian(theta), float))

    return criterion


ROSENBROCK = smooth(
    lambda t: 100 * (t[1] - t[0] ** 2) ** 2 + (1 - t[0]) ** 2,
    lambda t: [-400 * t[0] * (t[1] - t[0] ** 2) - 2 * (1 - t[0]), 200 * (t[1] - t[0] ** 2)],
    lambda t: [[1200 * t[0] ** 2 - 400 * t[1] + 2, -400 * t[0]], [-400 * t[0], 200]],
)
WELL = smooth(lambda t: t[0] ** 4 - t[0] ** 2, lambda t: [4 * t[0] ** 3 - 2 * t[0]], lambda t: [[12 * t[0] ** 2 - 2]])


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 0.0), (30.0, -40.0), (1.0, 1.0), (-100.0, 5.0)])
def test_a_curved_valley(start):
    found = minimise(ROSENBROCK, np.array(start))
    assert found.converged
    np.testing.assert_allclose(found.theta, 1, atol=1e-6)
    assert found.value < END
    assert found.evaluations <= 201


@pytest.mark.parametrize("start", [0.0, 1e-9, -1e-9, 0.4, -3.0, 40.0])
def test_a_hill_between_two_wells_is_left(start):
    found = minimise(WELL, np.array([start]))
    assert found.converged
    assert abs(found.theta[0]) == pytest.approx(np.sqrt(0.5), rel=1e-6)
    assert found.value == pytest.approx(-0.25, abs=END)
    assert found.hessian[0, 0] > 0


@pytest.mark.parametrize("height", [1e-3, 1.0, 1e6])
def test_a_saddle_with_a_vanishing_gradient_is_left(height):
    """f = height (x⁴ − x² + (z − 1)²): at x = 0 the gradient shows nothing of the way down."""
    criterion = smooth(
        lambda t: height * (t[0] ** 4 - t[0] ** 2 + (t[1] - 1) ** 2),
        lambda t: [height * (4 * t[0] ** 3 - 2 * t[0]), height * 2 * (t[1] - 1)],
        lambda t: [[height * (12 * t[0] ** 2 - 2), 0], [0, 2 * height]],
    )
    for start in ((0.0, 5.0), (0.0, 1.0), (1e-12, -3.0)):
        found = minimise(criterion, np.array(start))
        assert found.converged
        assert found.value == pytest.approx(-height / 4, rel=1e-9)


def test_a_slanted_saddle_is_left():
    """The way down from the saddle lies across both axes, and the start is exactly on the ridge."""
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])

    def value(t):
        u = turn @ t
        return u[0] ** 4 - u[0] ** 2 + u[1] ** 2

    def gradient(t):
        u = turn @ t
        return turn.T @ [4 * u[0] ** 3 - 2 * u[0], 2 * u[1]]

    def hessian(t):
        u = turn @ t
        return turn.T @ np.diag([12 * u[0] ** 2 - 2, 2]) @ turn

    found = minimise(smooth(value, gradient, hessian), turn.T @ np.array([0.0, 2.0]))
    assert found.value == pytest.approx(-0.25, abs=1e-9)


def test_a_quartic_floor_is_a_minimum_and_no_saddle():
    """f = z² + x⁴, the shape of a variance that is exactly zero."""
    criterion = smooth(
        lambda t: t[0] ** 4 + t[1] ** 2,
        lambda t: [4 * t[0] ** 3, 2 * t[1]],
        lambda t: [[12 * t[0] ** 2, 0], [0, 2]],
    )
    for start in ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (-2.0, 0.0)):
        found = minimise(criterion, np.array(start))
        assert found.converged
        assert np.abs(found.theta).max() < FLAT
        assert found.value < 1e-8


def test_steps_into_a_wall_are_shortened():
    criterion = smooth(
        lambda t: -np.log(t[0]) + t[0] / 1e-3,
        lambda t: [-1 / t[0] + 1e3],
        lambda t: [[1 / t[0] ** 2]],
        domain=lambda t: t[0] > 0,
    )
    for start in (1.0, 1e-6, 50.0):
        found = minimise(criterion, np.array([start]))
        assert found.converged
        assert found.theta[0] == pytest.approx(1e-3, rel=1e-6)


def test_a_far_minimum_is_reached():
    criterion = smooth(lambda t: (t[0] - 1e5) ** 2, lambda t: [2 * (t[0] - 1e5)], lambda t: [[2.0]])
    found = minimise(criterion, np.array([0.4]))
    assert found.converged
    assert found.theta[0] == pytest.approx(1e5, rel=1e-9)


def test_a_large_constant_hides_only_what_rounding_hides():
    criterion = smooth(lambda t: 2e6 + (t[0] - 0.3) ** 2, lambda t: [2 * (t[0] - 0.3)], lambda t: [[2.0]])
    found = minimise(criterion, np.array([0.4]))
    assert found.converged
    assert abs(found.theta[0] - 0.3) < 1e-3


def test_without_a_minimum_it_does_not_claim_one():
    sinking = smooth(lambda t: -t[0], lambda t: [-1.0], lambda t: [[0.0]])
    assert not minimise(sinking, np.array([0.0])).converged


def test_the_path_never_climbs():
    path = np.array(minimise(ROSENBROCK, np.array([-1.2, 1.0])).path)
    assert len(path) > 5
    assert (np.diff(path) <= 0).all()


def test_a_start_outside_the_domain_is_refused():
    criterion = smooth(lambda t: t[0], lambda t: [1.0], lambda t: [[0.0]], domain=lambda t: False)
    with pytest.raises(ValueError, match="starting value"):
        minimise(criterion, np.zeros(1))
