"""Every number of the synthetic survey that the study's text does not give, in one place."""

from dataclasses import dataclass, fields
from math import isclose

from povstats.datasets.guizhou.targets import HOUSEHOLDS, ITEMS, POOR
from povstats.errors import OptionError, finite

SHARES = (
    "control_village_share",
    "item_correlation",
    "item_village_share",
    "icc",
    "trust_follows_welfare",
    "funds_follow_poverty",
)
PER_ITEM = ("grade_shares", "by_consumption", "by_migration", "slope_sd")


@dataclass(frozen=True, kw_only=True)
class GuizhouAssumptions:
    """What the text leaves open. Tuples of four numbers are of trust, participation, harmony and cadre relation.

    Each field has a reason of one line in both languages (words.toml, synthetic.why_…): `guizhou_assumptions()`
    prints them all. Latent variables are standard normal; shares of variance and correlations lie in [0, 1). Effects
    are on the natural logarithm of consumption per head.

    Raises
    ------
    OptionError
        Where shares do not sum to one, a number is not finite or out of its range, or a tuple has not its length.
    """

    # The sample: villages by county, households by village, share of the poor.
    villages: tuple[int, ...] = (8, 8, 7, 7, 7, 7)
    households: int = 10
    poor_share: float = POOR / HOUSEHOLDS

    # Households: shares of sizes from one member on, years, mu per head, yuan per head.
    size_shares: tuple[float, ...] = (0.0, 0.08, 0.20, 0.32, 0.22, 0.12, 0.06)
    education_mean: float = 5.5
    education_sd: float = 2.2
    land_median: float = 0.9
    land_spread: float = 0.5
    transfers_median: float = 200.0
    transfers_spread: float = 0.8
    control_village_share: float = 0.10

    # Villages: yuan per head, share of people; spreads are standard deviations of the logarithm and of the log odds.
    funds_median: float = 120.0
    funds_spread: float = 0.5
    migration_middle: float = 0.25
    migration_spread: float = 0.5

    # Forms of social capital: shares of grades from 1 on; correlation is polychoric, within villages.
    grade_shares: tuple[tuple[float, ...], ...] = (
        (0.08, 0.17, 0.30, 0.30, 0.15),
        (0.20, 0.27, 0.28, 0.17, 0.08),
        (0.03, 0.10, 0.27, 0.38, 0.22),
        (0.08, 0.18, 0.36, 0.27, 0.11),
    )
    view_shares: tuple[float, ...] = (0.07, 0.18, 0.35, 0.28, 0.12)
    item_correlation: float = 0.40
    item_village_share: float = 0.10

    # Effects: per yuan, per 1,000 yuan, per unit of the share; of items per grade. `main` is of trust, harmony and
    # cadre relation where village figures are zero: the text prints participation's.
    transfers: float = 0.0002
    village_consumption: float = 0.04
    village_migration: float = 0.60
    main: tuple[float, ...] = (-0.17, 0.12, 0.10)
    by_consumption: tuple[float, ...] = (0.02, 0.0, -0.02, -0.02)
    by_migration: tuple[float, ...] = (0.30, 0.0, 0.0, 0.0)
    slope_sd: tuple[float, ...] = (0.0, 0.05, 0.05, 0.05)
    icc: float = 0.10

    # Departures, off by default: minus the correlation of latent trust with the household's own residual, and of the
    # logarithm of aid with the village's.
    trust_follows_welfare: float = 0.0
    funds_follow_poverty: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise OptionError(f"{name}={getattr(self, name)!r} must be at least 0 and below 1")
        for one in fields(self):
            value = getattr(self, one.name)
            if not isinstance(value, tuple) and not finite(value):
                raise OptionError(f"{one.name}={value!r} must be a finite number")
        for name in PER_ITEM:
            if len(getattr(self, name)) != len(ITEMS):
                raise OptionError(f"{name} must have {len(ITEMS)} entries, those of {', '.join(ITEMS)}")
        if len(self.main) != len(ITEMS) - 1:
            raise OptionError(
                "main has 3 entries, of trust, harmony and cadre relation; reading= chooses participation's"
            )
        for shares in (self.size_shares, self.view_shares, *self.grade_shares):
            if min(shares) < 0 or not isclose(sum(shares), 1, abs_tol=1e-9):
                raise OptionError(f"shares must not be negative and sum to 1, not {shares}")
        if not self.villages or min(self.villages) < 1 or self.households < 2:
            raise OptionError("villages must be counts by county, and households at least 2 in each village")
        if not 0 < self.poor < sum(self.villages) * self.households:
            raise OptionError(f"poor_share={self.poor_share!r} leaves no household poor, or none not poor")

    @property
    def poor(self) -> int:
        """How many households are poor."""
        return round(self.poor_share * sum(self.villages) * self.households)
