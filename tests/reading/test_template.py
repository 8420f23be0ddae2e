"""Templates: what they ask for is the contract, what is filled in keeps it, and nothing is overwritten.

Second routes: the contract itself, read back from the files by other readers (openpyxl, PyYAML, pandas); a table of
four households by hand, entered as a person would.
"""

import openpyxl
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

import povstats as ps
from povstats import cli
from povstats.contracts import Column, Contract, find_contract
from povstats.contracts.find import CONTRACTS
from povstats.errors import ContractError, OptionError
from povstats.reading.blank_sheets import headings
from povstats.words import LANGUAGES, language

OWN = """
name: 村情 survey/2
columns:
  - {name: village, kind: text, label: 名称}
  - {name: "no", kind: text, levels: ["yes", "no"], label: 名称}
  - {name: income, kind: number, low: 0.5, unit: contracts.yuan_person}
  - {name: change, kind: number, high: 3, missing: true, required: false, label: "增减: #1"}
unique: [village]
"""


@pytest.fixture(autouse=True)
def english():
    before = language("en")
    yield
    language(before)


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def first_row(path, sheet=0):
    return [cell.value for cell in openpyxl.load_workbook(path).worksheets[sheet][1]]


def entered(path, rows):
    """Type rows below the headings, as a person does: by heading."""
    book = openpyxl.load_workbook(path)
    page = book.active
    places = {cell.value: cell.column for cell in page[1]}
    for line, row in enumerate(rows, start=2):
        for heading, value in row.items():
            page.cell(line, places[heading], value)
    book.save(path)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_has_a_template_whose_recipe_makes_it(name, tmp_path):
    made = ps.template(name, tmp_path / "空表 1")
    columns = [column.name for column in CONTRACTS[name].columns]
    assert list(pd.read_csv(made.files["csv"], encoding="utf-8-sig").columns) == columns
    for lang in LANGUAGES:
        heads = first_row(made.files[f"sheet_{lang}"])
        recipe = ps.recipe(made.files[f"recipe_{lang}"])
        assert recipe.contract == name
        own = {target.name: target.sources[0].column for target in recipe.parts.targets}
        assert [own[column] for column in columns] == heads
    assert "contract" not in made.files
    assert sorted(tmp_path.glob("*/*")) == sorted(made.files.values())


def guizhou_rows():
    household = {"consumption": 1977, "education": 6.5, "land": 1.2, "migrants": 1, "transfers": 150}
    items = {"trust": 2, "participation": 3, "harmony": 5, "cadre_relation": 4}
    village = {"village_consumption": 1900, "aid_funds": 120, "village_migration": 0.25}
    row = household | items | village
    return [
        {"household": "甲1", "village": "大寨", "county": "甲县", **row, "poor": 0},
        {"household": "甲2", "village": "大寨", "county": "甲县", **row, "consumption": 890, "trust": None, "poor": 1},
        {"household": "乙1", "village": "007", "county": "乙县", **row, "aid_funds": 300.5, "migrants": 0},
        {"household": "乙2", "village": "007", "county": "乙县", **row, "aid_funds": 300.5, "household_size": 4},
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_sheet_becomes_a_table_that_keeps_the_contract(lang, tmp_path):
    made = ps.template("guizhou", tmp_path)
    names = headings(find_contract("guizhou"), lang)
    entered(made.files[f"sheet_{lang}"], [{names[n]: v for n, v in row.items()} for row in guizhou_rows()])
    prepared = ps.recipe(made.files[f"recipe_{lang}"]).apply(made.files[f"sheet_{lang}"])
    report = ps.check(prepared, "guizhou")
    assert report.ok, report
    expected = pd.DataFrame(guizhou_rows()).reindex(columns=[c.name for c in find_contract("guizhou").columns])
    pd.testing.assert_frame_equal(prepared.table, expected, check_dtype=False)
    wrong = [{**row, "migrants": 0.5} for row in guizhou_rows()]
    entered(made.files[f"sheet_{lang}"], [{names[n]: v for n, v in row.items()} for row in wrong])
    command = ["check", made.files[f"sheet_{lang}"], "--recipe", made.files[f"recipe_{lang}"], "--lang", lang]
    result = CliRunner().invoke(cli.app, [str(word) for word in command])
    assert result.exit_code == cli.FINDING
    assert f"{names['migrants']}" in result.output


def test_ones_own_contract_comes_along_and_is_found_beside_the_recipe(own, tmp_path, monkeypatch):
    made = ps.template(own, tmp_path / "forms")
    assert {path.name for path in made.files.values()} == {
        f"村情_survey_2.{end}"
        for end in ("csv", "zh.xlsx", "en.xlsx", "zh.yaml", "en.yaml", "codebook.xlsx", "contract.yaml")
    }
    assert find_contract(made.files["contract"]) == find_contract(own)
    assert yaml.safe_load(made.files["recipe_zh"].read_text("utf-8"))["contract"] == "村情_survey_2.contract.yaml"
    heads = first_row(made.files["sheet_zh"])
    assert heads == ["名称 [village]", "名称 [no]", "income（元／人·年）", "增减: #1"]
    entered(made.files["sheet_zh"], [dict(zip(heads, ["大寨", "yes", 700, -2], strict=True))])
    for folder in (tmp_path, made.folder):  # wherever one stands
        monkeypatch.chdir(folder)
        recipe = ps.recipe(made.files["recipe_zh"])
        assert "村情 survey/2" in str(recipe.summary("zh"))
        assert ps.check(recipe.apply(made.files["sheet_zh"]), recipe.contract).ok


def test_a_contract_that_only_bears_a_known_name_is_ones_own(tmp_path):
    other = Contract(name="survey", columns=(Column(name="village", kind="text"),))
    made = ps.template(other, tmp_path)
    assert find_contract(made.files["contract"]) == other
    assert ps.recipe(made.files["recipe_en"]).parts.targets[0].name == "village"


@pytest.mark.parametrize(
    "contract", [*CONTRACTS.values(), Contract(name="x", columns=(Column(name="a", kind="text"),))]
)
def test_a_contract_written_as_a_file_reads_as_itself(contract, tmp_path):
    from povstats.reading.blank_recipe import contract_text

    path = tmp_path / "c.yaml"
    path.write_text(contract_text(contract), encoding="utf-8")
    assert find_contract(path) == contract


def test_the_codebook_says_what_the_contract_says_in_both_languages(tmp_path):
    made = ps.template("guizhou", tmp_path)
    book = openpyxl.load_workbook(made.files["codebook"])
    assert book.sheetnames == ["中文", "English"]
    contract = find_contract("guizhou")
    for lang, page in zip(("zh", "en"), book.worksheets, strict=True):
        cells = [["" if v is None else v for v in row] for row in page.iter_rows(values_only=True)]
        shown = made.codebook(lang)
        assert cells == [list(shown.columns), *shown.to_numpy().tolist()]
        row = dict(zip(("column", "label", "kind", "unit", "range", "levels"), cells[9][:6], strict=True))
        assert row["column"] == contract.columns[8].name == "trust"
        assert row["range"] == "1 – 10"
        assert row["label"] in contract.columns[8].title(lang)
        within = {line[0]: line[8] for line in cells[1:] if line[8]}
        assert within == dict(contract.constant_within)


def test_the_sheets_warn_of_what_the_contract_does_not_allow(own, tmp_path):
    page = openpyxl.load_workbook(ps.template("guizhou", tmp_path / "a").files["sheet_zh"]).active
    rules = {str(rule.sqref).split("2:")[0]: rule for rule in page.data_validations.dataValidation}
    columns = find_contract("guizhou").columns
    ranged = [n for n, column in enumerate(columns) if column.low is not None]
    assert [openpyxl.utils.get_column_letter(n + 1) for n in ranged] == list(rules)
    trust = rules["I"]
    assert (trust.type, trust.operator, trust.formula1, trust.formula2) == ("whole", "between", "1", "10")
    assert (rules["S"].type, rules["S"].operator, rules["S"].formula1) == ("decimal", "greaterThanOrEqual", "0")
    page = openpyxl.load_workbook(ps.template(own, tmp_path / "b").files["sheet_en"]).active
    listed, least, most = page.data_validations.dataValidation
    assert (listed.type, listed.formula1) == ("list", '"yes,no"')
    assert (least.formula1, most.operator, most.formula1) == ("0.5", "lessThanOrEqual", "3")


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path):
    taken = tmp_path / "guizhou.codebook.xlsx"
    taken.write_text("mine")
    with pytest.raises(OptionError, match=r"guizhou\.codebook\.xlsx"):
        ps.template("guizhou", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [taken.name]
    assert taken.read_text() == "mine"
    with pytest.raises(OptionError, match="is a file"):
        ps.template("guizhou", taken)
    with pytest.raises(ContractError, match="guizhou"):
        ps.template("guizhu", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_disk_that_fails_midway_leaves_nothing(tmp_path, monkeypatch):
    from povstats.reading import blank

    def failing(contract):
        raise OSError("disk full")

    monkeypatch.setattr(blank, "codebook_book", failing)
    with pytest.raises(OSError, match="disk full"):
        ps.template("guizhou", tmp_path / "a")
    assert not (tmp_path / "a").exists()
    monkeypatch.undo()
    # A file of the same name that appears after the check stops the writing, and what was written goes again.
    monkeypatch.setattr(blank.Path, "exists", lambda path: path.is_dir())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "guizhou.codebook.xlsx").write_text("mine")
    with pytest.raises(OptionError, match="cannot be written"):
        ps.template("guizhou", tmp_path / "b")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["guizhou.codebook.xlsx"]


def test_it_prints_and_explains_itself(tmp_path):
    made = ps.template("guizhou", tmp_path)
    tidy = made.tidy().set_index(["measure", "term"])
    assert tidy.loc[("columns", ""), "estimate"] == 19
    assert tidy.loc[("required", ""), "estimate"] == 15
    assert tuple(tidy.loc[("range", "trust"), ["low", "high"]]) == (1, 10)
    for lang in LANGUAGES:
        assert all(path.name in str(made.summary(lang)) for path in made.files.values())
        assert "village_consumption" in made.explain(lang)
    assert repr(made) == str(made.summary("en"))


def test_the_command_writes_what_the_verb_writes(own, tmp_path):
    run = CliRunner().invoke(cli.app, ["template", str(own), "--out", str(tmp_path / "t"), "--lang", "zh"])
    assert run.exit_code == 0, run.output
    assert len(list((tmp_path / "t").iterdir())) == 7
    again = CliRunner().invoke(cli.app, ["template", str(own), "--out", str(tmp_path / "t")])
    assert again.exit_code == cli.BAD_INPUT
    assert len(again.stderr.splitlines()) == 1


def test_levels_are_entered_in_words_and_the_recipe_gives_them_back(tmp_path):
    made = ps.template("registry_events", tmp_path)
    contract = find_contract("registry_events")
    event = next(column for column in contract.columns if column.name == "event")
    words = event.level_words("zh")
    assert (list(words), words["exited"]) == (list(event.levels), "脱贫")
    recode = ps.recipe(made.files["recipe_zh"]).tree["columns"]["event"]["recode"]
    assert recode == {word: level for level, word in words.items()}
    assert ps.recipe(made.files["recipe_en"]).tree["columns"]["event"] == "What happened"
    assert "脱贫（exited）" in made.codebook("zh").to_string()
    assert find_contract("vietnam_1998").columns[0].level_words("zh") == {}
