"""Paragraphs of shares of variance, of reliability, and of the certificate."""

from typing import TYPE_CHECKING

import numpy as np

from povstats.models.interpretation.paragraphs.sentences import fitted, joined, listed, named, sample, tested
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.certificate import Certificate
    from povstats.models.measures import VarianceShares
    from povstats.models.reliability import Reliability


def explain_shares(result: "VarianceShares", lang: Lang) -> str:
    """Give the paragraph of intraclass correlations and R²."""
    items = []
    for (measure, group), row in zip(result.table.index, result.table.itertuples(), strict=True):
        name = say(f"models.share_{measure}", lang)
        if group:
            name = say("explain.share_of", lang, share=name, group=group)
        words = {"name": name, "value": f"{row.estimate:.3f}"}
        if np.isnan(row.low):
            items.append(say("explain.value", lang, **words))
        else:
            items.append(say("explain.value_interval", lang, low=f"{row.low:.3f}", high=f"{row.high:.3f}", **words))
    level, n = f"{100 * result.level:g}", f"{result.n:,}"
    sentences = [
        say("explain.shares_lead", lang),
        *fitted(result.fit, lang),
        say("explain.shares_definition", lang),
        say("models.note_shares", lang),
        say("explain.shares_values", lang, items=say("explain.item_joint", lang).join(items)),
        say("models.note_shares_bootstrap", lang, level=level, n=n)
        if result.n
        else say("explain.shares_no_interval", lang),
    ]
    return joined(sentences, lang)


def explain_reliability(result: "Reliability", lang: Lang) -> str:
    """Give the paragraph of reliabilities."""
    items = []
    for (group, term), row in zip(result.table.index, result.table.itertuples(), strict=True):
        values = {
            "effect": say("explain.of_effect", lang, effect=named(term, lang), group=group),
            "reliability": "—" if np.isnan(row.reliability) else f"{row.reliability:.3f}",
            "chi2": f"{row.chi2:.2f}",
            "df": f"{row.df:.0f}",
            "p": "= —" if np.isnan(row.p) else tested(row.p),
            "groups": f"{row.groups:,}",
            "of": f"{row.of:,}",
        }
        items.append(say("explain.reliability_item", lang, **values))
    sentences = [
        say("explain.reliability_lead", lang),
        *fitted(result.fit, lang),
        say("explain.reliability_definition", lang),
        say("explain.reliability_values", lang, items=say("explain.item_joint", lang).join(items)),
        say("explain.reliability_use", lang),
    ]
    return joined(sentences, lang)


def explain_certificate(result: "Certificate", lang: Lang) -> str:
    """Give the paragraph of a certificate, for an auditor who repeats the fit."""
    lowest = min(result.hessian_eigenvalues, default=float("nan"))
    distances = [
        say("explain.distance", lang, group=group, value=f"{value:.3g}")
        for group, value in result.distance_to_boundary.items()
    ]
    versions = [f"{name} {version}" for name, version in result.versions.items()]
    second = {
        "name": result.second_optimiser,
        "gap": f"{result.second_gap:.1e}",
        "far": f"{result.second_distance:.1e}",
    }
    search = {"gradient": f"{result.gradient:.1e}", "projected": f"{result.projected_gradient:.1e}"}
    sentences = [
        say("explain.certificate_lead", lang, formula=result.formula),
        *sample(result.account, result.ngroups, lang),
        say("explain.status", lang, status=say(f"models.status_{result.status}", lang)),
        say("explain.certificate_gradient", lang, **search),
        say("explain.certificate_hessian", lang, lowest=f"{lowest:.3g}", distances=listed(distances, lang)),
        say("explain.certificate_search", lang, evaluations=result.evaluations, starts=len(result.ends)),
        say("explain.certificate_second", lang, **second),
        say("explain.certificate_print", lang, fingerprint=result.fingerprint, versions=listed(versions, lang)),
    ]
    return joined(sentences, lang)


__all__ = ["explain_certificate", "explain_reliability", "explain_shares"]
