"""What the study's text prints and the generator was given: numbers only, as printed."""

from typing import Literal

Reading = Literal["coefficient", "literal"]
READINGS: tuple[Reading, ...] = ("coefficient", "literal")

COUNTIES, VILLAGES, HOUSEHOLDS = 6, 44, 440
MEAN_ALL, MEAN_POOR, MEAN_OTHERS = 1977, 890, 2428
"""Yuan per person and year: of all households, of the poor, of the others."""
POOR = 129
"""Not printed. 129 is the only whole number of poor households of 440 for which the three printed means fit together:
(129 · 890 + 311 · 2428) / 440 = 1977.09."""

EDUCATION, LAND, MIGRANTS = 0.0287, 0.1917, -0.1379
"""+2.87, +19.17 and −13.79 %, taken for 100 b. If they were 100 (e^b − 1), b were 0.0283, 0.1754 and −0.1484."""
PARTICIPATION = {"coefficient": 0.15, "literal": 0.0015}
"""Per grade. Printed: 0.15 percentage points; read as the coefficient of a log model, or by the letter."""
FUNDS = {"coefficient": 0.09 / 100, "literal": 0.0009 / 100}
"""Per yuan of aid per head. Printed: about 0.09 percentage points per 100 yuan; read in the same two ways."""

ITEMS = ("trust", "participation", "harmony", "cadre_relation")
"""The forms of social capital, in the order of the text's models."""
POOR_SHARE = (MEAN_OTHERS - MEAN_ALL) / (MEAN_OTHERS - MEAN_POOR)
"""29.32 %, not printed either."""
