"""Specifications: strict reading, what is refused, and the round trip through YAML."""

import pytest

from povstats.errors import OptionError
from povstats.studies import read_spec

MODEL = {"kind": "model", "formulas": ["y ~ x + (1 | g)"]}
TREND = {"kind": "trend", "time": "year", "value": "incidence"}


@pytest.mark.parametrize(
    ("tree", "word"),
    [
        ({"kind": "poem"}, "'poem'"),
        ({**MODEL, "formulae": []}, "formulae"),
        ({**MODEL, "time": "year"}, "time"),
        ({**TREND, "formulas": []}, "formulas"),
        ({"kind": "model"}, "at least one formula"),
        ({**MODEL, "formulas": [{"formula": "y ~ x", "nom": "A"}]}, "nom"),
        ({**MODEL, "formulas": ["y ~ x", {"formula": "y ~ z", "name": "B"}]}, "every model a name"),
        ({**MODEL, "title": {"zh": "题"}}, "title needs en"),
        ({**MODEL, "title": {"zh": "题", "en": "T", "fr": "T"}}, "fr"),
        ({**MODEL, "data": "invented"}, "invented"),
        ({**MODEL, "covariance": "CR9"}, "CR9"),
        ({**MODEL, "covariance": "CR2", "df": "normal"}, "leave df out"),
        ({**MODEL, "covariance": "kenward-roger", "method": "ml"}, "reml"),
        ({**MODEL, "cluster": "village"}, "CR0"),
        ({**MODEL, "figures": ["pie"]}, "pie"),
        ({**MODEL, "figures": [{"kind": "johnson_neyman", "term": "x"}]}, "moderator"),
        ({**MODEL, "figures": [{"kind": "residuals", "term": "x"}]}, "term"),
        ({**MODEL, "figures": [{"kind": "residuals", "model": 2}]}, "from 1 to 1"),
        ({**MODEL, "sizes_mm": [20]}, "60 to 400"),
        ({**MODEL, "formats": ["docx"]}, "docx"),
        ({**MODEL, "save_table": "yes"}, "true or false"),
        ({**MODEL, "fixed_effects": [{"name": "县", "factor": ["a", "b"]}]}, "one factor"),
        ({**MODEL, "table": {"style": "loud"}}, "loud"),
        ({**MODEL, "labels": ["x"]}, "labels"),
        ({"kind": "trend", "time": "year"}, "numerator"),
        ({**TREND, "charts": ["lines", "pie"]}, "pie"),
        ({**TREND, "measure": "feeling"}, "feeling"),
        (["kind"], "mapping"),
    ],
)
def test_what_is_not_on_the_list_is_refused_by_name(tree, word, tmp_path):
    import yaml

    path = tmp_path / "方案.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    with pytest.raises(OptionError, match=word.replace("|", r"\|")) as caught:
        read_spec(path)
    assert "方案.yaml" in str(caught.value)


def test_a_file_that_runs_code_or_is_not_there_is_refused(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("kind: !!python/object/apply:os.getcwd []", encoding="utf-8")
    with pytest.raises(OptionError, match=r"spec\.yaml cannot be read"):
        read_spec(path)
    with pytest.raises(OptionError, match="a file or a dict, not int"):
        read_spec(5)
    path.write_text("kind: model\nformulas: [y ~ x]\nformulas: [y ~ z]\n", encoding="utf-8")
    with pytest.raises(OptionError, match=r"spec\.yaml cannot be read: line 3: 'formulas' stands twice"):
        read_spec(path)
    with pytest.raises(OptionError, match=r"nowhere\.yaml cannot be read"):
        read_spec(tmp_path / "nowhere.yaml")


def test_saving_and_reading_gives_the_same(tmp_path):
    """Second route: the dict itself."""
    tree = {
        **MODEL,
        "title": {"zh": "信任", "en": "Trust"},
        "labels": {"x": "X（元）"},
        "figures": [{"kind": "slopes", "term": "x", "at": {"z": [1, 2.5]}}, "influence"],
        "controls": ["a", {"name": {"zh": "户特征", "en": "Household"}, "terms": ["b", "c"]}],
    }
    first = read_spec(tree)
    first.save(tmp_path / "s.yaml")
    again = read_spec(tmp_path / "s.yaml")
    assert again == first
    assert again.tree == tree
    assert again.labels["x"] == {"zh": "X（元）", "en": "X（元）"}
    assert [one.terms for one in again.model.controls] == [("a",), ("b", "c")]
    assert read_spec(again) is again
    assert read_spec(None).kind == "data"


def test_the_ready_specification_is_one_and_names_columns_of_the_survey():
    """Second route: the words of its formulas against the columns of the contract."""
    import re

    from povstats.contracts import find_contract
    from povstats.files import data_file

    spec = read_spec(data_file("specs/guizhou_model.yaml"))
    words = {word for one in spec.model.formulas for word in re.findall(r"[a-z_]+", one.formula)} - {"log"}
    columns = {column.name for column in find_contract("survey").columns}
    assert words <= columns
    assert {"trust", "aid_funds", "village_migration", "village", "county"} <= words
    assert [one.kind for one in spec.figures] == ["caterpillar", "johnson_neyman", "influence", "residuals"]
