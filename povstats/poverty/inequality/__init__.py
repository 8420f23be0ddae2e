"""Inequality, and the statistics of location that it is made of: a family in one file, with its influence function.

Part of poverty. A measure writes row expressions and a finisher (`povstats.poverty.measure.Measure`), and
`povstats.poverty.estimation` does the rest on every engine.
Second route: laeken's and convey's published answers, closed forms of the lognormal, laws (tests/poverty).
"""
