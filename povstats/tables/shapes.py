"""Regression tables as journals print them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from povstats.contracts import TIDY_COLUMNS
from povstats.errors import ContractError, DataError, allowed
from povstats.tables.digits import bracketed, decimals, plain, stars
from povstats.tables.table import Table
from povstats.words import language, say

Style = Literal["en-journal", "cn-journal", "no-stars"]
STYLES: tuple[Style, ...] = ("en-journal", "cn-journal", "no-stars")
Key = tuple[str, str]
_BETWEEN = re.compile(r", (?![^()\[\]]*[)\]])")
"""The comma between two terms, not one inside brackets, as in within(ses, school)."""


@dataclass(frozen=True)
class _Words:
    """The language and the caller's own words."""

    lang: str
    labels: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        return say(f"tables.{key}", self.lang, **values)

    def term(self, term: str) -> str:
        """Label a term: the caller's words, the intercept's, or each factor of an interaction its own."""
        if term in self.labels:
            return self.labels[term]
        if term == "Intercept":
            return self.say("intercept")
        parts = term.split(":")
        return " × ".join(self.term(part) for part in parts) if len(parts) > 1 else term

    def group(self, group: str) -> str:
        return self.labels.get(group, group)


def regression_table(
    results: Sequence[Any],
    *,
    lang: str | None = None,
    style: Style = "en-journal",
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Set models side by side: coefficients over standard errors, variance components, sample and fit.

    Parameters
    ----------
    results : objects with `tidy()`, or such nine-column frames; one a column, in this order. Terms are
        aligned by name, in the order in which they first appear.
    lang : "zh" or "en"; None takes `ps.language()`.
    style : "en-journal" and "cn-journal" print stars (*** below 1 %, ** below 5 %, * below 10 %) and differ
        in how the note explains them; "no-stars" prints none.
    names : headings of the models; equal neighbours share one. None numbers them only.
    labels : term or grouping to the words printed for it. An interaction without words of its own is put
        together from its parts.
    title : printed above; None says that these are regression results.
    notes : further notes, such as the estimation method. Say here that REML log-likelihoods of models
        with different fixed parts must not be compared.

    Returns
    -------
    Table
        Prints the same digits in HTML, LaTeX, Word and CSV.

    Raises
    ------
    OptionError
        Where language or style is unknown.
    ContractError
        Where there is no result, a result has no nine-column frame, or the number of names is another.
    DataError
        Where a model has a row twice.
    """
    lang = language() if lang is None else lang
    allowed("lang", lang, ("zh", "en"))
    allowed("style", style, STYLES)
    models = [_rows(result, at) for at, result in enumerate(results, start=1)]
    if not models:
        raise ContractError("results is empty; give one or more fitted models")
    if names is not None and len(names) != len(models):
        raise ContractError(f"{len(names)} names for {len(models)} models; give one name a model")
    words = _Words(lang, labels or {})
    body = [
        *_coefficients(models, words, starred=style != "no-stars"),
        *_components(models, words),
        *_sample(models, words),
    ]
    numbers = [f"({at})" for at in range(1, len(models) + 1)]
    columns = pd.Index(numbers) if names is None else pd.MultiIndex.from_arrays([list(names), numbers])
    index = pd.MultiIndex.from_tuples([(block, label) for block, label, _ in body])
    frame = pd.DataFrame([cells for _, _, cells in body], index=index, columns=columns, dtype=object)
    explained = words.say("se_note") + ("" if style == "no-stars" else words.say(f"stars_{style[:2]}"))
    first = say("tables.note", lang, note=explained)
    return Table(frame, title or words.say("regression"), (first, *notes), "zh" if lang == "zh" else "en")


def _rows(result: Any, at: int) -> dict[str, dict[Key, pd.Series]]:
    """Take one model's frame as {measure: {(group, term): row}}."""
    frame = result if isinstance(result, pd.DataFrame) else getattr(result, "tidy", lambda: None)()
    if not isinstance(frame, pd.DataFrame) or not set(TIDY_COLUMNS) <= set(frame.columns):
        raise ContractError(
            f"model ({at}) is a {type(result).__name__} without the nine columns of tidy(): {', '.join(TIDY_COLUMNS)}"
        )
    found: dict[str, dict[Key, pd.Series]] = {}
    for _, row in frame.iterrows():
        group, term = (str(row[name]) for name in ("group", "term"))
        rows = found.setdefault(str(row["measure"]), {})
        if (group, term) in rows:
            raise DataError(f"model ({at}) has the row {row['measure']}, {group!r}, {term!r} twice")
        rows[group, term] = row
    return found


Body = list[tuple[str, str, list[str]]]
Models = list[dict[str, dict[Key, pd.Series]]]


def _keys(models: Models, measures: Iterable[str]) -> list[tuple[str, Key]]:
    """List measure, group and term in the order of first appearance, across the models."""
    seen = {
        (measure, key): None
        for model in models
        for measure, rows in model.items()
        if measure in measures
        for key in rows
    }
    return list(seen)


def _column(models: Models, measure: str, key: Key, number: str) -> list[float]:
    """Read one number of one row from every model; missing where a model lacks the row."""
    rows = [model.get(measure, {}).get(key) for model in models]
    return [float("nan") if row is None else float(row[number]) for row in rows]


def _coefficients(models: Models, words: _Words, *, starred: bool) -> Body:
    """Print estimates over standard errors."""
    body: Body = []
    for measure, key in _keys(models, ("coef",)):
        estimates, errors, chances = (_column(models, measure, key, n) for n in ("estimate", "se", "p"))
        # Two digits of the standard error say all that the estimate knows.
        places = decimals(errors, 2)
        marks = [stars(p) if starred else "" for p in chances]
        cells = [plain(value, places) + mark for value, mark in zip(estimates, marks, strict=True)]
        body.append((words.say("fixed"), words.term(key[1]), cells))
        body.append((words.say("fixed"), "", [bracketed(error, places) for error in errors]))
    return body


def _components(models: Models, words: _Words) -> Body:
    """Print variances and covariances by grouping, the residual variance and the ICC last."""
    keys = _keys(models, ("variance", "covariance"))
    groups = {key[0]: turn for turn, (_, key) in enumerate(reversed(keys))}
    keys.sort(key=lambda entry: (entry[1][0] == "residual", -groups[entry[1][0]], entry[0] == "covariance"))
    body: Body = []
    for measure, key in [*keys, *_keys(models, ("icc",))]:
        values = _column(models, measure, key, "estimate")
        places = decimals(values if measure != "icc" else (), 3)
        body.append((words.say("random"), _component(measure, key, words), [plain(v, places) for v in values]))
    return body


def _component(measure: str, key: Key, words: _Words) -> str:
    """Label a variance, a covariance or an ICC."""
    group, term = key
    if measure == "icc":
        return words.say("icc_of", group=words.group(group)) if group else words.say("icc")
    if group == "residual":
        return words.say("residual")
    # A random intercept is no constant: it has a word of its own, and in a sentence a small letter.
    parts = [term] if measure == "variance" else _BETWEEN.split(term)
    first, *others = [words.say("random_intercept") if part == "Intercept" else words.term(part) for part in parts]
    if measure == "variance":
        return words.say("variance", group=words.group(group), term=first)
    return words.say("covariance", group=words.group(group), first=first, second=", ".join(others))


def _sample(models: Models, words: _Words) -> Body:
    """Print rows used, numbers of groups, log-likelihood."""
    body: Body = []
    for measure, key in [*_keys(models, ("nobs",)), *_keys(models, ("ngroups",))]:
        label = words.say("nobs") if measure == "nobs" else words.say("ngroups", group=words.group(key[0]))
        counts = _column(models, measure, key, "estimate")
        body.append((words.say("sample"), label, [plain(count, 0) for count in counts]))
    likelihoods = [key for _, key in _keys(models, ("fit",)) if key[1] == "loglik"]
    for key in likelihoods:
        cells = [plain(value, 2) for value in _column(models, "fit", key, "estimate")]
        body.append((words.say("sample"), words.say("loglik"), cells))
    return body
