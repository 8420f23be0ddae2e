"""ps.read() on SPSS files. Second routes: the bytes put into the file, and the values that were written."""

import datetime

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import povstats as ps
from povstats.errors import DataError

LONG = "很长的回答" * 80
TABLE = pd.DataFrame(
    {
        "户编码": [1.0, 2, 3, 4],
        "信任": [1.0, 5, 99, np.nan],
        "收入": [-8.0, 1200.5, -1, 0],
        "民族": ["汉", "苗族", "REF", ""],
        "意见": [LONG, "好", "x", ""],
    }
)
LABELS = {"信任": "对邻居的信任程度", "民族": "户主民族"}
VALUES = {"信任": {1.0: "完全不信任", 5.0: "完全信任", 99.0: "拒答"}, "收入": {-8.0: "不知道", -9.0: "不适用"}}
MISSING = {"信任": [99], "收入": [{"lo": -9, "hi": -1}], "民族": ["REF"]}


@pytest.mark.parametrize("name", ["调查.sav", "压缩.zsav"])
def test_values_labels_and_missing_codes_survive(tmp_path, name):
    path = tmp_path / name
    pyreadstat.write_sav(
        TABLE,
        str(path),
        compress=path.suffix == ".zsav",
        column_labels=LABELS,
        variable_value_labels=VALUES,
        missing_ranges=MISSING,
    )
    reading = ps.read(path)
    pd.testing.assert_frame_equal(reading.table, TABLE, check_dtype=False)
    assert dict(reading.labels) == LABELS
    assert dict(reading.values) == VALUES
    assert reading.missing == {"信任": {99: "拒答"}, "收入": {-9: "不适用", -8: "不知道", -1: ""}, "民族": {"REF": ""}}
    assert reading.missing_ranges == {"收入": ((-9, -1),)}
    assert (reading.format, reading.encoding) == ("sav", "utf-8")
    rows = reading.codebook().frame.set_index("column")
    assert rows.loc["收入", ["n", "missing", "declared"]].tolist() == [2, 0, 2]
    assert rows.loc["收入", ["min", "max", "mean"]].tolist() == [0, 1200.5, 600.25]
    assert rows.loc["信任", ["n", "missing", "declared"]].tolist() == [2, 1, 1]
    assert rows.loc["收入", "missing_codes"] == "-8 不知道: 1; -1: 1"


def test_open_ranges(tmp_path):
    path = tmp_path / "open.sav"
    table = pd.DataFrame({"x": [-5.0, -99, 3, 998]})
    pyreadstat.write_sav(table, str(path), missing_ranges={"x": [{"lo": -1.7976931348623157e308, "hi": -1}, 998]})
    reading = ps.read(path)
    assert set(reading.missing["x"]) == {-99, -5, 998}
    assert reading.missing_ranges["x"] == ((-float("inf"), -1),)


def gbk_file(path, code_page):
    """Write a .sav in GBK without a record of its encoding, and with a code page in its header's record."""
    table = pd.DataFrame({"t": ["AAAA", "BBBBBB", "z"], "x": [1.0, 2, 99]})
    pyreadstat.write_sav(
        table, str(path), column_labels={"x": "LLLL"}, variable_value_labels={"x": {1: "VVVVVV", 99: "WWWW"}}
    )
    data = path.read_bytes()
    record = b"\x07\0\0\0\x14\0\0\0\x01\0\0\0\x05\0\0\0UTF-8"
    assert data.count(record) == 1
    data = data.replace(record, b"")
    header = data.index(b"\x07\0\0\0\x03\0\0\0\x04\0\0\0\x08\0\0\0")
    assert int.from_bytes(data[header + 44 : header + 48], "little") == 65001
    data = data[: header + 44] + code_page.to_bytes(4, "little") + data[header + 48 :]
    for sign, text in {"AAAA": "贵阳", "BBBBBB": "遵义市", "LLLL": "信任", "VVVVVV": "不信任", "WWWW": "拒答"}.items():
        assert sign.encode() in data
        data = data.replace(sign.encode(), text.encode("gbk"))
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("code_page", [2, 1252, 65001, 936])
def test_an_old_file_in_gbk_whatever_it_declares(tmp_path, code_page):
    reading = ps.read(gbk_file(tmp_path / "old.sav", code_page))
    assert reading.table["t"].tolist() == ["贵阳", "遵义市", "z"]
    assert reading.labels == {"x": "信任"}
    assert reading.values == {"x": {1: "不信任", 99: "拒答"}}
    assert reading.encoding == "gb18030"
    wrong = "reading.encoding_not_declared" in [note.key for note in reading.notes]
    assert wrong == (code_page in (2, 1252))


def test_a_named_encoding(tmp_path):
    path = gbk_file(tmp_path / "old.sav", 1252)
    assert ps.read(path, encoding="GBK").table["t"].tolist() == ["贵阳", "遵义市", "z"]
    with pytest.raises(DataError, match="does not decode as utf-8"):
        ps.read(path, encoding="utf-8")


def test_dates_and_times_of_day(tmp_path):
    table = pd.DataFrame(
        {
            "day": [datetime.date(2018, 7, 5), None],
            "moment": pd.to_datetime(["2018-07-05 12:30", None]),
            "hour": [datetime.time(8, 15), None],
        }
    )
    path = tmp_path / "dates.sav"
    pyreadstat.write_sav(table, str(path))
    found = ps.read(path).table
    assert found["day"].dt.strftime("%F").tolist()[0] == "2018-07-05"
    assert str(found["moment"][0]) == "2018-07-05 12:30:00"
    assert found["hour"][0] == "08:15:00"
    assert found.isna().sum().tolist() == [1, 1, 1]


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "broken.sav"
    pyreadstat.write_sav(TABLE, str(path))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match="cannot be read as an SPSS file"):
        ps.read(path)
