"""From a panel to the curve of exit or of return."""

from typing import Any, Unpack

import numpy as np
import pandas as pd

from povstats.dynamics.asked import Columns, asked_of
from povstats.dynamics.durations.product_limit import NAMES, OF, Of, at_risk, curve_of
from povstats.dynamics.durations.result import Survival
from povstats.dynamics.histories import codes, open_history
from povstats.errors import DataError, allowed


def survival(
    panel: Any, *, of: Of = "exit", by: str | None = None, since: str | None = None, **columns: Unpack[Columns]
) -> Survival:
    r"""Estimate how long spells last: the Kaplan–Meier curve of exit from poverty, or of return to it.

    .. math:: \hat S(k) = \prod_{a \le k} (1 - d_a / n_a)

    with n_a the weight of spells in their a-th wave whose unit is seen in the next, and d_a that of those which end
    then. Duration counts waves; a spell whose unit is lost from sight is censored there.

    Parameters
    ----------
    panel : what `povstats.transitions` takes.
    of : "exit": from the wave in which a unit is first poor, the share still poor; "return": from the wave in which
        it is first out of poverty, the share still out.
    by : column of the groups, as in the row at risk.
    since : column of the wave in which the state began in which a unit is first seen (in years, where waves are
        years). Such spells then enter the risk set at their age (late entry). Without it, and where it is missing,
        spells whose beginning was not seen are left out and counted: their age is not known. For a return, it must be
        missing for units that were never poor.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`.

    Returns
    -------
    Survival
        The curve by group with clustered standard errors and log–log intervals.

    Raises
    ------
    OptionError, DataError
        As `povstats.transitions`; where no spell's beginning is known.

    Source
    ------
    Kaplan and Meier (1958), JASA 53; Williams (1995), Biometrics 51; late entry: Jenkins (2005), Survival Analysis,
    section 4.
    """
    allowed("of", of, OF)
    asked = asked_of(columns, by=by, since=since)
    history = open_history(panel, asked)
    tally = history.tally((*NAMES, codes.LEFT, codes.START))
    risk, _ = at_risk(tally, of)
    if not risk.any():
        raise DataError(
            f"no spell whose beginning is known is at risk of {of}: all are left-censored, or end with the panel; "
            "name the column since= where beginnings are known"
        )
    parts = [
        curve_of(tally, place, of).assign(group=str(name)) for place, name in enumerate(history.groups)
    ]  # fmt: skip
    inside = tally.column(codes.STATE) >= codes.POOR if of == "exit" else tally.column(codes.STATE) < codes.POOR
    if of == "return":
        # A unit that was never seen poor has not left poverty: its row is no spell of this kind.
        inside &= (tally.column(codes.STATE) == codes.AFTER_EXIT) | (tally.column(codes.AGE) >= 1)
    first = inside & (tally.column(codes.START) == 1)
    known, seen = tally.column(codes.AGE) >= 1, tally.column(codes.LEFT) == codes.SEEN
    counts = {
        "spells": round(tally.counts[first & known & seen].sum()),
        "entered": round(tally.counts[first & known & ~seen].sum()),
        "left_out": round(tally.counts[first & ~known].sum()),
    }
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "group", table.pop("group"))
    step = history.account.spacing
    table.insert(2, "duration", table["time"] * (step if step is not None else np.nan))
    return Survival(of, table, counts, asked, history.account)
