"""Comparing: what is a finding, what is a warning, and where the tolerance ends."""

import zipfile

import pytest

from povstats.reproduce.compare import ATOL, RTOL, compare, number_difference, orphans

WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:t>{}</w:t></w:document>'


@pytest.fixture
def folders(tmp_path):
    """Two folders with the same figure, accepted."""
    built, accepted = tmp_path / "built", tmp_path / "accepted"
    for folder in (built, accepted):
        folder.mkdir()
        for lang in ("zh", "en"):
            (folder / f"s-fig.{lang}.csv").write_text("group,value\na,1000.0\nb,0.0\n", encoding="utf-8-sig")
            (folder / f"s-fig.{lang}.svg").write_text("<svg/>")
        (folder / "s-fig.json").write_text("{}")
    return built, accepted


def kinds(folders, lang=None):
    return [(difference.file, difference.kind) for difference in compare("s-fig", *folders, lang)]


def test_the_same_files_have_no_difference(folders):
    assert compare("s-fig", *folders) == []


@pytest.mark.parametrize(
    ("value", "near_zero", "apart"),
    [
        (1000.0 * (1 + 0.5 * RTOL), 0.0, False),
        (1000.0 * (1 + 2 * RTOL), 0.0, True),
        (1000.0, 1000.0 * ATOL * 0.5, False),
        (1000.0, 1000.0 * ATOL * 2, True),
        (float("nan"), 0.0, True),
    ],
)
def test_numbers_differ_beyond_the_tolerance_only(folders, value, near_zero, apart):
    built, _ = folders
    (built / "s-fig.en.csv").write_text(f"group,value\na,{value!r}\nb,{near_zero!r}\n", encoding="utf-8-sig")
    assert kinds(folders) == ([("s-fig.en.csv", "numbers")] if apart else [])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("group,worth\na,1000.0\nb,0.0\n", "columns"),
        ("group,value\na,1000.0\n", "1 rows instead of 2"),
        ("group,value\nA,1000.0\nb,0.0\n", "row 1 group: A instead of a"),
        ("group,value\na,7\nb,8\n", r"row 1 value: 7 instead of 1000.0 \(and 1 more\)"),
        ("", "columns"),
    ],
)
def test_the_difference_is_told(folders, table, told):
    built, accepted = folders
    (built / "s-fig.en.csv").write_text(table, encoding="utf-8-sig")
    [difference] = compare("s-fig", *folders)
    assert difference.finding
    assert number_difference(built / "s-fig.en.csv", accepted / "s-fig.en.csv") == difference.detail
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(difference.detail)


def test_missing_numbers_agree_with_missing_numbers(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x,y\nnan,\n2,inf\n")
    assert number_difference(tmp_path / "a.csv", tmp_path / "b.csv") is None


def test_a_picture_alone_is_a_warning(folders):
    (folders[0] / "s-fig.zh.svg").write_text("<svg>new</svg>")
    [difference] = compare("s-fig", *folders)
    assert (difference.kind, difference.finding) == ("picture", False)


def test_words_of_tables_are_findings_but_not_the_time_in_a_word_file(folders):
    for number, folder in enumerate(folders):
        (folder / "s-fig.en.html").write_text(f"<td>{number}</td>")
        for lang, text in (("en", "same"), ("zh", f"other {number}")):
            with zipfile.ZipFile(folder / f"s-fig.{lang}.docx", "w") as word:
                word.writestr("word/document.xml", WORD.format(text))
                word.writestr("docProps/core.xml", f"written at {number}")
    assert kinds(folders) == [("s-fig.en.html", "text"), ("s-fig.zh.docx", "text")]


def test_missing_new_and_orphaned_files_are_findings(folders):
    built, accepted = folders
    (built / "s-fig.zh.csv").unlink()
    (accepted / "s-fig.en.csv").unlink()
    assert kinds(folders) == [("s-fig.zh.csv", "missing"), ("s-fig.en.csv", "missing")]
    assert kinds(folders, "zh") == [("s-fig.zh.csv", "missing")]
    (accepted / "s-fig.json").unlink()
    assert kinds(folders) == [("s-fig.json", "missing")]
    (accepted / "s-gone.json").write_text("{}")
    assert [(each.exhibit, each.kind, each.finding) for each in orphans({"s-fig"}, accepted)] == [
        ("s-gone", "orphan", True)
    ]
