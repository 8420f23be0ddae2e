"""Warnings held against falls.

Second routes: four households by hand; a plain loop over households on random panels with gaps; standard errors by
leaving out one household at a time.
"""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import povstats as ps
from povstats.errors import DataError, OptionError

K = {"welfare": "y", "unit": "hh", "wave": "year"}
WRAPS = [pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df]
INCOMES = {
    "a": [300, 140, 130, 90],  # watched at 1.5 for two waves, at 1.35 for one
    "b": [140, 110, 95, 200],  # watched at both from its first wave (at 1.35 from the second), falls in the third
    "c": [500, 80, 500, 500],  # falls unwarned
    "d": [120, 120, 120, 120],  # watched and never falls
}


def by_hand():
    rows = [(hh, 2018 + at, y) for hh, ys in INCOMES.items() for at, y in enumerate(ys)]
    return pd.DataFrame(rows, columns=["hh", "year", "y"])


def test_four_households_by_hand():
    found = ps.warning_lead(by_hand(), line=100, multiples=[1.35, 1.5], **K)
    low, high = (found.table.loc[m] for m in (1.35, 1.5))
    assert found.counts == {"falls": 3, "seen": 10, "above": 13, "waves": 4, "dropped": 0}
    # Above the line: a 3, b 3, c 3, d 4 rows; watched at 1.5: a 2, b 2, d 4; at 1.35: a 1, b 1, d 4.
    assert (low["list"], high["list"]) == (6 / 13, 8 / 13)
    assert (low["sensitivity"], high["sensitivity"]) == (2 / 3, 2 / 3)
    assert (low["precision"], high["precision"]) == (2 / 5, 2 / 7)
    # Falls with two waves before: a and b (c fell in its second wave); at 1.5 both were watched twice, at 1.35 none.
    assert (low["early"], high["early"]) == (0, 1)
    assert (low["lead"], high["lead"]) == (1, 2)
    assert (low["at_least"], high["at_least"]) == (0, 1)
    assert found.leads.to_dict() == {1.35: {0: 1, 1: 2, 2: 0}, 1.5: {0: 1, 1: 0, 2: 2}}
    assert found.bands["n"].tolist() == [5, 2, 3]
    assert found.bands["falls"].tolist() == [2, 0, 1]
    assert found.bands["share"].tolist() == [2 / 5, 0, 1 / 3]


def test_who_is_on_a_line_is_above_it():
    found = ps.warning_lead(by_hand(), line=100, multiples=[1.2, 1.4], **K)
    # The four 120 (three followed) lie in the band from 1.2 and are watched at 1.4 alone, both 140 at neither.
    assert found.bands["n"].tolist() == [1, 4, 5]
    assert found.table["list"].tolist() == [1 / 13, 6 / 13]


def test_rigid_spending_watches_whom_income_does_not():
    table = by_hand().assign(rigid=0.0)
    table.loc[(table["hh"] == "c") & (table["year"] == 2018), "rigid"] = 380.0
    found = ps.warning_lead(table, line=100, multiples=[1.35], spending="rigid", **K)
    assert found.table.loc[1.35, "sensitivity"] == 1


def panel(seed, homes=40, waves=6):
    rng = np.random.default_rng(seed)
    rows = []
    for hh in range(homes):
        lasting = rng.normal(0.3, 0.4)
        for year in range(2014, 2014 + waves):
            if rng.random() < 0.85:
                rows.append((hh, year, 100 * float(np.exp(lasting + rng.normal(0, 0.3))), float(rng.integers(90, 111))))
    return pd.DataFrame(rows, columns=["hh", "year", "y", "z"]).sample(frac=1, random_state=seed)


def looped(table, m):
    """Count falls and leads household by household."""
    falls, seen, watched_seen, leads = 0, 0, 0, []
    for _, one in table.groupby("hh"):
        held = one.set_index("year")
        for year, row in held.iterrows():
            if row["y"] < row["z"] or year + 1 not in held.index:
                continue
            seen += 1
            lead, back = 0, year
            while back in held.index and held.loc[back, "z"] <= held.loc[back, "y"] < m * held.loc[back, "z"]:
                lead, back = lead + 1, back - 1
            watched_seen += lead > 0
            if held.loc[year + 1, "y"] < held.loc[year + 1, "z"]:
                falls += 1
                leads.append((lead, year - 1 in held.index))
    return falls, seen, watched_seen, leads


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_leads_as_a_plain_loop_counts_them(seed):
    table = panel(seed)
    found = ps.warning_lead(table, line="z", multiples=[1.2, 1.6], **K)
    for m, row in found.table.iterrows():
        falls, seen, watched, leads = looped(table, m)
        assert (found.counts["falls"], found.counts["seen"]) == (falls, seen)
        warned = [lead for lead, _ in leads if lead]
        assert row["sensitivity"] == pytest.approx(len(warned) / falls)
        assert row["precision"] == pytest.approx(len(warned) / watched)
        assert row["lead"] == pytest.approx(np.mean(warned), nan_ok=True)
        assert found.leads[m].to_dict() == {k: sum(lead == k for lead, _ in leads) for k in found.leads.index}
        longer = [lead >= 2 for lead, before in leads if before]
        assert row["early"] == pytest.approx(np.mean(longer))


@pytest.mark.parametrize("wrap", WRAPS)
def test_every_engine_gives_the_same(wrap):
    table = panel(3)
    here, there = (ps.warning_lead(t, line="z", multiples=[1.2, 1.6], **K) for t in (table, wrap(table)))
    assert here.counts == there.counts
    for name in ("table", "bands", "leads"):
        pd.testing.assert_frame_equal(getattr(here, name), getattr(there, name), check_dtype=False, rtol=1e-12)


def test_standard_errors_as_the_jackknife_of_households():
    table = panel(8, homes=200)
    found = ps.warning_lead(table, line=100, multiples=[1.3], **K)
    homes = table["hh"].unique()
    parts = [ps.warning_lead(table[table["hh"] != hh], line=100, multiples=[1.3], **K) for hh in homes]
    n = len(homes)
    for what in ("list", "sensitivity", "precision", "early"):
        left = np.array([one.table[what].iloc[0] for one in parts])
        jackknife = np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
        # The two differ by terms of order 1/n; 200 households leave them within 3 per cent.
        assert found.table[f"{what}_se"].iloc[0] == pytest.approx(jackknife, rel=0.03)


def village_panel():
    table = panel(21, homes=240, waves=5).sort_values(["hh", "year"])
    rng = np.random.default_rng(4)
    village = table["hh"] // 6
    return table.assign(
        village=village, stratum=village % 2, weight=rng.uniform(0.5, 2, 240)[table["hh"]], line=100 + village % 3
    )


def test_standard_errors_under_a_design_as_the_jackknife_of_villages():
    table = village_panel()
    design = ps.Design(weights="weight", strata="stratum", psu="village")
    asked = {"line": "line", "multiples": [1.3], "design": design, **K}
    found = ps.warning_lead(table, **asked).table
    variance = {what: 0.0 for what in ("list", "sensitivity", "precision", "early")}
    for level, part in table.groupby("stratum"):
        villages = part["village"].unique()
        n = len(villages)
        more = table.assign(weight=table["weight"] * np.where(table["stratum"] == level, n / (n - 1), 1.0))
        left = [ps.warning_lead(more[more["village"] != one], **asked).table for one in villages]
        for what in variance:
            drawn = np.array([one[what].iloc[0] for one in left])
            variance[what] += (n - 1) / n * ((drawn - drawn.mean()) ** 2).sum()
    for what, value in variance.items():
        # Twenty villages a stratum: terms of one over twenty.
        assert found[f"{what}_se"].iloc[0] == pytest.approx(np.sqrt(value), rel=0.06)


def test_precision_is_a_share_in_a_domain_of_the_survey():
    """The watched who are seen again are a domain, those of them who fall its poor: share, error and ends as headcount.

    Few villages, some without anybody watched, so that the degrees of freedom and m/(m − 1) count.
    """
    table = village_panel().query("village < 9")
    table = table[(table["village"] != 4) | (table["y"] > 200)].reset_index(drop=True)
    after = table.assign(year=table["year"] - 1)[["hh", "year", "y", "line"]]
    rows = table.merge(after, on=["hh", "year"], how="left", suffixes=("", " next"))
    watched = rows["y"].between(rows["line"], 1.3 * rows["line"], inclusive="left") & rows["y next"].notna()
    rows["domain"] = np.where(watched, "watched", "other")
    rows["value"] = np.where(rows["y next"] < rows["line next"], 0.0, 1.0)
    design = ps.Design(weights="weight", strata="stratum", psu="village")
    survey = ps.headcount(rows, "value", 0.5, by="domain", design=design)
    found = ps.warning_lead(table, line="line", multiples=[1.3], design=design, **K).table.iloc[0]
    for ours, theirs in (("", "estimate"), ("_se", "se"), ("_low", "low"), ("_high", "high")):
        assert found[f"precision{ours}"] == pytest.approx(getattr(survey, theirs)["watched"], rel=1e-10)
    assert survey.df["watched"] < table["village"].nunique() - 2


def test_weights_lonely_strata_and_a_census():
    table = village_panel()
    weighted = ps.warning_lead(table, line=100, multiples=[1.3], design=ps.Design(weights="weight"), **K)
    doubled = table.assign(weight=2 * table["weight"])
    again = ps.warning_lead(doubled, line=100, multiples=[1.3], design=ps.Design(weights="weight"), **K)
    pd.testing.assert_frame_equal(weighted.table, again.table, rtol=1e-12)
    pd.testing.assert_frame_equal(weighted.bands, again.bands, rtol=1e-12)
    whole = ps.warning_lead(table, line=100, multiples=[1.3], design=ps.Design.census(weights="weight"), **K)
    assert whole.table["sensitivity_se"].tolist() == [0.0]
    assert whole.table["sensitivity"].iloc[0] == weighted.table["sensitivity"].iloc[0]
    lonely = table.assign(stratum=np.where(table["village"] == 0, 9, table["stratum"]))
    spread = {}
    for rule in ("certainty", "center"):
        design = ps.Design(weights="weight", strata="stratum", psu="village", lonely=rule)
        spread[rule] = ps.warning_lead(lonely, line=100, multiples=[1.3], design=design, **K).table["list_se"].iloc[0]
    assert 0 < spread["certainty"] < spread["center"]


def test_rows_that_do_not_say_are_left_out_and_break_the_step():
    table = by_hand()
    table.loc[(table["hh"] == "a") & (table["year"] == 2020), "y"] = np.nan
    found = ps.warning_lead(table, line=100, multiples=[1.5], **K)
    assert found.counts == {"falls": 2, "seen": 8, "above": 12, "waves": 4, "dropped": 1}
    assert "1 行" in found.explain("zh")


def test_a_line_by_wave_and_who_is_on_the_line():
    table = by_hand()
    one = ps.warning_lead(table, line=100, multiples=[1.5], **K)
    same = ps.warning_lead(table, line=dict.fromkeys(range(2018, 2022), 100), multiples=[1.5], **K)
    pd.testing.assert_frame_equal(one.table, same.table)
    raised = {2018: 100, 2019: 100, 2020: 131, 2021: 100}
    assert ps.warning_lead(table, line=raised, multiples=[1.5], **K).counts["falls"] == 4
    on_it = ps.warning_lead(table, line=120, multiples=[1.5], poor="<=", **K)
    assert on_it.counts["above"] == ps.warning_lead(table, line=120, multiples=[1.5], **K).counts["above"] - 4


def test_classes_and_lines_agree_with_the_monitoring_list():
    table = panel(5, waves=2).assign(exited=0)
    wide = table.pivot(index="hh", columns="year", values="y").reset_index().dropna(subset=[2014])
    wide.columns = ["hh", "y", "after"]
    list_ = ps.monitor(wide.assign(exited=0), income="y", line=100, multiple=1.4, exited="exited", after="after")
    found = ps.warning_lead(table, line=100, multiples=[1.4], **K).table.iloc[0]
    assert (found["sensitivity"], found["precision"]) == pytest.approx((list_.sensitivity, list_.precision))


@pytest.mark.parametrize(
    ("change", "asked", "error", "told"),
    [
        ({}, {"multiples": []}, OptionError, "multiples"),
        ({}, {"multiples": [1.0]}, OptionError, "above 1"),
        ({}, {"multiples": [1.5, 1.2]}, OptionError, "rise"),
        ({}, {"line": 0}, OptionError, "line=0"),
        ({}, {"line": {2018: 100}}, DataError, "no line for the waves"),
        ({}, {"line": None, "welfare": None, "poor": "y"}, OptionError, "monitoring line lies above"),
        ({}, {"income": "y"}, OptionError, "income"),
        ({"w": -1.0}, {"design": ps.Design(weights="w")}, DataError, "negative in 16 rows"),
        ({"w": np.nan}, {"design": ps.Design(weights="w")}, DataError, "'w' in 16 rows"),
        ({"village": range(16)}, {"design": ps.Design(psu="village")}, DataError, "4 units lie in more than one"),
        ({"county": 1, "village": 1}, {"design": ps.Design(psu="village", strata="county")}, DataError, "single PSU"),
        ({"z": 0.0}, {"line": "z"}, DataError, "'z'.*zero or negative in 16 rows"),
        ({"y": "rich"}, {}, DataError, r"needs numbers.*'y'"),
        ({}, {"line": 1}, DataError, "nobody"),
        ({"rigid": np.nan}, {"spending": "rigid"}, DataError, "'rigid' in 16 rows"),
        ({"year": 2018.5}, {}, DataError, "whole numbers"),
        ({"year": "2018"}, {}, DataError, "whole numbers"),
        ({"year": 2018}, {}, DataError, "1 waves"),
        ({"hh": "a"}, {}, DataError, "more than once"),
        ({}, {"spending": "rigid"}, DataError, "rigid"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda t: t, duckdb.from_df])
def test_what_cannot_be_held_against_falls_is_refused(change, asked, error, told, wrap):
    with pytest.raises(error, match=told):
        ps.warning_lead(wrap(by_hand().assign(**change)), **{"line": 100, "multiples": [1.5], **K, **asked})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_result_speaks(lang):
    found = ps.warning_lead(by_hand(), line=100, multiples=[1.35, 1.5], **K)
    assert "66.7" in str(found.summary(lang))
    assert found.explain(lang).endswith("。" if lang == "zh" else ".")
    assert len(found.tidy().columns) == 9
    assert found.plot(lang=lang).numbers["row"].tolist()[-1].startswith("1.5")
