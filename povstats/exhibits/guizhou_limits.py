"""What 44 villages can say: focal effects, divisor, instruments, grades, weights, lines, a referee. Synthetic data."""

from typing import TYPE_CHECKING

import pandas as pd

from povstats.exhibits.guizhou_shared import analysis
from povstats.exhibits.registry import exhibit
from povstats.files import data_file
from povstats.guizhou import Plan
from povstats.guizhou.contents import parts
from povstats.guizhou.labelled import notes_of, source_of, titled
from povstats.tables.digits import plain
from povstats.words import Lang, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from povstats.tables import Table
    from povstats.viz import Figure

NOTEBOOK = "24_guizhou_limits"
SHOWN = ("focal", "divisor", "endogeneity", "grades", "absent", "lines", "referee")
FEEDBACK = "guizhou/endogeneity.csv"
PLAN = Plan(data="synthetic")


def _titled(shown: str) -> "Callable[[Lang], str]":
    return lambda lang: titled(say(f"guizhou.{shown}", lang), PLAN, lang)


def _register(shown: str) -> None:
    def maker(lang: Lang) -> "Table | Figure":
        """Make the part of the study of the synthetic survey."""
        [found] = [one for one in parts(analysis()) if one.id == shown]
        return found.drawn(analysis(), lang)

    exhibit(f"guizhou-{shown}", data="synthetic", notebook=NOTEBOOK, titled=_titled(shown))(maker)


for _one in SHOWN:
    _register(_one)


@exhibit("guizhou-feedback", data="synthetic", notebook=NOTEBOOK, inputs=(FEEDBACK,), titled=_titled("feedback"))
def feedback(lang: Lang) -> "Figure":
    """Draw how far the estimates are off as trust follows welfare and funds follow poverty, by Monte Carlo."""
    from povstats.viz import charts

    found = pd.read_csv(data_file(FEEDBACK))
    frame = pd.DataFrame(
        {
            "panel": [say(f"limits.feedback_{one}", lang) for one in found["feedback"]],
            "group": [say(f"limits.estimator_{one}", lang) for one in found["estimator"]],
            "x": found["size"],
            "estimate": found["bias"],
            "low": found["quarter"],
            "high": found["three_quarters"],
        }
    )
    truth = found.groupby("term")["truth"].mean()
    words = {"trust": plain(float(truth["trust"]), 3), "funds": plain(float(truth["aid_funds"]), 2)}
    return charts.curve_panels(
        frame,
        x_label=say("limits.axis_feedback", lang),
        shape="joined",
        marks=[charts.Mark("y", 0.0)],
        lang=lang,
        title=_titled("feedback")(lang),
        unit=say("limits.unit_bias", lang),
        source=source_of(PLAN, lang) or "",
        notes=[
            say("limits.note_feedback", lang, surveys=int(found["surveys"].iloc[0]), **words),
            *notes_of(PLAN, lang),
        ],
    )
