"""What a study is to do: a YAML file or a dict, read strictly; nothing in it is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from povstats.errors import ContractError, OptionError
from povstats.files import replacing
from povstats.guizhou import Plan
from povstats.reading.recipe_strict import Loader
from povstats.studies.shipped_specs import shipped_spec
from povstats.studies.spec_figures import FORMATS, SIZES_MM, FigureSpec, figure_specs, formats, sizes
from povstats.studies.spec_model import MODEL_KEYS, ModelSpec, model_spec
from povstats.studies.spec_parts import Said, choice, labels_of, mapping, truth, words
from povstats.studies.spec_social import SOCIAL_KEYS, social_plan
from povstats.studies.spec_trend import TREND_KEYS, TrendSpec, trend_spec

KINDS = ("model", "trend", "social_capital")
SHARED = ("kind", "title", "source", "data", "labels", "sizes_mm", "formats", "save_table")


@dataclass(frozen=True)
class Spec:
    """A specification.

    Attributes
    ----------
    title : of the table, in both languages; None takes the house's.
    source : where the data come from, printed under tables and figures.
    data : "real" or "synthetic"; synthetic data are labelled so under every table and figure.
    labels : words for terms, columns and groups; others come from the contract's titles.
    sizes_mm : widths of the figures. formats : of the figures.
    save_table : whether the prepared table goes into the folder; it holds the households, so the default is not.
    model, trend, social : what is asked, one of the three, or none for data that are only read and checked.
    figures : what is drawn from a model. tree : the specification as it was given.
    """

    title: Said | None = None
    source: Said | None = None
    data: str = "real"
    labels: Mapping[str, Said] = field(default_factory=dict)
    sizes_mm: tuple[float, ...] = SIZES_MM
    formats: tuple[str, ...] = FORMATS
    save_table: bool = False
    model: ModelSpec | None = None
    trend: TrendSpec | None = None
    social: Plan | None = None
    figures: tuple[FigureSpec, ...] = ()
    tree: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Tell what is asked: "model", "trend", "social_capital", or "data"."""
        asked = zip(KINDS, (self.model, self.trend, self.social), strict=True)
        return next((kind for kind, part in asked if part is not None), "data")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the specification as YAML; reading it gives the same again."""
        with replacing(path) as part:
            part.write_text(self.text, encoding="utf-8", newline="\n")

    @property
    def text(self) -> str:
        """The specification as YAML."""
        return str(yaml.safe_dump(plain(self.tree), allow_unicode=True, sort_keys=False, width=100))


def read_spec(spec: "str | PathLike[str] | Mapping[str, Any] | Spec | None") -> Spec:
    """Read a specification.

    Parameters
    ----------
    spec : a mapping, the path of a YAML file, the name of a specification that comes with povstats ("guizhou"), a
        Spec, or None: the data are only read, mapped and checked.

    Raises
    ------
    OptionError
        Where the file is missing or no YAML, the name is unknown, a key is unknown or needed, or a value is not among
        the allowed ones.
    """
    if spec is None:
        return Spec()
    if isinstance(spec, Spec):
        return spec
    if isinstance(spec, Mapping):
        return _declared(spec)
    if not isinstance(spec, str | PathLike):
        raise OptionError(f"a specification is a file or a dict, not {type(spec).__name__}")
    path = Path(spec)
    if not path.suffix and len(path.parts) == 1 and not path.exists():
        path = shipped_spec(path.name)
    try:
        # Loader is PyYAML's SafeLoader, which also refuses a key that stands twice.
        tree = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ContractError) as error:
        told = isinstance(error, yaml.YAMLError | ContractError)
        reason = " ".join(str(error).split()) if told else type(error).__name__
        raise OptionError(f"specification {path.name} cannot be read: {reason}") from error
    try:
        return _declared(tree)
    except OptionError as error:
        raise OptionError(f"specification {path.name}: {error}") from error


def plain(value: Any) -> Any:
    """Turn mappings and sequences into dicts and lists that YAML and JSON write."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(part) for part in value]
    return value


def _declared(tree: object) -> Spec:
    """Make the specification that a tree declares."""
    if not isinstance(tree, Mapping):
        raise OptionError(f"a specification is a mapping with the key kind; got {tree!r}")
    kind = choice(tree.get("kind"), KINDS, "kind")
    own = {"model": (*MODEL_KEYS, "figures"), "trend": TREND_KEYS, "social_capital": SOCIAL_KEYS}[kind]
    # Every table of a study of social capital has a title of its own.
    shared = [key for key in SHARED if key != "title" or kind != "social_capital"]
    fields = mapping(tree, (*shared, *own), "the specification")
    data = choice(fields.get("data", "real"), ("real", "synthetic"), "data")
    source = words(fields.get("source"), "source")
    model = model_spec(fields) if kind == "model" else None
    return Spec(
        title=words(fields.get("title"), "title"),
        source=source,
        data=data,
        labels=labels_of(fields.get("labels"), "labels"),
        sizes_mm=sizes(fields.get("sizes_mm")),
        formats=formats(fields.get("formats")),
        save_table=truth(fields.get("save_table", False), "save_table"),
        model=model,
        trend=trend_spec(fields) if kind == "trend" else None,
        social=social_plan(tree, data, source) if kind == "social_capital" else None,
        figures=figure_specs(fields.get("figures"), len(model.formulas)) if model else (),
        tree=plain(tree),
    )
