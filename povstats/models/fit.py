"""fit_hlm: from a formula and a table to a fitted hierarchical model."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np

from povstats.engine import open_lazily
from povstats.engine.cells import Cells
from povstats.engine.source import Table
from povstats.errors import FitError, allowed
from povstats.models.advice import design_notes
from povstats.models.advice_outcome import (
    by_factor,
    evenness_notes,
    outcome_notes,
    raw_outcome,
    refuse_leave_one_out,
)
from povstats.models.assemble import assemble, reduce_rows
from povstats.models.formula import parse
from povstats.models.levels import Level
from povstats.models.model import Model, compile_model, needed_columns
from povstats.models.notes import Note
from povstats.models.optimum import optimise
from povstats.models.pack import pack
from povstats.models.result import HLMResult
from povstats.models.rows import complete
from povstats.models.standard import standardise
from povstats.models.units import units
from povstats.models.weights import (
    Scaling,
    chosen_df,
    numbers,
    read_weights,
    weight_notes,
    weighted_blocks,
    weighted_cells,
)

Method = Literal["reml", "ml"]
DF = Literal["satterthwaite", "kenward-roger", "normal"]


def fit_hlm(
    formula: str,
    table: Table,
    *,
    method: Method = "reml",
    df: DF | None = None,
    sampling_weights: Mapping[str, str] | None = None,
    scaling: Scaling = "size",
    precision: str | None = None,
) -> HLMResult:
    """Fit a hierarchical linear model: y = Xβ + Σ Z_l b_l + e, b_l ~ N(0, σ²T_l) by group, e ~ N(0, σ²I).

    Parameters
    ----------
    formula : lme4's grammar, such as "log(consumption) ~ trust * aid_funds + (1 + trust | village)". `(x || g)` keeps
        the effects uncorrelated; `a/b` is a and a:b; several terms may nest, which is read off the data, or cross
        (up to a limit that the message names). Functions: log exp sqrt center scale C I poly, and + - * / ** inside
        I(). Text columns are categorical with levels in alphabetical order, categoricals keep their order, the first
        level is the reference; centres and scales are those of the rows used.
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file. It is not changed. Rows
        with a missing value in a needed column are left out and counted.
    method : "reml" (restricted likelihood) or "ml".
    df : degrees of freedom of the t tests: "satterthwaite"; "kenward-roger" (with the adjusted covariance, after
        "reml"); or "normal" for the large-sample z. Without it "satterthwaite", and "normal" with sampling weights.
    sampling_weights : columns with inverse sampling probabilities, such as {"household": "w1", "village": "w2"}: by
        grouping for its groups (given that the group above is sampled), under one other name for the rows (given that
        their group is). The model is then fitted by pseudo-likelihood (method "ml"), with cluster-robust standard
        errors; the top level's groups are the clusters.
    scaling : of sampling weights below the top level, among the members of one group: "size" makes them add up to
        their number, "effective" to their effective number (Σw)²/Σw², "none" leaves them.
    precision : a column w with Var(e_i) = σ²/w_i (lme4's weights), as where a row is a mean of w households.

    Returns
    -------
    HLMResult
        Estimates, standard errors, variance components, predictions of the groups' effects. Its `status` is
        "converged", or "boundary" where a variance is zero or a correlation ±1: a legitimate estimate.

    Raises
    ------
    FormulaError
        Where the formula cannot be read or names what is not there.
    DataError
        Where values are infinite, of the wrong kind, or outside a function's domain.
    FitError
        Where the model cannot be estimated: too few rows or groups, collinear columns, no maximum.

    Notes
    -----
    Source: Bates, Mächler, Bolker & Walker (2015), Journal of Statistical Software 67(1), for the likelihood;
    Kuznetsova, Brockhoff & Christensen (2017), the same 82(13), for the degrees of freedom. Households enter only
    through cross-moments by group (Lindstrom & Bates 1988, JASA 83, section 3).
    """
    allowed("method", method, ("reml", "ml"))
    parsed = parse(formula)
    by = {":".join(term.group): term.group for term in parsed.random}
    weights = read_weights(by, sampling_weights, scaling, precision, method)
    df_used = chosen_df(weights, df)
    used, account = complete(open_lazily(table), tuple(dict.fromkeys([*needed_columns(parsed), *weights.columns])))
    numbers(weights, used)
    model = compile_model(parsed, used)
    pieces = model.pieces | weights.pieces | raw_outcome(model, used, weights.rows)
    cells = weighted_cells(weights, reduce_rows(used, pieces, model, weights.rows))
    refuse_leave_one_out(model, cells)
    for other in by_factor(model):
        refuse_leave_one_out(other, reduce_rows(used, other.pieces | raw_outcome(model, used), other, None))
    blocks = weighted_blocks(weights, cells, assemble(model, cells))
    _identified(model, cells, blocks.levels)
    names = [column.name for column in model.fixed]
    standard = standardise(blocks, names)
    optimum = optimise(standard.blocks, method == "reml")
    notes = [Note("models.note_fullwidth", {"signs": signs}) for signs in parsed.notes]
    notes += [*weight_notes(weights, blocks.levels), *outcome_notes(model, cells)]
    if optimum.boundary and not weights.sampling:
        told = {note.values["group"] for note in notes if note.key == "models.note_outcome_mean"}
        notes += [note for note in evenness_notes(model, cells, standard, optimum) if note.values["group"] not in told]
    notes += design_notes(blocks.levels, optimum.boundary)
    fit = pack(model, cells, account, units(standard, names), optimum, method, df_used, tuple(notes))
    return replace(fit, weights=weights)


def _identified(model: Model, cells: Cells, levels: tuple[Level, ...]) -> None:
    """Refuse designs in which the variances cannot be told apart."""
    n = cells.nobs
    for level in levels:
        groups = len(level.labels)
        if groups < 2:
            raise FitError(f"{level.name!r} has one group only; a random effect needs several")
        if n <= groups * level.q:
            raise FitError(
                f"{groups} groups of {level.name!r} with {level.q} effects each against {n} rows: the effects cannot "
                "be told from the residual. Use fewer random effects, or a grouping with several rows a group"
            )
    for lower, upper in pairwise(levels):
        if lower.repeat == upper.repeat == 1 and lower.slots == upper.slots:
            raise FitError(
                f"{lower.name!r} and {upper.name!r} are the same {upper.slots} groups, so that their effects cannot be "
                "told apart; keep one of them"
            )
    if n <= len(model.fixed):
        raise FitError(f"{n} rows are too few for {len(model.fixed)} fixed effects")
    low, high = cells.extremes[model.response]
    codes, lowest = cells.groupings[levels[0].name].codes, np.full(levels[0].slots, np.inf)
    highest = -lowest
    np.minimum.at(lowest, codes, low)
    np.maximum.at(highest, codes, high)
    if (lowest == highest).all():
        raise FitError(
            f"the outcome is the same for all rows of a group of {levels[0].name!r}; nothing is left to the "
            "residual. Fit the groups' values with ordinary least squares instead"
        )
