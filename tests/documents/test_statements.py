"""Statements of the Guizhou text: what is loaded is what is stored, and its figures are those of facts.csv.

Second routes: facts.csv, which was collected apart from the statements, for every printed figure and its words; the
digits of a value looked for in its quote; the derived number worked out again from the facts by weighting two means.
"""

import csv
import importlib.util
import io
import re
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import povstats as ps
from povstats.contracts import find_contract
from povstats.documents import guizhou_statements, statement, statements
from povstats.errors import DataError

FOLDER = Path(__file__).resolve().parents[2] / "data" / "documents"
ITEMS = ("trust", "participation", "harmony", "cadre_relation")


@pytest.fixture(scope="module")
def stored():
    text = (FOLDER / "guizhou_statements.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def facts():
    return ps.facts().set_index("id")


def test_what_is_loaded_is_what_is_stored(stored):
    loaded = guizhou_statements()
    assert [one.id for one in loaded] == [row["id"] for row in stored] == [f"G{n:02}" for n in range(1, 61)]
    for one, row in zip(loaded, stored, strict=True):
        assert (one.quote, one.gloss, one.term, one.model) == (row["quote"], row["gloss"], row["term"], row["model"])
        assert one.value == (float(row["value"]) if row["value"] else None)
    with pytest.raises(FrozenInstanceError):
        loaded[0].quote = "x"


def test_values_are_those_of_the_facts(facts):
    told = [one for one in guizhou_statements() if one.fact]
    assert len(told) == 11
    for one in told:
        fact = facts.loc[one.fact]
        assert (fact["document"], fact["section"], fact["place"]) == ("001", "篇13", "guizhou-sample")
        assert one.value == fact["value"], one.id
        assert one.unit == fact["unit"], one.id
        assert all(part in one.quote for part in fact["words"].split("…") if part), one.id
    # The step of 100 yuan is the twelfth figure that the facts have of this text.
    part = facts[(facts["document"] == "001") & (facts["section"] == "篇13")]
    assert set(part.index) - {one.fact for one in told} == {"F0579"}
    assert part.loc["F0579", "value"] == 100
    assert [one.per for one in told if one.fact == "F0578"] == ["100 yuan"]


def test_a_printed_value_and_sign_are_in_the_quote():
    for one in guizhou_statements():
        assert 8 <= len(one.quote) <= 60, one.id
        assert not re.search(r"[…\s]", one.quote), one.id
        if one.value is not None and one.basis == "printed":
            assert re.search(rf"(?<![\d.]){one.value:g}(?![\d.])", one.quote), one.id
            assert one.sign == "" or (one.value < 0) == (one.sign == "-")
        if one.significance == "significant" and one.basis == "printed":
            assert re.search("显著", one.quote), one.id
        if one.significance == "not_significant" and one.basis == "printed":
            assert re.search("不显著|并无显著|并不显著", one.quote), one.id


def test_the_number_of_poor_households_follows_from_three_means(facts):
    households, mean, poor, others = facts.loc[["F0571", "F0572", "F0573", "F0574"], "value"]
    [derived] = [one for one in guizhou_statements() if one.basis == "derived"]
    # The share is that which makes the two means average to the third; it gives it back to the printed yuan.
    assert derived.value == round(households * (others - mean) / (others - poor)) == 129
    assert round((129 * poor + 311 * others) / 440) == mean


def test_terms_and_models_are_of_the_contract():
    columns = {column.name for column in find_contract("guizhou").columns}
    also = {"focal", "fixed effects", "random effects", "outcome", "equations"}
    for one in guizhou_statements():
        parts = re.split(r" × |, (?=land)", one.term.removesuffix(", poor").removesuffix(", not poor"))
        assert set(parts) <= columns | also, one.id
        assert one.model in (*ITEMS, "survey", "summary", "conclusion")
    assert {one.model for one in guizhou_statements()} >= set(ITEMS)


def test_what_the_text_says_of_every_model():
    """Signs and significance by hand from a reading of the text, model by model."""

    def said(model, term, section):
        found = [s for s in guizhou_statements() if (s.model, s.term, s.section) == (model, term, section)]
        return {(s.sign, s.significance) for s in found}

    assert said("trust", "focal", "results") == {("-", "significant")}
    assert said("trust", "focal × aid_funds", "results") == {("", "not_significant")}
    assert said("participation", "focal × village_consumption", "results") == {("", "not_significant")}
    assert said("participation", "focal × village_consumption", "conclusion") == {("-", "silent")}
    assert said("harmony", "focal", "results") == set()
    assert said("harmony", "focal × village_consumption", "summary") == {("-", "silent")}
    assert said("cadre_relation", "focal", "results") == {("+", "silent")}
    assert said("participation", "education", "results") == {("", "not_significant")}


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "guizhou_statements.csv"
    content = (FOLDER / "guizhou_statements.csv").read_bytes()
    real = statements.data_file
    monkeypatch.setattr(statements, "data_file", lambda name: changed if name.endswith(".csv") else real(name))
    changed.write_bytes(content.replace(b"\n", b"\r\n"))  # as a checkout on Windows may have it
    assert len(guizhou_statements.__wrapped__()) == 60
    changed.write_bytes(content.replace(b"0.15,percentage_points", b"15,percentage_points"))
    with pytest.raises(DataError, match=r"SHA-256.*reinstall"):
        guizhou_statements.__wrapped__()


def test_a_missing_file_or_statement_is_refused(monkeypatch):
    monkeypatch.setattr(statements, "FILE", "documents/nowhere.csv")
    with pytest.raises(DataError, match="missing from this installation"):
        guizhou_statements.__wrapped__()
    with pytest.raises(DataError, match="G99"):
        statement("G99")


def test_a_row_that_says_what_no_column_allows_is_refused(stored):
    with pytest.raises(DataError, match="sign 'up' is not one of"):
        statements._stated({**stored[0], "sign": "up"})


def test_the_proof_of_quotes_can_fail(stored, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("documents_make", FOLDER / "make.py")
    make = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, make)
    spec.loader.exec_module(make)
    table = "id,quote\nG1,家户年消费\nG2,家户消费\nG3,不在此处\n"
    text = "序\n篇1\n不在此处\n篇2\n家户年消费。家户消费,家户消费。\n篇3\n不在此处"
    assert make.unproved(table, text, "篇2") == ["G2", "G3"]
    assert make.unproved(table, text, "篇3") == ["G1", "G2"]
