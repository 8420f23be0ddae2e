"""Plan: which columns play which part in a study of social capital and household consumption."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from povstats.errors import OptionError
from povstats.words import Lang


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The parts of the study's model, as columns of the contract "guizhou" unless named otherwise.

    Attributes
    ----------
    outcome : consumption per head, in money; its natural logarithm is modelled.
    items : forms of social capital, each in a model of its own.
    household : controls of the household. village : of the village; they also moderate the items' slopes.
    group, county : grouping of the random effects, and the factor of the county dummies (None: no counties).
    moderator : one of `village`, over which slopes are drawn. at : values of it at which slopes are given too.
    funds : one of `village`, aid funds per head; None where there are none.
    poor : a column of 0 and 1. line : a poverty line in money; one of the two may be None, both may.
    splits : traits fixed before the outcome, along which the sample is split.
    data : "synthetic" puts that word on every table and chart.
    source : {"zh": …, "en": …}, where real data come from, under every table and chart.
    """

    outcome: str = "consumption"
    items: tuple[str, ...] = ("trust", "participation", "harmony", "cadre_relation")
    household: tuple[str, ...] = ("education", "land", "migrants", "transfers")
    village: tuple[str, ...] = ("village_consumption", "aid_funds", "village_migration")
    group: str = "village"
    county: str | None = "county"
    moderator: str = "village_consumption"
    at: tuple[float, ...] = ()
    funds: str | None = "aid_funds"
    poor: str | None = "poor"
    line: float | None = None
    splits: tuple[str, ...] = ("land", "education", "county")
    data: Literal["real", "synthetic"] = "real"
    source: Mapping[Lang, str] | None = None

    def __post_init__(self) -> None:
        """Refuse parts that contradict each other."""
        if not self.items:
            raise OptionError("a plan needs at least one item of social capital")
        for part in ("moderator", "funds"):
            name = getattr(self, part)
            if name is not None and name not in self.village:
                raise OptionError(f"{part}={name!r} must be one of the village's columns {list(self.village)}")
        named = [self.outcome, *self.items, *self.household, *self.village]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise OptionError(f"the plan gives {twice} more than one part")

    @property
    def response(self) -> str:
        """The outcome as the formulas have it."""
        return f"log({self.outcome})"

    def moderators(self, *, centred: bool = True) -> tuple[str, ...]:
        """Name the village's columns as factors of a formula, about their mean over the rows or as they are."""
        return tuple(f"center({name})" for name in self.village) if centred else self.village

    @property
    def null(self) -> str:
        """The model without predictors."""
        return f"{self.response} ~ 1 + (1 | {self.group})"

    def formula(self, item: str | None = None, *, slope: bool = True, centred: bool = True, extra: str = "") -> str:
        """Write a model: an item with its cross-level interactions, or the baseline without an item.

        Parameters
        ----------
        item : one of `items`; None leaves social capital out. slope : whether the item's slope is random.
        centred : whether moderators are centred, so that an item's main effect is that in the average village.
        extra : further terms of the fixed part, such as "C(county)".
        """
        bar = f"(1 + {item} | {self.group})" if item is not None and slope else f"(1 | {self.group})"
        return f"{self.fixed(item, centred=centred, extra=extra)} + {bar}"

    def fixed(
        self, item: str | None = None, *, centred: bool = True, extra: str = "", without: tuple[str, ...] = ()
    ) -> str:
        """Write the same model without its random part, as `fit_within` takes it.

        Parameters
        ----------
        without : columns of `village` that are left out.
        """
        kept = zip(self.village, self.moderators(centred=centred), strict=True)
        village = " + ".join(term for name, term in kept if name not in without)
        if item is not None and village:
            village = f"{item} * ({village})"
        terms = [*self.household, *([village] if village else [item] if item else []), *([extra] if extra else [])]
        return f"{self.response} ~ {' + '.join(terms) or '1'}"
