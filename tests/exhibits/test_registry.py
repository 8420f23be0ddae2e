"""The register: ids, refusals, facts; and that what is registered makes sense."""

import hashlib

import pytest

from povstats.errors import DataError, OptionError
from povstats.exhibits import Exhibit, everything, exhibit, find, manifest, registry, show
from povstats.files import data_file

INPUT = "examples/vietnam_1998/source.toml"


@pytest.fixture(autouse=True)
def own_register(monkeypatch):
    registry._load()
    monkeypatch.setattr(registry, "_REGISTER", dict(registry._REGISTER))


def note(lang):
    return f"note in {lang}"


def other(lang):
    return f"other in {lang}"


def test_registered_maker_is_found_and_made_in_the_language():
    assert exhibit("general-note", data="synthetic", notebook="10_tiny")(note) is note
    assert find("general-note").maker is note
    assert show("general-note", "zh") == "note in zh"
    assert "general-note" in [known.id for known in everything()]


def test_unknown_id_names_the_closest_and_all():
    exhibit("general-note", data="synthetic", notebook="10_tiny")(note)
    with pytest.raises(OptionError, match=r"general-nute.*did you mean 'general-note'\? There are: .*general-note"):
        show("general-nute")


@pytest.mark.parametrize("bad", ["note", "General-note", "general_note", "general-", "general note", "笔记-note"])
def test_ill_formed_ids_are_refused(bad):
    with pytest.raises(DataError, match="lower-case words joined by dashes"):
        exhibit(bad, data="real", notebook="10_tiny")(note)


def test_an_id_is_taken_once_but_a_reload_is_no_second_time():
    exhibit("general-note", data="real", notebook="10_tiny")(note)
    exhibit("general-note", data="real", notebook="10_tiny")(note)
    with pytest.raises(DataError, match=r"taken by .*:note"):
        exhibit("general-note", data="real", notebook="10_tiny")(other)


def test_data_must_be_one_of_three_kinds():
    with pytest.raises(OptionError, match="'real', 'synthetic', 'documents'"):
        Exhibit("general-note", note, "made-up", "10_tiny")


def test_manifest_gives_titles_and_the_fingerprint_of_each_input():
    exhibit("general-note", data="documents", notebook="10_tiny", inputs=(INPUT,))(note)
    facts = manifest("general-note")
    assert facts["title"] == {"zh": "注", "en": "Note"}
    assert facts["maker"].endswith(":note")
    assert facts["data"] == "documents"
    raw = data_file(INPUT).read_bytes().replace(b"\r\n", b"\n")
    assert facts["inputs"] == {INPUT: hashlib.sha256(raw).hexdigest()}


def test_a_missing_input_is_refused():
    exhibit("general-note", data="real", notebook="10_tiny", inputs=("nowhere/x.toml",))(note)
    with pytest.raises(DataError, match=r"nowhere/x\.toml"):
        manifest("general-note")


def test_every_registered_exhibit_has_a_title_in_both_languages_and_its_inputs():
    for known in everything():
        facts = known.facts()
        assert all(facts["title"].values()), known.id
        assert facts["inputs"] or known.data == "synthetic", f"{known.id} names no input"
