"""Files are whole or not there; data are found in the wheel's folder and in the checkout's."""

import os

import pytest

from povstats import files
from povstats.errors import DataError, OptionError, PovstatsError, allowed


def test_a_block_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    target = tmp_path / "结果 table.csv"
    target.write_text("old")

    def write():
        with files.replacing(target) as part:
            part.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_a_block_that_ends_well_replaces_the_file(tmp_path):
    target = tmp_path / "new folder" / "a.csv"
    with files.replacing(target) as part:
        assert part.suffix == ".csv"
        part.write_text("new")
    assert target.read_text() == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_results_are_readable_by_colleagues(tmp_path):
    before = os.umask(0o022)
    try:
        with files.replacing(tmp_path / "a.csv") as part:
            part.write_text("x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o644


def test_the_wheels_data_come_first(tmp_path, monkeypatch):
    for place, words in ((tmp_path / "povstats" / "_data", "wheel"), (tmp_path / "data", "checkout")):
        place.mkdir(parents=True)
        (place / "card.md").write_text(words)
    monkeypatch.setattr(files, "PACKAGE", tmp_path / "povstats")
    assert files.data_file("card.md").read_text() == "wheel"
    (tmp_path / "povstats" / "_data" / "card.md").unlink()
    assert files.data_file("card.md").read_text() == "checkout"
    with pytest.raises(DataError, match=r"'lines.csv' is missing from this installation"):
        files.data_file("lines.csv")


def test_options_are_listed():
    with pytest.raises(OptionError, match="method='mle' is not one of 'reml', 'ml'"):
        allowed("method", "mle", ("reml", "ml"))
    assert issubclass(OptionError, PovstatsError)
    assert issubclass(OptionError, ValueError)
