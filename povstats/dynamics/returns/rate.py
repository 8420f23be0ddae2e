"""From a panel to a rate of return by one of five definitions, or by all that it allows."""

from collections.abc import Callable, Iterator
from typing import Any, Unpack

import numpy as np
import pandas as pd

from povstats.dynamics.asked import Columns, asked_of
from povstats.dynamics.durations import curve_of
from povstats.dynamics.histories import History, codes, open_history
from povstats.dynamics.histories.account import label
from povstats.dynamics.histories.tally import Bools, Tally
from povstats.dynamics.returns.result import DEFINITIONS, Definition, ReturnRate, ReturnRates
from povstats.errors import DataError, OptionError

FLOWS = (codes.WAVE, codes.STATE, codes.NEXT)
Parts = tuple[Bools, Bools, int, int]
"""The items of the numerator and of the denominator; by how many waves a row stands before the wave it counts in; and
the place of the first wave in which the event can be seen."""


def return_rate(
    panel: Any,
    *,
    definition: Definition | None = None,
    by: str | None = None,
    years: float | None = None,
    check: str | None = None,
    **columns: Unpack[Columns],
) -> ReturnRate:
    r"""Measure return to poverty by a definition that must be named: five rates go by this one name.

    With p the poor, e those who are not poor and were seen poor before, a return is the step from e to p:

    .. math::
        \text{hazard} = \frac{R_t}{E_{t-1}}, \quad \text{per exit} = \frac{R_t}{X_t}, \quad
        \text{share of poor} = \frac{R_t}{P_t}, \quad
        \text{cumulative} = 1 - \prod_{a \le k} \left(1 - \frac{r_a}{n_a}\right), \quad
        \text{wrong exit} = \frac{W}{C}

    where R are the returns in wave t; E those out of poverty after an exit in t − 1 who are seen in t; X the exits in
    t; P the poor in t; r_a and n_a returns and spells at risk a steps after the exit; C the exits that were checked and
    W those of them found wrong. All are sums of weights.

    Parameters
    ----------
    panel : what `povstats.transitions` takes.
    definition : "hazard", "per_exit", "share_of_poor", "cumulative" or "wrong_exit". There is no default.
    by : column of the groups.
    years : how long after the exit, in the unit of the wave; for "cumulative" alone.
    check : column in which the row of the wave of an exit says whether it was wrong: true or false, 1 or 0, missing
        where it was not checked; for "wrong_exit" alone.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`.

    Returns
    -------
    ReturnRate
        The rate by wave and of all waves together, with numerator, denominator and clustered standard error.

    Raises
    ------
    OptionError
        Where no definition is named, or its `years` or `check` is missing.
    DataError
        As `povstats.transitions`; where the panel has fewer than three waves.

    Notes
    -----
    Returns are seen from the third wave on: exits and poor of the first two are in no denominator. Weights: of the row
    where the step starts; of the row itself for the share of the poor and for wrong exits.
    """
    if definition is None or definition not in DEFINITIONS:
        given = "no definition was named" if definition is None else f"definition={definition!r} is none of them"
        listed = "; ".join(f"{name!r}: {what}" for name, what in DEFINITIONS.items())
        raise OptionError(f"return_rate has five definitions, and {given}. Choose one: {listed}")
    if (definition == "cumulative") != (years is not None):
        raise OptionError("years= goes with definition='cumulative', which needs it: how long after the exit")
    if (definition == "wrong_exit") != (check is not None):
        raise OptionError("check= goes with definition='wrong_exit', which needs the column of checked exits")
    asked = asked_of(columns, by=by, check=check)
    return _measured(open_history(panel, asked), definition, years)


def return_rates(
    panel: Any,
    *,
    years: float,
    by: str | None = None,
    check: str | None = None,
    **columns: Unpack[Columns],
) -> ReturnRates:
    """Set the rates of return of one panel side by side: by all five definitions, or four where no exit was checked.

    Parameters
    ----------
    panel : what `povstats.transitions` takes.
    years : how long after the exit the cumulative rate looks, in the unit of the wave.
    by : column of the groups.
    check : as in `povstats.return_rate`; without it there is no rate of wrong exits.
    columns : unit, wave, welfare and line or poor, design; see `povstats.transitions`.

    Raises
    ------
    OptionError, DataError
        As `povstats.return_rate`.
    """
    asked = asked_of(columns, by=by, check=check)
    history = open_history(panel, asked)
    names = [name for name in DEFINITIONS if name != "wrong_exit" or check is not None]
    flows = history.tally(FLOWS)
    found = {name: _measured(history, name, years if name == "cumulative" else None, flows) for name in names}
    return ReturnRates(found, asked, history.account)


def _measured(history: History, definition: Definition, years: float | None, flows: Tally | None = None) -> ReturnRate:
    """Measure by one definition; `flows` is the tally that three of them share, where it is there already."""
    if len(history.account.waves) < 3 and definition != "wrong_exit":
        raise DataError(
            f"the panel has {len(history.account.waves)} waves; to be poor, to leave and to return takes three"
        )
    asked, account = history.asked, history.account
    if definition == "cumulative":
        assert years is not None
        table = _cumulative(history, _steps(history, years))
    else:
        if definition == "wrong_exit":
            flows = history.tally((*FLOWS, codes.AGE, codes.LEFT, codes.CHECK))
        table = pd.DataFrame(_ratios(history, flows or history.tally(FLOWS), PARTS[definition]))
    return ReturnRate(definition, table, years, asked, account)


def _steps(history: History, years: float) -> int:
    """Turn a length of time into steps from wave to wave."""
    spacing = history.account.spacing
    if spacing is None:
        raise DataError(f"years={years:g} needs waves that are numbers at equal distances; recode the wave column")
    steps = years / spacing
    if steps < 1 or abs(steps - round(steps)) > 1e-9:
        raise OptionError(f"years={years:g} is no whole number of steps: waves are {spacing:g} apart")
    return round(steps)


def _cumulative(history: History, steps: int) -> pd.DataFrame:
    """Give one minus the product-limit estimate after so many steps."""
    tally = history.tally((codes.STATE, codes.NEXT, codes.AGE))
    rows = []
    for place, group in enumerate(history.groups):
        curve = curve_of(tally, place, "return")
        if not len(curve) or (curve["time"].max() < steps and curve["survival"].iloc[-1] > 0):
            longest = int(curve["time"].max()) if len(curve) else 0
            raise DataError(
                f"no unit is followed for {steps} steps after its exit; the longest is {longest}: ask for fewer years"
            )
        seen = curve[curve["time"] <= steps]
        last, start = seen.iloc[-1], seen.iloc[0]
        rows.append(
            {
                "group": str(group), "wave": "", "estimate": 1 - last["survival"], "se": last["se"], "df": last["df"],
                "low": 1 - last["high"], "high": 1 - last["low"], "reason": "" if last["se"] >= 0 else "no_spread",
                "events": int(seen["events"].sum()), "n": int(start["n"]),
                "numerator": float(seen["event_weight"].sum()), "denominator": float(start["weight"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _ratios(history: History, tally: Tally, parts: "Callable[[Tally], Parts]") -> Iterator[dict[str, Any]]:
    """Give the ratio by wave and of all of them together."""
    top, bottom, before, first = parts(tally)
    wave = tally.column(codes.WAVE) + before
    for place, group in enumerate(history.groups):
        own = tally.column(codes.GROUP) == place
        for t in (*range(first, len(history.account.waves)), None):
            here = own & ((wave >= first) if t is None else (wave == t))
            named = "" if t is None else label(history.account.waves[t])
            # Exits and returns are two sets: their ratio may pass one.
            ratio = tally.ratio(top & here, bottom & here, "wald" if parts is _per_exit else "logit")
            yield {"group": str(group), "wave": named, **vars(ratio)}


def _returns(tally: Tally) -> Bools:
    return np.asarray((tally.column(codes.STATE) == codes.AFTER_EXIT) & (tally.column(codes.NEXT) == 1))


def _hazard(tally: Tally) -> Parts:
    after = tally.column(codes.STATE) == codes.AFTER_EXIT
    return _returns(tally), np.asarray(after & (tally.column(codes.NEXT) < codes.UNSEEN)), 1, 2


def _per_exit(tally: Tally) -> Parts:
    exits = (tally.column(codes.STATE) >= codes.POOR) & (tally.column(codes.NEXT) == 0)
    return _returns(tally), np.asarray(exits), 1, 2


def _share_of_poor(tally: Tally) -> Parts:
    state = tally.column(codes.STATE)
    return np.asarray(state == codes.BACK), np.asarray(state >= codes.POOR), 0, 2


def _wrong_exit(tally: Tally) -> Parts:
    exits = (tally.column(codes.STATE) == codes.AFTER_EXIT) & (tally.column(codes.LEFT) == codes.SEEN)
    exits &= tally.column(codes.AGE) == 1
    answer = tally.column(codes.CHECK)
    return np.asarray(exits & (answer == 1)), np.asarray(exits & (answer < 2)), 0, 1


PARTS: dict[str, Callable[[Tally], Parts]] = {
    "hazard": _hazard,
    "per_exit": _per_exit,
    "share_of_poor": _share_of_poor,
    "wrong_exit": _wrong_exit,
}
