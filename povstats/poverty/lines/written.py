"""A line as a person writes it in one word: 2300, CN-2010:2013, 0.6*median."""

import re

from povstats.engine.source import Table
from povstats.errors import OptionError
from povstats.poverty.lines.estimated import EstimatedLine
from povstats.poverty.lines.relative import Of, relative_line
from povstats.poverty.lines.standards import OfficialLine, line
from povstats.survey import Design

NAMED = re.compile(r"(?P<name>(CN|WB)-[0-9.]+)(:(?P<year>\d{4}))?")
SHARE = re.compile(r"(?P<share>[0-9]*\.?[0-9]+)\*(?P<of>median|mean)")
FORMS = "a number, NAME:YEAR such as CN-2010:2013, or a share of the sample such as 0.6*median"


def written_line(
    text: str, table: Table, welfare: str, *, design: Design | None = None, size: str | None = None
) -> float | OfficialLine | EstimatedLine:
    """Read a line from a word.

    Parameters
    ----------
    text : a number, "CN-2010:2013", "WB-2.15", "0.6*median" or "0.45*mean".
    table, welfare, design, size : the sample of which a relative line is a share.

    Raises
    ------
    OptionError
        Where the word is none of these, or the line is not known.
    """
    word = text.replace(" ", "")
    if named := NAMED.fullmatch(word):
        return line(named["name"], int(named["year"]) if named["year"] else None)
    if part := SHARE.fullmatch(word):
        of: Of = "mean" if part["of"] == "mean" else "median"
        return relative_line(table, welfare, float(part["share"]), of, design=design, size=size)
    try:
        return float(word)
    except ValueError as error:
        raise OptionError(f"line {text!r} is not {FORMS}") from error
