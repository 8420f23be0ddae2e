"""High School and Beyond 1982: models of achievement, lines by school, one coefficient's intervals. Real data."""

import warnings
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from povstats.datasets import high_school_1982
from povstats.errors import SmallSampleWarning
from povstats.exhibits.registry import exhibit
from povstats.models import fit_hlm
from povstats.tables import regression_table
from povstats.words import Lang, say

if TYPE_CHECKING:
    import pandas as pd

    from povstats.models import HLMResult
    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "11_models"
SOURCES = ("examples/high_school_1982/source.toml", "examples/high_school_1982/schools.toml")
WITHIN, BETWEEN = "within(ses, school)", "between(ses, school)"
FORMULAS = {
    "null": "math ~ 1 + (1 | school)",
    "context": f"math ~ {BETWEEN} + (1 | school)",
    "slopes": f"math ~ {WITHIN} + (1 + {WITHIN} | school)",
    "cross": f"math ~ {WITHIN} * ({BETWEEN} + sector) + (1 + {WITHIN} | school)",
}
FOCAL = (f"{WITHIN}:{BETWEEN}", f"{WITHIN}:sector[T.Public]")
SCHOOLS, PUPILS, SEED = 44, 15, 1982
"""A sample as small as many village surveys: schools and pupils drawn from the real data."""


@exhibit("hsb-models", data="real", notebook=NOTEBOOK, inputs=SOURCES)
def models(lang: Lang) -> "Table":
    """Set the four models side by side."""
    return regression_table(
        [_model(name) for name in FORMULAS],
        lang=lang,
        style="cn-journal" if lang == "zh" else "en-journal",
        names=[say(f"hsb.model_{name}", lang) for name in FORMULAS],
        labels=_labels(lang),
        title=say("hsb.models", lang),
        notes=[say("hsb.note_models", lang), _source(lang)],
    )


@exhibit("hsb-slopes", data="real", notebook=NOTEBOOK, inputs=SOURCES)
def slopes(lang: Lang) -> "Figure":
    """Draw each school's line of achievement over the pupils' status."""
    labels = _labels(lang) | {"math": say("datasets.unit_score", lang)}
    return _model("slopes").plot_slopes(
        WITHIN, lang=lang, labels=labels, title=say("hsb.slopes", lang), source=_source(lang)
    )


@exhibit("hsb-intervals", data="real", notebook=NOTEBOOK, inputs=SOURCES)
def intervals(lang: Lang) -> "Figure":
    """Draw the cross-level coefficients of a small sample of schools with five kinds of interval."""
    from povstats.viz import charts

    frame = interval_frame().assign(model=lambda t: [say(f"hsb.interval_{name}", lang) for name in t["model"]])
    words = {FOCAL[0]: "focal_between", FOCAL[1]: "focal_public"}
    return charts.coefficients(
        frame,
        labels={term: say(f"hsb.{word}", lang) for term, word in words.items()},
        lang=lang,
        title=say("hsb.intervals", lang),
        unit=say("hsb.unit_slope", lang),
        source=say("hsb.source_sample", lang, source=_source(lang), schools=SCHOOLS, pupils=PUPILS, seed=SEED),
    )


@cache
def interval_frame() -> "pd.DataFrame":
    """Give the five intervals of the focal coefficients: columns model, term, estimate, low, high."""
    import pandas as pd

    table = _sample()
    fit = fit_hlm(FORMULAS["cross"], table)
    ends = {
        "satterthwaite": fit.conf_int(),
        "kenward_roger": fit_hlm(FORMULAS["cross"], table, df="kenward-roger").conf_int(),
        "cr2": fit.robust("CR2").conf_int(),
        "bootstrap": fit.conf_int(method="bootstrap", n=1000, rng=SEED),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)  # that it is short here is what the chart shows
        ends["profile"] = fit.conf_int(method="profile")
    rows = [(name, t, fit.params[t], one.low[t], one.high[t]) for t in FOCAL for name, one in ends.items()]
    return pd.DataFrame(rows, columns=["model", "term", "estimate", "low", "high"])


@cache
def _sample() -> "pd.DataFrame":
    """Draw schools, and pupils of each, without replacement."""
    rng, table = np.random.default_rng(SEED), _pupils()
    schools = rng.choice(np.sort(table["school"].unique()), SCHOOLS, replace=False)
    chosen = table[table["school"].isin(schools)]
    rank = chosen.assign(draw=rng.random(len(chosen))).groupby("school")["draw"].rank()
    return chosen[rank <= PUPILS].reset_index(drop=True)


@cache
def _pupils() -> "pd.DataFrame":
    return high_school_1982()


@cache
def _model(name: str) -> "HLMResult":
    return fit_hlm(FORMULAS[name], _pupils(), method="reml")


def _labels(lang: Lang) -> dict[str, str]:
    words = {WITHIN: "within", BETWEEN: "between", "sector[T.Public]": "public", "school": "school"}
    return {term: say(f"hsb.{word}", lang) for term, word in words.items()}


def _source(lang: Lang) -> str:
    return say("hsb.source", lang)
