"""The model in Python: statsmodels' MixedLM."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from povstats.models.formula import Term
from povstats.models.interpretation.writing.statement_parts import (
    TABLE,
    Arithmetic,
    Bar,
    Statement,
    bare,
    bars,
    edge_notes,
    groups,
    level_names,
    read_columns,
    safe_name,
)
from povstats.models.notes import Note
from povstats.models.terms import Factor, tree_of

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


def _column(name: str) -> str:
    return f"{TABLE}[{name!r}]"


def _learned(name: str, inner: str) -> str:
    centred = f"({inner} - {inner}.mean())"
    return centred if name == "center" else f"({centred} / {inner}.std())"


PYTHON = Arithmetic(_column, "**", {"log": "np.log", "exp": "np.exp", "sqrt": "np.sqrt"}, _learned)


class _Table:
    """Columns to be made before the model; every factor is one or several of them."""

    def __init__(self, fit: "HLMResult") -> None:
        self.names: dict[str, str] = {}
        self.many: dict[str, list[str]] = {}
        listed = ", ".join(repr(name) for name in read_columns(fit))
        kept = f"{TABLE}.dropna(subset=[{listed}])" if fit.rows.dropped else TABLE
        self.steps = [f"{TABLE} = {kept}.copy()"]
        for text, factor in fit.model.factors.items():
            self.many[text] = self._factor(text, factor)

    def _factor(self, text: str, factor: Factor) -> list[str]:
        tree, quoted = tree_of(text)
        name = safe_name(text, self.names)
        if factor.levels is not None:
            source = _column(factor.columns[0])
            levels = ", ".join(repr(level) for level in level_names(factor))
            return [self._make(name, f"pd.Categorical({source}.astype(str), categories=[{levels}])")]
        if factor.groups is not None:
            assert isinstance(tree, ast.Call)
            inner, by = PYTHON.write(tree.args[0], quoted), _column(factor.groups[0])
            mean = f'{inner}.groupby({by}).transform("mean")'
            deviation = isinstance(tree.func, ast.Name) and tree.func.id == "within"
            return [self._make(name, f"{inner} - {mean}" if deviation else mean)]
        match tree:
            case ast.Call(func=ast.Name(id="poly"), args=[x, ast.Constant(value=int() as degree)]):
                return self._polynomial(name, PYTHON.write(x, quoted), degree)
            case ast.Name() if factor.columns[0] == name:
                self.names[name] = name
                return [name]
        return [self._make(name, bare(PYTHON.write(tree, quoted)))]

    def _make(self, name: str, expression: str) -> str:
        self.names[name] = name
        self.steps.append(f'{TABLE}["{name}"] = {expression}')
        return name

    def _polynomial(self, name: str, x: str, degree: int) -> list[str]:
        """Make orthonormal powers by a QR decomposition, their leading coefficients positive as in R."""
        self.steps.append(f"q, r = np.linalg.qr(np.vander({bare(x)} - {x}.mean(), {degree + 1}, increasing=True))")
        return [
            self._make(safe_name(f"{name}_{k}", self.names), f"q[:, {k}] * np.sign(r[{k}, {k}])")
            for k in range(1, degree + 1)
        ]

    def sum(self, terms: Sequence[Term]) -> str:
        """Write terms as a formula's right side."""
        said = [":".join(self._one(text) for text in term) for term in terms if term]
        return " + ".join(["1" if () in terms else "0", *said])

    def _one(self, text: str) -> str:
        names = self.many[text]
        return names[0] if len(names) == 1 else f"({' + '.join(names)})"


def statsmodels(fit: "HLMResult") -> Statement:
    """Say the model to statsmodels, where its groups, re_formula and vc_formula can hold it."""
    if fit.weights.sampling or fit.weights.precision:
        return Statement("statsmodels", "", (Note("statements.statsmodels_weights"),))
    table = _Table(fit)
    random = _random(fit, table)
    if random is None:
        return Statement("statsmodels", "", (Note("statements.statsmodels_covariances"),))
    formula = f"{table.many[fit.model.formula.response][0]} ~ {table.sum(fit.model.formula.fixed)}"
    # With both kinds of effects its gradient searches stop short of the maximum more often than Powell's.
    search = ', method="powell"' if "vc_formula" in random and "re_formula" in random else ""
    lines = [
        "import numpy as np",
        "import pandas as pd",
        "import statsmodels.formula.api as smf",
        *table.steps,
        f'model = smf.mixedlm("{formula}", {TABLE}, {random})',
        f"fit = model.fit(reml={fit.method == 'reml'}{search})",
        "print(fit.summary())",
    ]
    notes = [Note("statements.statsmodels_dof"), *edge_notes(fit)]
    return Statement("statsmodels", "\n".join(lines), tuple(notes))


def _random(fit: "HLMResult", table: _Table) -> str | None:
    """Write groups, re_formula and vc_formula; None where they cannot hold the covariances asked for."""
    order, found = groups(fit), bars(fit)
    top = None if order.crossed else order.nested[0]
    own = [bar for bar in found if bar.name == top]
    correlated = [bar for bar in found if bar.correlated and len(bar.columns) > 1]
    # One set of correlated effects of the top grouping has a place; all others must be single.
    if len(correlated) > 1 or any(bar.name != top for bar in correlated):
        return None
    main = correlated[0] if correlated else next((bar for bar in own if bar.terms == ((),)), None)
    singles = [(bar, term) for bar in found if bar is not main for term in bar.terms]
    if main is None and own and () in own[0].terms:
        main = Bar(own[0].by, ((),), own[0].columns[:1], True)
        singles = [(bar, term) for bar, term in singles if not (bar is own[0] and term == ())]
    if any(fit.model.factors[text].levels is not None for _, term in singles for text in term):
        return None
    parts = [f"groups={_groups(own[0].by) if top else f'np.ones(len({TABLE}))'}"]
    if main is not None:
        parts.append(f're_formula="{table.sum(main.terms)}"')
    components = {}
    for bar, term in singles:
        inside = "" if bar.name == top else f"C({_labels(bar.by, table)})"
        said = ":".join([*([inside] if inside else []), *(table.many[text][0] for text in term)])
        components["_".join(bar.by) + "_" + ("_".join(term) or "intercept")] = f"0 + {said}"
        if any(len(table.many[text]) > 1 for text in term) or not said:
            return None
    if components:
        listed = ", ".join(f'"{safe_name(name, {})}": "{said}"' for name, said in components.items())
        parts.append(f"vc_formula={{{listed}}}")
    return ", ".join(parts)


def _groups(by: tuple[str, ...]) -> str:
    """Write a grouping as one column."""
    if len(by) == 1:
        return _column(by[0])
    return ' + ":" + '.join(f"{_column(name)}.astype(str)" for name in by)


def _labels(by: tuple[str, ...], table: _Table) -> str:
    """Name the column that holds a lower or crossed grouping, made first where its name is odd or it is several."""
    name = safe_name("_".join(by), {})
    if (name,) == by:
        return name
    step = f'{TABLE}["{name}"] = {_groups(by)}'
    if step not in table.steps:
        table.steps.append(step)
    return name
