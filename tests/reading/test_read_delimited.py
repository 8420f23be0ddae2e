"""ps.read() on text files with delimiters. Second routes: the fields as written, and pandas' reader."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError

ROWS = [
    ["县", "村名", "人均收入", "人口"],
    ["织金县", "大寨村", "3200.5", "120"],
    ["织金县", "小河村，东组", "", "85"],
    ["纳雍县", '说"好"的村\n第二行', "-8", "99"],
]


def text_of(rows, delimiter=",", end="\r\n"):
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter, lineterminator=end).writerows(rows)
    return made.getvalue()


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def keys(reading):
    return [note.key.removeprefix("reading.") for note in reading.notes]


@pytest.mark.parametrize(
    ("encoding", "found", "told"),
    [
        ("utf-8", "utf-8", "encoding_utf8"),
        ("utf-8-sig", "utf-8-sig", "encoding_mark"),
        ("gbk", "gb18030", "encoding_chinese"),
        ("gb18030", "gb18030", "encoding_chinese"),
        ("utf-16", "utf-16", "encoding_mark"),
        ("utf-16-le", "utf-16-le", "encoding_zeros"),
        ("utf-16-be", "utf-16-be", "encoding_zeros"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter(tmp_path, encoding, found, told, delimiter):
    path = write(tmp_path / "登记.csv", text_of(ROWS, delimiter), encoding)
    reading = ps.read(path)
    assert list(reading.table.columns) == ROWS[0]
    assert reading.table["村名"].tolist() == [row[1] for row in ROWS[1:]]
    assert reading.table["人口"].tolist() == [120, 85, 99]
    assert reading.table["人均收入"].tolist()[::2] == [3200.5, -8]
    assert reading.table["人均收入"].isna().tolist() == [False, True, False]
    assert reading.encoding == found
    assert keys(reading)[0] == told
    assert len(keys(reading)) == (1 if delimiter == "," else 2)
    pd.testing.assert_frame_equal(reading.table, pd.read_csv(path, sep=delimiter, encoding=found))


def test_a_named_encoding_overrides(tmp_path):
    path = write(tmp_path / "a.csv", "名\n臺灣\n", "big5")
    assert ps.read(path, encoding="big5").table["名"].tolist() == ["臺灣"]
    with pytest.raises(DataError, match=r"does not decode as utf-8: byte 0xa6 at offset 0, line 1"):
        ps.read(path, encoding="utf-8")


def test_text_that_decodes_in_no_way_is_refused_with_both_offsets(tmp_path):
    data = "村名,人口\n大寨村,1\n".encode() + "贵阳,2\n".encode("gbk") + b"\xff\xff,3\n"
    path = tmp_path / "mixed.csv"
    path.write_bytes(data)
    utf8 = data.index("贵阳".encode("gbk"))
    # As GB18030 the nine bytes of the village's name pair up to the last one, and a comma continues no pair.
    gbk = data.index(b",1\n") - 1
    with pytest.raises(DataError) as refused:
        ps.read(path)
    assert f"utf-8 (byte {data[utf8]:#04x} at offset {utf8}, line 3)" in str(refused.value)
    assert f"gb18030 (byte {data[gbk]:#04x} at offset {gbk}, line 2)" in str(refused.value)


def test_ragged_rows_are_all_counted_and_three_shown(tmp_path):
    lines = ["a,b,c", "1,2,3", "1,2", '1,"x\ny",3', "1,2,3,4", "5,6", "1", "1,2,3"]
    path = write(tmp_path / "ragged.csv", "\n".join(lines) + "\n")
    # Line numbers by hand: the quoted line end makes the fourth record two lines long.
    with pytest.raises(DataError, match=r"4 rows .* 3 fields .*: line 3 has 2; line 6 has 4; line 7 has 2 …"):
        ps.read(path)


def test_an_open_quotation_mark_is_refused(tmp_path):
    path = write(tmp_path / "open.csv", 'a,b\n1,2\n3,"x\n5,6\n')
    with pytest.raises(DataError, match="starts in line 3"):
        ps.read(path)


@pytest.mark.parametrize(
    ("fields", "kept", "told"),
    [
        (["1", "2", ""], [1.0, 2.0, None], []),
        (["1", " 2 ", "+3"], [1, 2, 3], []),
        (["1e3", ".5", "-2."], [1000.0, 0.5, -2.0], []),
        (["0.1", "0", "-0.3"], [0.1, 0.0, -0.3], []),
        (["007", "12", "3"], ["007", "12", "3"], ["identifiers"]),
        (["520102199001011234", "1", "2"], ["520102199001011234", "1", "2"], ["identifiers"]),
        (["１２", "3", "4"], ["１２", "3", "4"], ["full_width"]),
        (["1，200", "3", "4"], ["1，200", "3", "4"], ["full_width"]),
        (["1,200", "3", "4"], ["1,200", "3", "4"], ["thousands"]),
        (["NA", "3", "4"], ["NA", "3", "4"], ["almost"]),
        (["不详", "3", "4"], ["不详", "3", "4"], ["almost"]),
        (["甲", "乙", "3"], ["甲", "乙", "3"], []),
        (["TRUE", "inf", "nan"], ["TRUE", "inf", "nan"], []),
    ],
)
def test_only_columns_of_plain_numbers_become_numbers(tmp_path, fields, kept, told):
    path = write(tmp_path / "n.csv", text_of([["x", "y"], *([field, "1"] for field in fields)]))
    reading = ps.read(path)
    found = [None if value != value else value for value in reading.table["x"].tolist()]
    assert found == kept
    assert [type(value) for value in found] == [type(value) for value in kept]
    assert keys(reading)[1:] == told


def test_decimals_are_rounded_as_python_does(tmp_path):
    rng = np.random.default_rng(5)
    texts = [repr(value) for value in (rng.lognormal(0, 30, 2000) * rng.choice([-1, 1], 2000)).tolist()]
    path = write(tmp_path / "d.csv", "x\n" + "\n".join(texts) + "\n")
    assert ps.read(path).table["x"].tolist() == [float(text) for text in texts]


def test_blank_lines_and_columns_without_name_and_values(tmp_path):
    path = write(tmp_path / "b.csv", "a,b,\n1,2,\n\n3,4,\n\n")
    reading = ps.read(path)
    assert reading.table.to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    assert keys(reading)[1:] == ["blank_lines", "bare_columns"]
    assert "2" in str(reading.notes[1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,,b\n1,2,3\n", "column 2 has no name"),
        ("村,村\n1,2\n", "'村' in column 1, column 2"),
        ("村，人口\n甲，2\n", "full-width commas"),
        ("a,b\n", "no rows"),
        ("  \n \n", "nothing but blanks"),
    ],
)
def test_refusals(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        ps.read(write(tmp_path / "r.csv", text))


def test_a_first_row_of_numbers_is_told(tmp_path):
    assert "number_names" in keys(ps.read(write(tmp_path / "n.csv", "1,2\n3,4\n")))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        ("a.docx", b"PK\x03\x04", "ending in .docx are not read"),
        ("noending", b"a", "ending in nothing"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"PK\x03\x04xxxx", "starts like an .xlsx"),
        ("a.csv", b"$FL2xxxx", "starts like an SPSS"),
        ("a.dta", b"a,b\n1,2\n", "starts like a text file"),
        ("a.sav", b"PAR1xxxx", "starts like a Parquet"),
        ("a.parquet", b"<stata_dta>", "starts like a Stata"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old .xls workbook under a new ending"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        ("a.parquet", b"PAR1xxxxxxxxPAR1", "cannot be read"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=words):
        ps.read(tmp_path / name)


def test_options_that_do_not_fit(tmp_path):
    path = write(tmp_path / "a.csv", "a\n1\n")
    with pytest.raises(OptionError, match="has no sheets"):
        ps.read(path, sheet="x")
    with pytest.raises(DataError, match="is not there"):
        ps.read(tmp_path / "none.csv")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(OptionError, match="leave encoding= out"):
        ps.read(tmp_path / "a.parquet", encoding="gbk")


def test_parquet_comes_as_it_is(tmp_path):
    table = pd.DataFrame({"村": ["甲", None], "x": [1.5, np.nan], "n": [1, 2], "k": pd.Categorical(["a", "b"])})
    table.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(ps.read(tmp_path / "t.parquet").table, table)
    table.set_index("村").to_parquet(tmp_path / "i.parquet")
    reading = ps.read(tmp_path / "i.parquet")
    assert list(reading.table.columns) == ["村", "x", "n", "k"]
    assert keys(reading) == ["index"]
