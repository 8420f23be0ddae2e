"""How benefits lie over the population ordered by welfare: shares of quantiles, concentration, Kakwani's index."""

from collections.abc import Sequence
from itertools import pairwise

import narwhals as nw
import numpy as np

from povstats.engine.forms import WEIGHT, Sample, Sums
from povstats.engine.order import BEFORE, LEVEL
from povstats.poverty.density import BANDWIDTH, bandwidths, kernel
from povstats.poverty.estimate import Definition
from povstats.poverty.estimation import Maker
from povstats.poverty.inequality.ranks import INCOME_BEFORE
from povstats.poverty.measure import Measure, Value, other, welfare

PART = "benefit"
AT_LEVEL, BENEFIT_BEFORE = "benefit at the level", "benefit before"
CUT, AT_CUT = "cut {}", "benefit at cut {}"


def concentration_measure(asked: Definition) -> Measure:
    r"""Write the concentration index of the benefit over ranks of welfare.

    .. math:: C = \frac{2}{N B} \sum_k w_k b_k r_k - 1

    .. math:: u_k = \frac{2}{N B} \Big( b_k r_k + \sum_j w_j b_j (1[y_j > y_k] + \tfrac12 1[y_j = y_k]) \Big)
        - (C + 1) \Big( \frac1N + \frac{b_k}{B} \Big)
    """
    return Measure("concentration", _expressions(), lambda sums, _: _concentration(sums), _before(), levelled=_levels())


def kakwani_measure(asked: Definition) -> Measure:
    """Write the concentration index less the Gini coefficient of welfare."""
    half = nw.col(LEVEL) * 0.5
    income = {
        "income": welfare(),
        "income ranked": welfare() * (nw.col(BEFORE) + half),
        "income upto": nw.col(INCOME_BEFORE) + half * welfare(),
    }

    def finish(sums: Sums, known: Sums) -> Value:
        first = _concentration(sums)
        gini = _index(sums, "income", "income ranked", "income upto")
        weight = first.gradient[WEIGHT] - gini.gradient[WEIGHT]
        gradient = {**first.gradient, **{name: -g for name, g in gini.gradient.items()}, WEIGHT: weight}
        return Value(first.value - gini.value, gradient)

    before = {**_before(), INCOME_BEFORE: welfare()}
    return Measure("kakwani", {**_expressions(), **income}, finish, before, levelled=_levels())


def _expressions() -> dict[str, nw.Expr]:
    half = nw.col(LEVEL) * 0.5
    return {
        "benefit": other(PART),
        "ranked": other(PART) * (nw.col(BEFORE) + half),
        "upto": nw.col(BENEFIT_BEFORE) + 0.5 * nw.col(AT_LEVEL),
    }


def _levels() -> dict[str, nw.Expr]:
    return {AT_LEVEL: other(PART)}


def _before() -> dict[str, nw.Expr]:
    """Cumulate the mean benefit of a level, which is the same for all its rows."""
    return {BENEFIT_BEFORE: nw.when(nw.col(LEVEL) > 0).then(nw.col(AT_LEVEL) / nw.col(LEVEL)).otherwise(nw.lit(0.0))}


def _concentration(sums: Sums) -> Value:
    return _index(sums, "benefit", "ranked", "upto")


def _index(sums: Sums, amount: str, ranked: str, upto: str) -> Value:
    size, total = sums[WEIGHT], sums[amount]
    value = np.where(total > 0, 2 * sums[ranked] / (size * total) - 1, np.nan)
    # What lies above a row is all benefit less what lies up to it.
    gradient = {
        WEIGHT: 2 / size - (value + 1) / size,
        ranked: 2 / (size * total),
        upto: -2 / (size * total),
        amount: -(value + 1) / total,
    }
    return Value(value, gradient)


def shares_measures(cuts: Sequence[float]) -> list[Maker]:
    """Write the share of benefits of each part of the population between two cuts, from the poorest up."""
    ends = [0.0, *cuts, 1.0]
    return [_share(low, high) for low, high in pairwise(ends)]


def cumulated_measure(p: float) -> Maker:
    """Write the ordinate of the concentration curve at p."""
    return _share(0.0, p, name="concentration_curve")


def advantage_measure(p: float) -> Maker:
    """Write the share of benefits of the poorest p over p: the index of Coady, Grosh and Hoddinott."""
    return _share(0.0, p, name="cgh_bottom", over=p)


def _share(low: float, high: float, *, name: str = "benefit_share", over: float = 1.0) -> Maker:
    r"""Write L(p_2) − L(p_1), divided by a constant.

    .. math:: L(p) = \frac1B \Big\{ \sum_k w_k b_k 1[y_k \le q_p] - \bar b(q_p) (N F(q_p) - p N) \Big\}, \qquad
        u_k(L) = \frac1B \{ (b_k - m_p) 1[y_k \le q_p] + p\, m_p - L b_k \}

    Rows at the cut are divided, with their own mean benefit b̄(q). The cut's uncertainty is in u by m_p, the mean
    benefit of those near it by a Gaussian kernel.
    """
    cuts = [p for p in (low, high) if 0 < p < 1]

    def finish(sums: Sums, known: Sums) -> Value:
        size, total = sums[WEIGHT], sums["benefit"]
        value, weight = (np.zeros(len(size)) for _ in range(2))
        gradient: dict[str, np.ndarray] = {}
        for i, p in enumerate(cuts):
            sign, mean = (1.0 if p == high else -1.0), known[AT_CUT.format(i)]
            own = sums[f"at {i}"] / sums[f"weight at {i}"]
            value = value + sign * (sums[f"upto {i}"] - own * (sums[f"weight upto {i}"] - p * size)) / total
            weight = weight + sign * p * mean / total
            gradient |= {f"upto {i}": sign / total, f"weight upto {i}": -sign * mean / total}
        # The whole is B / B, and has no influence.
        gradient |= {"benefit": -value / total, WEIGHT: weight}
        value = np.where(total > 0, value + (1.0 if high == 1.0 else 0.0), np.nan)
        return Value(value / over, {name: factor / over for name, factor in gradient.items()})

    expressions = {"benefit": other(PART)}
    for i in range(len(cuts)):
        for kind, inside in (("upto", welfare() <= nw.col(CUT.format(i))), ("at", welfare() == nw.col(CUT.format(i)))):
            expressions[f"{kind} {i}"] = nw.when(inside).then(other(PART)).otherwise(nw.lit(0.0))
            expressions[f"weight {kind} {i}"] = nw.when(inside).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    parameters = {"from": low, "to": high} if name == "benefit_share" else {"p": high}
    return lambda asked: Measure(
        name,
        expressions,
        finish,
        fixed=lambda sample: _at_cuts(sample, cuts),
        unit="share" if over == 1.0 else "ratio",
        parameters=parameters,
    )


def _at_cuts(sample: Sample, cuts: Sequence[float]) -> Sums:
    """Find the quantiles, and the mean benefit of those who are at them."""
    size = len(sample.layout.domains)
    points = sample.quantiles([np.full(size, p) for p in cuts])
    found = {CUT.format(i): point for i, point in enumerate(points)}
    prepared = sample.fixed({BANDWIDTH: bandwidths(sample), **found})
    near = {f"near {i}": kernel(nw.col(CUT.format(i))) for i in range(len(cuts))}
    sums = prepared.evaluate(
        {**near, **{f"benefit {i}": near[f"near {i}"] * other(PART) for i in range(len(cuts))}}
    ).sums
    with np.errstate(invalid="ignore", divide="ignore"):
        means = {AT_CUT.format(i): sums[f"benefit {i}"] / sums[f"near {i}"] for i in range(len(cuts))}
    return {**found, **means}
