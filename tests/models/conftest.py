"""Makes the slow reference, the adversarial cases and the tables of the R references importable here."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "reference")]
