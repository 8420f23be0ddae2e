"""Treatments of a village mean that contains the outcome, side by side for one item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from povstats.contracts import tidy_frame
from povstats.errors import PovstatsError
from povstats.guizhou import moderators
from povstats.guizhou.analysis import Analysis
from povstats.guizhou.moderators import Treated, complete, counted
from povstats.guizhou.named import small, title
from povstats.guizhou.simulated import shares
from povstats.guizhou.tabled import Tabled, finished, paragraph
from povstats.models.summary import pvalue
from povstats.tables import Table
from povstats.tables.digits import plain, stars
from povstats.words import Lang, language, say

TREATMENTS = tuple(moderators.METHODS)
SPLITS = 10
HEADS = ("slope", "interval", "p", "level", "rows", "size", "power", "coverage")
SIMULATED = (("none", "rejected"), ("interaction", "rejected"), ("interaction", "coverage"))


@dataclass(frozen=True, eq=False, repr=False)
class Treatments(Tabled):
    """An item's slope over the level of villages, by where the level is taken from.

    Attributes
    ----------
    item : whose slope. found : by treatment ("as_planned", "naive", "leave_one_out", "split_half", "outside",
        "covariance") its numbers, per log point of the level; None where there is none. reasons : why, by treatment.
    splits : random halves that were averaged. outside : the column of the outside figure, or None.
    """

    item: str
    found: Mapping[str, Treated | None]
    reasons: Mapping[str, str]
    splits: int
    outside: str | None
    analysis: Analysis = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: interaction and level by treatment (group), and the rows used."""
        rows: list[dict[str, object]] = []
        for name, one in self.found.items():
            if one is None:
                continue
            numbers = {key: getattr(one, key) for key in ("estimate", "se", "df", "p", "low", "high")}
            rows.append({"measure": "interaction", "group": name, "term": self.item, **numbers})
            rows.append({"measure": "level", "group": name, "estimate": one.level})
            rows.append({"measure": "nobs", "group": name, "estimate": one.rows})
        return tidy_frame(rows)

    def table(self, lang: Lang | None = None) -> Table:
        """Give estimates and intervals beside the simulated size and power at 44 villages of 10 households."""
        lang = lang or language()
        index, cells = [], []
        for name, one in self.found.items():
            index.append(self._label(name, lang))
            simulated = [_shares(shares(name, case, column)) for case, column in SIMULATED]
            if one is None:
                cells.append([say("means.none", lang), "—", "—", "—", "—", *simulated])
                continue
            interval = f"[{_end(one.low, lang)}, {_end(one.high, lang)}]"
            estimate, level = (plain(value, 3) or "—" for value in (one.estimate, one.level))
            cells.append([estimate + stars(one.p), interval, _p(one.p), level, f"{one.rows:,}", *simulated])
        heads = [say(f"means.head_{key}", lang) for key in HEADS]
        words = {"item": title(self.analysis, self.item, lang)}
        words["item"] = small(words["item"], lang)
        frame = pd.DataFrame(cells, pd.Index(index), heads, dtype=object)
        notes = [say("means.note_scale", lang), *self._notes(lang), say("means.note_simulated", lang)]
        return finished(Table(frame, say("means.treatments", lang, **words), tuple(notes), lang), self.analysis)

    def explain(self, lang: Lang | None = None) -> str:
        """Say what each treatment finds, and why leave-one-out is a trap."""
        lang = lang or language()
        told = [say("means.explain_contains", lang)]
        for name, one in self.found.items():
            if one is not None and np.isfinite(one.estimate):
                words = {"estimate": plain(one.estimate, 3), "p": _p(one.p).replace("<", "< ")}
                told.append(say("means.explain_one", lang, treatment=self._label(name, lang), **words))
        return paragraph([*told, *self._notes(lang)], lang)

    def _label(self, name: str, lang: Lang) -> str:
        if name == "outside" and self.outside is not None:
            return say("means.outside_of", lang, column=small(title(self.analysis, self.outside, lang), lang))
        return say(f"means.{name}", lang, splits=self.splits)

    def _notes(self, lang: Lang) -> list[str]:
        notes = [say(f"means.note_{name}", lang, splits=self.splits) for name in ("contained", "leave_one_out")]
        notes += [say(f"means.note_{name}", lang, splits=self.splits) for name in ("split_half", "covariance")]
        lost = self.reasons.items()
        return notes + [say("means.note_lost", lang, treatment=self._label(n, lang), reason=r) for n, r in lost]


def treatments(
    analysis: Analysis,
    item: str,
    *,
    outside: str | None = None,
    splits: int = SPLITS,
    rng: "np.random.Generator | int" = 1,
) -> Treatments:
    """Estimate how an item's slope goes with the village's level, by five treatments of the level.

    Model: ln C_ij = … + x_ij (γ0 + θ L_j + γ' m_j) + π L_j + u0_j + u1_j x_ij + e_ij, with θ per log point of L_j, the
    other village variables m_j as in the plan. L_j is (naive) the mean log of all sampled households; (leave_one_out)
    that of the other households, which a model with effects of villages refuses, so that it stands in a plain
    regression; (split_half) that of a random half, for the other half, averaged over random splits; (outside) the log
    of a figure that was not computed from the sample; (covariance) no figure: cov(u0, u1) / var(u0) of a model without
    L_j. Where the plan's moderator contains the outcome it is shown too, over its average (as_planned); where it does
    not, it is the outside figure.

    Parameters
    ----------
    item : an item or a household column of the plan, numeric.
    outside : a column of the table, positive, constant in villages; None takes the plan's moderator where that does
        not contain the outcome.
    splits : random halves. rng : a generator or a seed, for the halves.

    Raises
    ------
    OptionError
        Where the item is unknown, or splits is below one.
    DataError
        Where the outcome is not positive.

    Notes
    -----
    Source: see the functions of moderators.py; the refusal is that of fit_hlm.
    """
    told, contained = complete(analysis, item), analysis.plan.moderator in analysis.contained
    if outside is None and not contained:
        outside = analysis.plan.moderator
    calls = {
        "as_planned": partial(moderators.as_planned, told, item),
        "naive": partial(moderators.naive, told, item),
        "leave_one_out": partial(moderators.leave_one_out, told, item),
        "split_half": partial(moderators.split_half, told, item, counted(splits), rng),
        "covariance": partial(moderators.by_covariance, told, item),
    }
    if not contained:
        del calls["as_planned"]
    if outside is not None:
        calls["outside"] = partial(moderators.outside, told, item, outside)
    found: dict[str, Treated | None] = {}
    reasons: dict[str, str] = {}
    for name in TREATMENTS:
        if name == "outside" and outside is None:
            found[name] = None
        elif name in calls:
            try:
                found[name] = calls[name]()
            except PovstatsError as error:
                found[name], reasons[name] = None, str(error)
    return Treatments(item, found, reasons, splits, outside, analysis)


def _shares(by_icc: pd.Series) -> str:
    """Print shares by icc, from the smaller to the larger."""
    return " / ".join(f"{share:.1%}" for share in by_icc.sort_index()) or "—"


def _end(value: float, lang: Lang) -> str:
    return plain(value, 3) if np.isfinite(value) else say("means.open", lang)


def _p(p: float) -> str:
    return pvalue(p) if np.isfinite(p) else "—"
