"""A study of two sheets, households and villages, joined by the recipe: against a merge in pandas."""

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
import yaml

import povstats as ps

HERE = Path(__file__).parent
SPEC = {
    "kind": "model",
    "data": "synthetic",
    "formulas": ["log(consumption) ~ trust + aid_funds + (1 | village)"],
    "save_table": True,
}


@pytest.fixture(scope="module")
def recipe():
    tree = yaml.safe_load((HERE / "recipe.yaml").read_text(encoding="utf-8"))
    tree |= {"sheets": {"household": "农户", "village": "村"}}
    tree["join"] = {"household": ["县名", "村名"], "village": ["县名", "村名"]}
    tree["columns"]["aid_funds"] = {**tree["columns"]["aid_funds"], "table": "village"}
    # Sheets carry no labels: schooling comes as a number.
    del tree["columns"]["education"]
    tree["missing"] = {99: [None]}
    return tree


@pytest.fixture(scope="module")
def workbook(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("two") / "调查.xlsx"
    keys = ["县名", "村名"]
    with pd.ExcelWriter(path) as writer:
        raw.drop(columns="扶贫资金").to_excel(writer, sheet_name="农户", index=False)
        raw[[*keys, "扶贫资金"]].drop_duplicates().to_excel(writer, sheet_name="村", index=False)
    return path


def test_two_sheets_of_one_workbook(workbook, recipe, by_hand, tmp_path):
    """Second route: the raw table, which never was two, in plain pandas."""
    study = ps.study(workbook, recipe, SPEC, out=tmp_path / "s")
    assert [one.role for one in study.sources] == ["household", "village"]
    pd.testing.assert_series_equal(
        study.table["aid_funds"].astype(float), by_hand["aid_funds"], check_names=False, rtol=1e-14
    )
    fit = ps.fit_hlm(SPEC["formulas"][0], by_hand)
    assert study.fits[0].params.to_numpy() == pytest.approx(fit.params.to_numpy(), rel=1e-9)
    names = {path.name for path in study.path.iterdir()}
    assert {"codebook-household.xlsx", "codebook-village.xlsx"} <= names
    manifest = json.loads((study.path / "manifest.json").read_text(encoding="utf-8"))
    assert [one["sheet"] for one in manifest["sources"]] == ["农户", "村"]
    assert shlex.split(manifest["rerun"])[2] == "调查.xlsx"
    assert "村" in study.explain("zh")


def test_two_tables_by_role(raw, recipe):
    plain = {key: part for key, part in recipe.items() if key != "sheets"}
    tables = {
        "household": raw.drop(columns="扶贫资金"),
        "village": raw[["县名", "村名", "扶贫资金"]].drop_duplicates(),
    }
    study = ps.study(tables, plain, SPEC)
    assert [(one.role, one.rows) for one in study.sources] == [("household", 84), ("village", 14)]
    assert "of the village table" in study.explain("en")
