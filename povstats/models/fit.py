"""fit_hlm: from a formula and a table to a fitted two-level model."""

from typing import Literal

from povstats.engine import open_table
from povstats.engine.cells import Cells
from povstats.engine.moments import moments
from povstats.engine.source import Table
from povstats.errors import FitError, allowed
from povstats.models.blocks import make_blocks
from povstats.models.formula import parse
from povstats.models.model import Model, compile_model, needed_columns
from povstats.models.optimum import optimise
from povstats.models.pack import pack
from povstats.models.result import HLMResult
from povstats.models.rows import complete
from povstats.models.standard import standardise

Method = Literal["reml", "ml"]
DF = Literal["satterthwaite", "normal"]


def fit_hlm(formula: str, table: Table, *, method: Method = "reml", df: DF = "satterthwaite") -> HLMResult:
    """Fit a two-level linear model: y = Xβ + Zb + e, b_g ~ N(0, σ²T), e ~ N(0, σ²I).

    Parameters
    ----------
    formula : lme4's grammar, such as "log(consumption) ~ trust * aid_funds + (1 + trust | village)". `(x || g)` keeps
        the effects uncorrelated. Functions: log exp sqrt center scale C I poly, and + - * / ** inside I(). Text
        columns are categorical with levels in alphabetical order, categoricals keep their order, the first level is
        the reference; centres and scales are those of the rows used.
    table : a pandas or polars frame, a pyarrow table, or a path to a .csv or .parquet file. It is not changed. Rows
        with a missing value in a needed column are left out and counted.
    method : "reml" (restricted likelihood) or "ml".
    df : degrees of freedom of the t tests, "satterthwaite", or "normal" for the large-sample z.

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
    allowed("df", df, ("satterthwaite", "normal"))
    parsed = parse(formula)
    used, account = complete(open_table(table), needed_columns(parsed))
    model = compile_model(parsed, used)
    cells = moments(used, model.pieces, model.products, model.group)
    _identified(model, cells)
    blocks = make_blocks(
        cells,
        [column.pieces for column in model.fixed],
        [[column.pieces for column in group] for group in model.random],
        model.response,
    )
    standard = standardise(blocks, [column.name for column in model.fixed])
    optimum = optimise(standard.blocks, model.sizes, method == "reml")
    return pack(model, cells, account, standard, optimum, method, df)


def _identified(model: Model, cells: Cells) -> None:
    """Refuse designs in which the variances cannot be told apart."""
    n, groups, effects = cells.nobs, len(cells.labels), len(model.effects)
    if groups < 2:
        raise FitError(f"{model.group_name!r} has one group only; a random effect needs several")
    if n <= groups * effects:
        raise FitError(
            f"{groups} groups of {model.group_name!r} with {effects} effects each against {n} rows: the effects cannot "
            "be told from the residual. Use fewer random effects, or a grouping with several rows a group"
        )
    if n <= len(model.fixed):
        raise FitError(f"{n} rows are too few for {len(model.fixed)} fixed effects")
    if model.response in cells.village:
        raise FitError(
            f"the outcome is the same for all rows of a group of {model.group_name!r}; nothing is left to the "
            "residual. Fit the groups' values with ordinary least squares instead"
        )
