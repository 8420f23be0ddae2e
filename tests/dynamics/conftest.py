"""Let the tests of this folder import their panels: see panel_cases.py."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
