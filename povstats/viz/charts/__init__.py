"""One file a family of charts: a frame, a language and words in that language in, a Figure out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from povstats.viz.charts.intervals import caterpillar
    from povstats.viz.charts.lines import slopes
    from povstats.viz.charts.whiskers import coefficients

__all__ = ["caterpillar", "coefficients", "slopes"]

_WHERE = {"caterpillar": "intervals", "coefficients": "whiskers", "slopes": "lines"}


def __getattr__(name: str) -> Any:
    """Load a chart, and matplotlib with it, when it is first asked for."""
    if name not in _WHERE:
        raise AttributeError(f"povstats.viz.charts has no {name!r}")
    return getattr(import_module(f"povstats.viz.charts.{_WHERE[name]}"), name)
