"""A study's folder against the same numbers made by hand in plain pandas, and its promises of sameness.

Texts of tables must be equal to the letter: both routes print the same doubles with the same digits. Values of the
prepared table differ by rounding only where a division is written otherwise; here it is the same division.
"""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

import povstats as ps
from povstats.errors import ContractError, OptionError
from povstats.studies import BreachError

HERE = Path(__file__).parent
RECIPE = yaml.safe_load((HERE / "recipe.yaml").read_text(encoding="utf-8"))
SPEC = yaml.safe_load((HERE / "spec.yaml").read_text(encoding="utf-8"))
NOTES = {
    "zh": ["限制性似然及由其计算的信息准则，只能在固定部分相同的模型之间比较。", "数据为模拟数据。"],
    "en": [
        "REML log-likelihoods, and criteria made of them, compare only models with the same fixed part.",
        "Synthetic data.",
    ],
}
PRODUCT = {"zh": "信任 × 村人均扶贫资金", "en": "Trust × Poverty funds of the village per head"}
SPARE = {**SPEC, "figures": []}


@pytest.fixture(scope="module")
def made(survey_file, tmp_path_factory):
    """One whole study with a figure; the tests only look at it."""
    return ps.study(survey_file, RECIPE, SPEC, out=tmp_path_factory.mktemp("研究") / "一号 study")


def listed(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_is_that_made_by_hand(made, by_hand, lang, tmp_path):
    """Second route: plain pandas, fit_hlm and regression_table, without recipe, specification or pipeline."""
    one, two = (entry["formula"] for entry in SPEC["formulas"])
    fits = [ps.fit_hlm(formula, by_hand) for formula in (one, two)]
    words = made.contract.titles(lang) | {"trust": {"zh": "信任", "en": "Trust"}[lang]}
    words["trust:aid_funds"] = PRODUCT[lang]
    effects = {"zh": f"{words['county']}固定效应", "en": f"Fixed effects: {words['county']}"}[lang]
    table = ps.regression_table(
        [(fit.robust("CR2"), fit) for fit in fits],
        lang=lang,
        style={"zh": "cn-journal", "en": "en-journal"}[lang],
        names=[entry["name"][lang] for entry in SPEC["formulas"]],
        labels=words,
        title=SPEC["title"][lang],
        notes=NOTES[lang],
        order=["trust"],
        controls={{"zh": "控制变量", "en": "Controls"}[lang]: ["education"]},
        fixed_effects={effects: "C(county)"},
    )
    files = {path.suffix: path.read_bytes() for path in table.save(tmp_path / "by hand")}
    for ending in (".csv", ".tex", ".html"):
        assert (made.path / "tables" / f"models.{lang}{ending}").read_bytes() == files[ending]


def test_the_numbers_are_those_of_the_fits(made, by_hand):
    """Second route: fit_hlm on the table made in plain pandas. Ten digits are written."""
    numbers = pd.read_csv(made.path / "tables" / "estimates.csv")
    for at, entry in enumerate(SPEC["formulas"], 1):
        robust = ps.fit_hlm(entry["formula"], by_hand).robust("CR2")
        own = numbers[(numbers["model"] == at) & (numbers["measure"] == "coef")].set_index("term")
        assert list(own.index) == list(robust.params.index)
        assert own["estimate"].to_numpy() == pytest.approx(robust.params.to_numpy(), rel=1e-8)
        assert own["se"].to_numpy() == pytest.approx(robust.std_errors.to_numpy(), rel=1e-8)


def test_the_prepared_table_is_that_of_plain_pandas(made, by_hand):
    for column in ("consumption", "education", "trust", "aid_funds"):
        left, right = made.table[column].astype(float), by_hand[column].astype(float)
        pd.testing.assert_series_equal(left, right, check_names=False, rtol=1e-14)


def test_running_again_from_the_saved_recipe_and_spec_gives_the_same_bytes(made, survey_file, tmp_path):
    """Second route: another run; only Word and Excel files carry their time of writing."""
    again = ps.study(survey_file, made.path / "recipe.yaml", made.path / "spec.yaml", out=tmp_path / "一号 study")
    first, second = listed(made.path), listed(again.path)
    assert set(first) == set(second)
    timed = {name for name in first if name.endswith((".docx", ".xlsx"))}
    apart = {name for name in first if first[name] != second[name]}
    assert apart <= {*timed, "manifest.json"}
    hashes = [json.loads(one["manifest.json"])["files"] for one in (first, second)]
    csv = {name for name in first if name.endswith(".csv")}
    assert len(csv) >= 5
    assert {n: hashes[0][n]["sha256"] for n in csv} == {n: hashes[1][n]["sha256"] for n in csv}
    assert {name for name, entry in hashes[0].items() if entry["timed"]} == timed


def test_the_manifest_tells_data_recipe_and_every_file(made, survey_file):
    """Second route: hashes by hashlib of what lies there."""
    manifest = json.loads((made.path / "manifest.json").read_text(encoding="utf-8"))
    [source] = manifest["sources"]
    assert source["sha256"] == hashlib.sha256(survey_file.read_bytes()).hexdigest()
    assert (source["file"], source["encoding"], source["rows"]) == (survey_file.name, "gb18030", 84)
    there = {name: hashlib.sha256(content).hexdigest() for name, content in listed(made.path).items()}
    del there["manifest.json"]
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == there == made.files
    assert manifest["recipe"] == there["recipe.yaml"]
    assert manifest["data"] == "synthetic"
    assert str(survey_file.parent) not in (made.path / "manifest.json").read_text(encoding="utf-8")
    assert manifest["rerun"].startswith("povstats study '入户调查 1.dta' --recipe '一号 study/recipe.yaml'")
    assert yaml.safe_load((made.path / "spec.yaml").read_text(encoding="utf-8")) == SPEC


def test_a_zip_holds_the_same_bytes_as_the_folder(survey_file, tmp_path):
    study = ps.study(survey_file, RECIPE, SPARE)
    folder, packed = study.save(tmp_path / "s"), study.save(tmp_path / "s.zip")
    with zipfile.ZipFile(packed.path) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    outside = listed(folder.path)
    assert set(inside) == set(outside)
    apart = {name for name in inside if inside[name] != outside[name]}
    assert apart <= {"manifest.json", *(name for name in inside if name.endswith((".docx", ".xlsx")))}
    # The manifest names the target, and so differs; its hashes are those of the archive.
    hashes = json.loads(inside["manifest.json"])["files"]
    assert {name: hashlib.sha256(inside[name]).hexdigest() for name in hashes} == {
        name: entry["sha256"] for name, entry in hashes.items()
    }


def test_only_an_earlier_study_is_replaced(survey_file, tmp_path):
    study = ps.study(survey_file, RECIPE, None)
    assert study.fits == ()
    target = tmp_path / "out"
    target.mkdir()
    (target / "letter.txt").write_text("mine", encoding="utf-8")
    for name, content in ((None, None), ("manifest.json", '{"made_by": "another"}'), ("manifest.json", "not json")):
        if name:
            (target / name).write_text(content, encoding="utf-8")
        with pytest.raises(OptionError, match="no earlier study"):
            study.save(target)
    assert (target / "letter.txt").read_text(encoding="utf-8") == "mine"
    shutil.rmtree(target)
    target.mkdir()
    study.save(target)
    (target / "tables").mkdir()
    (target / "tables" / "mine.csv").write_text("mine", encoding="utf-8")
    methods = (target / "methods.en.md").read_bytes()
    (target / "methods.en.md").write_bytes(methods + b"edited")
    with pytest.raises(OptionError, match=r"changed since: methods\.en\.md, tables/mine\.csv; move them"):
        study.save(target)
    assert (target / "tables" / "mine.csv").read_text(encoding="utf-8") == "mine"
    (target / "tables" / "mine.csv").rename(target / ".DS_Store")
    (target / "methods.en.md").write_bytes(methods)
    study.save(target)
    assert not (target / "tables").exists()
    for nameless in ("", tmp_path / ".zip"):
        with pytest.raises(OptionError, match="no name of a folder or file"):
            ps.study(survey_file, RECIPE, None, out=nameless)
    (tmp_path / "x.zip").write_bytes(b"something")
    with pytest.raises(OptionError, match="holds no study"):
        study.save(tmp_path / "x.zip")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "x.zip"}


def test_a_failing_study_leaves_nothing(survey_file, tmp_path):
    odd = {**SPARE, "figures": [{"kind": "slopes", "term": "trust", "at": {"nothing": [1]}}]}
    with pytest.raises(OptionError, match="nothing"):
        ps.study(survey_file, RECIPE, odd, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_breaches_stop_the_study_in_ones_own_words(survey_file, tmp_path):
    """By hand: schooling in months breaks the contract's 25 years in every row that has an answer (81 of 84)."""
    columns = {**RECIPE["columns"], "education": {"from": "户主学历", "recode": {"小学": 72, "初中": 108, "高中": 144}}}
    columns["education"]["unit"] = "年"
    with pytest.raises(BreachError, match="户主学历") as caught:
        ps.study(survey_file, {**RECIPE, "columns": columns}, SPARE, out=tmp_path / "out")
    assert isinstance(caught.value, ContractError)
    [breach] = caught.value.report.violations
    assert (breach.column, breach.rule, breach.count) == ("education", "above", 81)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_methods_tell_what_was_done_and_only_that(made, survey_file, lang):
    text = (made.path / f"methods.{lang}.md").read_text(encoding="utf-8")
    assert hashlib.sha256(survey_file.read_bytes()).hexdigest() in text
    for word in (
        survey_file.name,
        "gb18030",
        "84",
        "80",
        "CR2",
        RECIPE["name"],
        *(e["formula"] for e in SPEC["formulas"]),
    ):
        assert word in text, word
    drawn = {"zh": "据此模型绘制", "en": "Drawn from this model"}[lang]
    assert text.count(drawn) == 1
    for untold in ("Johnson", "Kenward–Roger's", "bootstrap was"):
        assert untold not in text
    assert {"zh": "模拟数据", "en": "synthetic"}[lang] in text
    joined = made.explain(lang)
    assert "#" not in joined
    assert joined.splitlines() == [joined]
    for referee in made.referees:
        for trap in referee.traps:
            assert trap.told(lang) in text


def test_scripts_hold_the_statements_of_the_fits(made):
    """Second route: fit.statements, which are run against the programs in tests/reference."""
    for name, program in (("model.do", "stata"), ("model.R", "lme4")):
        text = (made.path / name).read_text(encoding="utf-8")
        for fit in made.fits:
            assert fit.statements()[program] in text
            assert f"{fit.loglik:.4f}" in text
    assert "stringcols(1 2 3)" in (made.path / "model.do").read_text(encoding="utf-8")
    assert not (made.path / "prepared.csv").exists()


def test_the_prepared_table_is_written_on_request(survey_file, tmp_path):
    study = ps.study(survey_file, RECIPE, {**SPARE, "save_table": True}, out=tmp_path / "s")
    text = {name: "string" for name in ("household", "village", "county")}
    again = pd.read_csv(study.path / "prepared.csv", dtype=text)
    assert list(again.columns) == list(study.table.columns)
    assert again["consumption"].to_numpy() == pytest.approx(study.table["consumption"].to_numpy(dtype=float), rel=1e-12)
    assert list(again["household"]) == list(study.table["household"])


def test_a_table_in_memory_needs_no_recipe(by_hand, tmp_path):
    study = ps.study(by_hand, None, SPARE, out=tmp_path / "s")
    assert study.prepared is None
    assert "no recipe was applied and no contract checked" in study.explain("en")
    manifest = json.loads((study.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rerun"] is None
    changed = by_hand.copy()
    changed.loc[0, "trust"] += 1
    assert ps.study(changed, None, None).sources[0].fingerprint != study.sources[0].fingerprint
    assert ps.study(by_hand.copy(), None, None).sources[0].fingerprint == study.sources[0].fingerprint


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_says_what_lies_where(made, lang):
    text = str(made.summary(lang))
    for word in (str(made.path), "tables/", "figures/", "methods.zh.md", "80", "spec.yaml"):
        assert word in text
    assert "<table>" in made._repr_html_()
