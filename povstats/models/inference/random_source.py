"""Where random numbers come from: a generator of the caller's, or a seed."""

from numbers import Integral

import numpy as np

from povstats.errors import OptionError


def generator_of(rng: np.random.Generator | int | None) -> np.random.Generator:
    """Give the generator that a caller named.

    Parameters
    ----------
    rng : a numpy Generator, the seed of one, or None for a seed of the machine's.

    Raises
    ------
    OptionError
        Where it is neither.
    """
    given: object = rng
    seed = not isinstance(given, bool) and isinstance(given, Integral) and int(given) >= 0
    if rng is not None and not seed and not isinstance(rng, np.random.Generator):
        raise OptionError(f"rng={rng!r} must be a numpy Generator, or its seed: a whole number from 0 on, such as 1")
    return np.random.default_rng(rng)
