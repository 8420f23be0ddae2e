"""Minimum income against the register. Second route: loops by hand; parts add up; the poverty gap of the verb."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import povstats as ps
from povstats.errors import DataError, OptionError

HOMES = pd.DataFrame(
    {
        "dibao": [1, 1, 0, 0, 0, 1],
        "listed": [1, 0, 1, 1, 0, 1],
        "income": [3000.0, 3500, 2000, 5000, 3800, 4200],
        "persons": [2, 1, 4, 3, 5, 1],
    }
)
ASKED = {"dibao": "dibao", "registered": "listed", "income": "income", "line": 4000.0, "persons": "persons"}


@pytest.mark.parametrize("wrap", [lambda t: t, pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df])
def test_cells_by_hand_on_every_engine(wrap):
    found = ps.dibao_coverage(wrap(HOMES), **ASKED)
    assert found.table["households"].to_dict() == {"both": 2, "dibao_only": 1, "register_only": 2, "neither": 1}
    assert found.table["persons"].to_dict() == {"both": 3, "dibao_only": 1, "register_only": 7, "neither": 5}
    # 2·1,000 both, 1·500 minimum income alone, 4·2,000 the register alone, 5·200 neither.
    assert found.table["gap"].to_dict() == {"both": 2000, "dibao_only": 500, "register_only": 8000, "neither": 1000}
    assert found.covered == pytest.approx(3 / 10)
    assert found.registered == pytest.approx(3 / 4)
    assert found.outside == pytest.approx(5 / 12)


def test_the_cost_is_the_poverty_gap_in_money():
    rng = np.random.default_rng(8)
    table = pd.DataFrame(
        {
            "dibao": rng.integers(0, 2, 300),
            "listed": rng.integers(0, 2, 300),
            "income": rng.lognormal(8.2, 0.5, 300),
            "persons": rng.integers(1, 7, 300),
        }
    )
    found = ps.dibao_coverage(table, **ASKED)
    gap = float(ps.poverty_gap(table, "income", 4000.0, size="persons").estimate.iloc[0])
    assert found.cost == pytest.approx(gap * 4000 * table["persons"].sum(), rel=1e-12)
    assert found.table["persons"].sum() == table["persons"].sum()


def test_what_cannot_be_crossed_is_refused():
    with pytest.raises(OptionError, match="line"):
        ps.dibao_coverage(HOMES, **{**ASKED, "line": 0})
    with pytest.raises(DataError, match="'dibao' in 6 rows"):
        ps.dibao_coverage(HOMES.assign(dibao=2), **ASKED)
    with pytest.raises(DataError, match="'income' in 1 rows"):
        ps.dibao_coverage(HOMES.assign(income=HOMES["income"].mask(HOMES.index == 0)), **ASKED)
    nobody = ps.dibao_coverage(HOMES.assign(listed=0), **ASKED)
    assert np.isnan(nobody.covered)
    for lang in ("zh", "en"):
        assert str(nobody.summary(lang))
        assert nobody.explain(lang).endswith("。" if lang == "zh" else ".")
    assert len(nobody.tidy().columns) == 9
