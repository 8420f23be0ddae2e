"""Measures of poverty: definition, source and influence function of a family together in one file.

Part of poverty. Who is poor is said in `povstats.poverty.poor`; a measure writes row expressions and a finisher
(`povstats.poverty.measure.Measure`), and `povstats.poverty.estimation` does the rest on every engine.
Second route: R's survey package and convey's published answers, closed forms, laws (tests/poverty).
"""
