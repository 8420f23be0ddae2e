"""The workbook: its formulas, worked out by a small reader of our own, give the estimates again.

The reader knows what the formulas use and nothing else; LibreOffice gives the same (checked by hand, not in the tests).
"""

import math
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy.stats import t as student

from povstats import poverty as p
from povstats.errors import DataError, OptionError
from povstats.poverty import workbook
from povstats.survey import Design

# The same sums, squared and rooted in another order.
SAME = 1e-9
DESIGN = Design(weights="w", strata="layer", psu="village", lonely="center")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 240
    village = np.repeat(np.arange(24), 10)
    made = pd.DataFrame(
        {"village": village, "layer": np.where(village == 23, "alone", np.array(["=x", "<5"])[village % 2])}
    )
    return made.assign(y=np.exp(rng.normal(4, 0.6, n)), w=rng.uniform(1, 3, n), g=rng.choice(["=1+1", "b*"], n))


class Reader:
    """Works out the cells of a workbook."""

    def __init__(self, path: Path) -> None:
        self.book = openpyxl.load_workbook(path)
        self.known: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, cell: str) -> Any:
        if (sheet, cell) not in self.known:
            held = self.book[sheet][cell]
            self.known[sheet, cell] = self.work_out(sheet, held.value[1:]) if held.data_type == "f" else held.value
        return self.known[sheet, cell]

    def block(self, sheet: str, first: str, last: str) -> np.ndarray[Any, Any]:
        rows = self.book[sheet][f"{first}:{last}"]
        return np.array([self.value(sheet, cell.coordinate) or 0.0 for row in rows for cell in row], dtype=float)

    def work_out(self, sheet: str, formula: str) -> Any:
        names: dict[str, Any] = {
            "SUM": np.sum,
            "SQRT": math.sqrt,
            "MAX": max,
            "EXP": math.exp,
            "LN": math.log,
            "TINV": lambda alpha, df: student.ppf(1 - alpha / 2, df),
            "SUMPRODUCT": lambda a, b: float((a * b).sum()),
            "AVERAGEIFS": lambda values, tested, rule: values[tested > 0].mean(),
            "at": self.value,
            "block": self.block,
        }
        text = formula.replace("_xlfn.T.INV.2T", "TINV").replace("$", "").replace("^", "**")
        cell = r"(?:([a-z]+)!)?([A-Z]+\d+)(?::([A-Z]+\d+))?"
        made = re.sub(
            cell,
            lambda m: f'block("{m[1] or sheet}","{m[2]}","{m[3]}")' if m[3] else f'at("{m[1] or sheet}","{m[2]}")',
            text,
        )
        return eval(made, {"__builtins__": {}}, names)  # the test's own formulas


def check(found: p.Estimates, path: Path) -> Reader:
    reader = Reader(found.to_excel(path, lang="en"))
    for i, level in enumerate(found.estimate.index):
        row = i + 2
        assert reader.value("estimates", f"A{row}") == (level or "All")
        for column, name in zip("BCDFG", ("estimate", "se", "df", "low", "high"), strict=True):
            expected = float(getattr(found, name).iloc[i])
            value = reader.value("estimates", f"{column}{row}")
            assert (value is None) if math.isnan(expected) else value == pytest.approx(expected, rel=SAME)
    return reader


def live(reader: Reader, cell: str) -> bool:
    return bool(reader.book["estimates"][cell].data_type == "f")


def test_means_are_ratios_of_totals(table: pd.DataFrame, tmp_path: Path) -> None:
    for name, found in (
        ("headcount", p.headcount(table, "y", 50, design=DESIGN, by="g")),
        ("gap", p.poverty_gap(table, "y", 50, design=DESIGN)),
        ("certainty", p.watts(table, "y", 50, design=Design(strata="layer", psu="village", lonely="certainty"))),
        ("rows", p.headcount(table, "y", 50, design=Design(weights="w"))),
    ):
        reader = check(found, tmp_path / f"{name}.xlsx")
        assert all(live(reader, cell) for cell in ("B2", "C2", "E2", "F2", "G2"))


def test_a_total_that_changes_moves_the_estimate(table: pd.DataFrame, tmp_path: Path) -> None:
    """One more weighted poor of the group's weight N raises the headcount by 1/N."""
    found = p.headcount(table, "y", 50, design=DESIGN)
    reader = Reader(found.to_excel(tmp_path / "live.xlsx"))
    reader.book["psus"]["E2"].value += 1
    assert reader.value("estimates", "B2") == pytest.approx(found.estimate.iloc[0] + 1 / found.population.iloc[0])
    assert reader.value("estimates", "C2") != pytest.approx(found.se.iloc[0], rel=1e-6)


def test_other_measures_have_their_influence(table: pd.DataFrame, tmp_path: Path) -> None:
    reader = check(p.gini(table, "y", design=DESIGN, by="g"), tmp_path / "gini.xlsx")
    assert live(reader, "C2")
    assert not live(reader, "B2")
    check(p.median(table, "y", design=DESIGN), tmp_path / "median.xlsx")
    check(p.mean(table, "y", design=Design.census()), tmp_path / "census.xlsx")


def test_estimated_lines(table: pd.DataFrame, tmp_path: Path) -> None:
    line = p.relative_line(table, "y", design=DESIGN)
    check(p.headcount(table, "y", line, design=DESIGN, by="g"), tmp_path / "line.xlsx")
    check(p.sen(table, "y", line, design=DESIGN, by="g"), tmp_path / "sen.xlsx")
    check(p.headcount(table, "y", line.from_another_sample(), design=DESIGN), tmp_path / "other.xlsx")
    lazy = duckdb.from_df(table)
    by_row = Design(weights="w", strata="layer")
    drawn = p.relative_line(lazy, "y", design=by_row)
    reader = check(p.headcount(lazy, "y", drawn, design=by_row, by="g"), tmp_path / "lazy.xlsx")
    assert "psus" not in reader.book.sheetnames


def test_replicates(table: pd.DataFrame, tmp_path: Path) -> None:
    check(p.headcount(table, "y", 50, design=DESIGN.bootstrap(50), by="g"), tmp_path / "boot.xlsx")


def test_the_words_and_what_is_refused(table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = p.headcount(table, "y", 50, design=DESIGN)
    for lang in ("zh", "en"):
        book = openpyxl.load_workbook(found.to_excel(tmp_path / f"{lang}.xlsx", lang=lang))
        words = "".join(str(cell.value) for cell in book["words"]["A"])
        assert found.explain(lang).replace(" ", "")[:60] in words.replace(" ", "")
    with pytest.raises(OptionError, match=r"must end in \.xlsx"):
        found.to_excel(tmp_path / "found.csv")
    monkeypatch.setattr(workbook, "LARGEST", 10)
    with pytest.raises(DataError, match="too many for a workbook"):
        found.to_excel(tmp_path / "large.xlsx")
    assert not (tmp_path / "large.xlsx").exists()
