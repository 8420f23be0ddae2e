"""Every number of the synthetic survey that the study's text does not give, in one place, with its reason."""

from dataclasses import dataclass, field, fields
from math import isclose

from povstats.datasets.guizhou.targets import COUNTIES, HOUSEHOLDS, ITEMS, POOR
from povstats.errors import OptionError


def assumed(value: object, reason: str) -> object:
    """Declare an assumption: its value, and in one line why it has it. Tuples are of the four items, in their order."""
    return field(default=value, metadata={"reason": reason})


@dataclass(frozen=True, kw_only=True)
class GuizhouAssumptions:
    """What the text leaves open. Fields of four numbers are of trust, participation, harmony and cadre relation.

    Latent variables are standard normal; shares of variance and correlations lie between 0 and 1. Effects are on the
    natural logarithm of consumption per head. The reason of every field stands beside it, and `guizhou_assumptions`
    prints all of them in both languages.

    Raises
    ------
    OptionError
        Where shares do not sum to one, a share of variance or a correlation is not in [0, 1), or a tuple has not its
        length.
    """

    # The sample.
    villages: tuple[int, ...] = assumed((8, 8, 7, 7, 7, 7), "44 villages as evenly over 6 counties as can be")
    households: int = assumed(10, "440 households in 44 villages, the same number in each")
    poor_share: float = assumed(POOR / HOUSEHOLDS, "129 poor households make the three printed means fit together")

    # Households.
    size_shares: tuple[float, ...] = assumed(
        (0.0, 0.08, 0.20, 0.32, 0.22, 0.12, 0.06), "of 1 to 7 members; 4.3 on average, an ordinary rural household"
    )
    education_mean: float = assumed(5.5, "years of schooling per head; primary school is six years")
    education_sd: float = assumed(2.2, "years; nobody below 0 or above 16")
    land_median: float = assumed(0.9, "mu per head; land is scarce in the hills")
    land_spread: float = assumed(0.5, "standard deviation of log land: right-skewed, few large holdings")
    transfers_median: float = assumed(200.0, "yuan per head and year for gifts: a tenth of consumption")
    transfers_spread: float = assumed(0.8, "standard deviation of log transfers: right-skewed")
    control_village_share: float = assumed(0.10, "of the variance of schooling, land and transfers between villages")

    # Villages.
    funds_median: float = assumed(120.0, "yuan of aid per head: a few per cent of consumption")
    funds_spread: float = assumed(
        0.5, "standard deviation of log aid; one village in seven gets 1.65 times the median or more"
    )
    migration_middle: float = assumed(0.25, "share of a village's people who work elsewhere, in the middle village")
    migration_spread: float = assumed(0.5, "standard deviation of its log odds: 95 % of villages in 0.11 to 0.47")

    # Forms of social capital.
    grade_shares: tuple[tuple[float, ...], ...] = assumed(
        (
            (0.08, 0.17, 0.30, 0.30, 0.15),
            (0.20, 0.27, 0.28, 0.17, 0.08),
            (0.03, 0.10, 0.27, 0.38, 0.22),
            (0.08, 0.18, 0.36, 0.27, 0.11),
        ),
        "five grades; participation is rare, harmony common; the text has only that higher is more",
    )
    item_correlation: float = assumed(0.40, "polychoric, within villages, any two items: the text calls it serious")
    item_village_share: float = assumed(0.10, "of an item's latent variance between villages, independent across items")
    view_shares: tuple[float, ...] = assumed((0.07, 0.18, 0.35, 0.28, 0.12), "of the view of the poverty department")

    # Effects.
    transfers: float = assumed(0.0002, "per yuan: positive and tiny, as told")
    village_consumption: float = assumed(0.04, "per 1,000 yuan; small, so that the fixed point is unique")
    village_migration: float = assumed(
        0.60, "per unit: ten points more of migrants go with 6 % more; positive, as told"
    )
    main: tuple[float, float, float] = assumed(
        (-0.17, 0.12, 0.10), "per grade where village figures are zero, of trust, harmony and cadres; signs as told"
    )
    by_consumption: tuple[float, ...] = assumed(
        (0.02, 0.0, -0.02, -0.02), "item × village consumption, per grade and 1,000 yuan; signs as told"
    )
    by_migration: tuple[float, ...] = assumed((0.30, 0.0, 0.0, 0.0), "item × migration share, per grade; sign as told")
    slope_sd: tuple[float, ...] = assumed(
        (0.0, 0.05, 0.05, 0.05), "of slopes between villages; trust has fixed effects"
    )
    icc: float = assumed(0.10, "share of villages in the random part; its whole scale is solved from the means")

    # Departures, for the sections on what goes wrong; off unless asked for.
    trust_follows_welfare: float = assumed(
        0.0, "minus the correlation of latent trust and the household's own residual"
    )
    funds_follow_poverty: float = assumed(0.0, "minus the correlation of log aid and the village's own residual")

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for name in ("control_village_share", "item_correlation", "item_village_share", "icc"):
            self._within(name)
        for name in ("trust_follows_welfare", "funds_follow_poverty"):
            self._within(name)
        for name in ("grade_shares", "by_consumption", "by_migration", "slope_sd"):
            if len(getattr(self, name)) != len(ITEMS):
                raise OptionError(f"{name} must have {len(ITEMS)} entries, those of {', '.join(ITEMS)}")
        for name, shares in (("size_shares", self.size_shares), ("view_shares", self.view_shares)):
            _one(name, shares)
        for shares in self.grade_shares:
            _one("grade_shares", shares)
        if len(self.villages) < 1 or min(self.villages) < 1 or self.households < 2:
            raise OptionError("villages must be counts by county, and households at least 2 in each village")
        if not 0 < self.poor < sum(self.villages) * self.households:
            raise OptionError(f"poor_share={self.poor_share!r} leaves no household poor, or none not poor")

    def _within(self, name: str) -> None:
        if not 0 <= getattr(self, name) < 1:
            raise OptionError(f"{name}={getattr(self, name)!r} must be at least 0 and below 1")

    @property
    def poor(self) -> int:
        """How many households are poor."""
        return round(self.poor_share * sum(self.villages) * self.households)

    @classmethod
    def reasons(cls) -> dict[str, str]:
        """Give {field: why it has its value}."""
        return {one.name: one.metadata["reason"] for one in fields(cls)}


def _one(name: str, shares: tuple[float, ...]) -> None:
    if min(shares) < 0 or not isclose(sum(shares), 1, abs_tol=1e-9):
        raise OptionError(f"{name} must be shares that sum to 1, not {shares}")


assert sum(GuizhouAssumptions.villages) * GuizhouAssumptions.households == HOUSEHOLDS  # noqa: S101
assert len(GuizhouAssumptions.villages) == COUNTIES  # noqa: S101
