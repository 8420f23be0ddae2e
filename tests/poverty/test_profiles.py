"""A profile is what the measures' own verbs give, side by side; tolerances are none, for the code is the same."""

import re

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError
from povstats.poverty.profiles import MAKERS


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    n = 300
    return pd.DataFrame(
        {
            "y": np.exp(rng.normal(4, 0.6, n)),
            "w": rng.uniform(1, 2, n),
            "v": rng.integers(0, 30, n),
            "g": list("ab") * 150,
        }
    )


DESIGN = ps.Design(weights="w", psu="v")


def test_every_measure_is_its_verbs(table: pd.DataFrame) -> None:
    from povstats import poverty

    line = ps.relative_line(table, "y", design=DESIGN)
    for z in (50, line):
        profile = ps.poverty_profile(table, "y", z, tuple(MAKERS), by="g", design=DESIGN)
        for name in MAKERS:
            verb = getattr(poverty, name)
            lined = name not in ("gini", "theil", "mld", "mean")
            own = verb(table, "y", *((z,) if lined else ()), by="g", design=DESIGN)
            pd.testing.assert_frame_equal(profile[name].tidy(), own.tidy(), rtol=0, atol=0)
    tidy = profile.tidy()
    assert tidy["measure"].tolist() == [name for name in [*MAKERS, "nobs"] for _ in "ab"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_reader_sees(table: pd.DataFrame, lang: str) -> None:
    for by in (None, "g"):
        profile = ps.poverty_profile(table, "y", 50, by=by, design=DESIGN)
        for words in (profile.explain(lang), str(profile.summary(lang)), profile._repr_html_()):
            assert "{" not in words
            assert not re.search(r"\bnan\b|= None", words)
    alone = ps.poverty_profile(table, "y", 50, ["gini"]).summary(lang)
    assert f"{ps.gini(table, 'y').estimate.iloc[0]:.4f}" in alone


def test_refusals(table: pd.DataFrame) -> None:
    for wrong in ("gini", ["gini", "ginni"], []):
        with pytest.raises(OptionError, match="must be some of headcount"):
            ps.poverty_profile(table, "y", 50, wrong)
    with pytest.raises(OptionError, match="has no 'sen'; it has gini"):
        ps.poverty_profile(table, "y", 50, ["gini"])["sen"]
    with pytest.raises(DataError, match="zero or negative in 300 rows"):
        ps.poverty_profile(table.assign(y=0.0), "y", 50, ["headcount", "watts"])
