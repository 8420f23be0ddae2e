"""Vulnerability: the chance of each household to be poor next time, from a model whose residuals spread unequally.

Second routes: dense formulas, the Gamma regression of statsmodels, simulated populations whose chances are known.
"""
