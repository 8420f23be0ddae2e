"""A sheet of sentences in LaTeX: cells that break their lines, rows that go over pages."""

from collections.abc import Callable, Sequence

from povstats.tables.sheet import Sheet
from povstats.tables.widths import widths

ROOM_CM, GAP_CM = 15.0, 0.42
"""The text of an upright page, and the gap between two columns."""


def as_long_latex(sheet: Sheet, escaped: Callable[[str], str]) -> str:
    """Give a longtable in the style of booktabs; columns of sentences are set ragged, others in their middle.

    Parameters
    ----------
    escaped : turns a text into LaTeX's.
    """
    shape = widths(sheet)
    wide = [shape.stub, *shape.columns]
    scale = (ROOM_CM - GAP_CM * sheet.width) / sum(wide)
    ways = ["raggedright", *("raggedright" if one else "centering" for one in sheet.prose)]
    spec = "".join(f">{{\\{way}\\arraybackslash}}p{{{scale * cm:.2f}cm}}" for way, cm in zip(ways, wide, strict=True))
    heads = [_line(["", *level], escaped) for level in sheet.headings]
    head = "\n".join(["\\toprule", *heads, "\\midrule"])
    body = []
    for block, rows in sheet.blocks():
        if block:
            body.append(f"\\multicolumn{{{sheet.width + 1}}}{{@{{}}l}}{{{escaped(block)}}} \\\\*")
        body += [_line([row.label, *row.cells], escaped) for row in rows]
    notes = "\\\\\n".join(map(escaped, sheet.notes))
    return "\n".join(
        [
            "\\begingroup\\footnotesize",
            f"\\begin{{longtable}}{{@{{}}{spec}@{{}}}}",
            f"\\caption{{{escaped(sheet.title)}}}\\\\",
            f"{head}\n\\endfirsthead\n{head}\n\\endhead\n\\bottomrule\n\\endfoot",
            *body,
            "\\end{longtable}",
            f"\\noindent {notes}\\par",
            "\\endgroup",
        ]
    )


def _line(cells: Sequence[str], escaped: Callable[[str], str]) -> str:
    return " & ".join(map(escaped, cells)) + " \\\\"
