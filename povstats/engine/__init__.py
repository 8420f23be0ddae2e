"""The engine: tables, sums and order. It knows no poverty and no regression.

Floor 0. The only room that opens tables; other rooms write narwhals expressions and hand them over.
Second route: each statistic is held against a plain numpy computation on the rows (tests/engine).
"""

from povstats.engine.source import open_lazily, open_table

__all__ = ["open_lazily", "open_table"]
