"""povstats: hierarchical models, poverty measurement and reproducible notebooks.

Every name below loads its room when it is first used, so that `import povstats` stays fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_WHERE = {
    "Assumed": "models",
    "atkinson": "poverty",
    "check": "contracts",
    "chronic": "dynamics",
    "compare": "models",
    "datasets": "datasets",
    "decompose": "poverty",
    "Design": "survey",
    "difference": "poverty",
    "dominance": "poverty",
    "equivalised": "poverty",
    "errors": "errors",
    "facts": "documents",
    "family": "models",
    "fgt": "poverty",
    "fit_hlm": "models",
    "fit_within": "models",
    "generalized_entropy": "poverty",
    "gini": "poverty",
    "grouped": "poverty",
    "growth_elasticity": "poverty",
    "growth_incidence": "poverty",
    "hazard": "dynamics",
    "headcount": "poverty",
    "income_gap": "poverty",
    "language": "words",
    "line": "poverty",
    "lorenz": "poverty",
    "median_gap": "poverty",
    "mld": "poverty",
    "names_elsewhere": "tables",
    "palma": "poverty",
    "pens_parade": "poverty",
    "pool": "models",
    "poor_median": "poverty",
    "poverty_gap": "poverty",
    "poverty_profile": "poverty",
    "poverty_severity": "poverty",
    "predicted_headcount": "smallarea",
    "quantile_ratio": "poverty",
    "read": "reading",
    "recipe": "reading",
    "recipes": "reading",
    "referee": "models",
    "regression_table": "tables",
    "relative_line": "poverty",
    "Replicates": "survey",
    "return_rate": "dynamics",
    "return_rates": "dynamics",
    "s_gini": "poverty",
    "sen": "poverty",
    "series": "documents",
    "share_ratio": "poverty",
    "show": "exhibits",
    "simulate_power": "models",
    "specification_test": "models",
    "spells": "dynamics",
    "split_half_mean": "models",
    "sst": "poverty",
    "study": "studies",
    "survival": "dynamics",
    "template": "reading",
    "TermRule": "poverty",
    "theil": "poverty",
    "tip_curve": "poverty",
    "transitions": "dynamics",
    "trend": "poverty",
    "watts": "poverty",
    "zhejiang_line": "poverty",
}

__all__ = [
    "Assumed",
    "Design",
    "Replicates",
    "TermRule",
    "__version__",
    "atkinson",
    "check",
    "chronic",
    "compare",
    "datasets",
    "decompose",
    "difference",
    "dominance",
    "equivalised",
    "errors",
    "facts",
    "family",
    "fgt",
    "fit_hlm",
    "fit_within",
    "generalized_entropy",
    "gini",
    "grouped",
    "growth_elasticity",
    "growth_incidence",
    "hazard",
    "headcount",
    "income_gap",
    "language",
    "line",
    "lorenz",
    "median_gap",
    "mld",
    "names_elsewhere",
    "palma",
    "pens_parade",
    "pool",
    "poor_median",
    "poverty_gap",
    "poverty_profile",
    "poverty_severity",
    "predicted_headcount",
    "quantile_ratio",
    "read",
    "recipe",
    "recipes",
    "referee",
    "regression_table",
    "relative_line",
    "return_rate",
    "return_rates",
    "s_gini",
    "sen",
    "series",
    "share_ratio",
    "show",
    "simulate_power",
    "specification_test",
    "spells",
    "split_half_mean",
    "sst",
    "study",
    "survival",
    "template",
    "theil",
    "tip_curve",
    "transitions",
    "trend",
    "watts",
    "zhejiang_line",
]

if TYPE_CHECKING:
    from povstats import datasets, errors
    from povstats.contracts import check
    from povstats.documents import facts, series
    from povstats.dynamics import chronic, hazard, return_rate, return_rates, spells, survival, transitions
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
    from povstats.poverty import (
        TermRule,
        atkinson,
        decompose,
        difference,
        dominance,
        equivalised,
        fgt,
        generalized_entropy,
        gini,
        grouped,
        growth_elasticity,
        growth_incidence,
        headcount,
        income_gap,
        line,
        lorenz,
        median_gap,
        mld,
        palma,
        pens_parade,
        poor_median,
        poverty_gap,
        poverty_profile,
        poverty_severity,
        quantile_ratio,
        relative_line,
        s_gini,
        sen,
        share_ratio,
        sst,
        theil,
        tip_curve,
        trend,
        watts,
        zhejiang_line,
    )
    from povstats.reading import read, recipe, recipes, template
    from povstats.smallarea import predicted_headcount
    from povstats.studies import study
    from povstats.survey import Design, Replicates
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
