"""The whole study in one call: on a workbook with Chinese headings, on plain tables, by its name, with what it refuses.

Neither table was made by the generator: the workbook's households are farm households of Viet Nam with invented items,
the plain one is drawn here. Second routes: the parts computed one by one, the recipe's table given plainly, the files.
"""

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

import povstats as ps
from povstats import cli
from povstats.errors import DataError, FitError, OptionError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou import contents as contents_module
from povstats.guizhou.poor_capital import poor_capital
from povstats.studies import BreachError, read_spec
from povstats.studies.run import run
from povstats.studies.spec import SHARED
from povstats.studies.spec_social import SOCIAL_KEYS

SMALL = {"kind": "social_capital", "sizes_mm": [84], "formats": ["png"]}
ITEMS = ("trust", "participation", "harmony", "cadre_relation")


FEW = ("variables", "descriptives", "item", "decisions", "poor-capital", "regions", "villages")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Be quiet, and on the plain tables compute the cheap parts alone; the workbook has them all."""
    monkeypatch.setenv("POVSTATS_QUIET", "1")
    monkeypatch.setattr(contents_module, "PARTS", tuple(one for one in contents_module.PARTS if one.id in FEW))


@pytest.fixture(scope="module")
def book(survey_zh, tmp_path_factory):
    return survey_zh.write(tmp_path_factory.mktemp("问卷 2") / "农户调查 表.xlsx")


@pytest.fixture(scope="module")
def made(book, recipe_zh, tmp_path_factory):
    asked = {**SMALL, "source": {"zh": "测试数据", "en": "a test table"}}
    return ps.study(book, recipe_zh, asked, out=tmp_path_factory.mktemp("o") / "结果")


def test_the_workbook_becomes_all_parts_and_a_folder(made, prepared_zh):
    assert made.spec.kind == "social_capital"
    assert made.report.contract.name == "guizhou"
    assert made.report.ok
    pd.testing.assert_frame_equal(made.table, prepared_zh.table)
    ids = [one.id for one in made.social.made]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {one.id for one, _ in made.social.left}
    assert {one.id for one in made.social.made} >= {"variables", "poor-capital", "regions", "item-trust"}
    for at, one in enumerate(made.social.made, 1):
        room, ending = ("tables", "docx") if one.kind == "table" else ("figures", "png")
        for lang in ("zh", "en"):
            name = f"{at:02}-{one.id}"
            stem = f"{name}.{lang}.{ending}" if one.kind == "table" else f"{name}.84mm.{lang}.{ending}"
            assert (made.path / room / stem).stat().st_size > 1000
    there = {path.name for path in made.path.iterdir()}
    assert there >= {
        "methods.zh.md",
        "methods.en.md",
        "report.txt",
        "model.R",
        "model.do",
        "manifest.json",
        "spec.yaml",
    }
    assert there >= {"recipe.yaml", "codebook-household.xlsx", "codebook-village.xlsx"}


def test_its_numbers_are_those_of_the_parts_one_by_one(made, prepared_zh):
    own = Analysis(prepared_zh.table, Plan())
    frame = made.tidy()
    told = frame[(frame["part"] == "poor-capital") & (frame["measure"] == "slope")]["estimate"].to_numpy()
    by_hand = np.concatenate([poor_capital(own).slopes[item].table["estimate"] for item in ITEMS])
    assert told == pytest.approx(by_hand, rel=1e-12)
    assert made.fits[0].icc() == pytest.approx(own.null.icc(), rel=1e-12)
    assert list(frame.columns[1:]) == list(made.fits[0].tidy().columns)
    written = pd.read_csv(made.path / "tables" / "estimates.csv")
    assert len(written) == len(frame)
    assert made.journal_table("en").frame.columns.get_level_values(0)[0] == "Null model"
    assert len(made.names) == len(made.fits) == 6


def test_methods_report_and_scripts_tell_what_was_done(made):
    for lang, mark in (("zh", "数据来源：测试数据。"), ("en", "Source: a test table.")):
        methods = (made.path / f"methods.{lang}.md").read_text(encoding="utf-8")
        assert len(re.findall(r"log\(consumption\) ~", methods)) == 6
        assert {"zh": "对政策的信任程度", "en": "trust in policy"}[lang] in methods
        assert not re.search(r"[{}]|\bnan\b", methods)
        table = (made.path / "tables" / f"01-variables.{lang}.html").read_text(encoding="utf-8")
        assert mark in table
        assert {"zh": "模拟", "en": "synthetic"}[lang] not in table
        for _, note in made.social.left:
            assert note.say(lang) in methods
            assert note.say(lang) in (made.path / "report.txt").read_text(encoding="utf-8")
    for name in ("model.R", "model.do"):
        script = (made.path / name).read_text(encoding="utf-8")
        assert script.count("log(consumption) ~") >= 6
    manifest = json.loads((made.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "social_capital"
    assert len(manifest["models"]) == 6
    assert "--spec" in manifest["rerun"]


def test_overview_counts_the_parts_and_explain_is_the_methods(made):
    assert f"tables and figures made: {len(made.social.made)}" in str(made.summary("en"))
    assert "log(consumption) ~ 1 + (1 | village)" in made.explain("zh")


def test_the_shell_takes_the_shipped_specification_by_its_name(book, recipe_zh, tmp_path, monkeypatch):
    """The verb's own parts are faked, since they were made above: only the way there is tested."""
    asked = []
    monkeypatch.setattr(
        "povstats.studies.run", lambda file, recipe, spec, **rest: asked.append((file, recipe, spec)) or made_of(spec)
    )

    class made_of:
        def __init__(self, spec):
            self.spec = spec

        def summary(self, lang):
            return self.spec.kind

    words = ["study", str(book), "--recipe", str(recipe_zh), "--spec", "guizhou", "--out", str(tmp_path / "s")]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output
    assert result.stdout == "social_capital\n"
    assert asked[0][2].social == Plan()
    words[words.index("guizhou")] = "guizho"
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 2
    assert "there is no specification 'guizho'; there are guizhou, " in result.stderr


def test_the_shipped_specification_says_the_defaults_and_a_path_still_works(tmp_path):
    spec = read_spec("guizhou")
    assert spec.social == Plan()
    assert set(spec.tree) == {"kind", "data", *SOCIAL_KEYS}
    spec.save(tmp_path / "own.yaml")
    assert read_spec(tmp_path / "own.yaml").social == Plan()
    assert set(SOCIAL_KEYS) | set(SHARED) >= set(Plan.__dataclass_fields__)


def test_a_plain_table_is_checked_against_the_contract(uneven):
    study = run(uneven(), None, read_spec({**SMALL, "line": 1500}))
    assert study.prepared is None
    assert study.report.contract.name == "guizhou"
    assert "checked against the contract “guizhou”" in study.explain("en")
    with pytest.raises(BreachError) as caught:
        ps.study(uneven(trust=lambda t: t["participation"] + 0.5, land=-1.0), None, SMALL)
    assert {one.column for one in caught.value.report.violations} == {"trust", "land"}
    with pytest.raises(BreachError, match="harmony"):
        ps.study(uneven(harmony=None), None, SMALL)


def test_columns_without_a_part_may_be_missing_and_a_part_without_its_column_is_named(uneven):
    table = uneven(harmony=None, aid_funds=None, county=None)
    asked = {**SMALL, "items": ["trust", "participation"], "village": ["village_consumption", "village_migration"]}
    study = ps.study(table, None, {**asked, "funds": None, "county": None, "splits": ["land"]})
    assert study.analysis.plan.funds is None
    assert {one.id for one in study.social.made} >= {"item-trust", "decisions", "villages"}
    assert "item-harmony" not in {one.id for one in study.social.made}
    told = str(study.summary("en"))
    for one, note in study.social.left:
        assert f"Left out: {one.id} ({note.say('en')})." in told


def test_few_villages_leave_out_what_cannot_be_computed(uneven):
    table = uneven()
    study = ps.study(table[table["village"] < "v03"], None, SMALL)
    left = {one.id: note.say("en") for one, note in study.social.left}
    assert left
    assert all(reason for reason in left.values())
    assert {one.id for one in study.social.made} >= {"variables", "descriptives"}
    assert list(study.tidy().columns[:2]) == ["part", "measure"]


def test_words_of_another_contract_and_of_the_specification(uneven):
    labels = {"trust": {"zh": "政策信任", "en": "Faith in policy"}}
    study = run(uneven(), None, read_spec({**SMALL, "labels": labels, "items": ["trust", "harmony"]}))
    assert study.names[2] == {"zh": "政策信任", "en": "Faith in policy"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"item": ["trust"]}, "unknown keys"),
        ({"title": "x"}, "unknown keys"),
        ({"items": []}, "at least one item"),
        ({"items": [3]}, "must be text"),
        ({"moderator": "land"}, "must be one of the village's columns"),
        ({"household": ["trust"]}, "more than one part"),
        ({"line": "many"}, "line='many' must be a number above 0"),
        ({"line": 0}, "above 0"),
        ({"at": [1500, "rich"]}, r"at\[2\]='rich' must be a number"),
        ({"poor": 1}, "poor must be text"),
        ({"data": "made-up"}, "'real', 'synthetic'"),
        ({"kind": "capital"}, "'social_capital'"),
    ],
)
def test_a_specification_is_read_strictly(changed, told):
    with pytest.raises(OptionError, match=told):
        read_spec({**SMALL, **changed})


def test_nulls_take_a_part_away_and_its_absence_takes_the_default():
    assert read_spec({**SMALL, "poor": None, "county": None}).social == Plan(poor=None, county=None)
    assert yaml.safe_load(read_spec({**SMALL, "at": [1200]}).text)["at"] == [1200]


def test_a_table_that_not_even_the_null_model_fits_is_refused(uneven):
    table = uneven()
    with pytest.raises((DataError, FitError)):
        ps.study(table[table["village"] == "v03"], None, SMALL)
