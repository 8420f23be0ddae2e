"""A contract by name, as an object and from a YAML file; what a file may not say."""

import pandas as pd
import pytest

from povstats.contracts import check, find_contract
from povstats.contracts.vietnam import VIETNAM_1998
from povstats.errors import ContractError
from povstats.words import LANGUAGES

GOOD = """
name: village survey
columns:
  - {name: village, kind: integer, low: 1}
  - name: poor
    kind: text
    levels: ["no", "yes"]
    label: 是否贫困
  - {name: income, kind: number, low: 0, missing: true, unit: yuan per year}
constant_within: {poor: village}
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="own.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    return write


def test_a_name_an_object_and_a_file_are_found(write):
    assert find_contract("vietnam_1998") is VIETNAM_1998
    assert find_contract(VIETNAM_1998) is VIETNAM_1998
    path = write(GOOD)
    own = find_contract(path)
    assert own == find_contract(str(path)) == find_contract(write(GOOD, "own.YML"))
    assert own.name == "village survey"
    assert [column.name for column in own.columns] == ["village", "poor", "income"]
    assert own.columns[1].levels == ("no", "yes")
    assert own.columns[1].title("zh") == "是否贫困"
    assert find_contract(write(GOOD.replace("name: village survey", ""), "other.yml")).name == "other"


def test_a_file_checks_a_table(write):
    table = pd.DataFrame({"village": [1, 1, 0], "poor": ["yes", "no", "yes"], "income": [1.0, None, -2.0]})
    broken = {(b.column, b.rule) for b in check(table, write(GOOD)).violations}
    assert broken == {("village", "below"), ("poor", "not_constant"), ("income", "below")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n- b", "must be a mapping"),
        ("", "must be a mapping"),
        ("columns: {village: integer}", "must be a list"),
        ("columns: [village]", "column 1 must be a mapping"),
        ("columns: []", "no column"),
        ("columns: [{name: a}]", "needs a name and a kind"),
        ("columns: [{name: a, kind: date}]", "kind of column 'a'"),
        ("columns: [{name: a, kind: text, levels: [yes, no]}]", "quotes"),
        ("columns: [{name: a, kind: text, levels: yes}]", "must be a list"),
        ("columns: [{name: a, kind: text, levels: [b], level_labels: 乙}]", "level_labels must be a list"),
        ("columns: [{name: a, kind: text, minimum: 1}]", "unknown keys.*minimum"),
        ("columns: [{name: a, kind: text}]\nrows: 3", "unknown keys.*rows"),
        ("columns: [{name: a, kind: text}]\nname: 3", "name must be text"),
        ("columns: [{name: 3, kind: text}]", "name must be text"),
        ("columns: [{name: a, kind: [text]}]", "kind of column 'a'"),
        ("columns: [{name: a, kind: text}]\nconstant_within: [a]", "must map"),
        ("columns: [{name: a, kind: text}]\nconstant_within: {a: [a]}", "must map"),
        ("columns: [{name: a, kind: text}, {name: a, kind: text}]", "more than once"),
        ("columns: [", "cannot be read"),
        ("columns: !!python/object/apply:os.getcwd []", "cannot be read"),
        (b"\xff\xfe\x00bad", "cannot be read"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(write, text, told):
    with pytest.raises(ContractError, match=told) as refusal:
        find_contract(write(text))
    assert "own.yaml" in str(refusal.value)


def test_unknown_names_and_missing_files_are_refused(tmp_path):
    with pytest.raises(ContractError, match="vietnam_1998"):
        find_contract("viet_nam")
    with pytest.raises(ContractError, match="cannot be read"):
        find_contract(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_viet_nam_titles_are_in_words(lang):
    titles = VIETNAM_1998.titles(lang)
    assert list(titles) == [column.name for column in VIETNAM_1998.columns]
    assert not [title for title in titles.values() if "datasets." in title]
    assert len(set(titles.values())) == len(titles)
