"""One file a family of charts: a frame, a language and words in that language in, a Figure out.

Every chart takes the keywords lang, title, unit, source and notes; they are described at `Wording`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from povstats.viz.charts.banded_curves import share_curves
    from povstats.viz.charts.base_bars import tornado
    from povstats.viz.charts.curve_grid import Mark, curve_panels
    from povstats.viz.charts.deletions import cooks, without_each
    from povstats.viz.charts.designs import power
    from povstats.viz.charts.fitted import slopes
    from povstats.viz.charts.histograms import histogram
    from povstats.viz.charts.intervals import caterpillar
    from povstats.viz.charts.lorenz_curves import lorenz
    from povstats.viz.charts.normality import residuals
    from povstats.viz.charts.pairs import dumbbell, slope
    from povstats.viz.charts.panels import multiples
    from povstats.viz.charts.ranked_grid import ranked_panels
    from povstats.viz.charts.region_grid import region_panels
    from povstats.viz.charts.regions import johnson_neyman
    from povstats.viz.charts.row_grid import row_panels
    from povstats.viz.charts.spec_dashboard import specification_curve
    from povstats.viz.charts.stacks import stacked
    from povstats.viz.charts.trends import lines
    from povstats.viz.charts.whiskers import coefficients

__all__ = [
    "Mark",
    "caterpillar",
    "coefficients",
    "cooks",
    "curve_panels",
    "dumbbell",
    "histogram",
    "johnson_neyman",
    "lines",
    "lorenz",
    "multiples",
    "power",
    "ranked_panels",
    "region_panels",
    "residuals",
    "row_panels",
    "share_curves",
    "slope",
    "slopes",
    "specification_curve",
    "stacked",
    "tornado",
    "without_each",
]

# No file has a chart's name: once loaded, it would stand in the chart's place.
_WHERE = {
    "Mark": "curve_grid",
    "caterpillar": "intervals",
    "coefficients": "whiskers",
    "cooks": "deletions",
    "curve_panels": "curve_grid",
    "dumbbell": "pairs",
    "histogram": "histograms",
    "johnson_neyman": "regions",
    "lines": "trends",
    "lorenz": "lorenz_curves",
    "multiples": "panels",
    "power": "designs",
    "ranked_panels": "ranked_grid",
    "region_panels": "region_grid",
    "residuals": "normality",
    "row_panels": "row_grid",
    "share_curves": "banded_curves",
    "slope": "pairs",
    "slopes": "fitted",
    "specification_curve": "spec_dashboard",
    "stacked": "stacks",
    "tornado": "base_bars",
    "without_each": "deletions",
}


def __getattr__(name: str) -> Any:
    """Load a chart, and matplotlib with it, when it is first asked for."""
    if name not in _WHERE:
        raise AttributeError(f"povstats.viz.charts has no {name!r}")
    return getattr(import_module(f"povstats.viz.charts.{_WHERE[name]}"), name)
