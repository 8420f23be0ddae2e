"""ps.read() on Stata files, written here in every format and encoding.

Second routes: the bytes that were put into the file, decoded by hand; pandas' own reader. Nothing is rounded, so no
tolerance is needed.
"""

import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError

TABLE = pd.DataFrame(
    {
        "户编码": [101, 102, 103, 104],
        "满意度": [1, 5, 99, -8],
        "收入": [1234.5, 0.1, np.nan, -2.0],
        "村名": ["贵阳村", "遵义", "", "abc镇"],
    }
)
LABELS = {"户编码": "住户编码", "满意度": "对生活是否满意", "收入": "人均纯收入（元）"}
VALUES = {"满意度": {1: "很不满意", 5: "很满意", 99: "拒答", -8: "不知道"}}


def write(path, encoding, version, *, table=TABLE, labels=LABELS, values=VALUES):
    """Write a .dta whose text is in `encoding`: ASCII stands in for it, byte for byte, and is then replaced."""
    stand_ins: dict[str, bytes] = {}

    def stand_in(text):
        if text.isascii():
            return text
        real = text.encode(encoding)
        sign = f"Z{len(stand_ins):0{len(real) - 1}x}"
        assert len(sign) == len(real)
        stand_ins[sign] = real
        return sign

    names = {name: stand_in(name) for name in table.columns}
    written = table.rename(columns=names)
    for name in names.values():
        if written[name].dtype.kind in "OTU":
            written[name] = written[name].map(stand_in)
    pyreadstat.write_dta(
        written,
        str(path),
        version=version,
        column_labels={names[name]: stand_in(label) for name, label in labels.items()},
        variable_value_labels={names[k]: {c: stand_in(v) for c, v in codes.items()} for k, codes in values.items()},
    )
    data = path.read_bytes()
    for sign, real in sorted(stand_ins.items(), key=lambda pair: -len(pair[0])):
        assert sign.encode() in data
        data = data.replace(sign.encode(), real)
    path.write_bytes(data)
    return path


def told(reading):
    return [note.key for note in reading.notes]


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_a_gbk_file_survives_to_the_cell(tmp_path, version):
    # From version 14 on such a file breaks Stata's rule; it arises where an old one is saved again untranslated.
    path = write(tmp_path / "调查.dta", "gbk", version)
    reading = ps.read(path)
    pd.testing.assert_frame_equal(reading.table, TABLE, check_dtype=False)
    assert dict(reading.labels) == LABELS
    assert dict(reading.values) == VALUES
    assert reading.encoding == "gb18030"
    assert "reading.encoding_chinese" in told(reading)
    assert ("reading.not_unicode" in told(reading)) == (version >= 14)
    assert reading.missing == {}


@pytest.mark.parametrize("version", [8, 13])
def test_cells_are_those_of_pandas_reader_decoded_by_hand(tmp_path, version):
    path = write(tmp_path / "old.dta", "gbk", version)
    own = pd.read_stata(path, convert_categoricals=False)
    own.columns = [name.encode("latin-1").decode("gbk") for name in own.columns]
    own["村名"] = [text.encode("latin-1").decode("gbk") for text in own["村名"]]
    pd.testing.assert_frame_equal(ps.read(path).table, own)


@pytest.mark.parametrize("version", [14, 15])
def test_a_unicode_file_is_read_as_declared(tmp_path, version):
    reading = ps.read(write(tmp_path / "new.dta", "utf-8", version))
    pd.testing.assert_frame_equal(reading.table, TABLE, check_dtype=False)
    assert dict(reading.values) == VALUES
    assert (reading.encoding, told(reading)) == ("utf-8", ["reading.stata", "reading.encoding_declared"])


@pytest.mark.parametrize("release", [105, 108])
def test_files_of_the_nineties(tmp_path, release):
    # No program at hand writes these: the layout is that of Stata's `help dta_105` and `help dta_108`.
    names, texts = ["region", "income"], ["贵阳", "abcd"]
    label = 32 if release == 105 else 81
    kinds = bytes([0x7F + 4]) + b"d"
    head = bytes([release, 2, 1, 0]) + struct.pack("<HI", 2, 2) + b"\0" * (label + 18)
    lists = kinds + b"".join(name.encode().ljust(9, b"\0") for name in names) + b"\0" * 6
    formats = b"%9s".ljust(12, b"\0") + b"%9.0g".ljust(12, b"\0") + b"\0" * 18
    described = "地区".encode("gbk").ljust(label, b"\0") + b"\0" * label
    missing = struct.pack("<d", 2.0**333 if release == 105 else 2.0**1023)
    rows = texts[0].encode("gbk") + struct.pack("<d", 12.5) + texts[1].encode() + missing
    path = tmp_path / "nineties.dta"
    path.write_bytes(head + lists + formats + described + b"\0" * 3 + rows)
    reading = ps.read(path)
    assert reading.table["region"].tolist() == texts
    assert reading.table["income"].tolist()[0] == 12.5
    assert reading.table["income"].isna().tolist() == [False, True]
    assert reading.labels == {"region": "地区"}


def test_numbers_are_told_from_missing_codes_by_nothing_but_the_file(tmp_path):
    reading = ps.read(write(tmp_path / "codes.dta", "gbk", 12))
    assert reading.table["满意度"].tolist() == [1, 5, 99, -8]
    assert reading.table["收入"].isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize("version", [12, 15])
def test_extended_missing_values_are_kept_apart(tmp_path, version):
    path = tmp_path / "extended.dta"
    table = pd.DataFrame({"x": pd.Series([1.5, 2.5, "a", "b", "z"], dtype=object), "y": [1.0, np.nan, 3, 4, 5]})
    labels = {"x": {1: "one", "a": "refused", "b": "absent", "c": "not asked"}}
    pyreadstat.write_dta(
        table, str(path), version=version, missing_user_values={"x": ["a", "b", "c", "z"]}, variable_value_labels=labels
    )
    # pyreadstat writes no plain missing value beside extended ones: .z becomes one by its bits.
    extended, plain = (struct.pack("<Q", 0x7FE0_0000_0000_0000 | code << 40) for code in (26, 0))
    assert path.read_bytes().count(extended) == 1
    path.write_bytes(path.read_bytes().replace(extended, plain))
    reading = ps.read(path)
    assert reading.table["x"].isna().tolist() == [False, False, True, True, True]
    assert reading.table["x"].dtype == np.float64
    assert reading.missing == {"x": {".a": "refused", ".b": "absent", ".c": "not asked"}}
    assert reading.missing_at["x"].to_dict() == {2: ".a", 3: ".b"}
    assert reading.values == {"x": {1: "one"}}
    # Second route: pandas' own objects for missing values.
    own = pd.read_stata(path, convert_missing=True, convert_categoricals=False)
    assert [str(value) for value in own["x"][2:]] == [".a", ".b", "."]
    book = reading.codebook()
    row = book.frame.set_index("column").loc["x"]
    assert (row["n"], row["missing"], row["declared"]) == (2, 1, 2)
    assert row["missing_codes"] == ".a refused: 1; .b absent: 1"


def test_extended_missing_values_beyond_the_first_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr("povstats.reading.stata.CHUNK", 3)
    path = tmp_path / "long.dta"
    values = [float(i) if i % 4 else "c" for i in range(1, 20)]
    table = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    pyreadstat.write_dta(table, str(path), missing_user_values={"x": ["c"]})
    assert ps.read(path).missing_at["x"].to_dict() == {i: ".c" for i, v in enumerate(values) if v == "c"}


def test_extended_missing_values_in_a_file_that_only_pyreadstat_reads_raw(tmp_path):
    path = tmp_path / "raw.dta"
    table = pd.DataFrame({"x": pd.Series([1, 2, "a"], dtype=object), "s": ["QQQQ", "b", "c"]})
    pyreadstat.write_dta(table, str(path), version=15, missing_user_values={"x": ["a"]})
    path.write_bytes(path.read_bytes().replace(b"QQQQ", "贵州".encode("gbk")))
    reading = ps.read(path)
    assert reading.table["s"].tolist() == ["贵州", "b", "c"]
    assert reading.table["x"].tolist()[:2] == [1, 2]
    assert reading.table["x"].dtype == np.float64
    assert reading.missing_at["x"].to_dict() == {2: ".a"}


@pytest.mark.parametrize("version", [114, 117, 118])
def test_dates_periods_and_years(tmp_path, version):
    days = pd.to_datetime(["2018-07-05", "1959-12-31", None])
    table = pd.DataFrame({"day": days, "time": days + pd.Timedelta(90, "s"), "month": days, "year": days})
    path = tmp_path / "dates.dta"
    kinds = {"day": "td", "time": "tc", "month": "tm", "year": "ty"}
    table.to_stata(path, write_index=False, version=version, convert_dates=kinds)
    reading = ps.read(path)
    found = reading.table
    assert found["day"].dt.strftime("%F").tolist()[:2] == ["2018-07-05", "1959-12-31"]
    assert str(found["time"][0]) == "2018-07-05 00:01:30"
    assert found["month"].dt.strftime("%F").tolist()[:2] == ["2018-07-01", "1959-12-01"]
    assert found["year"].tolist()[:2] == [2018, 1959]
    assert found.isna().sum().tolist() == [1, 1, 1, 1]
    assert "reading.period" in told(reading)
    assert "month" in str(next(note for note in reading.notes if note.key == "reading.period"))


@pytest.mark.parametrize("version", [117, 118])
def test_long_texts(tmp_path, version):
    texts = ["x" * 3000, "", "y"]
    path = tmp_path / "long.dta"
    pd.DataFrame({"s": texts}).to_stata(path, write_index=False, version=version, convert_strl=["s"])
    assert ps.read(path).table["s"].tolist() == texts


def test_long_chinese_texts_in_gbk(tmp_path):
    text = "我们村里修了路" * 400
    path = tmp_path / "long.dta"
    stand_in = "Q" * len(text.encode("gbk"))
    pd.DataFrame({"s": [stand_in]}).to_stata(path, write_index=False, version=117, convert_strl=["s"])
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), text.encode("gbk")))
    assert ps.read(path).table["s"].tolist() == [text]


def test_a_label_that_was_cut_in_a_character(tmp_path):
    path = tmp_path / "cut.dta"
    pyreadstat.write_dta(pd.DataFrame({"x": [1.0]}), str(path), version=10, column_labels={"x": "QQQQQ"})
    path.write_bytes(path.read_bytes().replace(b"QQQQQ", "贵州省".encode("gbk")[:5]))
    reading = ps.read(path)
    assert reading.labels == {"x": "贵州"}
    assert "reading.cut" in told(reading)


def test_western_text(tmp_path):
    path = tmp_path / "west.dta"
    pd.DataFrame({"s": ["Orléans", "café", "Besançon, Doubs"]}).to_stata(path, write_index=False, version=114)
    reading = ps.read(path)
    assert reading.table["s"].tolist() == ["Orléans", "café", "Besançon, Doubs"]
    assert (reading.encoding, told(reading)) == ("cp1252", ["reading.stata", "reading.encoding_western"])


def test_another_encoding_is_refused_until_it_is_named(tmp_path):
    table = pd.DataFrame({"s": ["臺灣農戶調查資料", "沒有回答問題"]})
    path = write(tmp_path / "big5.dta", "big5", 12, table=table, labels={}, values={})
    with pytest.raises(DataError, match="name encoding="):
        ps.read(path)
    assert ps.read(path, encoding="big5").table["s"].tolist() == table["s"].tolist()


def test_a_named_encoding_that_does_not_fit_is_refused_with_the_offset(tmp_path):
    path = write(tmp_path / "gbk.dta", "gbk", 12)
    data = path.read_bytes()
    with pytest.raises(DataError, match=r"offset [\d,]+ does not decode as utf-8") as refused:
        ps.read(path, encoding="utf-8")
    offset = int(str(refused.value).split("offset ")[1].split(" ")[0].replace(",", ""))
    assert data[offset] >= 0x80
    with pytest.raises(OptionError, match="not known"):
        ps.read(path, encoding="latin-99")


def test_a_broken_file_is_refused(tmp_path):
    path = write(tmp_path / "whole.dta", "gbk", 12)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="cannot be read as a Stata file"):
        ps.read(path)
