"""Fits one case by one Python peer in a process of its own: speed_peers.py PEER FOLDER FORMULA REPEATS, prints JSON.

Runs in the benchmark's own environment. The clock runs from the call on a pandas frame to coefficients, standard errors
and log-likelihood, and to Satterthwaite's degrees of freedom where the peer has them.
"""

import json
import re
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from speed_data import read_columns

LONG = 30
"""A fit that takes longer, in seconds, is not repeated: the import weighs nothing in it."""


def parts(formula: str) -> tuple[str, str, list[str]]:
    """Split a formula: fixed part, random part (the same for each grouping), groups from the top."""
    fixed = formula.split(" + (", 1)[0]
    bars = re.findall(r"\((.+?) \| (\w+)\)", formula)
    return fixed, bars[0][0], [group for _, group in bars]


def formula_class(module: Any, formula: str, table: Any) -> tuple[float, Any]:
    """Fit by the interface of statsmodels' MixedLM; a second grouping as a variance component within the first."""
    fixed, random, groups = parts(formula)
    below = {"vc_formula": {groups[1]: f"0 + C({groups[1]})"}} if len(groups) > 1 else {}
    fit = module.from_formula(fixed, table, groups=table[groups[0]], re_formula=f"~ {random}", **below).fit(reml=True)
    _ = fit.bse_fe
    return float(fit.llf), np.asarray(fit.fe_params)


def fit(peer: str, formula: str, table: Any) -> tuple[float, Any]:
    """Fit; give the REML log-likelihood and the coefficients."""
    if peer == "statsmodels":
        from statsmodels.regression.mixed_linear_model import MixedLM

        return formula_class(MixedLM, formula, table)
    if peer == "mixedlm-rs":
        from mixedlm_rs import MixedLM

        return formula_class(MixedLM, formula, table)
    if peer == "mixedlm":
        import mixedlm

        found = mixedlm.lmer(formula, table)
        _ = found.vcov()
        loglik = found.logLik()
        return float(getattr(loglik, "value", loglik)), np.array(list(found.fixef().values()))
    import lme_python

    found = lme_python.lmer(formula, table)
    found = found.with_satterthwaite(table) or found
    return float(found.log_likelihood), np.asarray(found.coefficients)


def main() -> None:
    """Read, fit, print."""
    peer, folder, formula, repeats = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    warnings.simplefilter("ignore")
    table = read_columns(folder)
    seconds, answer = [], (float("nan"), np.array([]))
    for _ in range(repeats + 1):
        start = time.perf_counter()
        answer = fit(peer, formula, table)
        seconds.append(time.perf_counter() - start)
        if seconds[-1] > LONG:
            break
    warm = seconds[1:] or seconds
    print(
        json.dumps(
            {
                "seconds": warm,
                "cold": seconds[0],
                "loglik": answer[0],
                "params": list(map(float, answer[1])),
                "version": version(peer),
            }
        )
    )


if __name__ == "__main__":
    main()
