"""Cut a sentence to the shortest clause that holds a figure and its noun."""

import re
from dataclasses import dataclass

LONGEST = 40
SCALES = {"": 1, "百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "億": 1e8}
"""A figure's unit can be 10,000 or 100 million of what the sentence counts in, so the value may differ by these."""
UNIT_STEPS = (1, 1e4, 1e-4, 1e8, 1e-8)
NUMERAL = re.compile(r"(\d+/\d+|\d[\d,,]*(?:\.\d+)?)[ 多余餘]*(百万|千万|[百千万萬亿億])?(?:(?<=[万萬])(\d+))?")
SIGNS = {
    "persons": "人口|人|名",
    "households": "户|戶|农户",
    "percent": "%|%|个百分点|個百分點",
    "yuan": "元",
    "10k_yuan": "元|万",
    "villages": "个|個|村",
    "mu": "亩|畝",
}
"""What stands after a figure in each unit: tells two equal figures of one sentence apart."""
GLOSS = re.compile(r"(?<=[一-鿿])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹ]+\)")
"""Pronunciations that a converter of scripts left behind some characters."""
BREAKS = ",,;;。::、"
EMPTY = re.compile(
    r"\d{4}年(?:\d+月)?[底末初]?|\d[\d,,./]*|[多余餘约約近至到为為仅僅其中分别別达達是有的了从從由将將下降上升减少減少增加提高超过超過以上左右"
    r"又比去上年同期底末初即也则則再各共计計总總占已累计達到年均并和与其及现現]|[百千万萬亿億]|[%%]|个百分点|[个個户戶名元人亩畝次家项項公里米斤吨度]"
)
"""What is no noun: dates, numerals, units and small words."""


@dataclass(frozen=True)
class Found:
    """Where the figure stands in the sentence; `written` where it stands there in words, or as one among words."""

    start: int
    end: int
    written: bool


def clean(sentence: str) -> str:
    """Take the pronunciations out, and mend the one character they broke."""
    return GLOSS.sub("", sentence.replace("?qū)W", "學"))


def amount(match: re.Match[str]) -> float:
    """Read a numeral with its multiplier: 1,600, 215.46万, 7万3481, 2/3."""
    digits, scale, rest = match.groups()
    if "/" in digits:
        above, below = digits.split("/")
        return float(above) / float(below)
    return float(re.sub("[,,]", "", digits)) * SCALES[scale or ""] + float(rest or 0)


def same(printed: float, value: float) -> bool:
    """Whether a printed number is the value: exact up to its unit's power of ten, fractions to four digits."""
    return any(abs(printed * step - abs(value)) <= 1e-9 * max(abs(value), 1e-3) for step in UNIT_STEPS) or (
        0 < printed < 1 and abs(printed - value) < 5e-5
    )


def find(sentence: str, value: float, unit: str, *, earlier: int = 0, spelled: str | None = None) -> Found:
    """Find the figure of a fact in its sentence.

    Parameters
    ----------
    sentence, value, unit : of the fact.
    earlier : how many facts of the same sentence with the same value and unit came before.
    spelled : the figure where it is written in words.
    """
    if spelled is not None:
        start = sentence.index(spelled)
        return Found(start, start + len(spelled), written=True)
    hits = [m for m in NUMERAL.finditer(sentence) if same(amount(m), value)]
    if unit != "year":
        hits = [m for m in hits if not (m[1].isdigit() and len(m[1]) == 4 and sentence[m.end() :].startswith("年"))]
    if not hits:
        raise SystemExit(f"{value:g} {unit} is not in {sentence!r}; add its words to make.py")
    sign = SIGNS.get(unit)
    named = [m for m in hits if sign and re.match(f"[多余餘几幾]?(?:{sign})", sentence[m.end() :])]
    likely = named or hits
    hit = likely[min(earlier, len(likely) - 1)]
    return Found(hit.start(), hit.end(), written=False)


def has_noun(clause: str) -> bool:
    """Whether two Chinese characters or more stay when dates, numerals, units and small words are gone."""
    return len(re.findall(r"[一-鿿]", EMPTY.sub("", clause))) >= 2


def edges_of(sentence: str) -> list[int]:
    """Give where clauses begin and end. A list's comma parts only items that carry a figure each."""
    edges = [0]
    for mark in re.finditer(rf"(?<!\d)[{BREAKS}]|[{BREAKS}](?!\d)", sentence):
        if mark[0] != "、" or re.search(r"\d", sentence[edges[-1] : mark.start()]):
            edges.append(mark.end())
    return [*edges, len(sentence)]


def cut(sentence: str, found: Found) -> str:
    """Cut the sentence to whole clauses around the figure, at most LONGEST characters.

    Clauses join on the left until a noun is there. What is still too long is cut behind, then in front, with "…".
    """
    edges = edges_of(sentence)
    first = max(i for i, edge in enumerate(edges[:-1]) if edge <= found.start)
    last = next(i for i, edge in enumerate(edges) if edge >= found.end and i > first)
    while not has_noun(sentence[edges[first] : edges[last]]) and first > 0:
        first -= 1
    if not has_noun(sentence[edges[first] : edges[last]]):
        last = len(edges) - 1
    begin, end = edges[first], edges[last]
    room = LONGEST - 3 if end - begin > LONGEST - 1 else LONGEST  # for two ellipses and a bracket
    after = min(end, max(found.end + 6, begin + room))
    before = max(begin, after - room)
    while found.end < after < end and re.fullmatch(r"[\d.][\d.百千万亿]", sentence[after - 1 : after + 1]):
        after -= 1
    while before > begin and re.match(r"[\d.]", sentence[before]):
        before += 1
    words = balanced(sentence[before:after].strip(BREAKS + ") "), found.end - before)
    return ("…" if before > begin else "") + words + ("…" if after < end else "")


def balanced(clause: str, figure: int) -> str:
    """Close a bracket that holds the figure; leave out one that opens behind it, and a lonely quotation mark."""
    if clause.count('"') == 1:
        clause = clause.strip('"') if clause[0] == '"' or clause[-1] == '"' else clause + '"'
    closed = clause.find(")")
    if closed >= 0 and "(" not in clause[:closed]:
        clause = clause[:closed] if closed >= figure else clause[closed + 1 :]
    opened = clause.rfind("(")
    if opened < 0 or ")" in clause[opened:]:
        return clause
    return clause[:opened] if opened >= figure - 1 else clause + ")"
