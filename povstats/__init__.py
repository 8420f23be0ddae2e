"""povstats: hierarchical models, poverty measurement and reproducible notebooks.

Every name below loads its room when it is first used, so that `import povstats` stays fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_WHERE = {
    "Assumed": "models",
    "check": "contracts",
    "compare": "models",
    "datasets": "datasets",
    "Design": "survey",
    "errors": "errors",
    "facts": "documents",
    "family": "models",
    "fit_hlm": "models",
    "fit_within": "models",
    "headcount": "poverty",
    "language": "words",
    "names_elsewhere": "tables",
    "pool": "models",
    "poverty_gap": "poverty",
    "predicted_headcount": "smallarea",
    "read": "reading",
    "recipe": "reading",
    "recipes": "reading",
    "referee": "models",
    "regression_table": "tables",
    "series": "documents",
    "show": "exhibits",
    "simulate_power": "models",
    "specification_test": "models",
    "split_half_mean": "models",
    "study": "studies",
    "template": "reading",
    "trend": "poverty",
}

__all__ = [
    "Assumed",
    "Design",
    "__version__",
    "check",
    "compare",
    "datasets",
    "errors",
    "facts",
    "family",
    "fit_hlm",
    "fit_within",
    "headcount",
    "language",
    "names_elsewhere",
    "pool",
    "poverty_gap",
    "predicted_headcount",
    "read",
    "recipe",
    "recipes",
    "referee",
    "regression_table",
    "series",
    "show",
    "simulate_power",
    "specification_test",
    "split_half_mean",
    "study",
    "template",
    "trend",
]

if TYPE_CHECKING:
    from povstats import datasets, errors
    from povstats.contracts import check
    from povstats.documents import facts, series
    from povstats.exhibits import show
    from povstats.models import (
        Assumed,
        compare,
        family,
        fit_hlm,
        fit_within,
        pool,
        referee,
        simulate_power,
        specification_test,
        split_half_mean,
    )
    from povstats.poverty import headcount, poverty_gap, trend
    from povstats.reading import read, recipe, recipes, template
    from povstats.smallarea import predicted_headcount
    from povstats.studies import study
    from povstats.survey import Design
    from povstats.tables import names_elsewhere, regression_table
    from povstats.words import language


def __getattr__(name: str) -> Any:
    """Load a public name from its room."""
    room = _WHERE.get(name)
    if room is None:
        raise AttributeError(f"povstats has no {name!r}")
    module = import_module(f"povstats.{room}")
    return module if name == room else getattr(module, name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
