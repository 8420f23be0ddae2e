"""The compiled loops against the array code, which is itself held against dense V (test_recursion.py).

SAME: both are sums of the same products in another order, some thousands of them; relative to the largest entry.
"""

import numpy as np
import pytest
from test_recursion import reduced, table  # noqa: F401  (the synthetic survey)

from povstats.models import optimum, recursion, speed
from povstats.models.compiled import derive, evaluate
from povstats.models.likelihood import directions, two_level
from povstats.models.optimum import make_criterion, matrices, optimise
from povstats.models.recursion import eliminate

SAME = 1e-11


@pytest.fixture
def arrays(monkeypatch):
    """Take the array route, whatever is at hand."""
    monkeypatch.setattr(recursion, "compiled", lambda groups: False)
    monkeypatch.setattr(optimum, "compiled", lambda groups: False)


def close(one, other):
    return np.abs(np.asarray(one) - np.asarray(other)).max() <= SAME * np.abs(np.asarray(other)).max()


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    "bar", ["(1 | village)", "(1 + x | village)", "(x || village)", "(1 + x + w | county)", "(0 + x | county)"]
)
def test_two_levels(table, arrays, bar, reml):  # noqa: F811
    _, blocks, entries = reduced(table, bar)
    theta = np.random.default_rng(2).normal(size=len(entries)) * 0.6
    value, derivatives = make_criterion(blocks, entries, reml)(theta)
    data = two_level(blocks, entries, reml)
    at = evaluate(data, theta)
    assert at[0]
    assert at[1] == pytest.approx(value, rel=SAME)
    for one, other in zip(derive(data, theta, at), derivatives(), strict=True):
        assert close(one, other)


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("bar", ["(1 + x | county/village)", "(1 + x | village) + (1 | enumerator)"])
def test_the_lowest_groups_of_other_structures(table, monkeypatch, bar, linear):  # noqa: F811
    _, blocks, entries = reduced(table, bar)
    roots = matrices(np.random.default_rng(7).normal(size=len(entries)), entries, blocks.levels)
    along = directions(roots, entries)
    if linear:
        along = [recursion.Directions(one.dT) for one in along]
    found = []
    for route in (True, False):
        monkeypatch.setattr(recursion, "compiled", lambda groups, route=route: route)
        found.append(eliminate(blocks.full, blocks.levels, roots, along))
    one, other = found
    for name in ("F", "dF", "d2F", "logs", "dlogs", "d2logs"):
        assert close(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("bar", ["(1 + x | village)", "(1 | county)"])
def test_both_searches_end_at_the_same_place(table, monkeypatch, bar):  # noqa: F811
    _, blocks, _ = reduced(table, bar)
    ends = []
    for route in (True, False):
        monkeypatch.setattr(optimum, "compiled", lambda groups, route=route: route)
        ends.append(optimise(blocks, True))
    assert ends[0].search.value == pytest.approx(ends[1].search.value, rel=1e-12)
    # θ is known to the square root of the criterion's rounding.
    np.testing.assert_allclose(ends[0].covs[0], ends[1].covs[0], atol=1e-6)
    assert ends[0].search.converged


def test_where_the_criterion_is_not_finite(table):  # noqa: F811
    _, blocks, entries = reduced(table, "(1 | village)")
    assert not evaluate(two_level(blocks, entries, True), np.array([np.nan]))[0]


def test_stale_loops_are_taken_away(tmp_path, monkeypatch):
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    for name in speed.SOURCES:
        (tmp_path / name).write_text("")
    old, other = folder / "compiled.search-1.py311.nbi", folder / "compiled.search-1.py311.1.nbc"
    for path in (old, other):
        path.write_text("")
    monkeypatch.setattr(speed, "HERE", tmp_path)
    kept = speed._kept.__wrapped__
    assert kept()
    import os

    os.utime(old, (1, 1))
    assert not kept()
    assert not old.exists()
    assert not other.exists()
    assert not kept()
