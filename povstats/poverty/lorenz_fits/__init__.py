"""Grouped data: Lorenz curves fitted to published shares, and the poverty measures that follow from them.

Second route: the World Bank's own fits of China's distributions, Datt's example of rural India, curves that are known.
"""

from povstats.poverty.lorenz_fits.fit import Grouped, grouped

__all__ = ["Grouped", "grouped"]
