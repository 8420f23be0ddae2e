"""The three rates of a field check: missed, wrongly registered, wrongly exited, and the comprehensive incidence.

Second routes: hand counts, R's survey (postStratify, svyciprop), binomial tails, simulated coverage.
"""
