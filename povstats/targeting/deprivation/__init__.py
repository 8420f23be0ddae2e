"""Several deprivations of a household: Alkire and Foster's measures, and the rule that any one of them blocks exit.

Weights and cut-offs are fractions, so that a score of two thirds and two sixths is one, not nearly one.
Second routes: hand counts, published values where the data can be had, R's survey, laws of the measures.
"""
