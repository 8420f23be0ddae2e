"""What a referee asks of the estimates: boundary, collinearity, one group that carries a verdict, a choice by tests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povstats.engine.cells import Array
from povstats.errors import FitError
from povstats.models.interpretation.paragraphs.sentences import LEVEL, tested
from povstats.models.interpretation.refereeing.finding import Finding, clean, unchecked
from povstats.models.notes import Note

if TYPE_CHECKING:
    from povstats.models.inference.compare import Comparison
    from povstats.models.result import HLMResult
    from povstats.models.specification import SpecificationTest

INFLATED = 10.0
"""Variance inflation, of terms with several columns GVIF^(1/df), from which on a trap is told."""
CONDITION = 30.0
"""Condition number from which on a trap is told (Belsley, Kuh & Welsch 1980, section 3.2)."""
VANISHED = 1e-10
"""Variance, as a share of the residual variance, below which it is called zero."""
EXACT = 1e-6
"""Distance of a correlation from ±1 below which it is called exact."""
MOST = 400
"""Groups up to which each is left out in turn."""
FAR = 1.0
"""|DFBETAS|, in standard errors, from which on a group moves a coefficient too far."""


def zero_variances(fit: "HLMResult") -> Finding:
    """Find variances that are estimated as zero."""
    shares = _shares(fit)
    numbers = tuple({"group": g, "term": t, "estimate": fit.random_cov[g].loc[t, t]} for g, t in shares)
    zero = [key for key, share in shares.items() if share < VANISHED]
    if not zero:
        return clean("boundary", *numbers)
    evidence = tuple(Note("referee.evidence_boundary", {"term": term, "group": group}) for group, term in zero)
    return Finding("boundary", "trap", evidence, Note("referee.remedy_boundary"), numbers)


def perfect_correlations(fit: "HLMResult") -> Finding:
    """Find correlations of ±1, and sets of effects of which one is a combination of others."""
    shares = _shares(fit)
    evidence: list[Note] = []
    numbers: list[Mapping[str, object]] = []
    for group, cov in fit.random_cov.items():
        for columns in fit.model.sets(group):
            alive = [c.name for c in columns if shares[(group, c.name)] >= VANISHED]
            if len(alive) < 2:
                continue
            part = cov.loc[alive, alive].to_numpy()
            sd = np.sqrt(np.diag(part))
            links = part / np.outer(sd, sd)
            exact = []
            for i, j in zip(*np.triu_indices(len(alive), 1), strict=True):
                pair, r = {"one": alive[i], "other": alive[j]}, float(links[i, j])
                numbers.append({"group": group, "term": ", ".join(pair.values()), "estimate": r})
                if 1 - abs(r) < EXACT:
                    exact.append(Note("referee.evidence_correlation", {**pair, "group": group, "r": f"{r:+.0f}"}))
            evidence += exact
            if not exact and np.linalg.eigvalsh(links)[0] < VANISHED:
                evidence.append(Note("referee.evidence_combination", {"terms": ", ".join(alive), "group": group}))
    if not evidence:
        return clean("correlation", *numbers)
    return Finding("correlation", "trap", tuple(evidence), Note("referee.remedy_correlation"), tuple(numbers))


def _shares(fit: "HLMResult") -> dict[tuple[str, str], float]:
    """Give each effect's variance, averaged over the rows, over that of the residual."""
    found: dict[tuple[str, str], float] = {}
    for level, z in zip(fit.optimum.blocks.levels, fit.units.z, strict=True):
        inverse = np.linalg.inv(z)
        size = np.einsum("ij,ij->j", inverse, inverse)  # the mean square of each raw column of Z
        own = np.diag(fit.random_cov[level.name]) * size / fit.sigma2
        found |= {(level.name, term): float(v) for term, v in zip(fit.model.effects(level.name), own, strict=True)}
    return found


def inflation(fit: "HLMResult") -> dict[str, tuple[float, int]]:
    """Give the generalised variance inflation of each term, and its number of columns.

    GVIF = det R₁₁ det R₂₂ / det R with R the correlation matrix of the coefficients but the intercept, R₁₁ that of the
    term's and R₂₂ that of the others. Numeric predictors are taken about their means, so that products with a moderator
    that is far from zero do not count: that is another trap, and centring mends it.

    Notes
    -----
    Source: Fox & Monette (1992), JASA 87, eq. 10; in car's vif() for a fit of lme4 with centred predictors.
    """
    names = [column.name for column in fit.model.fixed]
    owner = {piece: text for text, factor in fit.model.factors.items() for piece in factor.pieces}
    terms: dict[str, list[int]] = {}
    for i, column in enumerate(fit.model.fixed):
        if column.pieces:
            factors = dict.fromkeys(fit.model.factors[owner[piece]].name for piece in column.pieces)
            terms.setdefault(":".join(sorted(factors, key=column.name.find)), []).append(i)
    kept = [i for i, name in enumerate(names) if name != "Intercept"]
    C = fit.optimum.profile.C[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(C))
    R = C / np.outer(scale, scale)
    place = {i: k for k, i in enumerate(kept)}
    found = {}
    for term, own in terms.items():
        inner = [place[i] for i in own]
        outer = [k for k in range(len(kept)) if k not in inner]
        logs = _logdet(R[np.ix_(inner, inner)]) + _logdet(R[np.ix_(outer, outer)]) - _logdet(R)
        found[term] = (float(np.exp(logs)), len(own))
    return found


def condition_number(fit: "HLMResult") -> float:
    """Give the root of the ratio of the largest to the smallest eigenvalue of X'X, columns centred and of length 1."""
    blocks = fit.optimum.blocks
    cross = blocks.total[: blocks.p, : blocks.p]
    length = np.sqrt(np.diag(cross))
    values = np.linalg.eigvalsh(cross / np.outer(length, length))
    return float(np.sqrt(values[-1] / values[0]))


def collinear(fit: "HLMResult") -> Finding:
    """Find terms whose coefficients have large variances because others say nearly the same."""
    found, condition = inflation(fit), condition_number(fit)
    numbers = [{"term": term, "estimate": gvif, "df": df} for term, (gvif, df) in found.items()]
    numbers.append({"group": "condition number", "estimate": condition})
    high = {term: (gvif, df) for term, (gvif, df) in found.items() if gvif ** (1 / df) >= INFLATED}
    if not high and condition < CONDITION:
        return clean("collinear", *numbers)
    told = ", ".join(f"{term} {gvif:,.1f}" + (f" (df {df})" if df > 1 else "") for term, (gvif, df) in high.items())
    evidence = [Note("referee.evidence_collinear", {"terms": told})] if high else []
    evidence.append(Note("referee.evidence_condition", {"value": f"{condition:.1f}"}))
    return Finding("collinear", "trap", tuple(evidence), Note("referee.remedy_collinear"), tuple(numbers))


def _logdet(matrix: Array) -> float:
    return float(np.linalg.slogdet(matrix)[1])


def influential(fit: "HLMResult") -> Finding:
    """Leave each lowest group out, and see whether a verdict hangs on one or a coefficient moves by its own error."""
    level = fit.optimum.blocks.levels[0]
    if len(level.labels) > MOST:
        return unchecked("influence", "many", group=level.name, number=f"{len(level.labels):,}")
    try:
        found = fit.influence(level.name)
    except FitError as error:
        return unchecked("influence", "error", error=str(error))
    cook = found.table["cook"].dropna()
    values = {"group": level.name, "flagged": str(len(found.flagged)), "all": str(len(level.labels))}
    values |= {"label": str(cook.idxmax()), "cook": f"{cook.max():.3f}", "threshold": f"{found.threshold:.3f}"}
    numbers: list[Mapping[str, object]] = [{"group": str(cook.idxmax()), "estimate": float(cook.max())}]
    evidence = []
    for term in (name for name in fit.params.index if name != "Intercept"):
        hanging = _verdicts(found.carries(term), float(fit.pvalues[term]))
        moved = found.dfbetas[term].abs()
        for label, row in hanging.head(3).iterrows():
            words = {"term": term, "label": str(label), "group": level.name, "own": tested(fit.pvalues[term])}
            key = "lost" if row["lost"] else "hangs"
            words |= {} if row["lost"] else {"p": tested(row["p"]), "estimate": f"{row['estimate']:.4g}"}
            evidence.append(Note(f"referee.evidence_{key}", words))
            numbers.append({"group": str(label), "term": term, "estimate": row["estimate"], "p": row["p"]})
        if hanging.empty and moved.max() > FAR:
            words = {"term": term, "label": str(moved.idxmax()), "group": level.name, "far": f"{moved.max():.2f}"}
            evidence.append(Note("referee.evidence_moves", words))
            numbers.append({"group": str(moved.idxmax()), "term": term, "estimate": float(moved.max())})
    if not evidence:
        return clean("influence", *numbers)
    evidence.insert(0, Note("referee.evidence_influence", values))
    remedy = Note("referee.remedy_influence", {"group": level.name})
    return Finding("influence", "trap", tuple(evidence), remedy, tuple(numbers))


def _verdicts(found: pd.DataFrame, p: float) -> pd.DataFrame:
    """Keep the groups without which significance changes; a sign that changes between two large p is none."""
    firm = (found["p"] < LEVEL) | (p < LEVEL)
    return found[found["significance"] | found["lost"] | (found["sign"] & firm)]


def chosen(fit: "HLMResult", by: "SpecificationTest | Comparison") -> Finding:
    """Say what a choice of the model by a test does to its p-values."""
    from povstats.models.specification import SpecificationTest

    remedy = Note("referee.remedy_chosen")
    if isinstance(by, SpecificationTest):
        test = by.mundlak if by.mundlak.defined else by.mundlak_classical
        values = {
            "p": tested(test.pvalue) if test.defined else "= —",
            "level": f"{by.level:g}",
        }
        evidence = [Note(f"referee.evidence_pretest_{by.decision.replace(' ', '_')}", values)]
        rows = [
            {"term": t.key, "estimate": t.statistic, "df": t.df, "p": t.pvalue} for t in by.tests.values() if t.defined
        ]
        return Finding("chosen", "trap", (*evidence, Note("referee.evidence_after")), remedy, tuple(rows))
    table = by.table
    if fit.formula not in table.index:
        return unchecked("chosen", "stranger", formula=fit.formula)
    ps = table["p"].dropna()
    near = min(ps, key=lambda p: abs(np.log(max(p, 1e-300) / LEVEL)))
    gap = np.sort(table["aic"].to_numpy())
    values = {"n": str(len(table)), "p": tested(float(near)), "gap": f"{gap[1] - gap[0]:.2f}"}
    rows = [{"group": name, "estimate": row["chi2"], "df": row["df"], "p": row["p"]} for name, row in table.iterrows()]
    evidence = [Note("referee.evidence_compared", values), Note("referee.evidence_after")]
    return Finding("chosen", "trap", tuple(evidence), remedy, tuple(rows))


__all__ = [
    "chosen",
    "collinear",
    "condition_number",
    "inflation",
    "influential",
    "perfect_correlations",
    "zero_variances",
]
