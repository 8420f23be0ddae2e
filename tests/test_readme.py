"""What the README tells a newcomer to type works, in both languages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = (ROOT / "README.md").read_text(encoding="utf-8").split("## 中文")


def blocks(text: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_python_lines_run(text, tmp_path):
    done = subprocess.run([sys.executable, "-c", blocks(text)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {path.suffix for path in tmp_path.iterdir()}
    assert made == {".svg", ".png", ".csv", ".html", ".tex", ".docx", ".pdf"}


def test_both_languages_say_the_same():
    code = [re.sub(r"\s*#.*|\"(en|zh)\"", "", blocks(text)) for text in (ENGLISH, CHINESE)]
    assert code[0] == code[1]
    # The Chinese part refers to the English one for the map of exhibits, and has every other heading.
    assert ENGLISH.count("\n## ") - ENGLISH.count("\n## Exhibits") == CHINESE.count("\n### ") - 1


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_recipes_and_specifications_are_read(text):
    import yaml

    from povstats.reading import recipe
    from povstats.studies import read_spec

    found = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert len(found) == 4
    contracts = [recipe(tree).contract for tree in found if "contract" in tree]
    assert contracts == ["survey", "registry"]
    assert [read_spec(tree).kind for tree in found if "kind" in tree] == ["model", "trend"]


def test_make_has_every_target_that_is_named():
    named = set(re.findall(r"`?make ([a-z]+)`?", ENGLISH + CHINESE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets
