"""The command line of panels and registries: it prints what the verbs give, and refuses in one line."""

import pandas as pd
import pytest
from openpyxl import load_workbook

import povstats as ps
from tests.test_cli import english, run

__all__ = ["english"]

EVENTS = """household,year,event,persons,place,other,check
a,2014,identified,4,甲村,,
a,2016,exited,4,甲村,,1
a,2018,returned,5,甲村,,
b,2015,identified,2,甲村,,
b,2017,exited,2,甲村,,0
c,2019,split,2,甲村,a,
"""


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "事件 1.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


@pytest.fixture
def wages(tmp_path):
    path = tmp_path / "wages.csv"
    ps.datasets.wage_panel().to_csv(path, index=False)
    return path


def test_panel_prints_moves_and_return_rates(wages):
    asked = {"unit": "man", "wave": "year", "welfare": "wage", "line": 3.19}
    words = [f"--{name}={value}" for name, value in asked.items()]
    done = run("panel", wages, *words, "--years=2", "--lang=zh")
    assert done.exit_code == 0, done.output
    table = ps.datasets.wage_panel()
    assert str(ps.transitions(table, **asked).summary("zh")) in done.stdout
    assert str(ps.return_rates(table, years=2, **asked).summary("zh")) in done.stdout


def test_panel_takes_a_column_of_the_poor_and_refuses_what_does_not_go_together(wages, tmp_path):
    poor = tmp_path / "poor.csv"
    table = ps.datasets.wage_panel()
    table.assign(poor=(table["wage"] < 3.19).astype(int)).to_csv(poor, index=False)
    done = run("panel", poor, "--unit=man", "--wave=year", "--poor=poor")
    assert "83" in done.stdout
    for words in (["--poor=poor", "--line=3"], [], ["--welfare=wage"]):
        refused = run("panel", poor, "--unit=man", "--wave=year", *words)
        assert refused.exit_code == 2
        assert refused.stderr.startswith("povstats: ")
        assert refused.stderr.count("\n") == 1


def test_registry_prints_accounts_and_writes_the_workbook(events, tmp_path):
    done = run("registry", events, "--save", tmp_path / "报告.xlsx", "--lang=zh")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(events)
    columns = {name: name for name in ("household", "year", "event", "persons", "place", "other")}
    accounts = ps.ledger(ps.registry_flows(table, **columns), place="place", unit="unit")
    assert str(accounts.summary("zh")) in done.stdout
    book = load_workbook(tmp_path / "报告.xlsx")
    assert "错退率" in {book["rates"].cell(row, 1).value for row in range(2, book["rates"].max_row + 1)}


def test_a_clerk_s_sheet_in_chinese_becomes_accounts(tmp_path):
    done = run("template", "registry_events", "--out", tmp_path / "表", "--lang=zh")
    assert done.exit_code == 0, done.output
    sheet, recipe = (tmp_path / "表" / f"registry_events.zh.{kind}" for kind in ("xlsx", "yaml"))
    book = load_workbook(sheet)
    page = book.worksheets[0]
    rows = [
        ("甲", 2014, "识别", 4),
        ("甲", 2016, "脱贫", 4),
        ("乙", 2014, "识别", 3),
        ("丙", 2015, "分户", 1, "乡", "乙"),
    ]
    for row in rows:
        page.append([*row[:4], *(row[4:] or ("乡",))])
    assert "识别" in page.data_validations.dataValidation[1].formula1
    book.save(sheet)
    told = run("registry", sheet, "--recipe", recipe, "--save", tmp_path / "账.xlsx", "--lang=zh")
    assert told.exit_code == 0, told.output
    assert "各项收支均平衡" in told.stdout
    ledger = load_workbook(tmp_path / "账.xlsx")["ledger"]
    assert [ledger.cell(row, 5).value for row in range(2, 5)] == [2, 0, 0]


def test_registry_names_breaches_and_refuses_impossible_histories(events, tmp_path):
    text = events.read_text(encoding="utf-8")
    events.write_text(text.replace("b,2017,exited", "b,2017,gone"), encoding="utf-8")
    breach = run("registry", events, "--save", tmp_path / "r.xlsx")
    assert breach.exit_code == 1
    assert "'gone'" in breach.stdout
    events.write_text(text.replace("2016,exited", "2016,returned"), encoding="utf-8")
    refused = run("registry", events, "--save", tmp_path / "r.xlsx")
    assert refused.exit_code == 2
    assert "returned after identified" in refused.stderr
    assert not (tmp_path / "r.xlsx").exists()
