"""Instruments and bounds: linearmodels, a published example, and laws as second routes.

EXACT: the same formula by another program; the covariates are orthogonalised here and not there.
"""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS
from scipy import stats

from povstats.errors import DataError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.endogeneity import endogeneity
from povstats.guizhou.instruments import Regressed, controls, funds_rows, instrumented, item_rows, kept
from povstats.guizhou.selection import adjusted, delta, moments

EXACT = 1e-8
CARS = """21 110 2.62 16.46;21 110 2.875 17.02;22.8 93 2.32 18.61;21.4 110 3.215 19.44;18.7 175 3.44 17.02
18.1 105 3.46 20.22;14.3 245 3.57 15.84;24.4 62 3.19 20;22.8 95 3.15 22.9;19.2 123 3.44 18.3;17.8 123 3.44 18.9
16.4 180 4.07 17.4;17.3 180 3.73 17.6;15.2 180 3.78 18;10.4 205 5.25 17.98;10.4 215 5.424 17.82
14.7 230 5.345 17.42;32.4 66 2.2 19.47;30.4 52 1.615 18.52;33.9 65 1.835 19.9;21.5 97 2.465 20.01
15.5 150 3.52 16.87;15.2 150 3.435 17.3;13.3 245 3.84 15.41;19.2 175 3.845 17.05;27.3 66 1.935 18.9
26 91 2.14 16.7;30.4 113 1.513 16.9;15.8 264 3.17 14.5;19.7 175 2.77 15.5;15 335 3.57 14.6;21.4 109 2.78 18.6"""
"""mpg, hp, wt and qsec of R's mtcars (Henderson & Velleman 1981, Biometrics 37)."""


def clustered(seed=0, strength=0.8):
    """Draw 40 clusters of unequal size; x follows z, the covariates and what moves y."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(40), rng.integers(4, 15, 40))
    n = len(cluster)
    hidden, z = rng.normal(size=n) + rng.normal(size=40)[cluster], rng.normal(size=40)[cluster]
    covariates = np.column_stack([np.ones(n), rng.normal(size=n), 1000 * rng.normal(size=n)])
    x = strength * z + 0.5 * covariates[:, 1] + hidden
    return Regressed(0.4 * x - hidden + rng.normal(size=n), x, z, covariates, cluster)


def by_hand(rows, instrument):
    """Give z'y / z'x with the covariates taken out, and its error from the clusters' sums of z e."""
    y, x, z = (
        values - rows.covariates @ np.linalg.lstsq(rows.covariates, values, rcond=None)[0]
        for values in (rows.y, rows.x, instrument)
    )
    found = z @ y / (z @ x)
    scores = np.bincount(rows.cluster, z * (y - found * x))
    groups, n, k = len(scores), len(y), rows.covariates.shape[1] + 1
    return found, np.sqrt(groups / (groups - 1) * (n - 1) / (n - k) * scores @ scores) / abs(z @ x)


def test_two_stages_are_the_closed_form_and_the_first_stage_that_of_linearmodels():
    """Second route: z'y / z'x with clustered errors written out; for the first stage, linearmodels."""
    rows = clustered()
    found = instrumented(rows)
    assert (found.estimate, found.se) == pytest.approx(by_hand(rows, rows.z), rel=EXACT)
    assert (found.least, found.least_se) == pytest.approx(by_hand(rows, rows.x), rel=EXACT)
    options = {"cov_type": "clustered", "clusters": rows.cluster, "debiased": True}
    first = IV2SLS(rows.x, np.column_stack([rows.z, rows.covariates]), None, None).fit(**options)
    assert found.first == pytest.approx(first.params.iloc[0], rel=EXACT)
    assert found.f == pytest.approx(first.tstats.iloc[0] ** 2, rel=EXACT)
    assert found.clusters == 40


@pytest.mark.parametrize(("seed", "strength"), [(0, 0.8), (1, 0.2), (2, 0.0), (3, 0.0), (5, 0.05)])
def test_the_anderson_rubin_set_inverts_the_test(seed, strength):
    """Second route: the clustered t of z in the regression of y − β₀ x, by linearmodels, on a grid and at the ends."""
    rows = clustered(seed, strength)
    found = instrumented(rows)
    most = stats.f.ppf(0.95, 1, 39)

    def statistic(beta):
        wide = np.column_stack([rows.z, rows.covariates])
        fit = IV2SLS(rows.y - beta * rows.x, wide, None, None)
        return fit.fit(cov_type="clustered", clusters=rows.cluster, debiased=True).tstats.iloc[0] ** 2

    def inside(beta):
        between = found.low <= beta <= found.high
        return {"interval": between, "rays": not between, "line": True}[found.region]

    grid = [*np.linspace(-4, 4, 17), -60.0, 60.0]
    assert [statistic(beta) <= most for beta in grid] == [inside(beta) for beta in grid]
    if found.region != "line":
        assert [statistic(end) for end in (found.low, found.high)] == pytest.approx([most, most], rel=1e-6)
    assert (found.region == "interval") == (found.f > most)
    assert inside(found.estimate)


def test_all_three_shapes_of_the_set():
    cov = np.eye(2)
    assert kept(1.0, 10.0, cov, 4.0)[0] == "interval"
    assert kept(10.0, 1.0, cov, 4.0)[0] == "rays"
    assert kept(0.5, 0.5, cov, 4.0) == ("line", -np.inf, np.inf)


def test_instruments_are_the_others(uneven):
    """Second route: means of the others, household by household."""
    plan, table = Plan(), uneven().dropna(subset=["trust", "education"]).reset_index(drop=True)
    rows = item_rows(table, plan, "trust")
    for i in (0, 57, 211):
        others = table[(table["village"] == table["village"][i]) & (table.index != i)]
        assert rows.z[i] == pytest.approx(others["trust"].mean(), rel=1e-12)
    villages = table.drop_duplicates("village").set_index("village")
    z = funds_rows(table, plan).z
    for i in (3, 100, 300):
        here = villages.loc[table["village"][i]]
        others = villages[(villages["county"] == here["county"]) & (villages.index != table["village"][i])]
        assert z[i] == pytest.approx(others["aid_funds"].mean(), rel=1e-12)
    assert "village_consumption" not in controls(plan)
    assert controls(plan) == ["education", "land", "migrants", "transfers", "aid_funds", "village_migration"]


def test_what_is_not_identified_has_a_reason(uneven):
    one = endogeneity(Analysis(uneven(county="c"), Plan(line=1500)))
    assert "1 clusters are too few" in one.reasons["aid_funds"]
    assert "not estimated (1 clusters" in one.table("en").notes[-1]
    lonely = uneven()
    found = endogeneity(Analysis(lonely.assign(county=lonely["village"]), Plan(line=1500)))
    assert "no county has two villages" in found.reasons["aid_funds"]
    assert list(endogeneity(Analysis(lonely, Plan(county=None))).reasons) == ["aid_funds"]
    flat = clustered()
    with pytest.raises(DataError, match="does not vary beyond the covariates"):
        instrumented(Regressed(flat.y, flat.x, np.ones(len(flat.y)), flat.covariates, flat.cluster))


def test_bounds_on_the_published_example():
    """R's robomit for mpg on wt with hp and qsec, δ = 1, R²max = 0.9, as Nguyen's A Guide on Data Analysis prints it
    (bookdown, section "Coefficient stability"), to the digits given there."""
    cars = np.array([[float(cell) for cell in row.split()] for row in CARS.replace("\n", ";").split(";")])
    known = moments(cars[:, 0], cars[:, 2], cars[:, [1, 3]])
    beta, other = adjusted(known, 0.9)
    assert (f"{beta:.2f}", f"{other:.2f}") == ("-2.00", "-7.01")
    assert (f"{(beta - known.long) ** 2:.2f}", f"{(other - known.long) ** 2:.2f}") == ("5.56", "7.05")
    assert [delta(known, 0.9, root) for root in (beta, other)] == pytest.approx([1.0, 1.0], rel=1e-8)
    assert (f"{known.short:.2f}", f"{known.long:.2f}") == ("-5.34", "-4.36")
    assert (f"{known.short_r2:.3f}", f"{known.long_r2:.3f}") == ("0.753", "0.835")


@pytest.mark.parametrize(
    ("beta", "g1", "g2", "true"), [(0.3, 1.0, 0.7, 1.0), (0.3, 1.0, 0.7, 2.0), (-0.5, 0.8, 1.3, 0.6)]
)
def test_bounds_recover_a_population_made_to_the_assumption(beta, g1, g2, true):
    """Law: in a sample with exactly the moments of the definition, δ is the δ put in, and β* the β where that is 1."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(400), np.random.default_rng(1).normal(size=(400, 4))]))
    seen, unseen, noise, own = 20 * q[:, 1:].T
    loading = 0.4
    x = loading * seen + true * loading * g1 / g1**2 * g2**2 / g2 * unseen + 1.1 * own
    y = beta * x + g1 * seen + g2 * unseen + 0.5 * noise
    known, most = moments(y, x, seen[:, None]), 1 - 0.25 / np.var(y)
    assert delta(known, most, beta) == pytest.approx(true, rel=1e-10)
    if true == 1:
        assert min(abs(root - beta) for root in adjusted(known, most)) < 1e-10
    # The root of the quadratic is where δ is one; with a single control the other root leaves δ as 0/0.
    assert delta(known, most, adjusted(known, most)[0]) == pytest.approx(1.0, rel=1e-8)


def test_no_movement_leaves_the_coefficient():
    rng = np.random.default_rng(2)
    q, _ = np.linalg.qr(np.column_stack([np.ones(200), rng.normal(size=(200, 3))]))
    x, control, noise = q[:, 1:].T
    known = moments(0.5 * x + control + noise, x, control[:, None])
    assert adjusted(known, known.most)[0] == pytest.approx(0.5, rel=1e-8)


def test_feedback_moves_the_estimate_and_the_instrument_does_not():
    """What data/guizhou/endogeneity.csv says, in one large draw: y and x share what is drawn by row."""
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(400), 10)
    shared = rng.normal(size=4000)
    table = pd.DataFrame(
        {"village": group, "trust": rng.normal(size=400)[group] + rng.normal(size=4000) - 0.5 * shared}
    )
    table["consumption"] = np.exp(-0.05 * table["trust"] + 0.5 * shared + 0.3 * rng.normal(size=4000))
    plan = Plan(items=("trust",), household=(), village=("m",), moderator="m", funds=None, county=None, splits=())
    found = instrumented(item_rows(table.assign(m=0.0), plan, "trust"))
    assert found.least < -0.12
    assert found.estimate == pytest.approx(-0.05, abs=0.05)
    assert found.low < -0.05 < found.high
