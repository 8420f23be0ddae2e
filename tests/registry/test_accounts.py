"""Ledger, events, panels, look-back, workbook.

Second routes: accounts by hand; random histories whose accounts must close, and one event left out that opens exactly
one gap; sets of keys in plain Python; the workbook's formulas evaluated by a small reader of sums and differences.
"""

import dataclasses
import re

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import povstats as ps
from povstats.errors import DataError, OptionError

K = {"household": "hh", "year": "year", "event": "event"}
WRAPS = [pl.from_pandas, lambda t: pl.from_pandas(t).lazy(), duckdb.from_df]


def history(rng, name, start=2014, last=2020):
    """Draw what happens to a household: found, out, back, at last perhaps dead or away."""
    rows, state, persons = [], "none", int(rng.integers(1, 6))
    for year in range(start, last + 1):
        draw = rng.random()
        if state == "none" and draw < 0.4:
            state, event = "poor", "identified"
        elif state == "poor" and draw < 0.35:
            state, event = "out", "exited"
        elif state == "poor" and draw < 0.4:
            state, event = "gone", "removed"
        elif state == "out" and draw < 0.2:
            state, event = "poor", "returned"
        elif state == "poor" and draw > 0.96:
            state, event = "gone", "died"
        elif state == "poor" and draw > 0.8:
            persons += 1
            rows.append((name, year, "natural_increase", 1))
            continue
        else:
            continue
        rows.append((name, year, event, persons))
        if state == "gone":
            break
    return rows


def events(seed=2, households=80):
    rng = np.random.default_rng(seed)
    rows = [row for i in range(households) for row in history(rng, f"h{i}")]
    table = pd.DataFrame(rows, columns=["hh", "year", "event", "persons"])
    return table.assign(place=np.where(table["hh"].str[1:].astype(int) % 2 == 0, "A", "B"))


def flows(table):
    return ps.registry_flows(table, **K, persons="persons", place="place")


def test_an_account_by_hand():
    table = pd.DataFrame(
        {
            "year": [2014, 2015],
            "opening": [100, 90],
            "identified": [5, 0],
            "returned": [0, 3],
            "exited": [15, 20],
            "natural_increase": [2, np.nan],
            "closing": [92, 70],
        }
    )
    found = ps.ledger(table)
    assert found.table["expected"].tolist() == [92, 73]
    assert found.table["gap"].tolist() == [0, -3]
    assert found.table["jump"].tolist() == [0, -2]
    assert not found.balanced
    assert len(found.gaps) == 1
    with pytest.raises(DataError, match=r"2015.*gap -3.*opening differs.*-2.*not stated: Natural increase"):
        found.raise_if_open()
    assert "自然增加" in str(found.summary("zh"))
    ps.ledger(table.iloc[:1]).raise_if_open()


def test_accounts_of_events_close_and_count_the_list():
    table = events()
    found = ps.ledger(flows(table), place="place", unit="unit")
    assert found.balanced
    found.raise_if_open()
    assert found.table["year"].map(str).str.fullmatch(r"\d{4}").all(), "a year is printed as one, not as 2014.0"
    panel = ps.panel_from_registry(table, **K)
    held = panel.table.merge(table[["hh", "place"]].drop_duplicates(), left_on="household", right_on="hh")
    on_list = held[held["poor"] == 1].groupby(["place", "year"]).size()
    stock = found.table[found.table["unit"] == "households"].set_index(["place", "year"])["closing"]
    for key, n in on_list.items():
        assert stock[key] == n


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 200))
def test_one_event_left_out_opens_that_gap_and_no_other(seed, pick):
    table = events(seed, households=12)
    if not len(table):
        return
    whole = flows(table)
    one = table.iloc[pick % len(table)]
    later = table[(table["hh"] == one["hh"]) & (table["year"] > one["year"])]
    if later["event"].isin(["natural_increase", "died"]).any():
        return  # Whether these concern the list hangs on the event that is left out.
    rest = table.drop(index=one.name)
    if (one["place"], one["year"]) not in set(zip(rest["place"], rest["year"], strict=True)):
        return
    short = flows(rest).set_index(["place", "year", "unit"])
    stated = whole.set_index(["place", "year", "unit"])
    mixed = short.drop(columns=["opening", "closing"]).join(stated[["opening", "closing"]]).reset_index()
    gaps = ps.ledger(mixed, place="place", unit="unit").gaps
    gaps = gaps[gaps["gap"] != 0]
    assert set(zip(gaps["place"], gaps["year"], strict=True)) == {(one["place"], one["year"])}
    persons = gaps[gaps["unit"] == "persons"]["gap"].iloc[0]
    inward = one["event"] in ("identified", "returned", "natural_increase")
    assert persons == (one["persons"] if inward else -one["persons"])


@pytest.mark.parametrize("wrap", WRAPS)
def test_every_engine_gives_the_same(wrap):
    table = events()
    pd.testing.assert_frame_equal(flows(wrap(table)), flows(table), check_dtype=False)
    here = ps.panel_from_registry(table, **K)
    there = ps.panel_from_registry(wrap(table), **K)
    assert here.counts == there.counts
    made = nw.from_native(there.table)
    made = (made.collect() if isinstance(made, nw.LazyFrame) else made).to_pandas()
    keys = ["household", "year"]
    left, right = (t.sort_values(keys, ignore_index=True)[[*keys, "poor"]] for t in (made, here.table))
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_the_contract_of_events_finds_every_breach():
    table = events().rename(columns={"hh": "household"})
    assert ps.check(table, "registry_events").ok
    wrong = table.assign(event=table["event"].where(table.index != 0, "promoted"), persons=-1)
    report = ps.check(wrong, "registry_events")
    assert not report.ok
    assert {one.column for one in report.violations} == {"event", "persons"}


def test_a_panel_by_hand():
    rows = [
        ("a", 2014, "identified"), ("a", 2016, "exited"), ("a", 2018, "returned"),
        ("b", 2015, "identified"), ("b", 2016, "natural_increase"), ("b", 2017, "died"),
        ("c", 2014, "identified"), ("c", 2015, "removed"), ("c", 2018, "identified"), ("d", 2017, "identified"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["hh", "year", "event"])
    found = ps.panel_from_registry(table, **K)
    wide = found.table.pivot(index="household", columns="year", values="poor")
    assert wide.loc["a"].tolist() == [1, 1, 0, 0, 1]
    longer = ps.panel_from_registry(table[table["year"] != 2017], **K, until=2020).table
    assert sorted(longer["year"].unique()) == list(range(2014, 2021))
    assert wide.loc["b"].dropna().to_dict() == {2015: 1, 2016: 1}
    assert wide.loc["c"].dropna().to_dict() == {2014: 1, 2018: 1}
    assert wide.loc["d"].dropna().to_dict() == {2017: 1, 2018: 1}
    assert found.counts == {"households": 4, "events": 9, "rows": 11, "split": 0, "ended": 1}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("a", 2014, "returned")], "returned after nothing"),
        ([("a", 2014, "identified"), ("a", 2015, "returned")], "returned after identified"),
        ([("a", 2014, "identified"), ("a", 2015, "died"), ("a", 2016, "returned")], "returned after died"),
        ([("a", 2014, "identified"), ("a", 2015, "identified")], "identified after identified"),
        ([("a", 2014, "identified"), ("a", 2015, "exited"), ("a", 2016, "identified")], "identified after exited"),
        ([("a", 2014, "identified"), ("a", 2014, "exited")], "more than once"),
        ([("a", 2014, "promoted")], "promoted"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda t: t, duckdb.from_df])
def test_histories_that_cannot_be_are_refused(rows, told, wrap):
    table = pd.DataFrame(rows, columns=["hh", "year", "event"])
    with pytest.raises(DataError, match=told):
        ps.panel_from_registry(wrap(table), **K)


OLD = pd.DataFrame(
    {"id": [1, 2, 3, 4, 4], "name": list("abcdd"), "persons": [1, 2, 3, 4, 4], "line": [1.0, None, 3, 4, 4]}
)
NEW = pd.DataFrame(
    {"id": [2, 3, 4, 5, 6, 6], "name": list("bxdeff"), "persons": [2, 5, 4, 1, 1, 1], "line": [None, 3, 4, 5, 6, 6.0]}
)


@pytest.mark.parametrize("wrap", [lambda t: t, *WRAPS])
def test_a_look_back_by_hand(wrap):
    found = ps.compare_registers(wrap(OLD), wrap(NEW), keys=["id"], columns=["name", "line"], persons="persons")
    # 1 went; 4 (repeats in the old) and 5 came; 2 is alike (missing line in both); 3 has another name; 6 repeats.
    assert found.counts["households"].to_dict() == {
        "kept": 1, "added": 2, "removed": 1, "changed": 1, "duplicates_old": 2, "duplicates_new": 2
    }  # fmt: skip
    assert found.counts.loc["changed", "persons"] == 5
    assert found.columns.to_dict() == {"name": 1, "line": 0}
    for lang in ("zh", "en"):
        assert found.explain(lang)


@pytest.mark.parametrize("wrap", [lambda t: t, *WRAPS])
def test_a_value_that_comes_or_goes_is_a_change(wrap):
    old = pd.DataFrame({"id": [1, 2, 3], "line": [None, 5.0, None]})
    new = pd.DataFrame({"id": [1, 2, 3], "line": [4.0, None, None]})
    found = ps.compare_registers(wrap(old), wrap(new), keys=["id"], columns=["line"])
    assert found.columns.to_dict() == {"line": 2}
    assert found.counts.loc[["kept", "changed"], "households"].tolist() == [1, 2]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(OptionError, match="keys"):
        ps.compare_registers(OLD, NEW, keys=[])
    with pytest.raises(DataError, match="village"):
        ps.compare_registers(OLD, NEW, keys=["village"])
    with pytest.raises(OptionError, match="one engine"):
        ps.compare_registers(OLD, duckdb.from_df(NEW), keys=["id"])
    with pytest.raises(DataError, match="'id' in 1 rows"):
        ps.compare_registers(OLD.assign(id=OLD["id"].mask(OLD["id"] == 1)), NEW, keys=["id"])
    with pytest.raises(DataError, match="closing"):
        ps.ledger(pd.DataFrame({"year": [1], "opening": [1]}))
    with pytest.raises(DataError, match="below zero"):
        ps.ledger(pd.DataFrame({"year": [1], "opening": [-1], "closing": [1]}))
    with pytest.raises(DataError, match="more than once"):
        ps.ledger(pd.DataFrame({"year": [1, 1], "opening": [1, 1], "closing": [1, 1]}))
    with pytest.raises(DataError, match="persons"):
        ps.registry_flows(events().assign(persons=-1), **K, persons="persons")


def value_of(sheet, cell, depth=0):
    """Evaluate a cell of sums and differences."""
    held = sheet[cell].value
    assert depth < 50
    if not isinstance(held, str) or not held.startswith("="):
        return float(held or 0)
    return sum(
        (-1 if sign == "-" else 1) * value_of(sheet, name, depth + 1)
        for sign, name in re.findall(r"([+-]?)([A-Z]+\d+)", held[1:])
    )


def rates_of(sheet):
    """Evaluate the last rate of every definition by the sheet's own formulas."""
    names = {"返贫风险率": "hazard", "返贫与脱贫之比": "per_exit", "返贫者占贫困者": "share_of_poor"}
    names["3 年内累计返贫"] = "cumulative"
    held, found = {}, {}
    for row in range(2, sheet.max_row + 1):
        text = sheet.cell(row, 6).value.removeprefix("=")
        quotient = sheet.cell(row, 4).value / sheet.cell(row, 5).value
        kinds = {f'IF(E{row}>0,D{row}/E{row},"")', f"D{row}/E{row}"}
        carried = f"1-(1-F{row - 1})*(1-D{row}/E{row})"
        assert text in kinds | {carried}
        held[row] = quotient if text in kinds else 1 - (1 - held[row - 1]) * (1 - quotient)
        found[names[sheet.cell(row, 1).value]] = held[row]
    return found


COLUMNS = ps.RegistryColumns(household="hh", year="year", event="event", persons="persons", place="place")


def test_the_workbook_s_formulas_give_the_accounts(tmp_path):
    table = events()
    compared = ps.compare_registers(OLD, NEW, keys=["id"], columns=["name"], persons="persons")
    path = ps.registry_report(table, tmp_path / "报告 1.xlsx", COLUMNS, lookback=compared, lang="zh")
    book = load_workbook(path)
    assert book.sheetnames == ["ledger", "rates", "lookback", "differences", "words"]
    sheet, stated = book["ledger"], flows(table).set_index(["place", "year", "unit"])
    units = {"户": "households", "人": "persons"}
    for row in range(2, sheet.max_row + 1):
        key = (sheet.cell(row, 1).value, sheet.cell(row, 2).value, units[sheet.cell(row, 3).value])
        assert value_of(sheet, f"K{row}") == stated.loc[key, "closing"]
        assert sheet.cell(row, 11).data_type == "f"
        if key[2] == "households":
            assert value_of(sheet, f"M{row}") == 0
    look, listed = book["lookback"], book["differences"]
    kinds = [listed.cell(row, 1).value for row in range(2, listed.max_row + 1)]
    for row in range(3, 8):
        assert look.cell(row, 2).value == f"=COUNTIF(differences!$A:$A,A{row})"
        assert kinds.count(look.cell(row, 1).value) == compared.counts["households"].iloc[row - 2]
    assert [listed.cell(1, at).value for at in range(1, 7)] == [
        "户",
        "id",
        "name",
        "persons",
        "name（新）",
        "persons（新）",
    ]
    for kind, name in (("新版重复", "f"), ("新增", "d")):
        row = [cell.value for cell in listed[2 + kinds.index(kind)]]
        assert (row[2], row[4]) == (None, name), "what came has new values alone"
    changed = listed[2 + kinds.index("有变更")]
    assert [cell.value for cell in changed] == ["有变更", 3, "c", 3, "x", 5]
    assert len({book["rates"].cell(row, 1).value for row in range(2, book["rates"].max_row + 1)}) == 4
    panel = ps.panel_from_registry(table, **K).table
    found = ps.return_rates(panel, years=3, unit="household", wave="year", poor="poor")
    for name, rate in rates_of(book["rates"]).items():
        assert rate == pytest.approx(found[name].estimate, rel=1e-12)
    checked = table.assign(wrong=np.where(table["event"] == "exited", table["persons"] % 2, np.nan))
    columns = dataclasses.replace(COLUMNS, check="wrong")
    rates = load_workbook(ps.registry_report(checked, tmp_path / "checked.xlsx", columns, lang="zh"))["rates"]
    last = rates.max_row
    assert [rates.cell(last, at).value for at in (1, 2)] == ["错退率", "全部年份"]
    assert rates.cell(last, 4).value / rates.cell(last, 5).value == pytest.approx(checked["wrong"].mean())
    with pytest.raises(OptionError, match="xlsx"):
        ps.registry_report(table, tmp_path / "report.csv", COLUMNS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checked.xlsx", "报告 1.xlsx"]


def test_a_registry_of_three_years_has_a_workbook_that_says_what_it_is_too_short_for(tmp_path):
    rows = [("a", 2018, "identified"), ("a", 2019, "exited"), ("b", 2018, "identified"), ("b", 2020, "exited")]
    table = pd.DataFrame(rows, columns=["hh", "year", "event"]).assign(persons=1)
    columns = dataclasses.replace(COLUMNS, place=None)
    sheet = load_workbook(ps.registry_report(table, tmp_path / "short.xlsx", columns, lang="en"))["rates"]
    told = {sheet.cell(row, 1).value: sheet.cell(row, 3).value for row in range(2, sheet.max_row + 1)}
    assert "ask for fewer years" in told["back within 3 years"]
    assert told["hazard of return"].startswith("returns in t / out of poverty")


def test_a_place_that_looks_like_a_formula_is_a_name(tmp_path):
    path = ps.registry_report(events().assign(place="=1+1"), tmp_path / "report.xlsx", COLUMNS, lang="en")
    assert load_workbook(path)["ledger"]["A2"].data_type == "s"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_result_speaks(lang):
    table = events()
    for one in (ps.ledger(flows(table), place="place", unit="unit"), ps.panel_from_registry(table, **K)):
        assert str(one.summary(lang))
        assert one.explain(lang).endswith("。" if lang == "zh" else ".")
        assert len(one.tidy().columns) == 9
