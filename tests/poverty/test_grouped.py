"""Lorenz curves from grouped data. Second routes: the World Bank's own fits of China's 28 distributions, Datt's rural
India, closed forms of the quadratic, a curve that is known, and the lognormal.

DIGITS: PovcalNet prints measures to six digits and the line to four decimals, which moves a headcount by up to 2e-4
points. PRINTED: parameters to six digits. INCOMPLETE: its Beta Gini comes by a series that is cut.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import povstats as ps
from povstats.errors import DataError, FitError, OptionError
from povstats.poverty.lorenz_fits.curve import LorenzCurve, fit_curve

PRINTED, DIGITS, INCOMPLETE = 1e-5, 3e-4, 1e-3
POINTS = ps.datasets.povcalnet_china()
FITS = ps.datasets.povcalnet_fits()
INDIA = {
    "p": [0.0092, 0.0339, 0.085, 0.164, 0.2609, 0.4133, 0.5497, 0.7196, 0.8196, 0.9174, 0.957, 0.9751, 1],
    "L": [0.00208, 0.01013, 0.03122, 0.07083, 0.12808, 0.23498, 0.34887, 0.51994, 0.6427, 0.79201, 0.86966, 0.91277, 1],
    "mean": 109.9,
}
"""Rural India 1983, Datt (1998); the World Bank prints H .451, PG .125, SPG .0476, Gini .289, median 94.3 of it."""


def china(file):
    rows = POINTS[POINTS["file"] == file]
    return ps.grouped(rows["p"], rows["L"], float(rows["mean"].iloc[0])), float(rows["line"].iloc[0])


@pytest.mark.parametrize("file", FITS.index)
def test_every_chinese_distribution_is_that_of_the_world_bank(file):
    found, line = china(file)
    theirs = FITS.loc[file]
    for form, name in (("quadratic", "quadratic"), ("beta", "beta")):
        curve = found.curves[form]
        first = np.log(curve.parameters[0]) if form == "beta" else curve.parameters[0]
        own = (first, *curve.parameters[1:])
        assert own == pytest.approx([theirs[f"{name}_{key}"] for key in "ABC"], rel=PRINTED)
        measures = (curve.headcount(line), curve.poverty_gap(line), curve.poverty_severity(line))
        printed = [theirs[f"{name}_{key}"] for key in ("HC", "PG", "FGT2")]
        assert [100 * value for value in measures] == pytest.approx(printed, abs=DIGITS)
        gini = DIGITS if form == "quadratic" else INCOMPLETE
        assert 100 * curve.gini == pytest.approx(theirs[f"{name}_Gini"], abs=gini)
    assert {"quadratic": "GQ", "beta": "Beta"}[found.chosen.form] == theirs["dist_uses"]


def test_rural_india_is_as_printed():
    found = ps.grouped(**INDIA)
    quadratic, beta = found.curves["quadratic"], found.curves["beta"]
    assert quadratic.parameters == pytest.approx((0.888, -1.45, 0.202), abs=2e-3)
    assert beta.parameters == pytest.approx((0.561, 0.930, 0.580), abs=2e-3)
    assert quadratic.headcount(89) == pytest.approx(0.451, abs=5e-4)
    assert quadratic.poverty_gap(89) == pytest.approx(0.125, abs=5e-4)
    assert quadratic.poverty_severity(89) == pytest.approx(0.0476, abs=1e-4)
    assert quadratic.gini == pytest.approx(0.289, abs=5e-4)
    assert quadratic.quantile(0.5) == pytest.approx(94.3, abs=0.1)
    # The World Bank prints .165; its steps count the first cell twice.
    assert quadratic.watts(89) == pytest.approx(0.1597, abs=2e-4)
    assert quadratic.quantile(0.3) == pytest.approx(73.4, abs=0.1)


def test_the_quadratic_s_measures_are_its_closed_forms():
    """Second route: the formulas of Villaseñor & Arnold as Datt prints them."""
    found = ps.grouped(**INDIA)
    curve, z, mean = found.curves["quadratic"], 89.0, found.mean
    a, b, c = curve.parameters
    e = -(a + b + c + 1)
    m, n = b**2 - 4 * a, 2 * b * e - 4 * c
    r = np.sqrt(n**2 - 4 * m * e**2)
    tilt = b + 2 * z / mean
    h = -(n + r * tilt / np.sqrt(tilt**2 - m)) / (2 * m)
    assert curve.headcount(z) == pytest.approx(h, rel=1e-10)
    s1, s2 = (r - n) / (2 * m), -(r + n) / (2 * m)
    gap = h - mean / z * curve.ordinate(h)
    inner = a * h + b * curve.ordinate(h) - r / 16 * np.log((1 - h / s1) / (1 - h / s2))
    assert curve.poverty_severity(z) == pytest.approx(2 * gap - h - (mean / z) ** 2 * inner, rel=1e-8)


@pytest.mark.parametrize(
    ("form", "parameters"), [("quadratic", (0.85, -1.2, 0.2)), ("beta", (0.6, 0.95, 0.5)), ("beta", (0.7, 0.98, 0.6))]
)
def test_points_of_a_known_curve_give_it_back(form, parameters):
    truth = LorenzCurve(form, parameters, 100.0, 0.0)
    assert truth.valid
    p = np.linspace(0.05, 0.95, 12)
    found = ps.grouped(p, truth.ordinate(p), 100.0)
    assert found.chosen.form == form
    assert found.chosen.parameters == pytest.approx(parameters, rel=1e-8)


def test_a_lognormal_is_met_closely():
    """Second route: closed forms of the lognormal, which neither family holds: within a few hundredths."""
    sigma, z = 0.6, 5000.0
    p = np.concatenate([[0.01, 0.02], np.linspace(0.05, 0.95, 19), [0.99]])
    ordinates = stats.norm.cdf(stats.norm.ppf(p) - sigma)
    found = ps.grouped(p, ordinates, float(np.exp(9 + sigma**2 / 2)))
    assert found.headcount(z) == pytest.approx(0.2105027549, rel=0.03)
    assert found.poverty_gap(z) == pytest.approx(0.0551707621, rel=0.03)
    assert found.gini == pytest.approx(0.3286267595, rel=0.005)
    assert found.watts(z) == pytest.approx(0.0715316023, rel=0.04)


@pytest.mark.parametrize("form", ["quadratic", "beta"])
def test_measures_are_those_of_a_population_drawn_from_the_curve(form):
    """Second route: 200,000 quantiles of the curve as a population; measures by ps.headcount and so on."""
    curve = ps.grouped(**INDIA).curves[form]
    places = (np.arange(200_000) + 0.5) / 200_000
    people = pd.DataFrame({"y": 109.9 * curve.slope(places)})
    for verb, own in ((ps.headcount, curve.headcount), (ps.poverty_gap, curve.poverty_gap)):
        assert own(89.0) == pytest.approx(float(verb(people, "y", 89.0).estimate.iloc[0]), abs=1e-4)
    severity = float(ps.poverty_severity(people, "y", 89.0).estimate.iloc[0])
    assert curve.poverty_severity(89.0) == pytest.approx(severity, abs=2e-3 if form == "beta" else 1e-4)
    assert curve.gini == pytest.approx(float(ps.gini(people, "y").estimate.iloc[0]), abs=1e-4)


def test_headcounts_rise_with_the_line_and_end_at_zero_and_one():
    found, line = china("CHN_1_1996")
    lines = line * np.array([0.01, 0.5, 1.0, 2.0, 100.0])
    counts = [found.headcount(z) for z in lines]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0.0, 1.0)
    assert found.poverty_gap(lines[0]) == found.watts(lines[0]) == 0.0
    assert found.headcount(line) > found.poverty_gap(line) > found.poverty_severity(line) > 0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"p": [10, 20, 30, 40, 50]}, "divide percentages"),
        ({"p": [0.2, 0.1, 0.3, 0.4, 0.5]}, "do not rise"),
        ({"L": [0.2, 0.3, 0.4, 0.5, 0.6]}, "above the diagonal"),
        ({"p": [0.1, 0.2], "L": [0.01, 0.05]}, "need 4 or more"),
        ({"L": [0.01, 0.05]}, "same length"),
        ({"L": ["a", "b", "c", "d", "e"]}, "must be numbers"),
        ({"L": [0.0, 0.05, 0.1, 0.2, 0.3]}, "above zero"),
        ({"L": [np.nan, 0.05, 0.1, 0.2, 0.3]}, r"points \[0\]"),
    ],
)
def test_points_that_are_no_lorenz_curve_are_refused(changed, told):
    given = {"p": [0.1, 0.2, 0.3, 0.4, 0.5], "L": [0.02, 0.05, 0.1, 0.17, 0.25], "mean": 100.0}
    with pytest.raises(DataError, match=told):
        ps.grouped(**{**given, **changed})


def test_means_lines_and_shares_must_be_amounts():
    with pytest.raises(OptionError, match="mean=0"):
        ps.grouped(INDIA["p"], INDIA["L"], 0)
    found = ps.grouped(**INDIA)
    with pytest.raises(OptionError, match="line=-1"):
        found.headcount(-1)
    with pytest.raises(OptionError, match="share=1"):
        found.quantile(1)


def test_curves_that_are_none_are_named_and_not_chosen():
    p = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    bent = fit_curve("quadratic", p, np.array([0.09, 0.1, 0.4, 0.41, 0.88]), 100.0)
    found = ps.grouped(p, [0.09, 0.1, 0.4, 0.41, 0.88], 100.0)
    assert found.curves["quadratic"] == bent
    if not any(curve.valid for curve in found.curves.values()):
        with pytest.raises(FitError, match="neither curve"):
            _ = found.chosen
    told = found.tidy().query("measure == 'valid'").set_index("group")["estimate"]
    assert {form: float(curve.valid) for form, curve in found.curves.items()} == told.to_dict()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_tells_itself(lang):
    found = ps.grouped(**INDIA)
    assert {"zh": "广义二次型", "en": "General quadratic"}[lang] in str(found.summary(lang))
    assert found.explain(lang)
    assert set(found.plot(lang=lang).numbers["kind"]) == {"line", "point"}
    assert found.tidy().query("measure == 'chosen'")["estimate"].sum() == 1


def test_a_changed_file_is_not_read(monkeypatch, tmp_path):
    from povstats import files

    for name in ("source.toml", "summary.csv", "lorenz_points.csv"):
        content = files.data_file(f"povcalnet/{name}").read_text(encoding="utf-8")
        (tmp_path / name).write_text(content.replace("0.0061", "0.0062"), encoding="utf-8")
    monkeypatch.setattr(files, "data_file", lambda name: tmp_path / name.split("/")[1])
    with pytest.raises(DataError, match=r"lorenz_points\.csv has SHA-256"):
        ps.datasets.povcalnet_china()
