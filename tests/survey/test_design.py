"""Design says what it is and refuses what is no column name or policy."""

import dataclasses
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from povstats.errors import DataError, OptionError
from povstats.survey import Design, missing_rows, require_column, require_complete, require_number, require_weights


def test_design_is_frozen_and_compares_by_value() -> None:
    design = Design(weights="w", strata="s", psu="v")
    assert design == Design(weights="w", strata="s", psu="v")
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.weights = "other"  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [{"weights": 3}, {"strata": ["a", "b"]}, {"psu": ""}])
def test_columns_are_names(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="must be the name of a column"):
        Design(**wrong)


def test_unknown_policy_lists_the_known() -> None:
    with pytest.raises(OptionError, match="'fail', 'certainty', 'center'"):
        Design(lonely="adjust")  # type: ignore[arg-type]


def test_descriptions() -> None:
    assert Design(weights="w").describe("en") == "rows drawn independently, every row its own PSU; weights w"
    assert Design().describe("en") == "simple random sample of rows, every row its own PSU; no sampling weights"
    assert Design(weights="w", psu="v").describe("en") == "no strata; PSUs v, drawn with replacement; weights w"
    assert Design(strata="s").describe("zh") == "分层变量 s；每行自成一个初级抽样单元（按有放回抽样处理）；无抽样权重"
    assert "必选层" in Design(strata="s", lonely="certainty").describe("zh")
    assert "centred" in Design(strata="s", lonely="center").describe("en")


def frames() -> list[Any]:
    data = {"x": [1.0, None, 3.0], "k": [1, None, 2], "t": ["a", None, "b"], "w": [1.0, 0.0, 2.0]}
    return [pd.DataFrame(data), pd.DataFrame(data).convert_dtypes(), pl.DataFrame(data), pa.table(data)]


@pytest.mark.parametrize("native", frames())
def test_refusals_are_the_same_for_every_table(native: Any) -> None:
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    for column in ("x", "k", "t"):
        assert missing_rows(frame, column).tolist() == [False, True, False]
        with pytest.raises(DataError, match=rf"'{column}' \(role\) is missing in 1 rows \(from 0: 1\)"):
            require_complete(frame, "role", column)
    assert require_number(frame, "role", "x") == "x"
    assert require_weights(frame, "role", "w") == "w"
    with pytest.raises(DataError, match=r"zero or negative in 1 rows \(from 0: 1\)"):
        require_weights(frame, "role", "w", positive=True)
    with pytest.raises(DataError, match="must hold numbers"):
        require_number(frame, "role", "t")
    with pytest.raises(DataError, match="role='z': the table has no column 'z'; it has x, k, t, w"):
        require_column(frame, "role", "z")


def test_nan_in_a_polars_column_is_missing() -> None:
    frame: nw.DataFrame[Any] = nw.from_native(pl.DataFrame({"x": [1.0, float("nan")]}))
    with pytest.raises(DataError, match="is missing in 1 rows"):
        require_weights(frame, "weights", "x")


def test_long_lists_are_cut() -> None:
    frame: nw.DataFrame[Any] = nw.from_native(pd.DataFrame({"x": [-1.0] * 9}))
    with pytest.raises(DataError, match=r"negative in 9 rows \(from 0: 0, 1, 2, 3, 4 …\)"):
        require_weights(frame, "weights", "x")
