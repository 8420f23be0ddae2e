"""Replicate weights that a data provider delivers, and resampling of PSUs: ways to a variance without linearisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from povstats.errors import OptionError, allowed, finite, whole

Floats = NDArray[np.float64]
Kind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]
KINDS: tuple[Kind, ...] = ("JK1", "JKn", "BRR", "Fay", "bootstrap")


@dataclass(frozen=True, kw_only=True)
class Replicates:
    r"""Columns of replicate weights and the constants of their variance.

    .. math:: \hat V = s \sum_r s_r (\hat\theta_r - \bar\theta)^2

    Parameters
    ----------
    columns : the columns of the R replicate weights. Each is a full final weight, as `weights` is, and no factor of it.
    kind : how they were made: "JK1" (one PSU left out, no strata), "JKn" (one PSU left out by stratum), "BRR" (balanced
        half samples), "Fay" (perturbed half samples), "bootstrap".
    scale : s; None takes (R − 1)/R for "JK1", 1/R for "BRR", 1/(R − 1) for "bootstrap", 1/(R(1 − ρ)²) for "Fay", 1 for
        "JKn".
    rscales : s_r, one a replicate; None takes 1. "JKn" must name them: (n_h − 1)/n_h of the stratum of the PSU that is
        left out.
    rho : Fay's coefficient ρ, from 0 to below 1; for "Fay" alone.
    mse : True takes deviations from the estimate of the whole sample, False from the mean of the replicates.
    df : degrees of freedom; None takes R − 1.

    Raises
    ------
    OptionError
        Where a constant does not fit.

    Source
    ------
    Wolter (2007), Introduction to Variance Estimation, chapters 3 to 5; `svrepdesign` of R's survey package, whose
    defaults these are.
    """

    columns: Sequence[str]
    kind: Kind
    scale: float | None = None
    rscales: Sequence[float] | None = None
    rho: float | None = None
    mse: bool = False
    df: int | None = None

    def __post_init__(self) -> None:
        allowed("kind", self.kind, KINDS)
        if isinstance(self.columns, str) or len(self.columns) < 2:
            raise OptionError("Replicates(columns=…) must be the names of two columns of replicate weights or more")
        object.__setattr__(self, "columns", tuple(self.columns))
        if self.kind == "JKn" and self.rscales is None:
            raise OptionError(
                'Replicates(kind="JKn") needs rscales, one number a column: (n − 1)/n of the stratum whose PSU is left '
                "out; the data's documentation states them"
            )
        if self.rscales is not None:
            if len(self.rscales) != len(self.columns) or not all(finite(r) and r >= 0 for r in self.rscales):
                raise OptionError(f"rscales must be {len(self.columns)} numbers from 0, one for each column")
            object.__setattr__(self, "rscales", tuple(self.rscales))
        if (self.kind == "Fay") != (self.rho is not None):
            raise OptionError('rho is Fay\'s coefficient: kind="Fay" needs it, such as 0.5, and no other kind has it')
        if self.rho is not None and not 0 <= self.rho < 1:
            raise OptionError(f"rho={self.rho!r} must be at least 0 and below 1")
        if self.df is not None:
            whole("df", self.df)

    @property
    def degrees(self) -> int:
        """Degrees of freedom."""
        return len(self.columns) - 1 if self.df is None else self.df

    def variance(self, replicates: Floats, estimate: Floats) -> Floats:
        """Give the covariances of estimates.

        Parameters
        ----------
        replicates : shape (R, D). estimate : shape (D,), of the whole sample.

        Returns
        -------
        array
            Shape (D, D).
        """
        factors = self.factors()
        center = estimate if self.mse else replicates[factors > 0].mean(axis=0)
        away = (replicates - center) * np.sqrt(factors)[:, None]
        return np.asarray(away.T @ away)

    def factors(self) -> Floats:
        """Give s s_r, what the square of each replicate's deviation counts, shape (R,)."""
        size, rho = len(self.columns), self.rho or 0.0
        usual = {"JK1": (size - 1) / size, "JKn": 1.0, "BRR": 1 / size, "bootstrap": 1 / (size - 1)}
        scale = usual.get(self.kind, 1 / (size * (1 - rho) ** 2)) if self.scale is None else self.scale
        rscales = np.ones(size) if self.rscales is None else np.asarray(self.rscales, dtype=float)
        return np.asarray(scale * rscales)


@dataclass(frozen=True)
class Bootstrap:
    """A bootstrap of PSUs within strata.

    Parameters
    ----------
    n : replicates, at least 50.
    seed : of the draws; the same seed draws the same PSUs again, so that an estimated line and a measure move together.
    """

    n: int
    seed: int

    def __post_init__(self) -> None:
        whole("n", self.n)
        whole("rng", self.seed)
        if self.n < 50:
            raise OptionError(f"n={self.n!r}: a standard error from fewer than 50 replicates is noise")

    def factors(self, stratum: NDArray[np.intp], psus: NDArray[np.intp]) -> Floats:
        r"""Draw the factors of the PSUs' weights.

        .. math:: w^*_{hi} = w_{hi}\, \frac{n_h}{n_h - 1}\, t_{hi}, \quad
            t_h \sim \text{multinomial}(n_h - 1;\, 1/n_h, \dots)

        Parameters
        ----------
        stratum : of each PSU, shape (P,). psus : PSUs of each stratum.

        Returns
        -------
        array
            Shape (n, P). A stratum's only PSU keeps its weight, and adds no variance.

        Source
        ------
        Rao, Wu and Yue (1992), Survey Methodology 18, with m_h = n_h − 1.
        """
        rng = np.random.default_rng(self.seed)
        found = np.ones((self.n, len(stratum)))
        for h, size in enumerate(psus):
            if size > 1:
                drawn = rng.multinomial(size - 1, np.full(size, 1 / size), size=self.n)
                found[:, stratum == h] = drawn * (size / (size - 1))
        return found
