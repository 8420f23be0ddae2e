"""two_worries_three_guarantees: 两不愁三保障 with water, as the rule of exit has it, beside Alkire and Foster."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from povstats.engine.columns import absent
from povstats.engine.forms import Sums
from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.poverty.estimation import Maker, estimated_together
from povstats.poverty.measure import Measure, Value, ratio_value, welfare
from povstats.poverty.poor import checked_design, without_line
from povstats.survey import Design
from povstats.targeting.deprivation import scores
from povstats.targeting.deprivation.dual_cutoff import alkire_foster
from povstats.targeting.deprivation.exact import Number, cutoff, weights
from povstats.targeting.deprivation.guaranteed import Guarantees
from povstats.targeting.flags import kept_columns, known, opened, plain, require_flags

GUARANTEES = ("food", "clothing", "education", "medical", "housing", "water")
STATUS = "povstats status"
BLOCKED, UNDECIDED = 2.0, 1.0


def two_worries_three_guarantees(
    table: Table,
    indicators: Mapping[str, str | None],
    *,
    k: Number = "1/3",
    shares: Mapping[str, Number] | None = None,
    by: str | None = None,
    design: Design | None = None,
    size: str | None = None,
) -> Guarantees:
    r"""Hold households against 两不愁三保障 and water: any deprivation blocks exit; beside it Alkire and Foster.

    .. math:: \text{blocked}_i = \max_j g_{ij}, \quad
        \text{undecided}_i = 1 \text{ where no known } g_{ij} \text{ is } 1 \text{ and one is unknown}

    One known deprivation decides, whatever else is unknown; a household of which something is unknown and nothing known
    to lack is undecided, and does not count as free. So the share blocked lies between the first number and the sum of
    both. Income, the other half of the rule of exit, is not looked at here.

    Parameters
    ----------
    table : as for `povstats.alkire_foster`.
    indicators : by guarantee ("food", "clothing", "education", "medical", "housing", "water") its column of deprivation
        (1 lacks it, 0 has it, missing unknown), or None where the survey has none: then nobody is known to be free.
    k, shares : cut-off and weights of the Alkire–Foster measure; without `shares` the known guarantees weigh alike.
    by, design, size : as for `povstats.alkire_foster`.

    Returns
    -------
    Guarantees
        Shares blocked, undecided and blocked at most, with standard errors; the Alkire–Foster measure on the rows where
        all that is asked is known; the share that the rule blocks and the cut-off does not call poor.

    Raises
    ------
    OptionError
        Where a guarantee is not named, or none has a column.
    DataError
        As `povstats.alkire_foster`.

    Source
    ------
    State Council Information Office (2021), Poverty Alleviation: China's Experience and Contribution, on the standard
    of exit; Alkire and Foster (2011), Journal of Public Economics 95.
    """
    columns = _columns(indicators)
    here = {name: column for name, column in columns.items() if column is not None}
    unknown = tuple(name for name, column in columns.items() if column is None)
    frame, schema = opened(table)
    for name, column in here.items():
        known(schema, name, column)
    counts = require_flags(frame, schema, list(here.values()), complete=False)
    drawn = checked_design(design)
    kept = kept_columns(drawn, by, size)
    for column in kept:
        if column not in schema:
            known(schema, "by, design or size", column)
    ready = frame.select(*kept, _status(schema, list(here.values()), bool(unknown)).alias(STATUS)).to_native()
    makers = [_share("blocked", BLOCKED, BLOCKED), _share("undecided", UNDECIDED, UNDECIDED)]
    makers.append(_share("blocked_at_most", UNDECIDED, BLOCKED))
    found = estimated_together(ready, without_line(STATUS, by, drawn, size), makers)
    held = _weights(shares, here)
    measured = alkire_foster(table, held, k, by=by, design=design, size=size, sweep=())
    exact = weights(held)
    complete = scores.prepared(table, exact, None, design, size)
    only = estimated_together(complete.table, complete.asked, [scores.only_by_union(exact.cutoff(cutoff(k)))])[0]
    return Guarantees(
        rule=dict(zip(("blocked", "undecided", "blocked_at_most"), found, strict=True)),
        measure=measured,
        only_by_union=only,
        unknown=unknown,
        missing={name: counts[column] for name, column in here.items()},
        columns=here,
    )


def _columns(indicators: Mapping[str, str | None]) -> dict[str, str | None]:
    if not isinstance(indicators, Mapping):
        raise OptionError(f"indicators must map {', '.join(GUARANTEES)} to columns, or to None where there is none")
    odd = [name for name in indicators if name not in GUARANTEES]
    lacking = [name for name in GUARANTEES if name not in indicators]
    if odd or lacking:
        told = f"{odd[0]!r} is none of the guarantees" if odd else f"{', '.join(map(repr, lacking))} not named"
        raise OptionError(
            f"indicators: {told}; there are {', '.join(GUARANTEES)}, and None says that the survey did not ask"
        )
    if all(column is None for column in indicators.values()):
        raise OptionError("indicators names no column at all, so nothing is known of any household")
    return {name: indicators[name] for name in GUARANTEES}


def _weights(shares: Mapping[str, Number] | None, here: Mapping[str, str]) -> dict[str, Number]:
    if shares is None:
        return dict.fromkeys(here.values(), 1)
    if set(shares) != set(here):
        raise OptionError(f"shares must name the guarantees with a column, {', '.join(here)}, and no others")
    return {here[name]: value for name, value in shares.items()}


def _status(schema: Mapping[str, Any], columns: list[str], unasked: bool) -> nw.Expr:
    """Write 2 for blocked, 1 for undecided, 0 for free."""
    lacks, unknown = plain(schema, columns[0]) > 0.5, absent(schema, columns[0])
    for column in columns[1:]:
        lacks, unknown = lacks | (plain(schema, column) > 0.5), unknown | absent(schema, column)
    otherwise = nw.lit(UNDECIDED) if unasked else nw.when(unknown).then(nw.lit(UNDECIDED)).otherwise(nw.lit(0.0))
    return nw.when(lacks).then(nw.lit(BLOCKED)).otherwise(otherwise)


def _share(name: str, low: float, high: float) -> Maker:
    inside = nw.when((welfare() >= low) & (welfare() <= high)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))

    def finish(sums: Sums, known: Sums) -> Value:
        return ratio_value(sums, "inside")

    return lambda asked: Measure(name, {"inside": inside}, finish, interval="logit", unit="share")
