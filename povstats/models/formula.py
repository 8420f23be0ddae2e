"""From the text of a model to its terms: the bars are read here, formulaic parses the rest and evaluates nothing.

The grammar is lme4's: `y ~ x * z + (1 + x | village)`, `(x || village)` for uncorrelated terms.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from keyword import iskeyword

from formulaic.errors import FormulaicError
from formulaic.parser import DefaultFormulaParser
from formulaic.parser.types import Factor

from povstats.errors import FormulaError

Term = tuple[str, ...]
"""A product of factors; () is the intercept."""

FULLWIDTH = dict(zip("～＋－（）｜＊：，＾／＜＞　", "~+-()|*:,^/<> ", strict=True))
NAME = r"`[^`]+`|[^\W\d]\w*"
MOST = 20_000
"""Products that a formula may expand to while it is read."""
ANSI = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")


@dataclass(frozen=True, slots=True)
class RandomTerm:
    """One bar: which terms vary, over which groups, and whether their effects are correlated."""

    text: str
    terms: tuple[Term, ...]
    group: tuple[str, ...]
    correlated: bool


@dataclass(frozen=True, slots=True)
class Formula:
    """A model's text taken apart; `notes` lists full-width characters that were read as plain ones."""

    text: str
    response: str
    fixed: tuple[Term, ...]
    random: tuple[RandomTerm, ...]
    notes: tuple[str, ...]


def parse(text: str) -> Formula:
    """Read a model formula.

    Parameters
    ----------
    text : lme4's grammar. Column names may be in any script; names with spaces or dots stand in backticks.
        Full-width operators (＋ ～ （ ） ｜) are read as their plain twins, which the result notes.

    Raises
    ------
    FormulaError
        Where the text cannot be read; the message shows the part and the remedy.
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is text, such as 'y ~ x + (1 | village)', not {type(text).__name__}")
    return _parsed(text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Formula:
    """Read a formula once; a study fits the same one many times."""
    plain, notes = _plain(text)
    sides = _split(plain, "~")
    if len(sides) != 2 or not sides[0].strip():
        raise FormulaError(f"{text!r} needs one outcome and one '~', as in 'y ~ x + (1 | village)'")
    bars, rest, minus = [], [], ""
    for part in _split(sides[1], "+"):
        if _has_bar(part):
            bar, *less = _split(part, "-")  # "(1 | g) - 1" takes the intercept out of the fixed part
            bars.append(bar)
            minus += "".join(f"-{one}" for one in less)
        else:
            rest.append(part)
    response = _terms(sides[0], text, intercept=False)
    if len(response) != 1 or len(response[0]) != 1:
        raise FormulaError(f"the left side of {text!r} must be one outcome, such as y or log(y)")
    fixed = _terms(("+".join(rest) if any(part.strip() for part in rest) else "1") + minus, text)
    random = tuple(term for part in bars for term in _bar(part, text))
    return Formula(text, response[0][0], fixed, random, notes)


def _plain(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace full-width operators, and '^' by '**', outside backticks."""
    pieces = re.split(r"(`[^`]*`)", text)
    if any(piece.count("`") == 1 for piece in pieces):
        raise FormulaError(f"{text!r} has a backtick without its partner")
    outside = "".join(pieces[::2])
    found = sorted({char for char in outside if char in FULLWIDTH and char != "　"})
    table = str.maketrans(FULLWIDTH)
    plain = "".join(piece if i % 2 else piece.translate(table).replace("^", "**") for i, piece in enumerate(pieces))
    return plain, (" ".join(found),) if found else ()


def _split(text: str, mark: str) -> list[str]:
    """Split at `mark` where it stands outside brackets and backticks."""
    parts, depth, quoted, start = [], 0, False, 0
    for i, char in enumerate(text):
        if char == "`":
            quoted = not quoted
        elif not quoted:
            depth += (char in "([{") - (char in ")]}")
            if depth < 0:
                raise FormulaError(f"{text.strip()!r} closes a bracket that it does not open")
            if char == mark and depth == 0:
                parts.append(text[start:i])
                start = i + 1
    if depth:
        raise FormulaError(f"{text.strip()!r} opens a bracket that it does not close")
    return [*parts, text[start:]]


def _has_bar(part: str) -> bool:
    return "|" in re.sub(r"`[^`]*`", "", part)


def _bar(part: str, text: str) -> list[RandomTerm]:
    """Read `(terms | group)` or `(terms || group)`; `a/b` is one term over a and one over a:b."""
    part = part.strip()
    inner = _split(part[1:-1], "|") if part.startswith("(") and part.endswith(")") else []
    double = len(inner) == 3 and not inner[1].strip()
    if len(inner) != 2 and not double:
        raise FormulaError(
            f"{part!r} in {text!r}: a random term stands in brackets of its own and is joined by '+', "
            "as in 'y ~ x + (1 + x | village)'"
        )
    group = inner[-1].strip()
    if not re.fullmatch(rf"(?:{NAME})(?:\s*[:/]\s*(?:{NAME}))*", group):
        raise FormulaError(
            f"{part!r}: what stands right of the bar must be a grouping column, such as village, or columns joined by "
            "':' or '/', such as county/village"
        )
    terms = _terms(inner[0] if inner[0].strip() else "1", text)
    if not terms:
        raise FormulaError(f"{part!r} has nothing that varies between groups; write (1 | {group})")
    names: tuple[str, ...] = ()
    out = []
    for segment in _split(group, "/"):
        names += tuple(name.strip("`") for name in re.findall(NAME, segment))
        if len(set(names)) < len(names):
            raise FormulaError(f"{part!r} names a grouping column twice")
        out.append(RandomTerm(part, terms, names, correlated=not double))
    return out


def _terms(text: str, whole: str, intercept: bool = True) -> tuple[Term, ...]:
    """Let formulaic read a sum of terms; the order is by degree and then as written, as in R."""
    parser = DefaultFormulaParser(include_intercept=intercept)
    try:
        _expandable([str(token) for token in parser.get_tokens(text)], whole)
        found = list(parser.get_terms(text))
    except (FormulaicError, SyntaxError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        reason = " ".join(ANSI.sub("", str(error)).split())
        raise FormulaError(f"{text.strip()[:200]!r} in {whole[:200]!r} cannot be read: {reason[:200]}") from error
    terms = []
    for term in found:
        texts = tuple(_factor_text(factor) for factor in term.factors)
        if any(t.replace(".", "").isdigit() for t in texts) and texts != ("1",):
            raise FormulaError(f"{whole!r}: numbers do not scale terms here; transform the column instead")
        terms.append(() if texts == ("1",) else texts)
    seen = list(dict.fromkeys(text for term in sorted(terms, key=len) for text in term))
    return tuple(tuple(sorted(term, key=seen.index)) for term in sorted(terms, key=len))


def _expandable(tokens: list[str], whole: str) -> None:
    """Refuse powers and products that would expand to more terms than a machine can list."""
    if "." in tokens:
        raise FormulaError(f"{whole!r}: '.' does not stand for all other columns here; name the predictors")
    operands = sum(token.strip("`")[0].isalpha() for token in tokens)
    powers = [min(float(b), 1e9) for a, b in pairwise(tokens) if a == "**" and b.isdigit()]
    if max(math.prod(powers) * math.log(max(operands, 1)), tokens.count("*") * math.log(2)) > math.log(MOST):
        raise FormulaError(f"{whole[:200]!r} expands to too many terms; write out the interactions that you need")


def _factor_text(factor: Factor) -> str:
    """Write a factor so that one reader serves all: odd column names keep their backticks."""
    text = str(factor.expr)
    odd = not text.isidentifier() or iskeyword(text)
    return f"`{text}`" if factor.eval_method.value == "lookup" and odd else text
