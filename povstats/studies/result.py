"""Study: what was read, prepared, checked and fitted, and the folder it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from povstats.contracts import CheckReport, Contract, tidy_frame
from povstats.guizhou import Analysis
from povstats.models import Referee, referee
from povstats.printing import Printed, Summary
from povstats.studies.estimated import model_numbers, model_table
from povstats.studies.followed import trend_numbers, trend_table
from povstats.studies.social import Social
from povstats.studies.sources import Source
from povstats.studies.spec import Spec
from povstats.studies.spec_parts import Said
from povstats.tables import Table
from povstats.words import Lang, language


@dataclass(frozen=True, eq=False, repr=False)
class Study(Printed):
    """A whole analysis.

    Attributes
    ----------
    sources : the files and tables, with their fingerprints.
    prepared : what the recipe made; None where there was no recipe.
    report : the check against the recipe's contract; it found no breach. None without a recipe, but in a study of
        social capital, which checks its own.
    table : what was analysed. spec : what was asked.
    fits : the models in the order of the formulas, or the one trend; () where data were only prepared.
    social : of a study of social capital, its parts, and those left out with their reasons.
    path : the folder or .zip that was written; None where nothing was.
    files : {file in it: SHA-256}.
    """

    sources: tuple[Source, ...]
    prepared: Any
    report: CheckReport | None
    table: pd.DataFrame
    spec: Spec
    fits: tuple[Any, ...]
    social: Social | None = None
    path: Path | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def contract(self) -> Contract | None:
        """The recipe's contract."""
        return None if self.prepared is None else self.prepared.contract

    @property
    def analysis(self) -> Analysis | None:
        """The analysis behind a study of social capital, for its parts at other values; None of other studies."""
        return None if self.social is None else self.social.analysis

    @property
    def names(self) -> tuple[Said | None, ...]:
        """The names of the fits."""
        if self.social is not None:
            return self.social.names
        return tuple(one.name for one in self.spec.model.formulas) if self.spec.model else (None,) * len(self.fits)

    @property
    def models(self) -> bool:
        """Whether the fits are hierarchical models."""
        return self.spec.model is not None or self.social is not None

    @cached_property
    def referees(self) -> tuple[Referee, ...]:
        """What a referee would say of each model; () of a trend."""
        return tuple(referee(fit) for fit in self.fits) if self.models else ()

    def journal_table(self, lang: Lang | None = None) -> Table:
        """Give the journal's table: the models, or the metrics of the trend."""
        lang = lang or language()
        if self.social is not None:
            return self.social.table(lang)
        if self.spec.model:
            return model_table(self.spec, self.contract, self.fits, lang)
        return trend_table(self.spec, self.contract, self.fits[0], lang)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give the numbers behind the table as frames, by the name of their file."""
        if self.social is not None:
            return {"estimates": self.social.numbers()}
        if self.spec.model:
            return {"estimates": model_numbers(self.spec.model, self.fits)}
        return trend_numbers(self.fits[0]) if self.spec.trend else {}

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame of the fits, one below the other.

        Of models with a column "model" before it, of the parts of a study of social capital with a column "part".
        """
        if self.social is not None:
            return self.social.numbers()
        if self.spec.model:
            return model_numbers(self.spec.model, self.fits)
        if not self.fits:
            return tidy_frame([{"measure": "nobs", "estimate": len(self.table)}])
        found: pd.DataFrame = self.fits[0].tidy()
        return found

    def save(self, out: str | PathLike[str]) -> "Study":
        """Write the folder, or a .zip where `out` ends so; give the study with its path.

        The folder is made whole beside the target and then renamed. An existing folder or file is only replaced where
        it holds an earlier study, and a folder only where nothing else is in it and nothing was changed by hand.
        """
        from povstats.studies.folder import write_study

        path, files = write_study(self, Path(out))
        return replace(self, path=path, files=files)

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print what was done and where it was written, in "zh" or "en"."""
        from povstats.studies.printed import printed

        return printed(self, lang or language())

    def explain(self, lang: Lang | None = None) -> str:
        """Give the methods paragraph: file, fingerprint, recipe's steps, models, inference, notes, referee's traps."""
        from povstats.studies.methods import paragraphs

        return paragraphs(self, lang or language())
