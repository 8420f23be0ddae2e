"""What a table's note says of a fit: how it was estimated and how its coefficients are tested."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from povstats.models.weights import sampled
from povstats.words import say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def inference_note(fit: "HLMResult", lang: str, labels: Mapping[str, str] | None = None) -> str:
    """Say method, covariance and degrees of freedom in half a sentence; `regression_table` puts it into its note.

    Parameters
    ----------
    lang : "zh" or "en". labels : words for groupings.
    """
    top = fit.optimum.blocks.levels[-1]
    name = (labels or {}).get(top.name, top.name)
    if sampled(fit.cells, fit.optimum.blocks.levels):
        parts = [
            say("journal.method_sampling", lang),
            say("journal.tests_sampling", lang, clusters=f"{top.slots:,}", group=name),
        ]
    else:
        parts = [say(f"journal.method_{fit.method}", lang), say(f"journal.tests_{fit.df_method}", lang)]
    return say("journal.clause_joint", lang).join(parts)
