"""The rows of a regression table, block by block."""

from collections.abc import Sequence

from povstats.errors import ContractError
from povstats.tables.digits import beneath, decimals, plain, stars
from povstats.tables.estimates import Estimated, Key, keys, numbers
from povstats.tables.included import hidden, included, is_term
from povstats.tables.layout import BETWEEN, Asked
from povstats.words import say

Body = list[tuple[str, str, list[str]]]
Models = Sequence[Estimated]
SHARES = ("r2_marginal", "r2_conditional")


def body(models: Models, asked: Asked) -> Body:
    """Give block, label and cells of every row."""
    block = say("journal.included", asked.lang)
    rows = [(block, label, cells) for label, cells in included(models, asked)]
    return [*_coefficients(models, asked), *rows, *_components(models, asked), *_sample(models, asked)]


def _coefficients(models: Models, asked: Asked) -> Body:
    """Print estimates over what stands in brackets below them."""
    rows: Body = []
    unseen = hidden(models, asked)
    for key in _ordered([key for _, key in keys(models, ("coef",)) if key[1] not in unseen], asked):
        columns = {name: numbers(models, "coef", key, name) for name in ("estimate", "se", "p", "low", "high")}
        # Two digits of the standard error say all that the estimate knows.
        places = decimals(columns["se"], 2)
        marks = [stars(p) if asked.starred else "" for p in columns["p"]]
        cells = [plain(value, places) + mark for value, mark in zip(columns["estimate"], marks, strict=True)]
        rows.append((asked.say("fixed"), asked.term(key[1]), cells))
        by_model = [dict(zip(columns, one, strict=True)) for one in zip(*columns.values(), strict=True)]
        below = [beneath(asked.below, row, places) for row in by_model]
        rows.append((asked.say("fixed"), "", below))
    if not rows:
        raise ContractError("no coefficient is left to print: the controls and fixed effects hide them all")
    return rows


def _ordered(found: list[Key], asked: Asked) -> list[Key]:
    """Put the terms of `order` first, a factor with all its levels, and then the intercept last."""
    groups = [[key for key in found if is_term(key[1], name)] for name in asked.order]
    lost = [name for name, keys_of in zip(asked.order, groups, strict=True) if not keys_of]
    if lost:
        raise ContractError(
            f"order names {', '.join(lost)}, which the table does not show; it shows {', '.join(t for _, t in found)}"
        )
    first = list(dict.fromkeys(key for keys_of in groups for key in keys_of))
    rest = [key for key in found if key not in first]
    # Between the terms that a reader looks for and the others an intercept would stand in the middle.
    return [*first, *sorted(rest, key=lambda key: bool(first) and key[1] == "Intercept")]


def _components(models: Models, asked: Asked) -> Body:
    """Print variances and covariances by grouping, the residual variance and the ICC last."""
    found = keys(models, ("variance", "covariance"))
    groups = {key[0]: turn for turn, (_, key) in enumerate(reversed(found))}
    found.sort(key=lambda entry: (entry[1][0] == "residual", -groups[entry[1][0]], entry[0] == "covariance"))
    rows: Body = []
    for measure, key in [*found, *keys(models, ("icc",))]:
        values = numbers(models, measure, key, "estimate")
        places = decimals(values if measure != "icc" else (), 3)
        rows.append((asked.say("random"), _component(measure, key, asked), [plain(v, places) for v in values]))
    return rows


def _component(measure: str, key: Key, asked: Asked) -> str:
    """Label a variance, a covariance or an ICC."""
    group, term = key
    if measure == "icc":
        return asked.say("icc_of", group=asked.group(group)) if group else asked.labels.get("icc", asked.say("icc"))
    if group == "residual":
        return asked.labels.get("residual", asked.say("residual"))
    # A random intercept is no constant: it has a word of its own, and in a sentence a small letter.
    parts = [term] if measure == "variance" else BETWEEN.split(term)
    first, *others = [asked.say("random_intercept") if part == "Intercept" else asked.term(part) for part in parts]
    if measure == "variance":
        return asked.say("variance", group=asked.group(group), term=first)
    return asked.say("covariance", group=asked.group(group), first=first, second=", ".join(others))


def _sample(models: Models, asked: Asked) -> Body:
    """Print rows used, numbers of groups, and measures of fit."""
    rows: list[tuple[str, str, Key, int]] = []
    for _, key in keys(models, ("nobs",)):
        rows.append((asked.labels.get("nobs", asked.say("nobs")), "nobs", key, 0))
    for _, key in keys(models, ("ngroups",)):
        words = asked.say("ngroups", group=asked.group(key[0]))
        rows.append((asked.labels.get(f"ngroups[{key[0]}]", words), "ngroups", key, 0))
    rows += _statistics(models, asked)
    for measure in SHARES:
        rows += [(say(f"journal.{measure}", asked.lang), measure, key, 3) for _, key in keys(models, (measure,))]
    within = ("", "rsquared_within")
    if ("fit", within) in keys(models, ("fit",)):
        rows.append((say("journal.rsquared_within", asked.lang), "fit", within, 3))
    block = asked.say("sample")
    return [
        (block, label, [plain(value, places) for value in numbers(models, measure, key, "estimate")])
        for label, measure, key, places in rows
    ]


def _statistics(models: Models, asked: Asked) -> list[tuple[str, str, Key, int]]:
    """List the measures of fit that were asked for."""
    there = [key for _, key in keys(models, ("fit",))]
    rows: list[tuple[str, str, Key, int]] = []
    for name in asked.statistics:
        found = [key for key in there if key[1] == name]
        if not found and name != "loglik":
            raise ContractError(f"statistics names {name!r}, which no model has in its tidy()")
        label = asked.say("loglik") if name == "loglik" else say(f"journal.{name}", asked.lang)
        rows += [(asked.labels.get(name, label), "fit", key, 2) for key in found]
    return rows
