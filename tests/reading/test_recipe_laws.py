"""Laws that hold for every recipe: rows are accounted for, their order is irrelevant, twice gives the same.

Second routes: sums of the report against the lengths of the tables; the same data shuffled; the file written as .dta,
.csv and .xlsx and read again, against the frame itself. Data are made by hypothesis or written here: synthetic.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError

COLUMNS = {
    "household": ["村", "户"],
    "village": "村",
    "county": {"constant": "正安"},
    "consumption": {"from": "消费", "as": "number", "unit": "元", "per_head": True, "missing": {-8: "不适用"}},
    "trust": {"mean": ["甲", {"from": "乙", "reverse": [1, 5]}], "answered": 1, "missing": {9: "不知道"}},
    "aid_funds": {"from": "资金", "table": "village", "unit": "万元", "per_head": "already"},
}
RECIPE = {
    "name": "law",
    "contract": "survey",
    "keep": [
        {"column": "状态", "in": [1]},
        {"target": "consumption", "is_missing": False},
        {"target": "household_size", "at_most": 6},
    ],
    "join": {"household": "村", "village": "村名", "unmatched_households": "drop"},
    "household_size": {
        "from": "人口",
        "definition": "resident",
        "migrants": {"counted": False, "in_divisor": True, "from": "外出"},
    },
    "columns": COLUMNS,
}
VILLAGES = pd.DataFrame({"村名": ["一", "二", "四"], "资金": [1.0, 2.5, 4.0]})

row = st.tuples(
    st.sampled_from("一二三"),
    st.sampled_from(["1,000", "２５０", "-8", "37.5"]),
    st.integers(1, 6),
    st.integers(0, 2),
    st.sampled_from([1, 2, 3, 4, 5, 9]),
    st.sampled_from([1, 2, 3, 4, 5, 9]),
    st.integers(1, 2),
)


def frame(rows):
    made = pd.DataFrame(rows, columns=["村", "消费", "人口", "外出", "甲", "乙", "状态"])
    return made.assign(户=np.arange(len(made)))


def prepared(table):
    """Apply the recipe; None where no row is left, which is refused."""
    if not kept(table).any():
        with pytest.raises(DataError, match=r"no row is left|no household is left"):
            ps.recipe(RECIPE).apply({"household": table, "village": VILLAGES})
        return None
    return ps.recipe(RECIPE).apply({"household": table, "village": VILLAGES})


def kept(table):
    """Tell in plain pandas which rows the recipe keeps."""
    few = table["人口"] + table["外出"] <= 6
    return (table["状态"] == 1) & table["村"].isin(VILLAGES["村名"]) & (table["消费"] != "-8") & few


@given(rows=st.lists(row, min_size=1, max_size=25))
@settings(max_examples=30, derandomize=True, deadline=None)
def test_every_row_is_kept_or_accounted_for(rows):
    table = frame(rows)
    made = prepared(table)
    if made is None:
        return
    dropped = sum(step.dropped for step in made.report)
    assert len(made.table) + dropped == len(table)
    wanted = table[kept(table)]
    assert made.rows.tolist() == wanted.index.tolist()
    # The rows that are left have what plain pandas gives them.
    total = wanted["消费"].map({"1,000": 1000.0, "２５０": 250.0, "37.5": 37.5})
    np.testing.assert_allclose(made.table["consumption"], total / (wanted["人口"] + wanted["外出"]), rtol=1e-12)


@given(rows=st.lists(row, min_size=1, max_size=25), seed=st.integers(0, 999))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_the_order_of_rows_is_irrelevant(rows, seed):
    table = frame(rows)
    mixed = table.sample(frac=1, random_state=seed)
    first, second = prepared(table), prepared(mixed)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        ordered = [one.table.sort_values("household").reset_index(drop=True) for one in (first, second)]
        pd.testing.assert_frame_equal(*ordered)
        count = ["changed", "missing", "dropped"]
        assert first.report.frame[count].sum().tolist() == second.report.frame[count].sum().tolist()


@given(rows=st.lists(row, min_size=1, max_size=15))
@settings(max_examples=12, derandomize=True, deadline=None)
def test_applying_twice_gives_the_same(rows):
    table = frame(rows)
    before = table.copy()
    first, second = prepared(table), prepared(table)
    pd.testing.assert_frame_equal(table, before)
    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first.table, second.table)
        pd.testing.assert_frame_equal(first.report.frame, second.report.frame)
        assert first.fingerprints == second.fingerprints


@given(
    values=st.lists(st.integers(1, 5) | st.just(None), min_size=1, max_size=20),
    ends=st.sampled_from([(1, 5), (0, 5), (1, 10)]),
)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_scale_turned_round_twice_is_as_before(values, ends):
    table = pd.DataFrame({"x": pd.array(values, dtype="Int64")}).assign(h=[str(i) for i in range(len(values))], y=1.0)
    columns = {
        "household": "h",
        "village": {"constant": "v"},
        "county": {"constant": "c"},
        "consumption": {"from": "y", "unit": "元", "per_head": "already"},
        "trust": {"from": "x", "reverse": list(ends)},
    }
    tree = {"name": "r", "contract": "survey", "columns": columns}
    once = ps.recipe(tree).apply(table).table
    twice = ps.recipe(tree).apply(table.assign(x=once["trust"])).table["trust"]
    np.testing.assert_array_equal(twice, table["x"].astype(float))
    assert once["trust"].isna().sum() == table["x"].isna().sum()


FILE = pd.DataFrame(
    {
        "村": ["一", "一", "二", "二"],
        "户": [1.0, 2.0, 1.0, 2.0],
        "消费": [1000.0, 250.0, 37.5, -8.0],
        "人口": [4.0, 5.0, 2.0, 1.0],
        "外出": [0.0, 1.0, 0.0, 0.0],
        "甲": [1.0, 9.0, 5.0, 3.0],
        "乙": [1.0, 2.0, 5.0, 9.0],
        "状态": [1.0, 1.0, 1.0, 1.0],
    }
)


def test_a_workbook_of_two_sheets_is_read_by_the_recipe(tmp_path):
    path = tmp_path / "问卷.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        FILE.to_excel(book, sheet_name="农户", index=False)
        VILLAGES.to_excel(book, sheet_name="村表", index=False)
    tree = {**RECIPE, "sheets": {"household": "农户", "village": "村表"}}
    saved = ps.recipe(tree).save(tmp_path / "方案.yaml")
    from_file = ps.recipe(saved).apply(path)
    from_frames = ps.recipe(RECIPE).apply({"household": FILE, "village": VILLAGES})
    pd.testing.assert_frame_equal(from_file.table, from_frames.table)
    report = ps.check(path, "survey", recipe=ps.recipe(saved))
    assert report.ok
    assert report.rows == 3


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_files_give_what_frames_give(tmp_path, ending):
    path = tmp_path / f"农户{ending}"
    writers = {".csv": FILE.to_csv, ".parquet": FILE.to_parquet, ".xlsx": FILE.to_excel}
    writers[ending](path, index=False)
    from_file = ps.recipe(RECIPE).apply({"household": path, "village": VILLAGES})
    from_frame = ps.recipe(RECIPE).apply({"household": FILE, "village": VILLAGES})
    pd.testing.assert_frame_equal(from_file.table, from_frame.table)


def test_labels_of_a_stata_file_are_held_against_the_recipe(tmp_path):
    path = tmp_path / "h.dta"
    labels = {"甲": {1: "非常信任", 5: "不信任", 9: "不知道"}, "乙": {9: "不知道"}}
    FILE.to_stata(
        path,
        write_index=False,
        version=118,
        value_labels=labels,
    )
    with pytest.raises(DataError, match=r"'消费'.*code -8 has no label in the file"):
        ps.recipe(RECIPE).apply({"household": path, "village": VILLAGES})
    null = {**COLUMNS, "consumption": {**COLUMNS["consumption"], "missing": {-8: None}}}
    reading = ps.read(path)
    made = ps.recipe({**RECIPE, "columns": null}).apply({"household": reading, "village": VILLAGES})
    plain = ps.recipe(RECIPE).apply({"household": FILE, "village": VILLAGES})
    pd.testing.assert_frame_equal(made.table, plain.table)
    assert {step.kind for step in made.report if step.column == "trust"} >= {"missing"}
    told = {**COLUMNS, **null, "trust": {**COLUMNS["trust"], "missing": {9: "拒绝回答"}}}
    with pytest.raises(
        DataError, match=r"'甲'.*code 9 is labelled '不知道' in the file, and the recipe expects '拒绝回答'"
    ):
        ps.recipe({**RECIPE, "columns": told}).apply({"household": reading, "village": VILLAGES})


def test_missing_by_code_in_a_stata_file_is_told(tmp_path):
    import pyreadstat

    path = tmp_path / "m.dta"
    table = FILE.assign(甲=pd.Series([1.0, "a", 5.0, 3.0], dtype=object)).rename(
        columns={"村": "cun", "户": "hu", "消费": "y", "人口": "n", "外出": "w", "甲": "p", "乙": "q", "状态": "s"}
    )
    pyreadstat.write_dta(table, str(path), missing_user_values={"p": ["a"]}, version=15)
    reading = ps.read(path)
    tree = {
        "name": "m",
        "contract": "survey",
        "columns": {
            "household": ["cun", "hu"],
            "village": "cun",
            "county": {"constant": "c"},
            "consumption": {"from": "y", "unit": "元", "per_head": "already", "missing": {-8: None}},
            "trust": "p",
        },
    }
    made = ps.recipe(tree).apply(reading)
    assert made.table["trust"].isna().tolist() == [False, True, False, False]
    step = next(step for step in made.report if step.kind == "file_blank")
    assert step.examples == (".a: 1",)


def test_a_reading_is_checked_without_a_recipe_too(tmp_path):
    path = tmp_path / "made.csv"
    ps.recipe(RECIPE).apply({"household": FILE, "village": VILLAGES}).table.to_csv(path, index=False)
    assert ps.check(ps.read(path), "survey").summary("en") == ps.check(path, "survey").summary("en")
