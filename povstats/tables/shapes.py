"""Regression tables as journals print them."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import pandas as pd

from povstats.errors import ContractError
from povstats.tables.body import body
from povstats.tables.estimates import read
from povstats.tables.layout import Asked, Layout, Style
from povstats.tables.remarks import first_note
from povstats.tables.table import Table
from povstats.words import language


def regression_table(
    results: Sequence[Any],
    *,
    lang: str | None = None,
    style: Style = "en-journal",
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    **layout: Unpack[Layout],
) -> Table:
    """Set models side by side: coefficients over standard errors, variance components, sample and fit.

    Parameters
    ----------
    results : objects with `tidy()`, or such nine-column frames; one a column, in this order. Terms are aligned by
        name, in the order in which they first appear. A tuple is one model in several parts, as in
        (fit.robust("CR2"), fit, fit.variance_shares(n=0)): the coefficients are those of the first part that has any,
        every other row that of the first part that has it.
    lang : "zh" or "en"; None takes `ps.language()`.
    style : "en-journal" and "cn-journal" (三线表) print stars (*** below 1 %, ** below 5 %, * below 10 %) and differ
        in how the note explains them; "no-stars" prints none.
    names : headings of the models; equal neighbours share one. None numbers them only.
    labels : the words printed for a term or a grouping; an interaction without words of its own is put together from
        its parts. "nobs" is the number of rows, "ngroups[village]" that of the villages; "icc", "residual", "loglik",
        "aic" and "bic" can be worded too.
    **layout : title, notes; below="se" | "t" | "interval" | "p", what stands in brackets; controls={"Controls":
        ["age", "farm"]} and fixed_effects={"County fixed effects": "C(county)"}, whose coefficients give way to one
        row of Yes and No; order, terms that come first; statistics=("loglik", "aic", "bic"). See `Layout`.

    Returns
    -------
    Table
        Prints the same digits in HTML, LaTeX, Word and CSV. The first note says what is in brackets and, where the
        models tell it, which covariance and degrees of freedom they use: once, or by model where they differ.

    Raises
    ------
    OptionError
        Where language, style, `below` or a statistic is unknown.
    ContractError
        Where there is no result, a result has no nine-column frame, the number of names is another, or `controls`,
        `fixed_effects`, `order` or `statistics` name what no model has.
    DataError
        Where a model has a row twice, or only a part of the controls.
    """
    asked = Asked(language() if lang is None else lang, style, labels or {}, **layout)
    models = read(results, asked.lang, asked.labels)
    if names is not None and len(names) != len(models):
        raise ContractError(f"{len(names)} names for {len(models)} models; give one name a model")
    rows = body(models, asked)
    numbers = [f"({model.at})" for model in models]
    columns = pd.Index(numbers) if names is None else pd.MultiIndex.from_arrays([list(names), numbers])
    index = pd.MultiIndex.from_tuples([(block, label) for block, label, _ in rows])
    frame = pd.DataFrame([cells for _, _, cells in rows], index=index, columns=columns, dtype=object)
    notes = (first_note(models, asked), *asked.notes)
    title = asked.title or asked.say("regression")
    return Table(frame, title, notes, "zh" if asked.lang == "zh" else "en", asked.below)
