"""Make facts.csv, the quantities of the five documents, from the folder where they were collected.

    python data/documents/make.py FOLDER

FOLDER holds the collected facts (facts.csv) and the five texts; source.toml knows the fingerprint of each. The
texts stay where they are: only short words around each figure come along. povstats never reads FOLDER.
"""

import csv
import hashlib
import io
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

from cutting import clean, cut, find

HERE = Path(__file__).resolve().parent
TARGET = HERE / "facts.csv"
COLUMNS = (
    *("id", "document", "section", "place", "year", "year_basis", "topic", "indicator", "value", "unit"),
    *("qualifier", "words", "numeral", "same_as", "note"),
)
SPELLED = {
    "F0006": "七分之一",
    "F0008": "五户",
    "F0021": "第三周",
    "F0023": "一半利息",
    "F0031": "一千多万",
    "F0032": "四、五百",
    "F0033": "四、五百",
    "F0034": "三十多里",
    "F0150": "五年",
    "F0152": "四年",
    "F0174": "六省份",
    "F0245": "近千元",
    "F0280": "千万",
    "F0436": "翻一番",
    "F0638": "上千个",
    "F0870": "百分之三十",
    "F0954": "黑喜村出列",
    "F0955": "長勝村出列",
}
"""Figures in words, by fact."""
SAID_BEFORE = {"F0401": "F0378", "F0950": "F0917", "F0951": "F0918"}
"""Repeated statements that were collected under another indicator; the others are found by place, year and value."""
PRINTED_LATER = ("F0119", "F0124")
"""The year stands in a second statement of the same figures in the same text (F0168 and its sentence)."""
PLANS = {"“十一五”": ("2006", "2010"), "“十二五”": ("2011", "2015"), "“十三五”": ("2016", "2020")}
"""Five-year plans, by which the texts name a span of years."""
VILLAGER = re.compile(r"(?<=清退一户).{2,3}(?=户)|.{2}(?=在门诊免费)|^.{2,3}(?=前后在)")
"""A private person's name in a quantity's words."""


def main(folder: Path) -> None:
    """Check the inputs, make the rows, write them."""
    source = tomllib.loads((HERE / "source.toml").read_text(encoding="utf-8"))
    proved(folder / "facts.csv", source["collected_sha256"])
    texts = {d["id"]: proved(next(folder.glob(f"{d['id']}_*.txt")), d["sha256"]) for d in source["document"]}
    with (folder / "facts.csv").open(encoding="utf-8-sig", newline="") as handle:
        collected = list(csv.DictReader(handle))
    with (HERE / "places.csv").open(encoding="utf-8-sig", newline="") as handle:
        first = {row["first_fact"]: row["slug"] for row in csv.DictReader(handle)}
    slugs = {fact["place"]: first[fact["id"]] for fact in collected if fact["id"] in first}
    rows = [{**fact, "place": slugs[fact["place"]], "document": fact["source_file"][:3]} for fact in collected]
    add_words(rows)
    add_year_basis(rows, texts)
    add_repeats(rows)
    with TARGET.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    prove_statements(texts)
    written = sum(row["numeral"] == "written" for row in rows)
    print(f"{len(rows)} facts, {written} in words, {sum(bool(row['same_as']) for row in rows)} repeated")


def proved(path: Path, sha256: str) -> str:
    """Read a file whose fingerprint is known; refuse another."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{path.name} is another edition: sha256 {found}")
    return content.decode("utf-8-sig")


def prove_statements(texts: dict[str, str]) -> None:
    """Refuse statements with a quote that is not in the text, or whose fingerprint is not the recorded one."""
    stated = tomllib.loads((HERE / "guizhou_statements.toml").read_text(encoding="utf-8"))
    content = (HERE / stated["file"]).read_bytes().replace(b"\r\n", b"\n")
    lost = unproved(content.decode("utf-8-sig"), texts[stated["document"]], stated["section"])
    if lost:
        raise SystemExit(f"{stated['file']}: not once in {stated['section']} of the text: {'; '.join(lost)}")
    found = hashlib.sha256(content).hexdigest()
    if found != stated["sha256"]:
        raise SystemExit(f"{stated['file']}: quotes proved; write sha256 = {found!r} into guizhou_statements.toml")


def unproved(table: str, text: str, section: str) -> list[str]:
    """Name the statements whose quote does not stand exactly once in a part of a text, which begins with its name."""
    part = text[text.index(f"\n{section}\n") :]
    rest = part.find("\n篇", 1)
    part = part if rest < 0 else part[:rest]
    return [row["id"] for row in csv.DictReader(io.StringIO(table)) if part.count(row["quote"]) != 1]


def add_words(rows: list[dict[str, str]]) -> None:
    """Cut every sentence to the words that carry the figure."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        sentence = VILLAGER.sub("某", clean(row["quote_zh"]))
        key = (sentence, row["value"], row["unit"])
        spelled = SPELLED.get(row["id"])
        found = find(sentence, float(row["value"]), row["unit"], earlier=seen[key], spelled=spelled)
        seen[key] += 1
        row["words"] = cut(sentence, found)
        row["numeral"] = "written" if found.written else "digits"
        row["note"] = row["note_en"]


def add_year_basis(rows: list[dict[str, str]], texts: dict[str, str]) -> None:
    """Say whether the year is printed with the figure or before it in its paragraph, or taken from the context."""
    for row in rows:
        text, sentence = texts[row["document"]], row["quote_zh"]
        start = text.index(sentence)
        before = text[text.rfind("\n", 0, start) + 1 : start] + sentence
        years = re.findall(r"\d{4}", row["year"])
        spans = [span for plan, span in PLANS.items() if plan in before]
        named = all(year in before for year in years) or any(tuple(years) == span for span in spans)
        doubted = re.search(r"context|\"now\"|redacted|article number|not stated|year of the cited", row["note_en"])
        if not years:
            row["year_basis"] = "none"
        elif row["id"] in PRINTED_LATER or (named and not doubted):
            row["year_basis"] = "printed"
        else:
            row["year_basis"] = "context"


def add_repeats(rows: list[dict[str, str]]) -> None:
    """Link each repeated statement to the first of the same fact."""
    first: dict[tuple[str, ...], str] = {}
    for row in rows:
        key = tuple(row[name] for name in ("place", "year", "indicator", "value", "unit"))
        row["same_as"] = SAID_BEFORE.get(row["id"], first.get(key, ""))
        first.setdefault(key, row["id"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: python {Path(__file__).name} FOLDER")
    main(Path(sys.argv[1]))
