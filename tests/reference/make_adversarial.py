"""The optima of the adversarial cases: `python tests/reference/make_adversarial.py` (some ten minutes).

Each case is searched twice from different starts; the better criterion is stored, and how far they differ.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy

REFERENCE = Path(__file__).resolve().parent
sys.path.insert(0, str(REFERENCE.parent / "models"))

import adversarial  # noqa: E402
import many_start  # noqa: E402


def main() -> None:
    """Search, and write adversarial.json."""
    rows = []
    for place, case in enumerate(adversarial.cases()):
        task = many_start.problem(case.table, case.fixed, case.blocks, case.method)
        first, second = (many_start.optimum(task, np.random.default_rng([place, search])) for search in (0, 1))
        rows.append(
            {
                "name": case.name,
                "formula": case.formula,
                "method": case.method,
                "fingerprint": case.fingerprint,
                "criterion": min(first.criterion, second.criterion),
                "difference": abs(first.criterion - second.criterion),
                "agreeing": first.agreeing + second.agreeing,
            }
        )
    versions = {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__}
    answer = {"data": "synthetic", "seed": adversarial.SEED, "versions": versions, "cases": rows}
    (REFERENCE / "adversarial.json").write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
