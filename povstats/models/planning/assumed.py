"""A plan without a pilot: effects, variances and predictors as assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from povstats.engine.cells import Array
from povstats.errors import FitError, FormulaError, OptionError
from povstats.models.design import Column, columns
from povstats.models.formula import Formula, parse
from povstats.models.model import predictor_texts
from povstats.models.planning.plan import Plan, Predictors, with_effects
from povstats.models.terms import Factor


@dataclass(frozen=True)
class Assumed:
    """What is assumed of a survey that nobody has made yet.

    Predictors have mean 0 and standard deviation 1, so that an effect is one of a standard deviation, or are dummies.
    They are independent of each other.

    Attributes
    ----------
    formula : in fit_hlm's grammar with plain names, such as "y ~ trust * aid + (1 + trust | village)".
    effects : the coefficients by term, such as {"trust:aid": 0.05}; those left out are zero.
    icc : share of the outcome's variance, as the predictors leave it, between villages: τ₀₀/(τ₀₀ + σ²).
    sd : standard deviation of the outcome as the predictors leave it, √(τ₀₀ + σ²); the unit of the effects.
    slope_sd : standard deviations of the random slopes, by their names in the formula.
    correlation : between the random effects of one term, the same for all pairs.
    village : predictors that are constant within villages.
    shares : dummies, with the share that has them. Of a village's dummy exactly this share of the villages, rounded,
        as where villages are assigned to a programme; of a household's each with this chance.
    between : shares of the household predictors' variance that lie between villages; those left out have 0. Of a
        dummy it is that of the latent value.
    """

    formula: str
    effects: Mapping[str, float]
    icc: float
    sd: float = 1.0
    slope_sd: Mapping[str, float] = field(default_factory=dict)
    correlation: float = 0.0
    village: tuple[str, ...] | list[str] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    between: Mapping[str, float] = field(default_factory=dict)


def plan_of(assumed: Assumed, effects: Mapping[str, float]) -> Plan:
    """Turn assumptions into a plan.

    Parameters
    ----------
    assumed : the assumptions. effects : coefficients that take the place of the assumed ones.

    Raises
    ------
    FormulaError
        Where the formula has several groupings, or anything but plain names.
    OptionError
        Where a number is out of range, or a name is not in the formula.
    """
    parsed = parse(assumed.formula)
    names = _names(parsed)
    _checked(assumed, names)
    factors = {name: Factor(name, name.strip("`"), (name,), {name: name}, None) for name in names}
    fixed = columns(parsed.fixed, factors)
    random = tuple(one for bar in parsed.random for one in _sets(columns(bar.terms, factors), bar.correlated))
    known = {column.name for one in random for column in one} - {"Intercept"}
    strange = [name for name in assumed.slope_sd if name not in known]
    if strange:
        raise OptionError(
            f"slope_sd has {', '.join(strange)}, which does not vary between groups in {assumed.formula!r}; random "
            f"slopes are {', '.join(sorted(known)) or 'none'}"
        )
    lacking = sorted(known - set(assumed.slope_sd))
    if lacking:
        raise OptionError(f"slope_sd lacks {', '.join(lacking)}; give the standard deviation of each random slope")
    terms = tuple(column.name for column in fixed)
    beta = with_effects(terms, {**assumed.effects, **effects}, np.zeros(len(terms)))
    return Plan(
        formula=assumed.formula,
        origin="assumed",
        outcome=parsed.response,
        group=":".join(parsed.random[0].group),
        fixed=fixed,
        random=random,
        beta=beta,
        T=_covariance(assumed, random),
        sigma2=assumed.sd**2 * (1 - assumed.icc),
        reml=True,
        predictors=_predictors(assumed, names),
        pilot=None,
    )


def _sets(found: tuple[Column, ...], correlated: bool) -> list[tuple[Column, ...]]:
    return [found] if correlated else [(column,) for column in found]


def _names(parsed: Formula) -> tuple[str, ...]:
    """Name the predictors; refuse functions and several groupings."""
    groups = {bar.group for bar in parsed.random}
    if len(groups) != 1 or len(parsed.random[0].group) != 1:
        raise FormulaError(
            f"{parsed.text!r} must have one grouping, as in (1 + trust | village): surveys of villages × households"
        )
    names = predictor_texts(parsed)
    functions = [name for name in names if not name.strip("`").isidentifier()]
    if functions:
        raise FormulaError(
            f"{parsed.text!r} has {', '.join(functions)}; without a pilot there is no column to compute it from: use "
            "plain names, and say with shares= which are dummies"
        )
    return names


def _checked(assumed: Assumed, names: tuple[str, ...]) -> None:
    """Refuse names that are not in the formula, and numbers out of range."""
    for option, given in (("village", assumed.village), ("shares", assumed.shares), ("between", assumed.between)):
        strange = [name for name in given if name not in names]
        if strange:
            raise OptionError(f"{option} has {', '.join(strange)}; predictors of the formula are {', '.join(names)}")
    inside = {"icc": assumed.icc, "correlation": (assumed.correlation + 1) / 2}
    inside |= {f"between[{name!r}]": value for name, value in assumed.between.items()}
    for option, value in inside.items():
        if not 0 <= value < 1:
            raise OptionError(
                f"{option} is out of its range: an icc or between from 0 to below 1, a correlation in (−1, 1)"
            )
    for name, value in assumed.shares.items():
        if not 0 < value < 1:
            raise OptionError(f"shares[{name!r}]={value!r} must lie between 0 and 1")
    for option, value in {"sd": assumed.sd, **{f"slope_sd[{k!r}]": v for k, v in assumed.slope_sd.items()}}.items():
        if not (np.isfinite(value) and value >= 0 and (value > 0 or option != "sd")):
            raise OptionError(f"{option}={value!r} must be a standard deviation, a finite number above 0")
    twice = [name for name in assumed.between if name in assumed.village]
    if twice:
        raise OptionError(f"between has {', '.join(twice)}, which is constant within villages: leave it out there")


def _covariance(assumed: Assumed, random: tuple[tuple[Column, ...], ...]) -> Array:
    """Put T together, one block a correlated set."""
    sds = [
        np.array(
            [assumed.sd * np.sqrt(assumed.icc) if c.name == "Intercept" else assumed.slope_sd[c.name] for c in one]
        )
        for one in random
    ]
    out, at = np.zeros((sum(map(len, sds)),) * 2), 0
    for sd in sds:
        part = slice(at, at + len(sd))
        R = np.full((len(sd), len(sd)), assumed.correlation)
        np.fill_diagonal(R, 1.0)
        if np.linalg.eigvalsh(R)[0] < 0:
            raise FitError(f"{len(sd)} effects cannot all be correlated by {assumed.correlation:g}")
        out[part, part] = np.outer(sd, sd) * R
        at += len(sd)
    return out


def _predictors(assumed: Assumed, names: tuple[str, ...]) -> Predictors:
    village = tuple(name for name in names if name in assumed.village)
    household = tuple(name for name in names if name not in assumed.village)
    shares = np.array([assumed.shares.get(name, np.nan) for name in village])
    between = np.array([assumed.between.get(name, 0.0) for name in household])
    threshold = np.array(
        [-float(ndtri(assumed.shares[name])) if name in assumed.shares else np.nan for name in household]
    )
    b, a = len(household), len(village)
    return Predictors(
        village=village,
        pool=None,
        shares=shares,
        household=household,
        mean=np.zeros(b),
        load=np.zeros((b, a)),
        centre=np.zeros(a),
        between=np.diag(np.sqrt(between)),
        within=np.diag(np.sqrt(1 - between)),
        threshold=threshold,
        opposite={},
        factors=(),
    )
