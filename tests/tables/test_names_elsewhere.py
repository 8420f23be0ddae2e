"""The table of names: every name answers in its own program, and where it is a number, with povstats' number.

Second routes: R evaluated its columns (tests/reference/names.json, make_names.R); Python's are evaluated here. Stata's
and HLM's cannot be. SAME: two optimisers of one likelihood; HESSIAN: MixedLM inverts
that of all parameters at once, so that its standard errors differ in the third digit.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from povstats.errors import OptionError
from povstats.models import fit_hlm
from povstats.tables import names_elsewhere
from povstats.tables.names import PROGRAMS, read_names

SAME, HESSIAN = 1e-4, 3e-3
ANSWERED = json.loads((Path(__file__).parents[1] / "reference" / "names.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Synthetic: 20 groups of 10."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"g": np.repeat(range(20), 10), "t": np.tile(range(10), 20), "x": rng.normal(size=200)})
    return frame.assign(y=frame["x"] + rng.normal(size=20)[frame["g"]] + rng.normal(size=200))


@pytest.fixture(scope="module")
def fits(rows):
    import statsmodels.formula.api as smf
    from linearmodels.panel import RandomEffects

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mixed = smf.mixedlm("y ~ x", rows, groups=rows["g"]).fit(reml=False)
        panel = RandomEffects.from_formula("y ~ 1 + x", rows.set_index(["g", "t"])).fit(cov_type="clustered")
    own = fit_hlm("y ~ x + (1 | g)", rows, method="ml", df="normal")
    return {"povstats": own, "statsmodels": mixed, "linearmodels": panel}


@pytest.mark.parametrize("program", ["lme4", "nlme"])
def test_r_answered_every_name(program):
    asked = [code for code in read_names()[program] if code]
    assert [row["code"] for row in ANSWERED[program]] == asked
    assert all(row["size"] > 0 and row["class"] != "NULL" for row in ANSWERED[program])


@pytest.mark.parametrize("program", ["statsmodels", "linearmodels"])
def test_python_answers_every_name(fits, rows, program):
    codes = [code for code in read_names()[program] if code and "=" not in code]
    assert len(codes) > 10
    for code in codes:
        assert eval(code, {"fit": fits[program], "d": rows}) is not None


def test_povstats_has_its_own_names_and_the_numbers_agree(fits, rows):
    import povstats as ps

    names = read_names()
    fit = fits["povstats"]
    made = {"fit": fit, "d": rows, "ps": ps, "small": fit_hlm("y ~ 1 + (1 | g)", rows, method="ml")}
    slow = {"bootstrap", "profile"}
    for key, code in names["name"].items():
        if key in slow:
            assert callable(eval(code.split("(")[0], made))
        else:
            assert eval(code, made) is not None
    exact = dict.fromkeys(("params", "loglik", "nobs", "ngroups", "sigma2", "random_cov", "marginal", "predict"), SAME)
    for key, tolerance in (exact | dict.fromkeys(("std_errors", "tstats"), HESSIAN)).items():
        mine = eval(names.loc[key, "name"], made)
        theirs = eval(names.loc[key, "statsmodels"], {"fit": fits["statsmodels"], "d": rows})
        mine = np.ravel(list(mine.values()) if isinstance(mine, dict) else mine)
        theirs = np.ravel(theirs)[: len(mine)]  # tvalues has the variance too
        assert theirs == pytest.approx(mine, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_has_a_row_a_name_and_saves(lang, tmp_path):
    table = names_elsewhere(lang)
    assert list(table.frame.columns) == ["povstats", *PROGRAMS.values()]
    assert len(table.frame) == len(read_names())
    assert table.frame.index.is_unique
    page, tex, word, sheet = table.save(tmp_path / "names")
    assert "fixef(fit)" in page.read_text(encoding="utf-8")
    assert r"fit\$dims\$ngrps" in tex.read_text(encoding="utf-8")
    assert word.stat().st_size > 0
    assert "logLik(fit)" in sheet.read_text(encoding="utf-8-sig")
    few = names_elsewhere(lang, programs=["stata", "lme4"])
    assert list(few.frame.columns) == ["povstats", "Stata", "lme4, lmerTest"]
    assert len(few.notes) == 1
    with pytest.raises(OptionError, match="'sas'"):
        names_elsewhere(lang, programs=["sas"])
    with pytest.raises(OptionError, match="lang"):
        names_elsewhere("fr")
