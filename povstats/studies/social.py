"""A study of social capital: its models and parts, what is left out and why, and its numbers, tables and figures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from povstats.contracts import CheckReport, Contract, check, find_contract
from povstats.errors import PovstatsError
from povstats.guizhou import Analysis, Plan
from povstats.guizhou.contents import Part, parts
from povstats.guizhou.named import CONTRACT, terms, title
from povstats.guizhou.tabled import finished
from povstats.models import HLMResult
from povstats.models.notes import Note
from povstats.studies.figures import save_figure, write_csv
from povstats.studies.progress import Tell
from povstats.studies.spec_parts import Said
from povstats.tables import Table, regression_table
from povstats.words import LANGUAGES, Lang, say

if TYPE_CHECKING:
    from povstats.studies.spec import Spec


@dataclass(frozen=True, eq=False)
class Social:
    """What a study of social capital made of a table.

    Attributes
    ----------
    analysis : the table and its plan. fits : null model, baseline, and each item's model with a random slope.
    names : of the fits. made : the parts that the table can have. left : those that it cannot, with the reason.
    """

    analysis: Analysis
    fits: tuple[HLMResult, ...]
    names: tuple[Said, ...]
    made: tuple[Part, ...]
    left: tuple[tuple[Part, Note], ...]

    def numbers(self) -> pd.DataFrame:
        """Give the nine-column frames of all parts below each other, a column "part" before them."""
        frames, seen = [], set()
        for one in self.made:
            found = one.made(self.analysis)
            # A table and a figure of one result have the same numbers.
            if id(found) in seen:
                continue
            seen.add(id(found))
            frame = found.tidy()
            frame.insert(0, "part", one.id)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def table(self, lang: Lang) -> Table:
        """Set null model, baseline and the items' models side by side."""
        there = {str(term) for fit in self.fits for term in fit.params.index}
        items = [item for item in self.analysis.plan.items if item in there]
        made = regression_table(
            self.fits,
            lang=lang,
            style="cn-journal" if lang == "zh" else "en-journal",
            names=[name[lang] for name in self.names],
            labels=terms(self.analysis, lang),
            title=say("social.models_title", lang),
            order=items,
            notes=[say("social.note_centred", lang), say("study.note_reml", lang)],
        )
        return finished(made, self.analysis)

    def left_out(self, lang: Lang) -> list[str]:
        """Give a sentence for every part that is left out."""
        return [say("social.left_out", lang, part=one.id, reason=note.say(lang)) for one, note in self.left]

    def report(self, lang: Lang) -> list[str]:
        """Print every part and defend it, then say what is left out."""
        told = []
        for one in self.made:
            found = one.made(self.analysis)
            if one.kind == "table":
                told += [str(found.summary(lang)), found.explain(lang)]
        return told + self.left_out(lang)

    def write(self, folder: Path, spec: "Spec") -> None:
        """Write tables and figures in both languages, and the numbers."""
        for name in ("tables", "figures"):
            if name == "tables" or any(one.kind == "figure" for one in self.made):
                (folder / name).mkdir()
        for at, one in enumerate(self.made, 1):
            for lang in LANGUAGES:
                drawn = one.drawn(self.analysis, lang)
                if isinstance(drawn, Table):
                    drawn.save(folder / "tables" / f"{at:02}-{one.id}")
                else:
                    save_figure(drawn, folder / "figures" / f"{at:02}-{one.id}", spec)
        for lang in LANGUAGES:
            self.table(lang).save(folder / "tables" / "models")
        write_csv(self.numbers(), folder / "tables" / "estimates.csv")


def run_social(plan: Plan, table: pd.DataFrame, labels: Mapping[str, Said], tell: Tell) -> Social:
    """Fit the models and compute the parts, telling each.

    Parameters
    ----------
    labels : words for columns instead of the contract's.

    Raises
    ------
    DataError, FitError
        Where the table lacks a column of the plan, or not even the null model can be fitted.
    """
    analysis = Analysis(table, plan, labels)
    asked = [("null", plan.null), ("baseline", plan.formula()), *((item, plan.formula(item)) for item in plan.items)]
    fits, names = [], []
    for at, (name, formula) in enumerate(asked, 1):
        tell("fit", at=at, models=len(asked))
        try:
            fits.append(analysis.fitted(formula))
        except PovstatsError:
            if name == "null":
                raise
            continue  # the part that shows it says why
        names.append({lang: _name(analysis, name, lang) for lang in LANGUAGES})
    made, left = [], []
    listed = parts(analysis)
    for at, one in enumerate(listed, 1):
        tell("part", at=at, parts=len(listed), name=one.id)
        reason = one.reason(analysis)
        if reason is None:
            made.append(one)
        else:
            left.append((one, reason))
    return Social(analysis, tuple(fits), tuple(names), tuple(made), tuple(left))


def check_social(table: pd.DataFrame, plan: Plan) -> CheckReport:
    """Check a table that came without a recipe against the contract "guizhou".

    Columns of the contract that the plan gives no part need not be there; the household's id must.
    """
    return check(table, _asked(find_contract(CONTRACT), plan))


def _asked(contract: Contract, plan: Plan) -> Contract:
    used = {plan.outcome, *plan.items, *plan.household, *plan.village, plan.group, plan.county, "household"}
    columns = tuple(one if one.name in used else replace(one, required=False) for one in contract.columns)
    return replace(contract, columns=columns)


def _name(analysis: Analysis, name: str, lang: Lang) -> str:
    return say(f"social.model_{name}", lang) if name in ("null", "baseline") else title(analysis, name, lang)
