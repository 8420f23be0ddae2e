"""A codebook's counts, ranges and flags, in two languages, printed and saved.

Second routes: pandas' value_counts and quantile on the same columns; openpyxl for the saved cells. Means are held
to 1e-12 of their size: sums of some thousand doubles; saved numbers to 1e-15, since openpyxl writes 16 digits.
"""

import math

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

import povstats as ps
from povstats.errors import OptionError
from povstats.printing import width
from povstats.reading import Codebook, Reading
from povstats.reading.codebook_columns import bar
from povstats.reading.suspects import suspects
from povstats.words import LANGUAGES

ROWS = 2000


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    rng = np.random.default_rng(11)
    income = np.round(rng.lognormal(8, 1, ROWS), 1)
    income[:100], income[100:140] = 0, np.nan
    table = pd.DataFrame(
        {
            "村名": rng.choice(["大寨村", "小河村", "=1+1"], ROWS, p=[0.6, 0.3, 0.1]),
            "信任": rng.choice([1.0, 2, 3, 4, 5, 99], ROWS),
            "满意": rng.choice([1.0, 2, 3, -8, -9], ROWS),
            "收入": income,
            "年龄": np.where(rng.random(ROWS) < 0.05, 999, rng.integers(18, 90, ROWS)).astype(float),
            "日期": pd.Timestamp("2018-07-01") + pd.to_timedelta(rng.integers(0, 60, ROWS), unit="D"),
        }
    )
    path = tmp_path_factory.mktemp("book") / "农户.sav"
    pyreadstat.write_sav(
        table,
        str(path),
        column_labels={"信任": "对邻居的信任程度", "收入": "人均纯收入（元）"},
        variable_value_labels={"信任": {1: "很低", 2: "低", 3: "一般", 4: "高", 5: "很高", 6: "从未选", 99: "拒答"}},
        missing_ranges={"满意": [-8, -9]},
    )
    return ps.read(path)


@pytest.fixture(scope="module")
def book(reading):
    return reading.codebook()


@pytest.fixture(scope="module")
def rows(book):
    return book.frame.set_index("column")


def test_kinds_and_rows(rows, reading):
    assert rows["kind"].tolist() == ["text", "coded", "number", "number", "number", "date"]
    assert (rows["n"] + rows["missing"] + rows["declared"]).tolist() == [ROWS] * 6
    assert rows["missing"].tolist() == reading.table.isna().sum().tolist()
    assert rows["declared"].tolist() == [0, 0, int(reading.table["满意"].isin([-8, -9]).sum()), 0, 0, 0]


def test_numbers_are_those_of_pandas(rows, reading):
    for name in ("收入", "年龄", "信任"):
        own = reading.table[name].dropna()
        for key, share in (("min", 0), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("max", 1)):
            assert rows.loc[name, key] == pytest.approx(own.quantile(share), rel=1e-12)
        assert rows.loc[name, "mean"] == pytest.approx(own.mean(), rel=1e-12)
        assert rows.loc[name, "zeros"] == (own == 0).mean()
        assert rows.loc[name, "distinct"] == own.nunique()
    answered = reading.table["满意"][reading.table["满意"] > 0]
    assert rows.loc["满意", "mean"] == pytest.approx(answered.mean(), rel=1e-12)


def test_counts_are_those_of_pandas(book, reading):
    own = reading.table["信任"].value_counts()
    counts = book.counts[book.counts["column"] == "信任"].set_index("code")
    assert counts["count"].to_dict() == {**own.to_dict(), 6: 0}
    assert counts["label"].to_dict() == {1: "很低", 2: "低", 3: "一般", 4: "高", 5: "很高", 6: "从未选", 99: "拒答"}
    assert counts["share"].sum() == pytest.approx(1, rel=1e-12)
    declared = book.counts[(book.counts["column"] == "满意") & book.counts["declared"]]
    assert declared.set_index("code")["count"].to_dict() == {
        c: int((reading.table["满意"] == c).sum()) for c in (-8, -9)
    }
    texts = book.counts[book.counts["column"] == "村名"]
    assert texts["code"].tolist() == reading.table["村名"].value_counts().index.tolist()


def test_suspects_are_told_and_stay_values(rows, reading):
    assert rows.loc["信任", "suspected"] == f"99 拒答: {int((reading.table['信任'] == 99).sum())}"
    assert rows.loc["年龄", "suspected"] == f"999: {int((reading.table['年龄'] == 999).sum())}"
    assert rows.loc["年龄", "max"] == 999
    # Declared ones are told as declared, and not again.
    assert rows.loc["满意", "suspected"] == ""
    assert rows.loc["收入", "suspected"] == ""


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 2, 3, 4, 5, 9, 9], {9: 2}),
        ([1, 5, 7, 9], {9: 1}),
        ([0, 5, 8, 9], {}),
        (list(range(11)), {}),
        ([3, 60, 95, 96, 98, 99], {}),
        ([3, 60, 98, 99], {98: 1, 99: 1}),
        (list(range(20, 99)) + [99] * 30, {99: 30}),
        ([3, 60, 96, 998, 999], {998: 1, 999: 1}),
        ([3, 60, 97, 500, 998, 2000], {}),
        ([100, 12000, 30000, 9999], {}),
        ([100, 5000, 99999, 9999], {99999: 1, 9999: 1}),
        ([-1, 0, 2, 3], {-1: 1}),
        ([-8, -1, 0, 2, 3], {-8: 1, -1: 1}),
        ([-8, -3.5, 0, 2, 3], {}),
        ([-1, -2], {-1: 1, -2: 1}),
        ([99, 99], {}),
        ([], {}),
    ],
)
def test_what_looks_like_a_missing_code(values, found):
    assert suspects(np.sort(np.array(values, dtype=float)), {}, ()) == found


def test_labels_tell_missing_codes_wherever_they_stand():
    values = np.sort(np.array([0.0, 1, 2, 3, 3, 4]))
    assert suspects(values, {3: "不知道", 0: "Don't know", 1: "是", 7: "拒答"}, ()) == {0: 1, 3: 2}
    assert suspects(values, {3: "不知道"}, {3}) == {}


def test_bars():
    assert bar([0, 1, 4, 8]) == "·▁▄█"
    assert bar([]) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_prints_in_lines_of_one_width(book, reading, lang):
    text = str(book.summary(lang))
    lines = text.splitlines()
    rules = [line for line in lines if line.startswith("─")]
    assert len(rules) == 3
    table = lines[1 : 4 + len(book.frame)]
    assert max(map(width, table)) <= width(rules[0])
    for name in reading.table.columns:
        assert name in text
    assert "99 拒答" in text
    assert "<table>" in book.summary(lang)._repr_html_()
    assert "999" in book.explain(lang)
    assert "农户.sav" in reading.explain(lang)
    assert "utf-8" in str(reading.summary(lang))


def test_it_prints_in_the_current_language(book, reading):
    ps.language("zh")
    try:
        assert "编码手册" in repr(book)
        assert "变量标签" in repr(reading)
        assert "定义了用户缺失值" in str(reading.notes[-1])
        assert "变量" in book._repr_html_()
        assert "变量" in reading._repr_html_()
    finally:
        ps.language("en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_saved_workbook_holds_the_frames(book, tmp_path, lang):
    path = tmp_path / "codebook.xlsx"
    path.write_text("old")
    book.save(path, lang)
    assert [one.name for one in tmp_path.iterdir()] == ["codebook.xlsx"]
    saved = openpyxl.load_workbook(path)
    for page, frame in zip(saved.worksheets, (book.frame, book.counts), strict=True):
        assert page.freeze_panes == "B2"
        assert page.max_row == len(frame) + 1
        for line, row in enumerate(frame.drop(columns=["kind", "declared"], errors="ignore").itertuples(index=False)):
            places = [i for i, name in enumerate(frame.columns) if name not in ("kind", "declared")]
            for place, value in zip(places, row, strict=True):
                cell = page.cell(line + 2, place + 1)
                if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
                    assert cell.value in (None, "")
                else:
                    same = value if isinstance(value, str) else pytest.approx(value, rel=1e-15)
                    assert cell.value == same
                    assert cell.data_type != "f"  # "=1+1" is text
        widths = [page.column_dimensions[letter].width for letter in "ABC"]
        assert all(8 <= size <= 60 for size in widths)
    assert saved.worksheets[0]["A2"].value == "村名"


def test_a_failed_save_leaves_the_old_file(book, tmp_path, monkeypatch):
    path = tmp_path / "codebook.xlsx"
    path.write_text("old")

    def fail(self, name):
        raise OSError("disk full")

    monkeypatch.setattr(openpyxl.Workbook, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        book.save(path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(OptionError, match=r"saved as \.xlsx"):
        book.save(tmp_path / "codebook.csv")


def test_tidy_frames(book, reading):
    tidy = book.tidy()
    assert tidy.loc[tidy["measure"] == "nobs", "estimate"].tolist() == [ROWS]
    means = tidy[tidy["measure"] == "mean"].set_index("term")["estimate"]
    assert means["年龄"] == pytest.approx(reading.table["年龄"].mean(), rel=1e-12)
    lost = reading.tidy().set_index("term")["estimate"]
    assert lost["收入"] == 40
    assert isinstance(reading, Reading)
    assert isinstance(book, Codebook)


def test_columns_without_any_value(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("a,b\n1,\n2,\n")
    book = ps.read(path).codebook()
    assert book.frame.set_index("column").loc["b", ["n", "missing", "distinct"]].tolist() == [0, 2, 0]
    assert "b" in str(book)


def test_yes_and_no_and_all_kinds_of_parquet(tmp_path):
    table = pd.DataFrame(
        {
            "yes": [True, False, True],
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "level": pd.Categorical(["b", "a", "b"]),
            "day": pd.to_datetime(["2020-01-01", None, "2021-01-01"]),
            "infinite": [1.0, np.inf, 2.0],
            "things": [[1], [2], None],
        }
    )
    table.to_parquet(tmp_path / "t.parquet")
    rows = ps.read(tmp_path / "t.parquet").codebook().frame.set_index("column")
    assert rows["kind"].tolist() == ["yes_no", "yes_no", "number", "text", "date", "number", "text"]
    assert rows["n"].tolist() == [3, 2, 2, 3, 2, 3, 2]
    assert rows.loc["day", "values"] == "2020-01-01 … 2021-01-01"
    assert rows.loc["whole", "mean"] == 2


def test_files_of_many_columns_print_the_first(tmp_path):
    pd.DataFrame({f"x{i}": [i] for i in range(320)}).to_parquet(tmp_path / "wide.parquet")
    book = ps.read(tmp_path / "wide.parquet").codebook()
    assert "20 more columns" in str(book.summary("en"))
    assert "x299 " in str(book)
    assert "x300 " not in str(book)
    assert len(book.frame) == 320


def test_few_whole_numbers_without_labels_are_counted_like_codes(tmp_path):
    pd.DataFrame({"x": [1.0, 2, 2, np.nan], "y": [0.5, 1, 2, 3]}).to_parquet(tmp_path / "few.parquet")
    book = ps.read(tmp_path / "few.parquet").codebook()
    assert book.frame["kind"].tolist() == ["number", "number"]
    assert book.frame["values"].tolist() == ["1: 1; 2: 2", ""]
    assert book.counts[["column", "code", "count"]].to_numpy().tolist() == [["x", 1, 1], ["x", 2, 2]]
