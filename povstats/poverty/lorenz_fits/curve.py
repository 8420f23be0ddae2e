"""Two Lorenz curves with three parameters each: the general quadratic and the Beta, by least squares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from povstats.errors import FitError, OptionError

Array = np.ndarray[Any, Any]
Form = Literal["quadratic", "beta"]
NEAR = 1e-9
"""How near to 0 and 1 the population share is looked at."""
GRID = np.linspace(0.001, 0.999, 999)
TOLERANCE = 1e-10
SEEN = 0.01
"""A share of the population from which on a curve is looked at: a Beta falls beside zero, whatever its parameters."""
NORMAL = 0.9
"""What a + c of a quadratic must reach for its curve to end at one."""


@dataclass(frozen=True)
class LorenzCurve:
    """A fitted curve.

    Attributes
    ----------
    form : "quadratic": L(1 − L) = a(p² − L) + bL(p − 1) + c(p − L); "beta": L = p − θ p^γ (1 − p)^δ.
    parameters : (a, b, c) or (θ, γ, δ). mean : of welfare, in its unit. sse : Σ (L − L̂)² over the points.
    """

    form: Form
    parameters: tuple[float, float, float]
    mean: float
    sse: float

    def ordinate(self, p: Any) -> Any:
        """Give L(p)."""
        p = np.asarray(p, dtype=float)
        if self.form == "beta":
            theta, gamma, delta = self.parameters
            return p - theta * p**gamma * (1 - p) ** delta
        b, e, m, n = self._quadratic()
        return -(b * p + e + np.sqrt(np.maximum(m * p**2 + n * p + e**2, 0.0))) / 2

    def slope(self, p: Any) -> Any:
        """Give L'(p), which is welfare at p over the mean."""
        p = np.asarray(p, dtype=float)
        if self.form == "beta":
            theta, gamma, delta = self.parameters
            return 1 - theta * p**gamma * (1 - p) ** delta * (gamma / p - delta / (1 - p))
        b, e, m, n = self._quadratic()
        return -b / 2 - (2 * m * p + n) / (4 * np.sqrt(m * p**2 + n * p + e**2))

    def bend(self, p: Any) -> Any:
        """Give L''(p)."""
        p = np.asarray(p, dtype=float)
        if self.form == "beta":
            theta, gamma, delta = self.parameters
            inside = gamma * (1 - gamma) / p**2 + 2 * gamma * delta / (p * (1 - p)) + delta * (1 - delta) / (1 - p) ** 2
            return theta * p**gamma * (1 - p) ** delta * inside
        _, e, m, n = self._quadratic()
        return (n**2 - 4 * m * e**2) / (8 * (m * p**2 + n * p + e**2) ** 1.5)

    @property
    def faults(self) -> tuple[str, ...]:
        """Name what keeps the curve from being a Lorenz curve: "root", "start", "end", "falls", "bends"; () if nothing.

        Notes
        -----
        Source: Datt (1998), Computational Tools for Poverty Measurement and Analysis, table 2; a + c from 0.9 on is the
        World Bank's leniency for a curve that ends near one.
        """
        found = []
        if self.form == "quadratic":
            a, _, c = self.parameters
            _, e, m, n = self._quadratic()
            if n**2 - 4 * m * e**2 < 0 or (m * GRID**2 + n * GRID + e**2 < 0).any():
                return ("root",)
            found += ["start"] if e > 0 or c < 0 else []
            found += ["end"] if a + c < NORMAL else []
        # At p = 0 the slope is welfare of the poorest; the Beta's may fall just beside zero, where nobody is.
        low = GRID[GRID >= SEEN] if self.form == "beta" else GRID
        found += ["falls"] if (self.slope(low) < 0).any() else []
        found += ["bends"] if (self.bend(low) < -TOLERANCE).any() else []
        return tuple(found)

    @property
    def valid(self) -> bool:
        """Tell whether the curve is a Lorenz curve."""
        return not self.faults

    @property
    def gini(self) -> float:
        """Give G = 1 − 2 ∫ L(p) dp."""
        return 1 - 2 * _integral(self.ordinate, 0.0, 1.0)

    def quantile(self, share: float) -> float:
        """Give the welfare below which a share of the population lies: μ L'(p), in the unit of the mean."""
        if not 0 < share < 1:
            raise OptionError(f"share={share!r} must lie inside 0 and 1, such as 0.5 for the median")
        return float(self.mean * self.slope(share))

    def headcount(self, line: float) -> float:
        """Solve μ L'(H) = z."""
        ratio = _line(line) / self.mean
        low, high = NEAR, 1 - NEAR
        if self.form == "beta":
            # Beside zero the slope of a Beta may rise again; the last place where it is lowest is where it begins.
            low = float(GRID[np.argmin(self.slope(GRID))]) if self.slope(GRID[0]) > self.slope(GRID[1]) else low
        if ratio <= self.slope(low):
            return 0.0
        if ratio >= self.slope(high):
            return 1.0
        return float(brentq(lambda p: float(self.slope(p)) - ratio, low, high, xtol=1e-15, rtol=1e-14))

    def poverty_gap(self, line: float) -> float:
        """Give PG = H − (μ/z) L(H)."""
        share = self.headcount(line)
        return share - self.mean / line * float(self.ordinate(share)) if share else 0.0

    def poverty_severity(self, line: float) -> float:
        """Give the squared gap ∫₀^H (1 − μL'(p)/z)² dp."""
        share, ratio = self.headcount(line), self.mean / line
        return _integral(lambda p: (1 - ratio * self.slope(p)) ** 2, 0.0, share) if share else 0.0

    def watts(self, line: float) -> float:
        """Give ∫ ln(z / μL'(p)) dp from where welfare rises above zero (`floor`) to H.

        Raises
        ------
        FitError
            Where a hundredth of the population or more has no welfare above zero, and so no logarithm.
        """
        share, ratio, floor = self.headcount(line), self.mean / _line(line), self.floor
        if floor >= SEEN:
            raise FitError(f"the curve gives the poorest {floor:.1%} no welfare above zero, which has no logarithm")
        return _integral(lambda p: -np.log(ratio * self.slope(p)), floor, share) if share > floor else 0.0

    @property
    def floor(self) -> float:
        """The share of the population to which the curve gives no welfare above zero: of a Beta, a sliver."""
        if self.slope(NEAR) > 0:
            return 0.0
        return float(brentq(lambda p: float(self.slope(p)), NEAR, 0.5, xtol=1e-15))

    def _quadratic(self) -> tuple[float, float, float, float]:
        a, b, c = self.parameters
        e = -(a + b + c + 1)
        return b, e, b**2 - 4 * a, 2 * b * e - 4 * c


def fit_curve(form: Form, p: Array, ordinates: Array, mean: float) -> LorenzCurve:
    """Fit a curve to the points inside (0, 1) by least squares.

    Quadratic: L(1 − L) on p² − L, L(p − 1) and p − L, without a constant. Beta: ln(p − L) on a constant, ln p and
    ln(1 − p).

    Notes
    -----
    Source: Villaseñor & Arnold (1989), Journal of Econometrics 40; Kakwani (1980), Econometrica 48; as in Datt (1998).
    """
    if form == "quadratic":
        columns = np.column_stack([p**2 - ordinates, ordinates * (p - 1), p - ordinates])
        target = ordinates * (1 - ordinates)
    else:
        columns = np.column_stack([np.ones_like(p), np.log(p), np.log1p(-p)])
        target = np.log(p - ordinates)
    found = np.linalg.lstsq(columns, target, rcond=None)[0]
    if form == "beta":
        found[0] = np.exp(found[0])
    first, second, third = (float(value) for value in found)
    made = LorenzCurve(form, (first, second, third), mean, 0.0)
    with np.errstate(invalid="ignore"):
        sse = float(((made.ordinate(p) - ordinates) ** 2).sum())
    return LorenzCurve(form, made.parameters, mean, sse)


def _integral(function: Callable[[Any], Any], low: float, high: float) -> float:
    return float(quad(lambda p: float(function(p)), low, high, limit=400, epsabs=1e-13, epsrel=1e-11)[0])


def _line(line: Any) -> float:
    value = float(line)
    if not 0 < value < np.inf:
        raise OptionError(f"line={line!r} must be an amount above zero, in the unit of the mean")
    return value
