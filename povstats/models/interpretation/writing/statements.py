"""A fitted model said to other programs: lme4, nlme, Stata, HLM and statsmodels."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import allowed
from povstats.models.interpretation.writing.statement_hlm import hlm
from povstats.models.interpretation.writing.statement_parts import Statement
from povstats.models.interpretation.writing.statement_python import statsmodels
from povstats.models.interpretation.writing.statement_r import lme4, nlme
from povstats.models.interpretation.writing.statement_stata import stata
from povstats.printing import Grid, Summary
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

PROGRAMS = ("lme4", "nlme", "stata", "hlm", "statsmodels")


@dataclass(frozen=True, eq=False, repr=False)
class Statements:
    """One model in five programs.

    `statements["lme4"]` is the text to copy; it is "" where a program cannot say the model, and the notes say why.

    Attributes
    ----------
    fit : the model.
    lang : "zh" or "en", in which HLM's set-up is worded, or None for the language of the time of printing.
    """

    fit: "HLMResult"
    lang: Lang | None

    @property
    def spoken(self) -> Lang:
        """The language it prints in."""
        return self.lang or language()

    def __getitem__(self, program: str) -> str:
        """Give a program's statement."""
        return self.statement(program).code

    def __iter__(self) -> Iterator[str]:
        """Go through the programs' names."""
        return iter(PROGRAMS)

    def statement(self, program: str, lang: Lang | None = None) -> Statement:
        """Give a program's statement with its notes.

        Parameters
        ----------
        program : "lme4", "nlme", "stata", "hlm" or "statsmodels". lang : of HLM's set-up.
        """
        allowed("program", program, PROGRAMS)
        if program == "hlm":
            return hlm(self.fit, lang or self.spoken)
        return {"lme4": lme4, "nlme": nlme, "stata": stata, "statsmodels": statsmodels}[program](self.fit)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: a program a row (group), its statement as term, estimate 1 where it has one."""
        return tidy_frame(
            {"measure": "statement", "group": program, "term": self[program], "estimate": float(bool(self[program]))}
            for program in PROGRAMS
        )

    def summary(self, lang: Lang | None = None) -> Summary:
        """Print in "zh" or "en"."""
        spoken = lang or self.spoken
        grids = []
        for program in PROGRAMS:
            one = self.statement(program, spoken)
            rows = tuple((line,) for line in one.code.splitlines())
            notes = tuple(note.say(spoken) for note in one.notes)
            grids.append(Grid(say(f"statements.{program}", spoken), (), rows, notes))
        grids.append(Grid("", (), (), (self._reached(spoken),)))
        return Summary(tuple(grids))

    def _reached(self, lang: Lang) -> str:
        """Say which log-likelihood the programs should reach."""
        return say("statements.loglik", lang, value=f"{self.fit.loglik:.4f}")

    def explain(self, lang: Lang | None = None) -> str:
        """Say in one paragraph what the statements are, and which programs lack a part."""
        spoken = lang or self.spoken
        whole = [say(f"statements.{program}", spoken) for program in PROGRAMS if self[program]]
        joint = say("statements.joint", spoken)
        said = [say("statements.what", spoken, formula=self.fit.formula, programs=joint.join(whole))]
        for program in PROGRAMS:
            one = self.statement(program, spoken)
            if not one.code:
                name = say(f"statements.{program}", spoken)
                said.append(say("statements.cannot", spoken, program=name, why=one.notes[0].say(spoken)))
        said += [self._reached(spoken), say("statements.checked", spoken)]
        return say("statements.sentence_joint", spoken).join(said)

    def __repr__(self) -> str:
        """Print in a terminal."""
        return str(self.summary())

    def _repr_html_(self) -> str:
        """Print in a notebook, each statement ready to be copied."""
        parts = []
        for program in PROGRAMS:
            one = self.statement(program)
            notes = "<br>".join(escape(note.say(self.spoken)) for note in one.notes)
            code = f"<pre>{escape(one.code)}</pre>" if one.code else ""
            parts.append(
                f"<p><b>{escape(say(f'statements.{program}', self.spoken))}</b></p>{code}<p><small>{notes}</small></p>"
            )
        return "".join([*parts, f"<p><small>{escape(self._reached(self.spoken))}</small></p>"])


def statements(fit: "HLMResult", lang: Lang | None = None) -> Statements:
    """Say the model to lme4, nlme, Stata, HLM and statsmodels.

    Each text first makes the columns that a program cannot make in a formula (group means, centred columns, numbered
    levels), on the complete rows, from a table `d`. What a program cannot say is told in a note, not guessed.

    Parameters
    ----------
    lang : "zh" or "en", of HLM's set-up in words and of the notes; without it that of povstats.language().

    Returns
    -------
    Statements
        `statements["lme4"]` and so on.

    Notes
    -----
    Source: the manuals of lme4 1.1, nlme 3.1, Stata's [ME] mixed, HLM 7 and statsmodels 0.14. The R and Python texts
    are run in the tests' references and give the fit's log-likelihood; those of Stata and HLM were not run.
    """
    return Statements(fit, lang)
