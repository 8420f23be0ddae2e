"""Rubin's rules against mice and mitml, on real data with gaps made at random (tests/reference/pool.json).

R's lmer stops a little off the optimum, so FIT bounds what its fits allow; RULES is rounding, where both sides start
from the same estimates. lmerTest differentiates numerically: its Satterthwaite degrees of freedom and component
variances agree to NUMERIC.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import povstats as ps
from povstats.errors import FitError, OptionError
from povstats.models.rubin import d1, rubin

FIT, NUMERIC, RULES = 1e-6, 1e-5, 1e-9
STORED = json.loads((Path(__file__).parents[1] / "reference" / "pool.json").read_text())
FORMULAS = {
    "intercept": "math ~ ses * public + (1 | school)",
    "slope": "math ~ ses + minority + (1 + minority | school)",
    "boundary": "math ~ ses + public + (1 + ses | school)",
}
NAMES = {"(Intercept)": "Intercept", "product": "ses:public"}


@pytest.fixture(scope="module")
def tables():
    """Complete the tables as R did: observed values from the package, imputed ones from the file."""
    pupils = ps.datasets.high_school_1982().iloc[STORED["rows"]].reset_index(drop=True)
    pupils["public"] = (pupils.sector == "Public").astype(float)
    pupils["minority"] = (pupils.minority == "yes").astype(float)
    out = []
    for i in range(6):
        table = pupils.copy()
        for column, values in STORED["imputed"].items():
            table.loc[STORED["gaps"][column], column] = values[i]
        out.append(table)
    return out


@pytest.fixture(scope="module")
def pooled(tables):
    return {name: ps.pool([ps.fit_hlm(formula, table) for table in tables]) for name, formula in FORMULAS.items()}


def survey(seed, n=600, groups=30):
    """Make a synthetic survey."""
    rng = np.random.default_rng(seed)
    village = np.repeat(np.arange(groups), n // groups)
    x, w = rng.normal(size=n), rng.normal(size=groups)[village]
    b = rng.normal(size=(2, groups))
    y = 1 + x + 0.5 * w + b[0, village] + 0.5 * b[1, village] * x + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "w": w, "village": village, "county": village % 5})


@pytest.mark.parametrize("name", FORMULAS)
def test_coefficients_are_those_of_mice(pooled, name):
    found = pooled[name]
    for term, right in STORED["answers"][name]["coefficients"].items():
        term = NAMES.get(term, term)
        ours = [found.params[term], found.within.loc[term, term], found.std_errors[term], found.complete_dof[term]]
        assert ours[:3] == pytest.approx([right["estimate"], right["ubar"], right["se"]], rel=FIT)
        assert [found.between.loc[term, term], found.riv[term]] == pytest.approx(
            [right["b"], right["riv"]], rel=10 * FIT
        )
        assert ours[3] == pytest.approx(right["dfcom"], rel=NUMERIC)
        assert [found.dof[term], found.fmi[term]] == pytest.approx([right["df"], right["fmi"]], rel=NUMERIC)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_rules_are_those_of_mice_from_the_same_numbers(name):
    """Estimates of mice's mean and variance, with its complete-data degrees of freedom."""
    for right in STORED["answers"][name]["coefficients"].values():
        apart = np.arange(6) - 2.5
        estimates = right["estimate"] + apart * np.sqrt(right["b"] / apart.var(ddof=1))
        found = rubin(estimates[:, None], np.full((6, 1), right["ubar"]), np.array([right["dfcom"]]))
        ours = [np.sqrt(found.total[0]), found.dof[0], found.riv[0], found.fmi[0]]
        assert ours == pytest.approx([right[key] for key in ("se", "df", "riv", "fmi")], rel=RULES)


def test_large_sample_degrees_of_freedom_are_those_of_mitml(tables):
    fits = [ps.fit_hlm(FORMULAS["intercept"], table, df="normal") for table in tables]
    right = STORED["answers"]["intercept"]["large_sample"]
    assert list(ps.pool(fits).dof) == pytest.approx(list(right.values()), rel=20 * FIT)  # 1/share²: errors double


@pytest.mark.parametrize("name", ["intercept", "slope"])
def test_components_are_pooled_on_their_scales(pooled, name):
    """lmerTest's covariance of (theta, sigma), taken to the scales by numDeriv, pooled by mice::pool.scalar."""
    right, parts = STORED["answers"][name]["components"], pooled[name].components
    keys = {"variance1": ("variance", "school", "Intercept"), "variance2": ("variance", "school", "minority")}
    keys |= {"residual": ("variance", "residual", ""), "icc": ("icc", "", "")}
    keys |= {"correlation": ("correlation", "school", "Intercept, minority")}
    assert len(parts) == len(right)
    for key, value in right.items():
        row = parts.loc[keys[key]]
        assert [row.scaled, row.scaled_se, row.df] == pytest.approx(
            [value[k] for k in ("estimate", "se", "df")], rel=NUMERIC
        )
        back = {"log": np.exp, "z": np.tanh, "logit": lambda x: 1 / (1 + np.exp(-x))}[row["scale"]]
        t = stats.t.ppf(0.975, row.df)
        ends = [back(row.scaled - t * row.scaled_se), back(row.scaled), back(row.scaled + t * row.scaled_se)]
        assert [row.low, row.estimate, row.high] == pytest.approx(ends, rel=RULES)
    assert pooled[name].icc() == parts.loc[("icc", "", ""), "estimate"]
    assert pooled[name].sigma2 == parts.loc[("variance", "residual", ""), "estimate"]


def test_on_the_boundary_components_are_averaged_as_by_mitml(pooled):
    right, parts = STORED["answers"]["boundary"]["averages"], pooled["boundary"].components
    assert STORED["answers"]["boundary"]["singular"] == [False, True, False, False, False, False]
    assert (parts["scale"] == "average").all()
    assert parts[["low", "high", "se"]].isna().all(axis=None)
    var = [parts.loc[("variance", "school", term), "estimate"] for term in ("Intercept", "ses")]
    assert var == pytest.approx([right["Intercept~~Intercept|school"], right["ses~~ses|school"]], rel=NUMERIC)
    found = pooled["boundary"].tidy().set_index(["measure", "term"]).estimate
    assert found["covariance", "Intercept, ses"] == pytest.approx(right["Intercept~~ses|school"], rel=NUMERIC)
    assert pooled["boundary"].sigma2 == pytest.approx(right["Residual~~Residual"], rel=FIT)
    assert "fits 2 of 6" in str(pooled["boundary"].summary("en"))


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("kind", ["small", "large"])
def test_joint_tests_are_those_of_mitml(pooled, name, kind):
    for right in STORED["answers"][name][kind]:
        terms = [NAMES.get(term, term) for term in right["terms"]]
        test = pooled[name].joint_test(terms, f"{kind}-sample")
        assert (test.ndf, test.statistic) == (right["k"], pytest.approx(right["F"], rel=10 * FIT))
        assert [test.ddf, test.pvalue] == pytest.approx([right["df"], right["p"]], rel=NUMERIC, abs=1e-20)
        assert set(test.terms) == set(terms)
        assert len(str(test.summary("zh"))) > 100


def test_one_coefficient_is_tested_as_by_its_t(pooled):
    test = pooled["slope"].joint_test("ses")
    row = pooled["slope"].tidy().set_index(["measure", "term"]).loc[("coef", "ses")]
    assert [test.statistic, test.ddf, test.pvalue] == pytest.approx(
        [(row.estimate / row.se) ** 2, row.df, row.p], rel=RULES
    )


def test_d1_of_few_imputations_by_its_formula():
    """Two imputations of two coefficients, t = 2: Li, Raghunathan & Rubin's other branch, by hand."""
    estimates, cov = np.array([[1.0, 2.0], [1.2, 1.7]]), np.array([[[0.1, 0.02], [0.02, 0.2]]] * 2)
    B = np.cov(estimates.T)
    r = 1.5 * np.trace(B @ np.linalg.inv(cov[0])) / 2
    q = estimates.mean(axis=0)
    F, ddf, increase = d1(estimates, cov, np.inf)
    assert [F, ddf, increase] == pytest.approx(
        [q @ np.linalg.solve(cov[0], q) / 2 / (1 + r), 2 * 1.5 * (1 + 1 / r) ** 2 / 2, r], rel=RULES
    )
    with pytest.raises(FitError, match="too few for the small-sample test of 2"):
        d1(estimates, cov, 30.0)
    with pytest.raises(FitError, match="none; test them one by one"):
        d1(np.vstack([estimates, estimates + 1.0]), cov[[0, 1, 0, 1]], 8.0)
    with pytest.raises(FitError, match="not independent"):
        d1(estimates, np.ones((2, 2, 2)), 30.0)


def test_the_same_table_twice_is_one_table():
    """Nothing between imputations: the fit itself, with Barnard and Rubin's df of complete data, ν(ν + 1)/(ν + 3)."""
    fit = ps.fit_hlm("y ~ x * w + (1 + x | village)", survey(4))
    assert fit.status == "converged"
    found = ps.pool([fit, fit, fit])
    pd.testing.assert_series_equal(found.params, fit.params)
    pd.testing.assert_frame_equal(found.cov, fit.cov, rtol=1e-12)
    nu = fit.dof
    np.testing.assert_allclose(found.dof, (nu + 1) / (nu + 3) * nu, rtol=RULES)
    assert (found.riv < 1e-20).all()
    var = found.components.estimate
    assert var[("variance", "village", "x")] == pytest.approx(fit.random_cov["village"].loc["x", "x"], rel=RULES)
    assert found.icc() == pytest.approx(fit.icc(), rel=RULES)
    assert found.joint_test(["x", "w"]).statistic == pytest.approx(fit.joint_test(["x", "w"]).statistic, rel=1e-8)


def test_the_delta_method_is_the_balanced_one_way_layout():
    """σ² of a balanced one-way layout by REML: log σ̂² has the asymptotic variance 2/(n − G), Searle et al. (1992)."""
    rows = survey(3)
    fits = [ps.fit_hlm("y ~ 1 + (1 | village)", rows)] * 2
    se = ps.pool(fits).components.loc[("variance", "residual", ""), "scaled_se"]
    assert se == pytest.approx(np.sqrt(2 / (600 - 30)), rel=1e-6)


@pytest.mark.parametrize("bar", ["(1 + x || village)", "(1 | county/village)", "(1 | village) + (1 | asker)"])
def test_components_of_every_structure_have_errors(bar):
    """Numerical derivatives of the components in (θ, log σ²), against the delta method's closed form."""
    from povstats.models.inference.df import variance_root
    from povstats.models.likelihood import slopes
    from povstats.models.pooling_components import parts_of

    rows = survey(4).assign(asker=np.random.default_rng(1).integers(0, 6, 600))
    rows["y"] += (
        np.random.default_rng(2).normal(size=6)[rows.asker] + np.random.default_rng(3).normal(size=5)[rows.county]
    )
    fit = ps.fit_hlm(f"y ~ x + {bar}", rows)
    assert fit.status == "converged"
    optimum, found = fit.optimum, parts_of(fit)
    theta = np.array([optimum.factors[i][row, column] for i, row, column in optimum.entries])

    def components(psi):
        roots = [np.zeros_like(factor) for factor in optimum.factors]
        for value, (i, row, column) in zip(psi, optimum.entries, strict=False):
            roots[i][row, column] = value
        own = [float((root**2).sum()) for root in roots]
        out = [
            psi[-1] + np.log(v)
            for z, root in zip(fit.units.z, roots, strict=True)
            for v in np.diag(z @ root @ root.T @ z.T)
        ]
        out += [psi[-1], np.log(sum(own))]
        return np.array(out + [np.log(v / (1 + sum(own) - v)) for v in own if len(own) > 1])

    at, h = np.append(theta, 0.0), 1e-6
    J = np.column_stack([(components(at + h * e) - components(at - h * e)) / (2 * h) for e in np.eye(len(at))])
    root = variance_root(optimum, slopes(optimum.blocks, optimum.profile, optimum.factors, optimum.entries))
    np.testing.assert_allclose(found.variance, np.diag(J @ root @ root.T @ J.T), rtol=1e-6)


def test_within_fits_are_pooled_too():
    rows = [survey(seed).assign(w=0.0) for seed in (5, 6, 7)]
    fits = [ps.fit_within("y ~ x", table, group="village") for table in rows]
    found = ps.pool(fits)
    b, v = np.array([fit.params.x for fit in fits]), np.array([fit.cov.loc["x", "x"] for fit in fits])
    assert found.params.x == pytest.approx(b.mean(), rel=RULES)
    assert found.std_errors.x == pytest.approx(np.sqrt(v.mean() + 4 / 3 * b.var(ddof=1)), rel=RULES)
    assert found.sigma2 == pytest.approx(np.mean([fit.sigma2 for fit in fits]), rel=RULES)
    assert (found.method, found.complete_dof.x) == ("within", 29)
    assert found.joint_test("x").pvalue == pytest.approx(found.pvalues.x, rel=1e-8)
    assert "average" in str(found.summary("en"))
    with pytest.raises(OptionError, match="no grouping of its own"):
        found.icc()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_tidies_and_explains(pooled, tables, lang):
    for found in pooled.values():
        assert len(str(found.summary(lang)).splitlines()) > 15
        assert "<table>" in found._repr_html_()
        text = found.explain(lang)
        assert "1,755" in text
        assert "White" in text
    assert len(repr(pooled["slope"])) > 500
    table = ps.regression_table([ps.fit_hlm(FORMULAS["slope"], tables[0]), pooled["slope"]], lang=lang)
    assert "Barnard–Rubin" in table.notes[0]
    assert table.frame.iloc[0, 1].startswith(f"{pooled['slope'].params.Intercept:.3f}")
    ends = pooled["slope"].conf_int(0.5)
    assert (ends.high - ends.low < np.diff(pooled["slope"].conf_int().to_numpy())[:, 0]).all()


def test_what_is_refused(tables):
    few = [table.head(400) for table in tables[:2]]
    fits = [ps.fit_hlm("math ~ ses + (1 | school)", table) for table in few]
    with pytest.raises(OptionError, match="1 fit cannot tell"):
        ps.pool(fits[:1])
    with pytest.raises(OptionError, match="a list of fits"):
        ps.pool(fits[0])
    with pytest.raises(OptionError, match="a list of fits"):
        ps.pool([fits[0], "fit"])
    others = {
        "formula": ps.fit_hlm("math ~ minority + (1 | school)", few[1]),
        "method": ps.fit_hlm("math ~ ses + (1 | school)", few[1], method="ml"),
        "df": ps.fit_hlm("math ~ ses + (1 | school)", few[1], df="normal"),
        "rows": ps.fit_hlm("math ~ ses + (1 | school)", few[1].iloc[1:]),
    }
    for name, other in others.items():
        with pytest.raises(FitError, match=f"fit 3 has {name}"):
            ps.pool([*fits, other])
    with pytest.raises(FitError, match="some fits are of fit_hlm"):
        ps.pool([fits[0], ps.fit_within("math ~ ses", few[1], group="school")])
    within = [
        ps.fit_within("math ~ ses", t, group="school", cov=c) for t, c in zip(few, ("CR1", "classical"), strict=True)
    ]
    with pytest.raises(FitError, match="fit 2 has cov 'classical'"):
        ps.pool(within)
    found = ps.pool(fits)
    with pytest.raises(OptionError, match="level"):
        found.conf_int(95)
    with pytest.raises(OptionError, match="no coefficient or term"):
        found.joint_test("land")
    with pytest.raises(OptionError, match="reference"):
        found.joint_test("ses", "small")
    with pytest.raises(OptionError, match="group='county'"):
        found.icc("county")


def test_levels_and_rows_left_out_are_told():
    rows = [survey(seed).assign(kind=lambda t: np.where(t.x > 0, "a", "b")) for seed in (1, 2)]
    fits = [ps.fit_hlm("y ~ kind + (1 | village)", table) for table in rows]
    other = ps.fit_hlm("y ~ kind + (1 | village)", rows[1].assign(kind=lambda t: t.kind.replace("b", "c")))
    with pytest.raises(FitError, match="fit 2 has coefficients"):
        ps.pool([fits[0], other])
    merged = ps.fit_hlm("y ~ kind + (1 | village)", rows[1].assign(village=rows[1].village.clip(upper=20)))
    with pytest.raises(FitError, match="fit 2 has groups"):
        ps.pool([fits[0], merged])
    holes = [table.assign(y=table.y.where(np.arange(600) > 3)) for table in rows]
    found = ps.pool([ps.fit_hlm("y ~ kind + (1 | village)", table) for table in holes])
    assert "4 rows were left out" in str(found.summary("en"))
