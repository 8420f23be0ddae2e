"""The compiled loop against array code, and who imports it when.

SAME: one sum in another order, relative to the sums of squares that it is made of.
"""

import subprocess
import sys

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from povstats.engine import moments as module
from povstats.engine import open_table
from povstats.engine.kernels import add_by_cell
from povstats.engine.moments import add_apart, add_together, moments

SAME = 1e-13


def close(one, other):
    size = np.sqrt(np.einsum("gii->gi", other))
    return (np.abs(one - other) <= SAME * size[:, :, None] * size[:, None]).all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [1, 7, 40, 3_000])
def test_three_ways_to_sum(rows, weighted):
    rng = np.random.default_rng(rows)
    ends = np.concatenate([[0], np.cumsum(rng.integers(1, rows + 1, 30))])
    columns = rng.normal(size=(5, ends[-1]))
    scaled = columns * rng.uniform(0.5, 2, ends[-1]) if weighted else columns
    out = np.empty((3, 30, 5, 5))
    for add, own in zip((add_by_cell, add_apart, add_together), out, strict=True):
        add(columns, scaled, ends, own)
    assert close(out[0], out[1])
    assert close(out[0], out[2])


@pytest.fixture
def table():
    rng = np.random.default_rng(9)
    group = rng.integers(0, 60, 4_000)
    return pd.DataFrame(
        {"x": rng.normal(1e3, 2, 4_000), "z": rng.gamma(2, 1, 4_000), "v": group**0.5, "w": rng.uniform(1, 2, 4_000)}
    ).assign(y=lambda t: t.x + t.z, g=group)


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("ordered", [True, False])
def test_the_same_cells_by_every_route(table, monkeypatch, weight, ordered):
    frame = open_table(table.sort_values("g") if ordered else table)
    pieces = {name: nw.col(name) for name in ("x", "z", "v", "y")}
    products = [("x",), ("x", "z"), ("v", "x"), ("v",), ("x", "y", "z")]
    found = []
    for light, heavy in ((0, np.inf), (np.inf, np.inf), (0, 0)):
        monkeypatch.setattr(module, "LIGHT", light)
        monkeypatch.setattr(module, "HEAVY", heavy)
        found.append(moments(frame, pieces, products, [("g",)], weight))
    for one in found[1:]:
        assert one.household == found[0].household
        assert close(one.moments, found[0].moments)
        assert np.array_equal(one.values, found[0].values)


def test_array_code_takes_over_where_the_loop_cannot_be_had(table, monkeypatch):
    frame, pieces, products = open_table(table), {"x": "x", "y": "y"}, [("x",), ("y",)]
    monkeypatch.setattr(module, "HEAVY", 0)
    compiled = moments(frame, pieces, products, [("g",)])
    monkeypatch.setitem(sys.modules, "povstats.engine.kernels", None)  # importing it raises ImportError
    module._importable.cache_clear()
    try:
        assert not module._importable()
        assert close(moments(frame, pieces, products, [("g",)]).moments, compiled.moments)
    finally:
        module._importable.cache_clear()


def test_a_small_reduction_imports_no_compiler():
    code = """
import sys, numpy as np, pandas as pd, povstats
from povstats.engine import open_table
from povstats.engine.moments import moments
table = pd.DataFrame({"x": np.arange(440.0), "g": np.arange(440) % 44})
moments(open_table(table), {"x": "x"}, [("x",)], [("g",)])
print("numba" in sys.modules, "duckdb" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
