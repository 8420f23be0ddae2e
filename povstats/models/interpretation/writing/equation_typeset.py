"""Equations as MathML, which browsers set without a network and without a script."""

import re
from collections.abc import Iterable
from html import escape

from povstats.models.interpretation.writing.equation_writing import unescaped

_GO_ON = r" \\ &\quad "
"""Where a long equation is broken (`Writing.equation`)."""
_TEXT = re.compile(r"\\text\{((?:[^{}\\]|\\.|\{\})*)\}")
_MARK = "\ue000"
"""A sign of no language, which stands around the number of a word."""


def typeset(blocks: Iterable[tuple[str, list[str]]]) -> str:
    """Set blocks of LaTeX equations as HTML: a heading, and one row an equation, aligned at its sign.

    Parameters
    ----------
    blocks : heading and lines of each part; a line reads "left &= right", with `_GO_ON` where it is broken.
    """
    parts = []
    for title, lines in blocks:
        rows = [row for line in lines for row in _rows(line)]
        body = "".join(
            f'<tr style="background:none"><td style="text-align:right; border:none">{left}</td>'
            f'<td style="text-align:left; border:none">{right}</td></tr>'
            for left, right in rows
        )
        parts.append(f"<p><b>{escape(title)}</b></p><table><tbody>{body}</tbody></table>")
    return "".join(parts)


def _rows(line: str) -> list[tuple[str, str]]:
    """Give left and right side, and a row with an empty left side for each further line."""
    first, *further = line.split(_GO_ON)
    left, right = first.split(" &", 1)
    return [(_mathml(left), _mathml(right)), *(("", _mathml(rf"\quad {more}")) for more in further)]


def _mathml(tex: str) -> str:
    """Turn LaTeX into MathML; words go round the converter, which would leave their escapes as they are."""
    from latex2mathml.converter import convert

    words: list[str] = []

    def held(found: re.Match[str]) -> str:
        words.append(unescaped(found[1]))
        return rf"\text{{{_MARK}{len(words) - 1}{_MARK}}}"

    made = convert(_TEXT.sub(held, tex))
    return re.sub(f"{_MARK}(\\d+){_MARK}", lambda found: escape(words[int(found[1])]), made)
