"""The rows of a hazard model: spells at risk, wave by wave, with their covariates."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from povstats.dynamics.asked import Asked
from povstats.dynamics.discrete_time.likelihood import Rows
from povstats.dynamics.durations import Of
from povstats.dynamics.histories import Account, codes
from povstats.dynamics.histories.in_memory import ArrayHistory, array_history
from povstats.engine import open_lazily
from povstats.engine.columns import missing, near
from povstats.engine.layout import Codes, Floats
from povstats.engine.moments import evaluate_all
from povstats.errors import DataError, FormulaError, OptionError
from povstats.models.design import columns as design_columns
from povstats.models.design import multiplied
from povstats.models.formula import parse
from povstats.models.terms import columns_of, learn


@dataclass(frozen=True, eq=False)
class AtRisk:
    """Rows at risk of an event, by unit and wave.

    Attributes
    ----------
    event, age : shape (n,). names, x : the covariates, shape (n, k), without an intercept.
    unit : of each row. weight, cluster, stratum : of each unit. spells : how many have a row.
    left_out : rows at risk whose spell's beginning is not known. dropped : by column, rows whose covariate is missing.
    """

    event: Floats
    age: Codes
    names: tuple[str, ...]
    x: Floats
    unit: Codes
    weight: Floats
    cluster: Codes
    stratum: Codes
    spells: int
    left_out: int
    dropped: dict[str, int]
    account: Account

    def rows(self, x: Floats) -> Rows:
        """Give the rows with the columns of a model."""
        return Rows(self.event, x, self.unit, self.weight, self.cluster, self.stratum)


def at_risk_rows(panel: Any, asked: Asked, formula: str, of: Of) -> AtRisk:
    """Find the rows at risk, and their covariates in the wave from which the step starts."""
    terms = _terms(formula)
    wanted = tuple(dict.fromkeys(column for term in terms for text in term for column in columns_of(text)))
    frame = _in_memory(panel, asked, wanted)
    history = array_history(frame, asked)
    state, age = history.code[codes.STATE], history.code[codes.AGE]
    inside = (state >= codes.POOR) if of == "exit" else (state < codes.POOR)
    seen = inside & (history.code[codes.NEXT] < codes.UNSEEN)
    risk = np.flatnonzero(seen & (age >= 1))
    # Those never seen poor have not left poverty.
    unknown = seen & (age < 1) & (state != codes.NEVER)
    covariates = frame[history.rows[risk].tolist()].select(*wanted) if wanted else None
    kept, dropped = _complete(covariates, wanted, len(risk))
    risk = risk[kept]
    if not len(risk):
        raise DataError(f"no row with complete covariates is at risk of {of}")
    names, x = _evaluated(covariates, kept, terms, len(risk))
    event = (history.code[codes.NEXT][risk] == (0 if of == "exit" else 1)).astype(float)
    units, unit = np.unique(history.unit[risk], return_inverse=True)
    first = np.searchsorted(history.unit[risk], units)
    weight = _weights(history, risk, unit, len(units))
    cluster = history.cluster[risk][first]
    spell = history.unit[risk].astype(np.int64) * (len(history.account.waves) + 1) + (
        history.code[codes.WAVE][risk].astype(np.int64) - age[risk]
    )
    return AtRisk(
        event, age[risk].astype(np.intp), names, x, unit, weight, cluster, history.clusters.stratum[cluster],
        len(np.unique(spell)), int(unknown.sum()), dropped, history.account,
    )  # fmt: skip


def _terms(formula: str) -> list[tuple[str, ...]]:
    """Read the covariates; the baseline has the intercept."""
    if not isinstance(formula, str):
        raise FormulaError(f"formula is text, such as 'schooling + C(region)', not {type(formula).__name__}")
    text = formula.strip().removeprefix("~").strip()
    if "~" in text:
        raise FormulaError(f"{formula!r}: the outcome of a hazard is the event; write the covariates alone")
    parsed = parse(f"event ~ {text or '1'}")
    if parsed.random:
        raise FormulaError(f"{formula!r}: a unit's random effect is asked for by frailty=, not in the formula")
    return [term for term in parsed.fixed if term]


def _in_memory(panel: Any, asked: Asked, wanted: tuple[str, ...]) -> nw.DataFrame[Any]:
    """Open the panel, and bring the columns that are needed into memory."""
    frame = open_lazily(panel)
    lacking = [column for column in wanted if column not in frame.columns]
    if lacking:
        raise DataError(near(lacking[0], frame.columns))
    if isinstance(frame, nw.DataFrame):
        return frame
    design = asked.design
    roles = (asked.unit, asked.wave, *asked.state_columns, asked.since, design.weights, design.psu, design.strata)
    needed = dict.fromkeys(column for column in (*roles, *wanted) if column is not None)
    unknown = [column for column in needed if column not in frame.columns]
    if unknown:
        raise DataError(near(unknown[0], frame.columns))
    return nw.from_native(frame.select(*needed).collect("pyarrow").to_native(), eager_only=True)


def _complete(covariates: Any, wanted: tuple[str, ...], n: int) -> tuple[Any, dict[str, int]]:
    """Keep rows without a gap, and count the others by the first column that is missing."""
    kept, dropped = np.ones(n, dtype=bool), {}
    for column in wanted:
        gone = covariates.select(gone=missing(covariates, column))["gone"].to_numpy().astype(bool)
        if (gone & kept).any():
            dropped[column] = int((gone & kept).sum())
            kept &= ~gone
    return kept, dropped


def _evaluated(covariates: Any, kept: Any, terms: list[tuple[str, ...]], n: int) -> tuple[tuple[str, ...], Floats]:
    """Evaluate the covariates on the rows at risk."""
    if not terms:
        return (), np.zeros((n, 0))
    used = covariates[np.flatnonzero(kept).tolist()]
    factors = {text: learn(text, used) for term in terms for text in term}
    columns = design_columns([(), *terms], factors)[1:]
    pieces = {name: piece for factor in factors.values() for name, piece in factor.pieces.items()}
    values = evaluate_all(used, pieces)
    return tuple(column.name for column in columns), multiplied(columns, values, (n,))


def _weights(history: ArrayHistory, risk: Codes, unit: Codes, units: int) -> Floats:
    """Give a unit's weight, which must not change among its rows at risk."""
    if history.weight is None:
        return np.ones(units)
    weight = history.weight[risk]
    found = np.zeros(units)
    found[unit] = weight
    odd = np.abs(weight - found[unit]) > 1e-9 * np.abs(weight)
    if odd.any():
        raise OptionError(
            f"column {history.asked.design.weights!r} (weights) changes within {len(np.unique(unit[odd]))} units; a "
            "hazard model takes one weight a unit: give each that of the wave in which it was drawn"
        )
    return found
