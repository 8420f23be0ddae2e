"""Which route a fit takes: compiled loops where they are at hand or worth their compilation, array code elsewhere."""

from contextlib import suppress
from functools import cache
from pathlib import Path

MANY = 500
"""From this many lowest groups on, compiling once (some twenty seconds, kept on disk) is worth it."""


HERE = Path(__file__).parent
SOURCES = ("compiled.py", "compiled_levels.py", "compiled_refits.py", "newton.py")


@cache
def _kept() -> bool:
    """Tell whether the compiled loops lie on disk already, as set-up leaves them, and take away stale ones.

    numba looks at the file of a function alone; a loop that calls one of another file would live on as it was.
    """
    newest = max((HERE / name).stat().st_mtime for name in SOURCES)
    kept = list((HERE / "__pycache__").glob("*.nb[ic]"))
    stale = any(path.stat().st_mtime < newest for path in kept if path.suffix == ".nbi")
    for path in kept if stale else ():
        with suppress(OSError):
            path.unlink()
    return not stale and any(path.name.startswith("compiled.search-") for path in kept)


@cache
def _importable() -> bool:
    try:
        import povstats.models.compiled_levels  # noqa: F401
    except (ImportError, RuntimeError, AttributeError):  # numba is missing, broken, or has no folder for its cache
        return False
    return True


def compiled(groups: int) -> bool:
    """Tell whether a model with so many lowest groups runs compiled.

    Parameters
    ----------
    groups : number of lowest groups.
    """
    return (_kept() or groups >= MANY) and _importable()


def fill() -> None:
    """Compile the loops and leave them on disk."""
    import numpy as np

    from povstats.engine import kernels

    kernels.fill()
    _kept()
    from povstats.models import compiled as two
    from povstats.models import compiled_levels as levels
    from povstats.models.compiled_refits import refit_each

    full = np.eye(4)[None] + np.ones((3, 4, 4))
    one, rows = np.ones(3), np.zeros(1, dtype=np.int64)
    data = (full, one, full[:, 1:, 1:].sum(axis=0), 9.0, True, rows, rows)
    two.search(data, np.array([0.4]), 1e-13)
    refit_each(data, full[None, :, :, -1].copy(), np.array([0.4]))
    root, parent = np.array([[0.4]]), np.zeros(3, dtype=np.int64)
    levels.values(full, one, one, root, parent, np.zeros((1, 3, 3)))
    levels.derivatives(full, (one, one), root, parent, np.ones((1, 1, 1)), np.ones((1, 1, 1, 1)), True, 1)
