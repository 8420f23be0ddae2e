"""Slopes in parts of the sample: along traits fixed before the outcome, and, as a warning, along the outcome itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import DataError
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.labelled import foot, heading, notes_of
from povstats.guizhou.named import relabelled, small
from povstats.guizhou.named import title as named
from povstats.guizhou.tabled import Tabled, made, paragraph
from povstats.models import fit_hlm
from povstats.models.interpretation.effects.contrast import precision, tested
from povstats.tables import Table
from povstats.tables.digits import plain, stars
from povstats.words import Lang, language, say

if TYPE_CHECKING:
    from povstats.viz import Figure

LEVEL = 0.95
SMALLEST = 30
"""Households that a part needs for a slope of its own."""


@dataclass(frozen=True, eq=False, repr=False)
class Splits(Tabled):
    """Slopes of every item by parts of the sample.

    Attributes
    ----------
    slopes : index (trait, part, item): estimate, se, df, p, low, high. Parts of a numeric trait are "low" and "high",
        at or below and above its median; of a text its values. The trait that is the outcome is a warning.
    tests : index (trait, item): statistic, df, ddf, p of equal slopes in all parts; none of the outcome.
    sizes : households, index (trait, part). medians : by numeric trait. reasons : why a trait is left out.
    """

    slopes: pd.DataFrame
    tests: pd.DataFrame
    sizes: pd.Series
    medians: Mapping[str, float]
    reasons: Mapping[str, str]
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: split_slope by trait and part, then split_test by trait."""
        rows: list[dict[str, object]] = [
            {"measure": "split_slope", "group": f"{trait}: {part}", "term": item, **row.to_dict()}
            for (trait, part, item), row in self.slopes.iterrows()
        ]
        rows += [
            {"measure": "split_test", "group": trait, "term": item, "estimate": row["statistic"], "p": row["p"]}
            for (trait, item), row in self.tests.iterrows()
        ]
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give the slopes, a block a trait, a row a part, a column an item; the outcome's block is last, a warning."""
        lang = lang or language()
        plan, cells, index = self.analysis.plan, [], []
        for trait, part in self.sizes.index:
            rows = self.slopes.loc[(trait, part)]
            block = self._block(trait, lang)
            index += [(block, self._part(trait, part, lang)), (block, "")]
            cells.append([plain(rows.loc[item, "estimate"], 3) + stars(rows.loc[item, "p"]) for item in plan.items])
            cells.append([f"[{plain(rows.loc[i, 'low'], 3)}, {plain(rows.loc[i, 'high'], 3)}]" for i in plan.items])
            if trait in self.tests.index.get_level_values(0) and part == self.sizes[trait].index[-1]:
                index.append((block, say("robust.equal", lang)))
                cells.append([plain(self.tests.loc[(trait, item), "p"], 3) for item in plan.items])
        heads = [named(self.analysis, item, lang) for item in plan.items]
        frame = pd.DataFrame(cells, pd.MultiIndex.from_tuples(index), heads, dtype=object)
        return made(self.analysis, frame, "splits", self._notes(lang), lang, "interval")

    def plot(
        self,
        *,
        lang: Lang | None = None,
        title: str | None = None,
        source: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> "Figure":
        """Draw the slopes by parts, a panel an item.

        Parameters
        ----------
        lang : "zh" or "en".
        title, source : words of one's own, in that language; of synthetic data they are labelled all the same.
        labels : words for columns.
        """
        from povstats.viz import charts

        lang = lang or language()
        told, plan = relabelled(self.analysis, labels), self.analysis.plan
        rows = [
            {
                "panel": named(told, item, lang),
                "row": self._row(trait, part, lang, told),
                "group": "",
                **self.slopes.loc[(trait, part, item), ["estimate", "low", "high"]].to_dict(),
            }
            for item in plan.items
            for trait, part in self.sizes.index
        ]
        return charts.row_panels(
            pd.DataFrame(rows),
            line=0.0,
            lang=lang,
            title=heading(plan, lang, "splits", title),
            unit=say("robust.unit_log", lang),
            source=foot(plan, lang, say("robust.source", lang), source),
            notes=[*self._notes(lang), *notes_of(plan, lang)],
        )

    def explain(self, lang: Lang | None = None) -> str:
        """Say which slopes differ along which trait, and what a split by the outcome does."""
        lang = lang or language()
        told = []
        for (trait, item), row in self.tests.iterrows():
            words = {"trait": small(named(self.analysis, trait, lang), lang), "item": named(self.analysis, item, lang)}
            told.append(say("robust.explain_split", lang, p=plain(float(row["p"]), 3), **words))
        return paragraph([*self._notes(lang), *told], lang)

    def _block(self, trait: str, lang: Lang) -> str:
        name = named(self.analysis, trait, lang)
        return say("robust.warning", lang, trait=small(name, lang)) if trait == self.analysis.plan.outcome else name

    def _part(self, trait: str, part: str, lang: Lang) -> str:
        words = {"n": int(self.sizes[(trait, part)])}
        if trait in self.medians:
            return say(f"robust.part_{part}", lang, median=f"{self.medians[trait]:,.4g}", **words)
        return say("robust.part_value", lang, value=part, **words)

    def _row(self, trait: str, part: str, lang: Lang, told: Analysis) -> str:
        name = named(told, trait, lang)
        if trait not in self.medians:
            return f"{name} {part}"
        key = "warned" if trait == told.plan.outcome else "row"
        return say(f"robust.{key}_{part}", lang, trait=name)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say("robust.note_splits", lang), say("robust.note_warning", lang)]
        notes += [say("robust.note_no_split", lang, trait=k, reason=why) for k, why in self.reasons.items()]
        return notes + ([say("social.note_contained", lang)] if self.analysis.contained else [])


def splits(analysis: Analysis) -> Splits:
    """Estimate every item's slope apart in parts of the sample, and test whether the parts differ.

    Along the plan's traits, by one model of all households: ln C = … + part + SC + SC × part + u_j + e, without the
    cross-level products. Beside it, in separate models, the two halves by consumption itself, which is a warning: a
    part that is cut along the outcome has its spread cut too, and the slopes in it shrink towards zero, whatever they
    are in truth. No test is given of it.

    Raises
    ------
    DataError
        Where no trait of the plan can part the sample.

    Notes
    -----
    Source: Heckman (1979), Econometrica 47, and Hausman & Wise (1977), Econometrica 45, on samples that are cut along
    the outcome; Goldberger (1981), Journal of Econometrics 15, on how much slopes shrink.
    """
    plan = analysis.plan
    frames: dict[tuple[str, str, str], pd.Series] = {}
    tests: dict[tuple[str, str], dict[str, float]] = {}
    sizes: dict[tuple[str, str], int] = {}
    medians: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for trait in plan.splits:
        try:
            parts, median = _parts(analysis, trait)
        except DataError as error:
            reasons[trait] = str(error)
            continue
        medians |= {} if median is None else {trait: median}
        table = analysis.table.assign(part=parts)
        for item in plan.items:
            by_part, test = _apart(analysis, table, item, trait)
            frames |= {(trait, part, item): row for part, row in by_part.iterrows()}
            tests[(trait, item)] = test
        sizes |= {(trait, part): int((parts == part).sum()) for part in by_part.index}
    if not frames:
        raise DataError(f"no trait of {list(plan.splits)} parts the sample: {'; '.join(reasons.values())}")
    _along_outcome(analysis, frames, sizes, medians)
    index = pd.MultiIndex.from_tuples(sizes)
    return Splits(
        pd.DataFrame(frames).T.drop(columns="t").astype(float).sort_index(),
        pd.DataFrame(tests).T.astype(float),
        pd.Series(list(sizes.values()), index),
        medians,
        reasons,
        analysis,
    )


def _parts(analysis: Analysis, trait: str) -> tuple[pd.Series, float | None]:
    """Give every household's part, and a numeric trait's median."""
    if trait not in analysis.table.columns:
        raise DataError(f"the table has no column {trait!r}")
    values = analysis.table[trait]
    if pd.api.types.is_numeric_dtype(values):
        median = float(values.median())
        parts = pd.Series(np.where(values <= median, "low", "high"), values.index, dtype=object).where(values.notna())
    else:
        median, parts = None, values.astype(object).where(values.isna(), values.astype(str))
    counts = parts.value_counts()
    if len(counts) < 2 or counts.min() < SMALLEST:
        raise DataError(f"{trait!r} has parts of {counts.to_dict()} households; two of {SMALLEST} or more are needed")
    return parts, median


def _controls(analysis: Analysis, item: str) -> str:
    """Write the controls and the village's columns, without products."""
    plan = analysis.plan
    return plan.fixed(extra=item)


def _apart(analysis: Analysis, table: pd.DataFrame, item: str, trait: str) -> tuple[pd.DataFrame, dict[str, float]]:
    """Give an item's slope in every part by one model, and the test that all are equal."""
    plan = analysis.plan
    fit: Any = fit_hlm(f"{_controls(analysis, item)} + C(part) + {item}:C(part) + (1 | {plan.group})", table)
    labels = sorted(table["part"].dropna().unique())
    if trait in (plan.outcome,) or set(labels) == {"high", "low"}:
        labels = ["low", "high"]
    terms = list(fit.params.index)
    products = {
        part: next((t for t in terms if f"C(part)[T.{part}]" in t and item in t.split(":")), None) for part in labels
    }
    rows = np.zeros((len(labels), len(terms)))
    rows[:, terms.index(item)] = 1.0
    for at, part in enumerate(labels):
        if products[part] is not None:
            rows[at, terms.index(str(products[part]))] = 1.0
    joint = fit.joint_test([str(term) for term in products.values() if term is not None])
    test = {"statistic": joint.statistic, "df": joint.ndf, "ddf": joint.ddf, "p": joint.pvalue}
    return tested(precision(fit), rows, LEVEL).set_axis(labels), test


def _along_outcome(
    analysis: Analysis,
    frames: dict[tuple[str, str, str], pd.Series],
    sizes: dict[tuple[str, str], int],
    medians: dict[str, float],
) -> None:
    """Add the halves by the outcome, each fitted alone."""
    plan, table = analysis.plan, analysis.table
    medians[plan.outcome] = float(table[plan.outcome].median())
    for part in ("low", "high"):
        low = table[plan.outcome] <= medians[plan.outcome]
        half = table[low if part == "low" else ~low & table[plan.outcome].notna()]
        sizes[(plan.outcome, part)] = len(half)
        for item in plan.items:
            fit: Any = fit_hlm(f"{_controls(analysis, item)} + (1 | {plan.group})", half)
            rows = (np.array(fit.params.index) == item).astype(float)[None, :]
            frames[(plan.outcome, part, item)] = tested(precision(fit), rows, LEVEL).iloc[0]
