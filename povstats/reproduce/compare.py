"""What this run made, held against the accepted files: numbers first, then words, then pictures."""

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from povstats.reproduce.manifest import files_of
from povstats.reproduce.pictures import alike
from povstats.words import Lang

RTOL = 1e-6
"""Relative tolerance of a number. Other processors and linear-algebra builds move an optimum by up to about
1e-8 of its size; no printed digit moves at 1e-6."""

ATOL = 1e-8
"""Absolute tolerance, as a share of the column's largest value: for what is zero but for rounding."""

Kind = Literal["missing", "orphan", "numbers", "text", "picture"]

_WORD_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


@dataclass(frozen=True)
class Difference:
    """One difference: the exhibit, the file and what is different. A picture alone is a warning."""

    exhibit: str
    file: str
    kind: Kind
    detail: str

    @property
    def finding(self) -> bool:
        """Whether the run has failed by it: drawings alone change with the version of matplotlib."""
        return self.kind != "picture"


def compare(id: str, built: Path, accepted: Path, lang: Lang | None = None) -> list[Difference]:
    """Hold an exhibit's files of this run against the accepted ones.

    Numbers are compared to `RTOL` and `ATOL`; the words of tables exactly; pictures to the eye (`pictures`).

    Parameters
    ----------
    id : the exhibit's id.
    built, accepted : folders with `<id>.<lang>.<ending>`.
    lang : one language; None compares both.

    Returns
    -------
    list of Difference
        Empty where nothing differs.
    """
    new, old = files_of(id, built, lang), files_of(id, accepted, lang)
    if not (accepted / f"{id}.json").is_file():
        return [Difference(id, f"{id}.json", "missing", "the exhibit was never accepted")]
    gone = [Difference(id, name, "missing", "accepted, but not made by this run") for name in old if name not in new]
    fresh = [Difference(id, name, "missing", "made, but not among the accepted") for name in new if name not in old]
    both = [name for name in new if name in old]
    found = [_difference(id, built / name, accepted / name) for name in sorted(both, key=_turn)]
    return [*gone, *fresh, *(difference for difference in found if difference)]


def orphans(ids: set[str], accepted: Path) -> list[Difference]:
    """Find accepted exhibits that nothing makes any more."""
    known = sorted(path.stem for path in accepted.glob("*.json"))
    return [
        Difference(id, f"{id}.json", "orphan", "accepted, but no maker has this id") for id in known if id not in ids
    ]


def number_difference(built: Path, accepted: Path) -> str | None:
    """Say where two CSV files differ beyond the tolerances; None where they do not.

    Text cells must be equal; cells that read as numbers are compared as numbers.
    """
    new, old = _rows(built), _rows(accepted)
    if not new or not old or new[0] != old[0]:
        return f"columns {new[0] if new else []} instead of {old[0] if old else []}"
    if len(new) != len(old):
        return f"{len(new) - 1} rows instead of {len(old) - 1}"
    largest = [max((abs(_number(cell) or 0.0) for cell in column), default=0.0) for column in _columns(old)]
    apart = [
        f"row {row} {old[0][place]}: {new[row][place]} instead of {old[row][place]}"
        for row in range(1, len(old))
        for place in range(len(old[0]))
        if not _alike(new[row][place], old[row][place], largest[place])
    ]
    if not apart:
        return None
    more = f" (and {len(apart) - 1} more)" if len(apart) > 1 else ""
    return f"{apart[0]}{more}"


def _turn(name: str) -> tuple[int, str]:
    order = {".csv": 0, ".html": 1, ".tex": 1, ".docx": 1}
    return order.get(Path(name).suffix, 2), name


def _difference(id: str, built: Path, accepted: Path) -> Difference | None:
    if built.suffix == ".csv":
        detail = number_difference(built, accepted)
        return Difference(id, built.name, "numbers", detail) if detail else None
    if built.suffix in {".html", ".tex", ".docx"}:
        same = _words(built) == _words(accepted)
        return None if same else Difference(id, built.name, "text", "the words or printed digits differ")
    if alike(built, accepted):
        return None
    return Difference(id, built.name, "picture", "the drawing differs, its numbers do not")


def _words(path: Path) -> list[str]:
    """Give the lines of a text file, or the text runs of a Word file, whose bytes carry the time."""
    if path.suffix != ".docx":
        return path.read_text(encoding="utf-8").splitlines()
    with zipfile.ZipFile(path) as word:
        tree = ElementTree.fromstring(word.read("word/document.xml"))
    return [run.text or "" for run in tree.iter(_WORD_TEXT)]


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def _columns(rows: list[list[str]]) -> list[list[str]]:
    return [[row[place] for row in rows[1:] if place < len(row)] for place in range(len(rows[0]))]


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _alike(new: str, old: str, largest: float) -> bool:
    if new == old:
        return True
    a, b = _number(new), _number(old)
    return a is not None and b is not None and abs(a - b) <= RTOL * abs(b) + ATOL * largest
