"""Rates: the answer of `povstats.three_rates`, and what it decides."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import OptionError, allowed, finite
from povstats.printing import Printed, Summary
from povstats.words import language

if TYPE_CHECKING:
    from povstats.engine.layout import Floats
    from povstats.targeting.check_rates.sampled import Columns

Region = Literal["centre", "west"]
INCIDENCE = {"centre": 0.02, "west": 0.03}
"""The limit of the comprehensive incidence for a county of the centre (and east) and of the west."""
RATE = 0.02
"""The limit of the rates of missed and of wrong exits."""
DECIDED = ("missed", "wrong_exit", "comprehensive")


@dataclass(frozen=True, eq=False, repr=False)
class Rates(Printed):
    """The three rates of a field check and the comprehensive incidence.

    Attributes
    ----------
    frame : index missed (漏评率), wrong_exit (错退率), wrongly_registered (错评率), comprehensive (综合贫困发生率),
        missed_of_poor (share of the truly poor that the register does not hold as poor); columns found and n (sampled
        units), persons (the population behind the denominator), estimate, se, df, effective (effective number of
        units), low and high (Korn and Graubard), wilson_low, wilson_high, delta_low, delta_high.
    totals : persons by stratum and status (registered, exited, outside). strata : labels.
    columns : of the table. rows : read and used.
    """

    frame: pd.DataFrame
    totals: "Floats"
    strata: tuple[Any, ...]
    columns: "Columns"
    rows: int

    def decisions(self, region: Region, *, rate_limit: float = RATE) -> pd.DataFrame:
        """Hold the rates against the limits of exit: 2 % in the centre, 3 % in the west; 2 % for missed and exits.

        Parameters
        ----------
        region : "centre" or "west": sets the limit of the comprehensive incidence.
        rate_limit : of the rates of missed and wrong exits; some provinces take 0.01.

        Returns
        -------
        pandas.DataFrame
            Index missed, wrong_exit, comprehensive; columns estimate, low, high, limit, point (whether the estimate
            alone keeps below the limit) and decision: "passes" where the whole 95 % interval is below the limit,
            "fails" where it is all above, else "open".

        Raises
        ------
        OptionError
            Where the region is unknown, or the limit is no share.
        """
        allowed("region", region, tuple(INCIDENCE))
        if not finite(rate_limit) or not 0 < rate_limit < 1:
            raise OptionError(f"rate_limit={rate_limit!r} must lie between 0 and 1, such as 0.02")
        limits = {"missed": rate_limit, "wrong_exit": rate_limit, "comprehensive": INCIDENCE[region]}
        found = self.frame.loc[list(DECIDED), ["estimate", "low", "high"]].assign(limit=pd.Series(limits))
        found["point"] = found["estimate"] < found["limit"]
        found["decision"] = "open"
        found.loc[found["high"] < found["limit"], "decision"] = "passes"
        found.loc[found["low"] >= found["limit"], "decision"] = "fails"
        return found

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a row a rate, then the units sampled for it."""
        numbers = ("estimate", "se", "df", "low", "high")
        rows: list[dict[str, object]] = [
            {"measure": str(rate), **{name: row[name] for name in numbers}} for rate, row in self.frame.iterrows()
        ]
        rows += [{"measure": "nobs", "group": str(rate), "estimate": row["n"]} for rate, row in self.frame.iterrows()]
        return tidy_frame(rows)

    def summary(self, lang: str | None = None) -> Summary:
        """Print the rates in per cent with their denominators, in "zh" or "en"."""
        from povstats.targeting.check_rates.told import printed

        return printed(self, lang or language())

    def explain(self, lang: str | None = None) -> str:
        """Say each rate with its denominator, how it is expanded, and how sure it is, in "zh" or "en"."""
        from povstats.targeting.check_rates.told import paragraph

        return paragraph(self, lang or language())
