"""The strict reading of a specification's parts: what is not on the list is refused, with its place."""

from collections.abc import Mapping, Sequence
from typing import Any

from povstats.errors import OptionError
from povstats.words import LANGUAGES, Lang

Said = Mapping[Lang, str]
"""Words in both languages."""


def mapping(value: object, known: Sequence[str], where: str, needed: Sequence[str] = ()) -> dict[str, Any]:
    """Take a mapping with known keys.

    Raises
    ------
    OptionError
        Where it is no mapping, has an unknown key, or lacks one that is needed.
    """
    if not isinstance(value, Mapping):
        raise OptionError(f"{where} must be a mapping of {', '.join(known)}; got {value!r}")
    odd = [key for key in value if key not in known]
    if odd:
        raise OptionError(f"{where} has unknown keys {odd}; the known ones are {', '.join(known)}")
    lost = [key for key in needed if value.get(key) is None]
    if lost:
        raise OptionError(f"{where} needs {', '.join(lost)}")
    return {key: part for key, part in value.items() if part is not None}


def words(value: object, where: str) -> Said | None:
    """Take words: one text for both languages, or {zh: …, en: …}; nothing is nothing."""
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return dict.fromkeys(LANGUAGES, value)
    told = mapping(value, LANGUAGES, where, LANGUAGES)
    return {lang: text(told[lang], f"{where}.{lang}") for lang in LANGUAGES}


def text(value: object, where: str) -> str:
    """Take text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise OptionError(f"{where} must be text, got {value!r}; in YAML put yes, no and numbers in quotes")
    return value


def optional(value: object, where: str) -> str | None:
    """Take text or nothing."""
    return None if value is None else text(value, where)


def choice(value: object, options: Sequence[str], where: str) -> Any:
    """Take one of a list."""
    if value not in options:
        raise OptionError(f"{where}={value!r} is not one of {', '.join(map(repr, options))}")
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Take a list of texts; one text is a list of one."""
    if value is None:
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise OptionError(f"{where} must be a list, got {value!r}")
    return tuple(text(one, f"{where}[{at}]") for at, one in enumerate(listed, 1))


def entries(value: object, where: str) -> list[Any]:
    """Take a list."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise OptionError(f"{where} must be a list, got {value!r}")
    return list(value)


def truth(value: object, where: str) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise OptionError(f"{where} must be true or false, got {value!r}")
    return value


def labels_of(value: object, where: str) -> dict[str, Said]:
    """Take {term: words}."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError(f"{where} must map names to words, such as {{trust: {{zh: 信任, en: Trust}}}}; got {value!r}")
    made = {}
    for name, said in value.items():
        found = words(said, f"{where}.{name}")
        if found is not None:
            made[text(name, where)] = found
    return made
