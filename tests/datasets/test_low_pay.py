"""The panel of wages: as linearmodels has it, whole, and labelled as low pay.

Second route: linearmodels' own table, column by column.
"""

import numpy as np
import pytest
from linearmodels.datasets import wage_panel as theirs

import povstats as ps
from povstats.datasets import low_pay
from povstats.errors import DataError


def test_it_is_linearmodels_table():
    ours, raw = ps.datasets.wage_panel(), theirs.load().sort_values(["nr", "year"], ignore_index=True)
    assert ours["man"].nunique() == 545
    assert len(ours) == 4360
    pairs = {"man": "nr", "log_wage": "lwage", "education": "educ", "experience": "exper", "hours": "hours"}
    for name, column in pairs.items():
        np.testing.assert_array_equal(ours[name], raw[column])
    for name, column in {"union": "union", "married": "married", "black": "black", "hispanic": "hisp"}.items():
        np.testing.assert_array_equal(ours[name] == "yes", raw[column] == 1)
    np.testing.assert_allclose(ours["wage"], np.exp(raw["lwage"]), rtol=1e-15)


def test_another_file_is_not_read(monkeypatch, tmp_path):
    (tmp_path / "wages.csv").write_text("man,year\n1,1980\n", encoding="utf-8")
    monkeypatch.setattr(low_pay, "data_file", lambda name: tmp_path / "wages.csv")
    with pytest.raises(DataError, match="was not read"):
        ps.datasets.wage_panel()


@pytest.mark.parametrize(("lang", "words"), [("en", "not of household poverty"), ("zh", "而不是家庭贫困")])
def test_the_card_says_what_it_is_not(lang, words):
    assert words in ps.datasets.card("wage_panel", lang).text
