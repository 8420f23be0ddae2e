"""The part of a specification that asks for models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from povstats.errors import OptionError
from povstats.studies.spec_parts import Said, choice, entries, mapping, optional, text, texts, words
from povstats.words import LANGUAGES

Covariance = Literal["model", "CR0", "CR1", "CR2", "CR3", "kenward-roger"]
COVARIANCES: tuple[Covariance, ...] = ("model", "CR0", "CR1", "CR2", "CR3", "kenward-roger")
METHODS = ("reml", "ml")
DFS = ("satterthwaite", "kenward-roger", "normal")
STYLES = ("en-journal", "cn-journal", "no-stars")
Below = Literal["se", "t", "interval", "p"]
BELOW: tuple[Below, ...] = ("se", "t", "interval", "p")
STATISTICS = ("loglik", "aic", "bic")
MODEL_KEYS = (
    "formulas",
    "method",
    "df",
    "covariance",
    "cluster",
    "controls",
    "fixed_effects",
    "focal",
    "table",
)


@dataclass(frozen=True)
class Formula:
    """One model: its formula, and its name in both languages where it has one."""

    formula: str
    name: Said | None


@dataclass(frozen=True)
class Hidden:
    """Coefficients that give way to a row of Yes and No: the row's words (None for the house's), and the terms."""

    name: Said | None
    terms: tuple[str, ...]


@dataclass(frozen=True)
class TableSpec:
    """How the table prints: a style by language, what stands in brackets, and the statistics at its foot."""

    style: Mapping[str, str]
    below: Below
    statistics: tuple[str, ...]


@dataclass(frozen=True)
class ModelSpec:
    """What models are fitted, how they are tested, and how their table prints.

    Attributes
    ----------
    formulas : one model each, in the order of the table's columns. method : "reml" or "ml".
    df : degrees of freedom as in fit_hlm; None takes its default.
    covariance : "model", "CR0" to "CR3" (clustered by `cluster`, or by the top grouping), or "kenward-roger".
    controls, fixed_effects : what the table hides. focal : terms that come first in it.
    """

    formulas: tuple[Formula, ...]
    method: Literal["reml", "ml"]
    df: Literal["satterthwaite", "kenward-roger", "normal"] | None
    covariance: Covariance
    cluster: str | None
    controls: tuple[Hidden, ...]
    fixed_effects: tuple[Hidden, ...]
    focal: tuple[str, ...]
    table: TableSpec

    @property
    def robust(self) -> bool:
        """Tell whether standard errors are cluster-robust."""
        return self.covariance.startswith("CR")


def model_spec(fields: Mapping[str, Any]) -> ModelSpec:
    """Read the models.

    Raises
    ------
    OptionError
        Where a part is not as it must be, or method, df and covariance do not go together.
    """
    formulas = tuple(_formula(one, at) for at, one in enumerate(entries(fields.get("formulas"), "formulas"), 1))
    if not formulas:
        raise OptionError("formulas needs at least one formula, such as [{formula: 'y ~ x + (1 | village)'}]")
    named = [one.name is not None for one in formulas]
    if any(named) and not all(named):
        raise OptionError("formulas: give every model a name, or none")
    df = fields.get("df")
    made = ModelSpec(
        formulas=formulas,
        method=choice(fields.get("method", "reml"), METHODS, "method"),
        df=None if df is None else choice(df, DFS, "df"),
        covariance=choice(fields.get("covariance", "model"), COVARIANCES, "covariance"),
        cluster=optional(fields.get("cluster"), "cluster"),
        controls=_hidden(fields.get("controls"), "controls", "terms"),
        fixed_effects=_hidden(fields.get("fixed_effects"), "fixed_effects", "factor"),
        focal=texts(fields.get("focal"), "focal"),
        table=_table(fields.get("table", {})),
    )
    _refuse_discord(made)
    return made


def _refuse_discord(spec: ModelSpec) -> None:
    """Refuse a way of testing that would not be the one named."""
    if spec.robust and spec.df not in (None, "satterthwaite"):
        raise OptionError(f"covariance={spec.covariance!r} tests with Satterthwaite's degrees of freedom: leave df out")
    if spec.covariance == "kenward-roger" and spec.df not in (None, "kenward-roger"):
        raise OptionError("covariance='kenward-roger' has degrees of freedom of its own: leave df out")
    if "kenward-roger" in (spec.covariance, spec.df) and spec.method != "reml":
        raise OptionError("Kenward and Roger's adjustment needs method='reml'")
    if spec.cluster and not spec.robust:
        raise OptionError(f"cluster={spec.cluster!r} needs a covariance of CR0 to CR3")


def _formula(entry: object, at: int) -> Formula:
    if isinstance(entry, str):
        return Formula(text(entry, f"formulas[{at}]"), None)
    fields = mapping(entry, ("formula", "name"), f"formulas[{at}]", ("formula",))
    formula = text(fields["formula"], f"formulas[{at}].formula")
    return Formula(" ".join(formula.split()), words(fields.get("name"), f"formulas[{at}].name"))


def _hidden(value: object, where: str, key: str) -> tuple[Hidden, ...]:
    """Read rows of Yes and No: plain names make one row of controls, or a row each of fixed effects."""
    listed = entries([value] if isinstance(value, str) else value, where)
    plain = tuple(one for one in listed if isinstance(one, str))
    made = [Hidden(None, plain)] if plain and key == "terms" else [Hidden(None, (one,)) for one in plain]
    for at, one in enumerate(listed, 1):
        if isinstance(one, str):
            continue
        fields = mapping(one, ("name", key), f"{where}[{at}]", ("name", key))
        terms = texts(fields[key], f"{where}[{at}].{key}")
        if key == "factor" and len(terms) != 1:
            raise OptionError(f"{where}[{at}].factor must be one factor, got {list(terms)}")
        made.append(Hidden(words(fields["name"], f"{where}[{at}].name"), terms))
    return tuple(made)


def _table(value: object) -> TableSpec:
    fields = mapping(value, ("style", "below", "statistics"), "table")
    style = fields.get("style", {"zh": "cn-journal", "en": "en-journal"})
    if isinstance(style, str):
        style = dict.fromkeys(LANGUAGES, style)
    style = mapping(style, LANGUAGES, "table.style", LANGUAGES)
    for lang, one in style.items():
        choice(one, STYLES, f"table.style.{lang}")
    statistics = texts(fields.get("statistics", ["loglik"]), "table.statistics")
    for one in statistics:
        choice(one, STATISTICS, "table.statistics")
    return TableSpec(style, choice(fields.get("below", "se"), BELOW, "table.below"), statistics)
