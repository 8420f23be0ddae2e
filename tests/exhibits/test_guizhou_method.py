"""Exhibits of the synthetic survey and of the method's test: what they print is what the stored results hold.

Second routes: the quotes are parts of the statements' quotes; the readings by arithmetic on the printed numbers; two
surveys of the benchmark run again, against a fit by hand of the same formula.
"""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import povstats as ps
from povstats.documents import statement
from povstats.exhibits import guizhou_method
from povstats.exhibits.registry import find

IDS = ("guizhou-margins", "guizhou-assumptions", "guizhou-consumption", "guizhou-method", "guizhou-readings")
FORBIDDEN = re.compile(r"\b(agree|confirm|replicate)(s|d)?\b|一致|证实|复现了", re.IGNORECASE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id", IDS)
def test_exhibits_are_labelled_and_claim_nothing(id, lang):
    made = find(id).maker(lang)
    label = "模拟" if lang == "zh" else "synthetic"
    if id == "guizhou-consumption":
        texts = [made.headline if hasattr(made, "headline") else made.title]
    else:
        texts = [made.title, *made.notes, *made.frame.to_numpy().ravel().tolist()]
        assert any(label in note.lower() for note in made.notes)
    assert label in texts[0].lower()
    assert label in find(id).title(lang).lower()
    assert not [text for text in texts if FORBIDDEN.search(text)]


def shown():
    """List the quantities of the table as (reading, model, item, quantity, statement, quote)."""
    for item, quantities in guizhou_method.SHOWN:
        for quantity, (id, quote) in quantities.items():
            yield "coefficient", "study", item, quantity, id, quote
    for quantity, (id, quote) in guizhou_method.LETTER.items():
        yield "literal", "study", "participation", quantity, id, quote


def test_quotes_are_parts_of_the_text_and_of_the_right_model():
    for _, _, item, quantity, id, quote in shown():
        one = statement(id)
        assert quote in one.quote
        assert one.model == item
        name = {"main": "focal", "at_zero": "focal"}.get(quantity, quantity.replace("by_", "focal × "))
        assert one.term == name


def test_printed_numbers_are_what_was_put_in():
    """A per cent is 100 b; percentage points are 100 b by the letter, and b as a coefficient."""
    rows = guizhou_method.recovery()
    for reading, model, item, quantity, id, _ in shown():
        value = statement(id).value
        if value is None:
            continue
        step = guizhou_method.STEPS.get(quantity, 1)
        factor = 1 if statement(id).unit == "percentage_points" and reading == "coefficient" else 100
        assert factor * step * rows.loc[(reading, model, item, quantity), "put_in"] == pytest.approx(value)


def test_signs_that_are_printed_were_put_in():
    rows = guizhou_method.recovery()
    for reading, model, item, quantity, id, _ in shown():
        put = rows.loc[(reading, model, item, quantity), "put_in"]
        sign = {"+": 1, "-": -1}.get(statement(id).sign)
        if sign:
            assert np.sign(put) == sign
        elif quantity != "education":
            assert put == 0


def test_readings_by_arithmetic():
    grade = guizhou_method.reading_facts("main", "coefficient")
    letter = guizhou_method.reading_facts("main", "literal")
    funds = guizhou_method.reading_facts("aid_funds", "literal")
    assert (grade["b"], letter["b"], funds["b"]) == ("0.15", "0.0015", "0.0009")
    assert grade["percent"] == f"{100 * np.expm1(0.15):.1f}%"
    assert grade["yuan"] == f"{1977 * np.expm1(0.15):.0f}"
    assert (letter["yuan"], funds["yuan"]) == ("2.97", "1.78")
    sigma = guizhou_method._sigma()
    assert letter["spread"] == f"{1.959964 * sigma / (np.sqrt(440) * 0.0015):.0f}"
    assert funds["spread"] == f"{100 * 1.959964 * sigma / (np.sqrt(440) * 0.0009):,.0f}"


def test_stored_results_are_shares_and_hold_what_they_must():
    rows = guizhou_method.recovery()
    assert (rows["surveys"] == rows["surveys"].iloc[0]).all()
    assert rows["surveys"].iloc[0] >= 1000
    assert rows[["coverage", "power", "boundary"]].stack().between(0, 1).all()
    assert (rows["recovered"] - rows["put_in"]).to_numpy() == pytest.approx(rows["bias"].to_numpy(), abs=1e-5)
    # Without the trap of the mean, controls of households are covered: 95% with four simulation errors of 0.7 points.
    free = rows.xs("without_mean", level="model").loc[(slice(None), slice(None), ["education", "land", "migrants"]), :]
    assert free["coverage"].between(0.92, 0.98).all()


def test_the_benchmark_judges_a_survey_as_a_fit_by_hand():
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "guizhou_recovery.py"
    spec = importlib.util.spec_from_file_location("guizhou_recovery", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rows = script.survey(script.FIRST)
    mine = {row[:4]: row[4:] for row in rows}
    table = ps.datasets.guizhou_synthetic(script.FIRST)
    fit = ps.fit_hlm(
        "log(consumption) ~ education + land + migrants + transfers + trust * (village_consumption + aid_funds"
        " + village_migration) + (1 | village)",
        table,
    )
    put, estimate, error, _, seen, _ = mine["coefficient", "study", "trust", "at_zero"]
    assert put == -0.17
    # The same model with moderators as they are: equal but for rounding of its numbers.
    assert estimate == pytest.approx(fit.params["trust"], rel=1e-5)
    assert error == pytest.approx(fit.std_errors["trust"], rel=1e-5)
    assert seen == (fit.pvalues["trust"] < 0.05)
    put, estimate, *_ = mine["coefficient", "study", "trust", "main"]
    centre = table[["village_consumption", "village_migration"]].mean()
    assert put == pytest.approx(-0.17 + 2e-5 * centre.iloc[0] + 0.30 * centre.iloc[1])
    at_mean = fit.params["trust"] + sum(
        fit.params[f"trust:{name}"] * table[name].mean()
        for name in ("village_consumption", "aid_funds", "village_migration")
    )
    assert estimate == pytest.approx(at_mean, rel=1e-5)
