"""The accepted figures: complete in both languages, small, and true to their manifests and to the README."""

import csv
import json
import re
from pathlib import Path

import pytest

from povstats.exhibits import everything
from povstats.reproduce.manifest import files_of, numbers_hash
from povstats.reproduce.readme_map import exhibit_map, read_map

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "figures"
EXHIBITS = everything()

# What a page or a mail can carry, and what git should keep.
LIMITS = {
    ".svg": 300_000,
    ".png": 200_000,
    ".docx": 100_000,
    ".html": 100_000,
    ".tex": 50_000,
    ".csv": 100_000,
}
NUMERAL = re.compile(r"[−-]?\d+(?:[.,]\d+)*(?:e-?\d+)?")
ENDINGS = {"figure": {"svg", "png", "csv"}, "table": {"html", "tex", "docx", "csv"}}


@pytest.fixture(params=EXHIBITS, ids=lambda known: known.id)
def exhibit(request):
    return request.param


@pytest.fixture
def manifest(exhibit):
    return json.loads((FIGURES / f"{exhibit.id}.json").read_text(encoding="utf-8"))


def test_every_file_belongs_to_an_exhibit():
    ids = {known.id for known in EXHIBITS}
    assert ids
    assert {path.name.partition(".")[0] for path in FIGURES.iterdir()} == ids


def test_all_files_are_there_in_both_languages(exhibit, manifest):
    expected = {f"{exhibit.id}.{lang}.{end}" for lang in ("zh", "en") for end in ENDINGS[manifest["kind"]]}
    assert set(files_of(exhibit.id, FIGURES)) == expected == set(manifest["files"])
    assert manifest["languages"] == ["zh", "en"]


def test_files_are_small(exhibit):
    for name in files_of(exhibit.id, FIGURES):
        size = (FIGURES / name).stat().st_size
        assert 0 < size <= LIMITS[Path(name).suffix], f"{name} has {size} bytes"


def test_the_manifest_says_the_hash_of_the_numbers_beside_it(exhibit, manifest):
    for lang, value in manifest["numbers"].items():
        assert value == numbers_hash(FIGURES / f"{exhibit.id}.{lang}.csv")


def test_the_manifest_says_what_the_register_says(exhibit, manifest):
    assert {name: manifest[name] for name in exhibit.facts()} == exhibit.facts()


def test_both_languages_have_the_same_numbers(exhibit):
    def numbers(lang):
        with (FIGURES / f"{exhibit.id}.{lang}.csv").open(encoding="utf-8-sig", newline="") as lines:
            cells = [cell for row in list(csv.reader(lines))[1:] for cell in row]
        # Words stand between the numerals of a cell, and the languages may order them differently; an English gloss
        # says the numerals of a Chinese quote once more.
        return [sorted(set(NUMERAL.findall(cell))) for cell in cells if any(sign.isdigit() for sign in cell)]

    assert numbers("zh") == numbers("en")
    assert numbers("zh")


def test_synthetic_numbers_are_named_so_in_the_title(exhibit):
    if exhibit.data == "synthetic":
        assert "模拟" in exhibit.title("zh")
        assert "synthetic" in exhibit.title("en").lower()


def test_the_readme_map_is_the_generated_one():
    assert read_map(ROOT / "README.md") == exhibit_map(FIGURES)
