"""Decompositions: which group, which part of growth, which percentile a number or its change belongs to.

Part of poverty. `group_totals.py` has the totals of groups with their covariance, from which everything else is a
smooth function; `by_group.py`, `over_time.py` and `incidence_of_growth.py` are the results.
Second route: identities (parts add to the whole), lognormal closed forms, a jackknife of PSUs.
"""
