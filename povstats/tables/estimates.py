"""What a regression table reads of a model: its rows by measure, and what it says of its inference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from povstats.contracts import TIDY_COLUMNS
from povstats.errors import ContractError, DataError

Key = tuple[str, str]
"""Group and term; coefficients have no group here, so that robust and other ones stand in one row."""
Rows = dict[str, dict[Key, pd.Series]]


@dataclass(frozen=True)
class Estimated:
    """One column of the table.

    Attributes
    ----------
    at : its number, from 1. rows : by measure, then by group and term.
    inference : how its standard errors and tests are made, in the table's language; "" where it does not say.
    """

    at: int
    rows: Mapping[str, Mapping[Key, pd.Series]]
    inference: str

    @property
    def terms(self) -> list[str]:
        """Its coefficients by name."""
        return [term for _, term in self.rows.get("coef", {})]

    @property
    def absorbed(self) -> set[str]:
        """The groupings whose effects a within model takes as fixed."""
        return {group for group, _ in self.rows.get("f_effects", {}) if group}


def read(results: Sequence[Any], lang: str, labels: Mapping[str, str]) -> list[Estimated]:
    """Read every model.

    Parameters
    ----------
    results : as `regression_table` takes them; a tuple is one model in several parts.
    lang, labels : of what the models say of themselves, `inference_note(lang, labels)`.

    Raises
    ------
    ContractError
        Where there is none, or one has no nine-column frame.
    DataError
        Where a model has a row twice.
    """
    models = [_one(result, at, lang, labels) for at, result in enumerate(results, start=1)]
    if not models:
        raise ContractError("results is empty; give one or more fitted models")
    return models


def keys(models: Sequence[Estimated], measures: Iterable[str]) -> list[tuple[str, Key]]:
    """List measure, group and term in the order of first appearance, across the models."""
    wanted = tuple(measures)
    seen = {
        (measure, key): None
        for model in models
        for measure, rows in model.rows.items()
        if measure in wanted
        for key in rows
    }
    return list(seen)


def numbers(models: Sequence[Estimated], measure: str, key: Key, number: str) -> list[float]:
    """Read one number of one row from every model; missing where a model lacks the row."""
    rows = [model.rows.get(measure, {}).get(key) for model in models]
    return [float("nan") if row is None else float(row[number]) for row in rows]


def _one(result: Any, at: int, lang: str, labels: Mapping[str, str]) -> Estimated:
    """Join the parts of one model: coefficients from the first part that has any, every other row likewise."""
    joined: Rows = {}
    inference = ""
    for part in _parts(result):
        found = _rows(part, at)
        if "coef" in found and "coef" not in joined:
            joined["coef"] = found["coef"]
            told = getattr(part, "inference_note", None)
            inference = str(told(lang, labels)) if callable(told) else ""
        for measure, rows in found.items():
            if measure != "coef":
                joined[measure] = rows | joined.get(measure, {})
    return Estimated(at, joined, inference)


def _parts(result: Any) -> list[Any]:
    """List a model's parts; a result that tells of another covariance only names the fit that has all else."""
    parts = []
    for part in result if isinstance(result, tuple) else (result,):
        whole = getattr(part, "fit", None)
        parts += [part, whole] if hasattr(whole, "tidy") else [part]
    return parts


def _rows(part: Any, at: int) -> Rows:
    """Take one frame as {measure: {(group, term): row}}."""
    frame = part if isinstance(part, pd.DataFrame) else getattr(part, "tidy", lambda: None)()
    if not isinstance(frame, pd.DataFrame) or not set(TIDY_COLUMNS) <= set(frame.columns):
        raise ContractError(
            f"model ({at}) is a {type(part).__name__} without the nine columns of tidy(): {', '.join(TIDY_COLUMNS)}"
        )
    found: Rows = {}
    for _, row in frame.iterrows():
        group, term = (str(row[name]) for name in ("group", "term"))
        measure = str(row["measure"])
        # A robust coefficient names its covariance as group; it is the same coefficient.
        key = ("", term) if measure == "coef" else (group, term)
        rows = found.setdefault(measure, {})
        if key in rows:
            raise DataError(f"model ({at}) has the row {measure}, {group!r}, {term!r} twice")
        rows[key] = row
    return found
