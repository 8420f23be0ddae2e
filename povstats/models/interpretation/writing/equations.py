"""The equations of a fitted model: every level's, their combination, and how the effects are distributed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.models.interpretation.writing.equation_parts import System, system
from povstats.models.interpretation.writing.equation_typeset import typeset
from povstats.models.interpretation.writing.equation_writing import Writing, symbol
from povstats.models.summary import number
from povstats.printing import Grid, Summary
from povstats.words import Lang, language, say, tight

if TYPE_CHECKING:
    from povstats.models.result import HLMResult


@dataclass(frozen=True, eq=False, repr=False)
class Equations:
    """A model written down.

    A terminal prints text, a notebook typeset equations (MathML); `latex` is for a paper (amsmath; XeLaTeX with ctex
    for Chinese words).

    Attributes
    ----------
    fit : whose equations these are. system : the equations as data. writing : the same in words.
    lang : "zh" or "en", or None for the language of the time of printing.
    """

    fit: "HLMResult"
    system: System
    writing: Writing
    lang: Lang | None

    @property
    def spoken(self) -> Lang:
        """The language it prints in."""
        return self.lang or language()

    @property
    def latex(self) -> str:
        """All equations in one align* environment of amsmath."""
        blocks = [r" \\ ".join(lines) for _, lines in _blocks(self, self.spoken, tex=True)]
        return "\\begin{align*}\n" + " \\\\[1ex]\n".join(blocks) + "\n\\end{align*}"

    def lines(self, lang: Lang | None = None) -> dict[str, list[str]]:
        """Give the equations as text, by heading."""
        return dict(_blocks(self, lang or self.spoken, tex=False))

    def symbols(self) -> pd.DataFrame:
        """List what each symbol stands for: columns symbol, measure, group, term, estimate."""
        return pd.DataFrame(_symbols(self), columns=["symbol", "measure", "group", "term", "estimate"])

    def tidy(self) -> pd.DataFrame:
        """Give the estimates in the nine-column frame, with the symbol as term."""
        return tidy_frame(
            {"measure": measure, "group": group, "term": sign, "estimate": value}
            for sign, measure, group, _, value in _symbols(self)
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print equations and estimates; "zh" or "en"."""
        spoken = lang or self.spoken
        blocks = _blocks(self, spoken, tex=False)
        grids = [Grid(title, (), tuple((line,) for line in lines)) for title, lines in blocks]
        head = tuple(say(key, spoken) for key in ("equations.symbol", "equations.term", "general.estimate"))
        rows = tuple(
            (sign, _said(self, measure, group, term, spoken), number(value))
            for sign, measure, group, term, value in _symbols(self)
        )
        return Summary((*grids, Grid(say("equations.estimates", spoken), head, rows, words=2)))

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what the equations assume."""
        return _paragraph(self, lang or self.spoken)

    def __repr__(self) -> str:
        """Print in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print in a notebook and on a page: headings and typeset equations."""
        return typeset(_blocks(self, self.spoken, tex=True))

    def _repr_latex_(self) -> str:
        """Print where a notebook is turned into LaTeX."""
        return self.latex


def equations(fit: "HLMResult", lang: Lang | None = None, labels: Mapping[str, str] | None = None) -> Equations:
    """Write the model down, level by level, and combined.

    Households i in villages j: y_ij = β_0j + β_1j x_ij + … + r_ij and β_1j = γ_10 + γ_11 W_j + u_1j. A product of a
    household predictor with one that is constant within villages stands in the village equation of the household
    predictor's slope. Three levels have π, β, γ and e, r, u, as in HLM; crossed groupings share the upper equations.

    Parameters
    ----------
    lang : "zh" or "en", the language of headings; without it that of povstats.language().
    labels : words for predictors, the outcome and groupings, such as {"education": "schooling"}; for a level of a
        factor under the name of its coefficient, "farm[T.yes]"; for the rows under "nobs".

    Returns
    -------
    Equations
        `latex`, `lines()`, `symbols()` (each symbol's term and estimate) and how they print.

    Notes
    -----
    Source: Raudenbush & Bryk (2002), Hierarchical Linear Models, eq. 2.1 to 2.14 and 8.1 to 8.6, for the notation.
    """
    kinds = {
        piece: factor.columns[0] for factor in fit.model.factors.values() if factor.levels for piece in factor.levels
    }
    weights = fit.weights
    found = system(fit)
    writing = Writing(found, fit.model.response, labels or {}, kinds, weights.rows if weights.precision else None)
    if writing.precision is not None:
        found.index.setdefault(writing.precision, found.residual.index)
    return Equations(fit, found, writing, lang)


def _blocks(made: Equations, lang: Lang, *, tex: bool) -> list[tuple[str, list[str]]]:
    """Give heading and lines of each part."""
    write, parts = made.writing, made.system
    rows = write.labels.get("nobs", say("equations.rows", lang))
    out = [
        (say("equations.level", lang, number=1, group=rows), [write.equation(one, tex=tex) for one in parts.levels[0]])
    ]
    for stage, (groups, level) in enumerate(zip(parts.stages, parts.levels[1:], strict=True), start=2):
        named = say("equations.joint", lang).join(write.labels.get(group, group) for group in groups)
        title = say("equations.level", lang, number=stage, group=named)
        out.append((title, [write.equation(one, tex=tex) for one in level]))
    out.append((say("equations.combined", lang), [write.equation(parts.combined, tex=tex)]))
    laws = [write.residual(tex=tex), *(write.distribution(one, tex=tex) for one in parts.effects)]
    out.append((say("equations.distributions", lang), laws))
    return out


def _symbols(made: Equations) -> list[tuple[str, str, str, str, float]]:
    """List symbol, measure, group, term and estimate of every parameter."""
    fit, parts, write = made.fit, made.system, made.writing
    rows = [
        (symbol(sign, tex=False), "coef", "", str(term), float(fit.params[term]))
        for sign, term in zip(parts.fixed, fit.params.index, strict=True)
    ]
    for one in parts.effects:
        cov = fit.random_cov[one.group]
        names = [column.name for column in one.columns]
        for i, first in enumerate(names):
            for j, second in enumerate(names[i:], start=i):
                sign = symbol(write.tau(one, i, j), tex=False)
                measure, term = ("variance", first) if i == j else ("covariance", f"{first}, {second}")
                rows.append((sign, measure, one.group, term, float(cov.loc[first, second])))
    return [*rows, ("σ²", "variance", "residual", "", fit.sigma2)]


def _said(made: Equations, measure: str, group: str, term: str, lang: Lang) -> str:
    """Say what a symbol stands for."""
    write = made.writing
    if group == "residual":
        return say("equations.residual", lang)
    if measure == "covariance":
        first, second = next(
            (a.name, b.name)
            for one in made.system.effects
            for a in one.columns
            for b in one.columns
            if f"{a.name}, {b.name}" == term
        )
        named = {"first": _term(write, first, lang), "second": _term(write, second, lang)}
        return tight(say("equations.covariance", lang, group=write.labels.get(group, group), **named))
    words = _term(write, term, lang)
    return (
        words
        if measure == "coef"
        else tight(say("equations.variance", lang, group=write.labels.get(group, group), term=words))
    )


def _term(write: Writing, term: str, lang: Lang) -> str:
    """Word a term as a regression table does."""
    if term in write.labels:
        return write.labels[term]
    if term == "Intercept":
        return say("equations.intercept", lang)
    return " × ".join(write.labels.get(part, part) for part in term.split(":"))


def _paragraph(made: Equations, lang: Lang) -> str:
    """Join the sentences: levels and sizes, what varies, which slopes are explained, what is assumed."""
    fit, parts, write = made.fit, made.system, made.writing
    joint = say("equations.joint", lang)
    sizes = joint.join(
        say("equations.count", lang, group=write.labels.get(name, name), count=f"{count:,}")
        for name, count in fit.ngroups.items()
    )
    said = [
        say(
            "equations.what",
            lang,
            outcome=write.name(write.outcome),
            levels=len(parts.stages) + 1,
            nobs=f"{fit.nobs:,}",
            sizes=sizes,
        )
    ]
    for one in parts.effects:
        names = joint.join(_term(write, column.name, lang) for column in one.columns)
        key = "vary_together" if len(one.columns) > 1 else "vary"
        said.append(say(f"equations.{key}", lang, group=write.labels.get(one.group, one.group), effects=names))
    crossed = _cross_level(made, lang)
    if crossed:
        said.append(say("equations.cross_level", lang, terms=joint.join(crossed)))
    said.append(say("equations.assumed", lang))
    return say("equations.sentence_joint", lang).join(said)


def _cross_level(made: Equations, lang: Lang) -> list[str]:
    """Name the products of a household's predictor with one that is constant within groups."""
    index, rows = made.system.index, made.system.residual.index
    out = []
    for column in made.fit.model.fixed:
        own = [index[piece] == rows for piece in column.pieces]
        if any(own) and not all(own):
            out.append(_term(made.writing, column.name, lang))
    return out
