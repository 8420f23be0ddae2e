"""What povstats' names are called in lme4, nlme, Stata, HLM, statsmodels and linearmodels."""

from collections.abc import Sequence

import pandas as pd

from povstats.errors import allowed
from povstats.files import PACKAGE
from povstats.tables.table import Table
from povstats.words import language, say

PROGRAMS = {
    "lme4": "lme4, lmerTest",
    "nlme": "nlme",
    "stata": "Stata",
    "hlm": "HLM",
    "statsmodels": "statsmodels",
    "linearmodels": "linearmodels",
}


def names_elsewhere(lang: str | None = None, programs: Sequence[str] = tuple(PROGRAMS)) -> Table:
    """Set povstats' names beside those of six programs.

    Parameters
    ----------
    lang : "zh" or "en"; None takes `ps.language()`.
    programs : which columns, of "lme4", "nlme", "stata", "hlm", "statsmodels" and "linearmodels".

    Returns
    -------
    Table
        One row a name: what it is, and what the others call it; blank where a program does not have it. Stata's
        are stored results and commands after `mixed`, HLM's the headings of its output.

    Notes
    -----
    Source: the manuals of lme4 1.1, lmerTest 3.1, nlme 3.1, Stata's [ME] mixed, HLM 7, statsmodels 0.15 and
    linearmodels 7; those of R and Python are evaluated by the tests and their references.
    """
    lang = language() if lang is None else lang
    allowed("lang", lang, ("zh", "en"))
    for program in programs:
        allowed("programs", program, tuple(PROGRAMS))
    frame = read_names()
    shown = frame[["name", *programs]].rename(columns={"name": "povstats", **PROGRAMS})
    shown.index = pd.Index([say(f"names.{key}", lang) for key in frame.index])
    notes = [say("names.note", lang)]
    if "linearmodels" in programs:
        notes.append(say("names.note_linearmodels", lang))
    return Table(shown, say("names.title", lang), tuple(notes), "zh" if lang == "zh" else "en")


def read_names() -> pd.DataFrame:
    """Read the names as they are stored: index key, columns name and the programs; "" where there is none."""
    path = PACKAGE / "tables" / "elsewhere.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("key")
