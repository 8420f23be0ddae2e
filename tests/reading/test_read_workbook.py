"""ps.read() on workbooks that the tests write with openpyxl. Second route: the cells that were written, one by one."""

import datetime
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError

HOUSES = [
    ["户编码", "村名", "人均收入", "调查日期", "低保户"],
    [520101, "大寨村", 3200.5, datetime.datetime(2018, 7, 5), True],
    [520102, "大寨村", 0, datetime.datetime(2018, 7, 6), False],
    [520103, "小河村", None, datetime.datetime(2018, 7, 7), True],
]
VILLAGES = [["村名", "扶贫资金（万元）"], ["大寨村", 12.5], ["小河村", 7]]


def write(path, sheets, change=None):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    if change is not None:
        change(book)
    book.save(path)
    return path


def keys(reading):
    return [note.key.removeprefix("reading.") for note in reading.notes]


def note(reading, key):
    return str(next(one for one in reading.notes if one.key == f"reading.{key}"))


def test_two_sheets_with_chinese_heads(tmp_path):
    path = write(tmp_path / "农户.xlsx", {"农户表": HOUSES, "村表": VILLAGES})
    reading = ps.read(path, sheet="农户表")
    assert list(reading.table.columns) == HOUSES[0]
    for i, row in enumerate(HOUSES[1:]):
        for name, value in zip(HOUSES[0], row, strict=True):
            found = reading.table[name][i]
            assert (value is None and np.isnan(found)) or found == value
    assert [str(kind) for kind in reading.table.dtypes] == ["int64", "str", "float64", "datetime64[us]", "bool"]
    assert (reading.sheet, reading.sheets) == ("农户表", ("农户表", "村表"))
    villages = ps.read(path, sheet="村表").table
    pd.testing.assert_frame_equal(villages, pd.read_excel(path, sheet_name="村表"), check_dtype=False)
    with pytest.raises(DataError, match=r"2 sheets with values: '农户表', '村表'; name one"):
        ps.read(path)
    with pytest.raises(OptionError, match="no sheet '户'; it has '农户表', '村表'"):
        ps.read(path, sheet="户")


def test_hidden_and_empty_sheets_are_not_counted(tmp_path):
    def hide(book):
        book["参数"].sheet_state = "hidden"

    path = write(tmp_path / "one.xlsx", {"空": [], "数据": VILLAGES, "参数": [["a"], [1]]}, hide)
    reading = ps.read(path)
    assert (reading.sheet, keys(reading)) == ("数据", ["hidden_sheets"])
    assert ps.read(path, sheet="参数").table["a"].tolist() == [1]
    with pytest.raises(DataError, match="sheet '空' is empty"):
        ps.read(path, sheet="空")


def test_titles_and_empty_rows_are_skipped_and_told(tmp_path):
    rows = [[], ["某县贫困户登记表（2018年）"], [], *VILLAGES[:2], [], VILLAGES[2], [None, None, None], []]

    def merge(book):
        book["表"].merge_cells("A2:B2")
        book["表"].cell(30, 6).number_format = "0.00"  # Excel keeps formatted cells behind the table

    reading = ps.read(write(tmp_path / "title.xlsx", {"表": rows}, merge))
    pd.testing.assert_frame_equal(reading.table, pd.DataFrame(VILLAGES[1:], columns=VILLAGES[0]))
    assert keys(reading) == ["title_row", "empty_rows"]
    assert "Row 2" in note(reading, "title_row")
    assert "某县贫困户登记表（2018年）" in note(reading, "title_row")


def test_a_footnote_is_kept_and_told(tmp_path):
    reading = ps.read(write(tmp_path / "foot.xlsx", {"表": [*VILLAGES, ["注：资金含省级配套"]]}))
    assert len(reading.table) == 3
    assert "Row 4" in note(reading, "footnote")


def test_heads_over_several_columns_are_refused_with_addresses(tmp_path):
    rows = [["户编码", "收入", None], [None, "工资", "经营"], [1, 2, 3]]
    path = write(tmp_path / "two.xlsx", {"表": rows}, lambda book: book["表"].merge_cells("B1:C1"))
    with pytest.raises(DataError, match=r"cell C1 has no name"):
        ps.read(path)


def test_repeated_heads_are_refused_with_addresses(tmp_path):
    path = write(tmp_path / "twice.xlsx", {"表": [["户", "收入", "户", "收入"], [1, 2, 3, 4]]})
    with pytest.raises(DataError, match="'户' in cell A1, cell C1; '收入' in cell B1, cell D1"):
        ps.read(path)


def test_columns_without_name_and_values_are_left_out(tmp_path):
    reading = ps.read(write(tmp_path / "bare.xlsx", {"表": [["a", None, "b"], [1, " ", 2], [3, None, 4]]}))
    assert reading.table.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_merged_cells_in_the_body_are_told(tmp_path):
    rows = [["县", "村"], ["甲县", "一"], [None, "二"], [None, "三"]]
    path = write(tmp_path / "merged.xlsx", {"表": rows}, lambda book: book["表"].merge_cells("A2:A4"))
    reading = ps.read(path)
    assert reading.table["县"].isna().tolist() == [False, True, True]
    assert "A2:A4" in note(reading, "merged_cells")


def test_numbers_that_are_stored_as_text(tmp_path):
    rows = [
        ["收入", "编码", "全角", "千位", "混合"],
        ["12.5", "0520", "１２", "1,200", "无"],
        [3, "0521", "13", "30", 4],
    ]
    reading = ps.read(write(tmp_path / "text.xlsx", {"表": rows}))
    assert reading.table["收入"].tolist() == [12.5, 3.0]
    assert reading.table.iloc[:, 1:].to_dict("list") == {
        "编码": ["0520", "0521"],
        "全角": ["１２", "13"],
        "千位": ["1,200", "30"],
        "混合": ["无", "4"],
    }
    assert keys(reading) == ["text_numbers", "identifiers", "full_width", "thousands", "mixed", "almost"]
    assert "'12.5'" in note(reading, "text_numbers")


def test_error_cells_are_missing_and_told(tmp_path):
    def break_cells(book):
        for place, words in (("B2", "#N/A"), ("B4", "#N/A"), ("A3", "#DIV/0!")):
            book["表"][place].value, book["表"][place].data_type = words, "e"

    rows = [["a", "b"], [1, 2], [3, 4], [5, 6]]
    reading = ps.read(write(tmp_path / "errors.xlsx", {"表": rows}, break_cells))
    assert reading.table["a"].tolist()[::2] == [1, 5]
    assert reading.table.isna().to_numpy().tolist() == [[False, True], [True, False], [False, True]]
    told = note(reading, "error_cells")
    assert "3 (#N/A × 2, #DIV/0! × 1), at B2, A3, B4" in told


def test_formulas_without_a_result_are_told(tmp_path):
    reading = ps.read(write(tmp_path / "formula.xlsx", {"表": [["a", "b"], [1, "=A2*2"], [2, 5]]}))
    assert reading.table["b"].isna().tolist() == [True, False]
    assert "1 (B2)" in note(reading, "no_result")


def test_mixed_dates_and_texts_stay_text(tmp_path):
    rows = [["日期"], [datetime.datetime(2018, 7, 5)], ["七月"], [datetime.datetime(2018, 7, 6, 12)]]
    reading = ps.read(write(tmp_path / "dates.xlsx", {"表": rows}))
    assert reading.table["日期"].tolist() == ["2018-07-05", "七月", "2018-07-06T12:00:00"]
    assert keys(reading) == ["mixed"]


def test_years_as_heads(tmp_path):
    reading = ps.read(write(tmp_path / "years.xlsx", {"表": [["县", 2014, 2015.0], ["甲", 1.5, 2]]}))
    assert list(reading.table.columns) == ["县", "2014", "2015"]
    assert keys(reading) == ["number_names"]


def test_a_sheet_of_heads_only_is_refused(tmp_path):
    with pytest.raises(DataError, match="no rows of values"):
        ps.read(write(tmp_path / "heads.xlsx", {"表": [["a", "b"]]}))


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "zip.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 60)
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        ps.read(path)
    made = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(made)
    path.write_bytes(made.getvalue())
    with pytest.raises(DataError, match="starts like a Parquet file"):
        ps.read(path)


def test_numbers_longer_than_a_workbook_keeps_are_told(tmp_path):
    rows = [["证件号", "户编码"], [520102199001011234, 999_999_999_999_999], [None, 1]]
    reading = ps.read(write(tmp_path / "证件.xlsx", {"表": rows}))
    assert keys(reading) == ["long_numbers"]
    told = note(reading, "long_numbers")
    assert "'证件号' holds 1 numbers" in told
    assert "5.20102199001" in told  # openpyxl wrote it as a decimal, as Excel does


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        ps.read(tmp_path)
