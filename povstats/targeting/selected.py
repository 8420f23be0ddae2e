"""Targeting: the answer of `povstats.targeting_errors`."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from povstats.errors import OptionError
from povstats.poverty.estimate import Definition, Estimates
from povstats.poverty.printed import rule
from povstats.printing import Printed, Summary
from povstats.targeting.side_by_side import grid, joined, sentences
from povstats.words import language, say


@dataclass(frozen=True, eq=False, repr=False)
class Targeting(Printed):
    """How well a programme reaches the poor.

    Attributes
    ----------
    estimates : by name exclusion_error, inclusion_error, coverage, poor_share, cgh and f1, as measures estimate them.
    benefit : the column of what a row gets.
    poor : the column of the truly poor; None where a line says who is poor.
    """

    estimates: Mapping[str, Estimates]
    benefit: str
    poor: str | None

    @property
    def definition(self) -> Definition:
        """What was asked."""
        return next(iter(self.estimates.values())).definition

    def __getitem__(self, measure: str) -> Estimates:
        """Give the estimates of one measure.

        Raises
        ------
        OptionError
            Where there is none of that name.
        """
        if measure not in self.estimates:
            raise OptionError(f"there is no {measure!r} here; there are {', '.join(self.estimates)}")
        return self.estimates[measure]

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: the rows of every measure, then a row "nobs" a group."""
        frames = [one.tidy() for one in self.estimates.values()]
        measures = [frame[frame["measure"] != "nobs"] for frame in frames]
        return pd.concat([*measures, frames[0][frames[0]["measure"] == "nobs"]], ignore_index=True)

    def summary(self, lang: str | None = None) -> Summary:
        """Print the measures, in "zh" or "en"; shares in per cent."""
        lang = lang or language()
        title = say("targeting.title", lang, benefit=self.benefit, who=self._who())
        return Summary((grid(self.estimates, title, lang),))

    def explain(self, lang: str | None = None) -> str:
        """Say who is poor and selected, every measure with its meaning, and how sure it is, in "zh" or "en"."""
        lang = lang or language()
        lead = say("targeting.lead", lang, benefit=self.benefit, who=self._who())
        return joined([lead, *sentences(self.estimates, lang)], lang)

    def _who(self) -> str:
        return f"{self.poor} = 1" if self.poor is not None else rule(next(iter(self.estimates.values())))
