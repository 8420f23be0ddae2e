"""Curves of a distribution: Lorenz, generalised Lorenz, TIP, Pen's parade, and what one over another means.

Part of poverty. `ordinates.py` writes the curves' points as measures, `drawn_curve.py` is their result, `dominating.py`
compares two groups along a range of lines.
Second route: the lognormal curve, sums over sorted rows, R's survey package for the errors; the tests of dominance by
simulation (benchmarks).
"""
