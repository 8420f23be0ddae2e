"""Design: the columns that say how a sample was drawn."""

from dataclasses import dataclass
from typing import Literal

from povstats.errors import OptionError, allowed
from povstats.words import say

Lonely = Literal["fail", "certainty", "center"]
LONELY: tuple[Lonely, ...] = ("fail", "certainty", "center")


@dataclass(frozen=True, kw_only=True)
class Design:
    """Columns of a stratified, clustered sample whose PSUs count as drawn with replacement.

    Parameters
    ----------
    weights : column of the final weight of the row, the number of persons (or of households, where the row is
        a household) that it stands for; None counts every row once.
    strata : column of the stratum; None is a sample without strata.
    psu : column of the primary sampling unit; None makes every row its own PSU. A PSU's name belongs to its
        stratum, so village 1 of one county and village 1 of another are two PSUs.
    lonely : what a stratum with a single PSU does to the variance. "fail" refuses it; "certainty" takes it
        for drawn with certainty, so that it adds nothing; "center" measures its deviation from the mean
        of all PSUs.

    Raises
    ------
    OptionError
        Where a column's name is no text, or `lonely` is unknown.

    Notes
    -----
    `Design()` is a simple random sample of rows, and results say so.

    Source
    ------
    Lumley (2010), Complex Surveys, chapter 2; "center" is `survey.lonely.psu = "adjust"` of R's survey.
    """

    weights: str | None = None
    strata: str | None = None
    psu: str | None = None
    lonely: Lonely = "fail"

    def __post_init__(self) -> None:
        allowed("lonely", self.lonely, LONELY)
        for role in ("weights", "strata", "psu"):
            column = getattr(self, role)
            if column is not None and (not isinstance(column, str) or not column):
                raise OptionError(f"Design({role}={column!r}) must be the name of a column, in quotes, or None")

    def describe(self, lang: str) -> str:
        """Say the design in one clause.

        Parameters
        ----------
        lang : "zh" or "en".
        """
        if self.strata is None and self.psu is None:
            # With unequal weights the rows are independent draws, but no simple random sample.
            how = [say("survey.srs" if self.weights is None else "survey.rows", lang)]
        else:
            psu = say("survey.row_psu", lang) if self.psu is None else say("survey.psu", lang, column=self.psu)
            strata = "no_strata" if self.strata is None else "strata"
            how = [say(f"survey.{strata}", lang, column=self.strata), psu]
        weights = "no_weights" if self.weights is None else "weights"
        how.append(say(f"survey.{weights}", lang, column=self.weights))
        if self.lonely != "fail":
            how.append(say(f"survey.lonely_{self.lonely}", lang))
        return say("survey.joint", lang).join(how)
