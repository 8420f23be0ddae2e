"""Lines: what a poverty line may be, and lines that a sample gives.

Part of poverty. `line.py` says what every verb takes as a line, `estimated.py` holds a line that enters the standard
error of a measure, `relative.py` estimates a share of a median or mean.
Second route: convey's published answers on laeken's eusilc, simulated coverage (benchmarks).
"""
