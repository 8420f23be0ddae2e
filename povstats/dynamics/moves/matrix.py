"""From a history to flows and rates by pair of waves."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from povstats.dynamics.asked import asked_of
from povstats.dynamics.histories import codes, open_history
from povstats.dynamics.histories.account import label
from povstats.dynamics.histories.tally import Bools, Ratio, Tally
from povstats.dynamics.moves.result import Transitions
from povstats.survey import Design

RATES = ("entry", "exit", "persistence", "lost_poor", "lost_not_poor")


def transitions(
    panel: Any,
    *,
    unit: str,
    wave: str,
    welfare: str | None = None,
    line: Any = None,
    poor: str | None = None,
    design: Design | None = None,
    by: str | None = None,
) -> Transitions:
    r"""Count who moves into and out of poverty from one wave to the next.

    .. math::
        \text{entry} = \frac{\sum w_{it}\, 1[p_{it} = 0, p_{i,t+1} = 1]}{\sum w_{it}\, 1[p_{it} = 0]}, \quad
        \text{exit} = \frac{\sum w_{it}\, 1[p_{it} = 1, p_{i,t+1} = 0]}{\sum w_{it}\, 1[p_{it} = 1]}, \quad
        \text{persistence} = 1 - \text{exit}

    over units seen in both waves; the weight is that of the row where the step starts. Steps over a gap count nowhere.
    Units not seen in the wave after are counted apart, with the share that they are of those seen first.

    Parameters
    ----------
    panel : a pandas or polars frame, a pyarrow table, a path, a DuckDB relation or a polars LazyFrame, of one row a
        unit and wave.
    unit, wave : columns of who is followed and when. Waves follow each other as the table has them.
    welfare, line : the column of welfare, and a number above 0, a column, a line object (taken as known) or a mapping
        from wave to any of these numbers.
    poor : "<" or "<=" beside welfare and line; without them the column that says who is poor.
    design : weights, strata, PSUs. Without a psu column units are the clusters.
    by : column of the groups, as it is in the row where a step starts.

    Returns
    -------
    Transitions
        Flows, rates with clustered standard errors by pair of waves and pooled, what is unseen.

    Raises
    ------
    OptionError, DataError
        Where the columns do not go together or cannot play their part; where a unit has two rows of a wave.

    Source
    ------
    Bane and Ellwood (1986), Journal of Human Resources 21; variance by linearisation as in Binder (1983).
    """
    columns = {"unit": unit, "wave": wave, "welfare": welfare, "line": line, "poor": poor, "design": design}
    asked = asked_of(columns, by=by)
    history = open_history(panel, asked)
    tally = history.tally((codes.WAVE, codes.STATE, codes.NEXT))
    pairs = [*range(len(history.account.waves) - 1), None]
    flows, rates = [], []
    for group, name in enumerate(history.groups):
        for pair in pairs:
            place = {"group": str(name), **_labels(history.account.waves, pair)}
            here = _here(tally, group, pair)
            flows += [place | flow for flow in _flows(tally, here)]
            rates += [place | rate for rate in _rates(tally, here)]
    return Transitions(pd.DataFrame(flows), pd.DataFrame(rates), asked, history.account)


def _labels(waves: tuple[Any, ...], pair: int | None) -> dict[str, str]:
    """Give the labels of a pair of waves; "" for all of them together."""
    return {"start": "", "end": ""} if pair is None else {"start": label(waves[pair]), "end": label(waves[pair + 1])}


def _here(tally: Tally, group: int, pair: int | None) -> Bools:
    """Tell the items of a group and pair of waves; those of the last wave start no step."""
    wave, following = tally.column(codes.WAVE), tally.column(codes.NEXT)
    here = (tally.column(codes.GROUP) == group) & (following != codes.LAST)
    return np.asarray(here if pair is None else here & (wave == pair))


def _flows(tally: Tally, here: Bools) -> Iterator[dict[str, Any]]:
    """Give the weighted matrix: from poor or not, to poor, not, or unseen."""
    poor, following = tally.column(codes.STATE) >= codes.POOR, tally.column(codes.NEXT)
    for start in (False, True):
        row = here & (poor == start)
        seen = tally.weights[row & (following < codes.UNSEEN)].sum()
        for end, name in ((0, "not_poor"), (1, "poor"), (codes.UNSEEN, "unseen")):
            own = row & (following == end)
            weight = float(tally.weights[own].sum())
            share = weight / seen if seen and end != codes.UNSEEN else np.nan
            yield {
                "origin": "poor" if start else "not_poor", "destination": name, "share": share,
                "rows": round(tally.counts[own].sum()), "weight": weight,
            }  # fmt: skip


def _rates(tally: Tally, here: Bools) -> Iterator[dict[str, Any]]:
    """Give entry, exit, persistence, and who is lost from sight."""
    poor, following = tally.column(codes.STATE) >= codes.POOR, tally.column(codes.NEXT)
    seen = here & (following < codes.UNSEEN)
    parts = {
        "entry": (seen & ~poor & (following == 1), seen & ~poor),
        "exit": (seen & poor & (following == 0), seen & poor),
        "lost_poor": (here & poor & (following == codes.UNSEEN), here & poor),
        "lost_not_poor": (here & ~poor & (following == codes.UNSEEN), here & ~poor),
    }
    for name, (top, bottom) in parts.items():
        ratio = tally.ratio(top, bottom)
        yield {"rate": name, **vars(ratio)}
        if name == "exit":
            yield {"rate": "persistence", **vars(_mirrored(ratio))}


def _mirrored(ratio: Ratio) -> Ratio:
    """Give one minus a share; its error is the same, and the logit interval is symmetric."""
    return replace(
        ratio,
        estimate=1 - ratio.estimate,
        low=1 - ratio.high,
        high=1 - ratio.low,
        events=ratio.n - ratio.events,
        numerator=ratio.denominator - ratio.numerator,
    )
