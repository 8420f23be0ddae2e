"""Design: the columns that say how a sample was drawn."""

from dataclasses import dataclass, replace
from typing import Literal

from povstats.errors import OptionError, allowed
from povstats.survey.replication import Bootstrap, Replicates
from povstats.words import say

Lonely = Literal["fail", "certainty", "center"]
LONELY: tuple[Lonely, ...] = ("fail", "certainty", "center")
Route = Literal["linearised", "replicates", "bootstrap", "census"]


@dataclass(frozen=True, kw_only=True)
class Design:
    """Columns of a stratified, clustered sample whose PSUs count as drawn with replacement, unless `fpc` is named.

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
    fpc : column of the PSUs of the row's stratum in the population, or of the share of them that was drawn (numbers up
        to 1): PSUs then count as drawn without replacement, and a stratum's variance is (1 − n/N) times as large.
    replicates : replicate weights that come with the data, in place of strata and PSUs; see `povstats.Replicates`.
    resampling : a bootstrap of PSUs; see `bootstrap`.
    full_count : whether the table is the population; see `census`.

    Raises
    ------
    OptionError
        Where a column's name is no text, `lonely` is unknown, or two routes to a variance are asked for at once.

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
    fpc: str | None = None
    replicates: Replicates | None = None
    resampling: Bootstrap | None = None
    full_count: bool = False

    def __post_init__(self) -> None:
        allowed("lonely", self.lonely, LONELY)
        for role in ("weights", "strata", "psu", "fpc"):
            column = getattr(self, role)
            if column is not None and (not isinstance(column, str) or not column):
                raise OptionError(f"Design({role}={column!r}) must be the name of a column, in quotes, or None")
        drawn = [role for role in ("strata", "psu", "fpc", "resampling") if getattr(self, role) is not None]
        if self.replicates is not None and not isinstance(self.replicates, Replicates):
            raise OptionError(
                "Design(replicates=…) must be a povstats.Replicates, which says how the weights were made"
            )
        if self.replicates is not None and drawn:
            raise OptionError(f"replicate weights hold the design already: leave out {', '.join(drawn)}")
        if self.full_count and (drawn or self.replicates is not None):
            raise OptionError("a full count has no sampling error, so it has no strata, PSUs or replicates")
        if self.resampling is not None and self.fpc is not None:
            raise OptionError("the bootstrap of PSUs draws with replacement and knows no fpc; leave one of them out")

    @classmethod
    def census(cls, *, weights: str | None = None) -> "Design":
        """Say that the table is the whole population, such as a register: its numbers carry no sampling error.

        Parameters
        ----------
        weights : column of how often a row counts, such as the persons of a row; no sampling weight.
        """
        return cls(weights=weights, full_count=True)

    def bootstrap(self, n: int = 500, rng: int = 1) -> "Design":
        """Take standard errors from a bootstrap of PSUs within strata, not from linearisation.

        Parameters
        ----------
        n : replicates, at least 50.
        rng : seed of the draws, a whole number: the same one draws the same PSUs for an estimated line.

        Source
        ------
        Rao, Wu and Yue (1992), Survey Methodology 18.
        """
        return replace(self, resampling=Bootstrap(n, rng))

    @property
    def route(self) -> Route:
        """The way to a variance."""
        if self.full_count:
            return "census"
        if self.replicates is not None:
            return "replicates"
        return "linearised" if self.resampling is None else "bootstrap"

    def describe(self, lang: str) -> str:
        """Say the design in one clause.

        Parameters
        ----------
        lang : "zh" or "en".
        """
        how = self._drawn(lang)
        weights = "no_weights" if self.weights is None else "weights"
        if not self.full_count or self.weights is not None:
            how.append(say(f"survey.{weights}", lang, column=self.weights))
        if self.lonely != "fail":
            how.append(say(f"survey.lonely_{self.lonely}", lang))
        return say("survey.joint", lang).join(how)

    def _drawn(self, lang: str) -> list[str]:
        """Say how rows were drawn."""
        if self.full_count:
            return [say("measures.census", lang)]
        if self.replicates is not None:
            size = len(self.replicates.columns)
            return [say("measures.replicates", lang, kind=self.replicates.kind, n=size)]
        if self.strata is None and self.psu is None:
            # With unequal weights the rows are independent draws, but no simple random sample.
            how = [say("survey.srs" if self.weights is None else "survey.rows", lang)]
        else:
            kind = "row_psu" if self.psu is None else "psu"
            psu = say(f"survey.{kind}" if self.fpc is None else f"measures.{kind}", lang, column=self.psu)
            strata = "no_strata" if self.strata is None else "strata"
            how = [say(f"survey.{strata}", lang, column=self.strata), psu]
        if self.fpc is not None:
            how.append(say("measures.fpc", lang, column=self.fpc))
        if self.resampling is not None:
            how.append(say("measures.resampling", lang, n=self.resampling.n, seed=self.resampling.seed))
        return how
