"""The two links of a hazard: log-likelihood of a row by its linear predictor, with two derivatives."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from povstats.engine.layout import Floats

Link = Literal["cloglog", "logit"]
LINKS: tuple[Link, ...] = ("cloglog", "logit")
FARTHEST = 30.0
"""Beyond it a hazard is 0 or 1 in double precision."""

Derived = tuple[Floats, Floats, Floats]
"""Log-likelihood, first and second derivative by the linear predictor."""


def cloglog(event: Floats, eta: Floats) -> Derived:
    r"""Give ln h for an event and ln(1 − h) otherwise, with h = 1 − exp(−e^η)."""
    mu = np.exp(np.clip(eta, -FARTHEST, FARTHEST / 4))
    left = -np.expm1(-mu)
    ratio = mu * np.exp(-mu) / left
    value = np.where(event == 1, np.log(left), -mu)
    first = np.where(event == 1, ratio, -mu)
    second = np.where(event == 1, ratio * (1 - mu - ratio), -mu)
    return value, first, second


def logit(event: Floats, eta: Floats) -> Derived:
    r"""Give the same with h = 1 / (1 + e^{−η})."""
    eta = np.clip(eta, -FARTHEST, FARTHEST)
    h = 1 / (1 + np.exp(-eta))
    return np.where(event == 1, -np.log1p(np.exp(-eta)), -np.log1p(np.exp(eta))), event - h, -h * (1 - h)


ROW: dict[Link, Callable[[Floats, Floats], Derived]] = {"cloglog": cloglog, "logit": logit}


def hazard_at(link: Link, eta: Floats) -> Floats:
    """Give the hazard of a linear predictor."""
    return np.asarray(-np.expm1(-np.exp(eta)) if link == "cloglog" else 1 / (1 + np.exp(-eta)))
