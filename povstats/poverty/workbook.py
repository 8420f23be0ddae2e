"""Estimates as an Excel workbook: totals of PSUs as numbers, and from them estimate, variance and interval as formulas.

Sheets: the estimates; the strata with their sums and variances; the PSUs; the words that defend the numbers. Where rows
stayed in an engine, strata hold their sums as numbers; of replicates there is a sheet of their estimates.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from povstats.errors import DataError, OptionError
from povstats.files import replacing
from povstats.poverty.influence import Influence, kept
from povstats.poverty.workbook_cells import Book
from povstats.words import say

if TYPE_CHECKING:
    from povstats.poverty.estimate import Estimates

LARGEST = 100_000
"""PSUs times groups that a workbook takes: more are slow to open, and nobody reads them."""
FIRST = 2
"""The first row below the heads."""
Spans = dict[tuple[int, int], tuple[int, int]]
"""First and last row of the PSUs of a group and stratum, by the places of both."""
COLUMNS = ("group", "estimate", "se", "df", "t", "low", "high", "rows", "weight", "slope", "outside")


def write_workbook(result: "Estimates", path: Path, lang: str) -> Path:
    """Write the workbook, whole or not at all.

    Parameters
    ----------
    result : the estimates. path : the file, ending in .xlsx. lang : "zh" or "en".

    Raises
    ------
    OptionError
        Where the file's ending is not .xlsx.
    DataError
        Where the sample has too many PSUs for a workbook.
    """
    if path.suffix.lower() != ".xlsx":
        raise OptionError(f"path={str(path)!r} must end in .xlsx")
    book = Book(lang)
    influence = kept(result)
    if result.interval in ("none", "woodruff"):
        _estimates(book, result, None)
    elif influence.replicates is not None:
        _estimates(book, result, _replicates(book, result, influence))
    else:
        spans = _psus(book, result, influence)
        _estimates(book, result, _strata(book, result, influence, spans), spans)
    _words(book, result, lang)
    with replacing(path) as part:
        book.save(part)
    return path


def _estimates(book: Book, result: "Estimates", variances: list[str] | None, spans: Spans | None = None) -> None:
    """Write the sheet of estimates; without formulas of variances, standard errors are numbers."""
    sheet = book.sheet("estimates", COLUMNS, place=0)
    influence = kept(result)
    for i, level in enumerate(result.estimate.index):
        row = FIRST + i
        se, df, low, high = (float(getattr(result, name).iloc[i]) for name in ("se", "df", "low", "high"))
        slope = None if influence.by_line is None else float(influence.by_line[i])
        outside = None if influence.outside is None else float(influence.outside[i])
        cells: list[Any] = [_value(result, influence, i, spans), se, df, None, low, high]
        if variances is not None and not np.isnan(se):
            extra = "" if outside is None else f"+K{row}^2"
            cells[1] = f"=SQRT(MAX({variances[i]}{extra},0))"
            if result.reason.iloc[i] == "":
                cells[3:6] = [f"=_xlfn.T.INV.2T(0.05,D{row})", *_ends(result, row)]
        counts = (int(result.n.iloc[i]), float(result.population.iloc[i]), slope, outside)
        label = say("poverty.whole", book.lang) if level == "" else level
        book.append(sheet, (label,), (*cells, *counts))


def _value(result: "Estimates", influence: Influence, i: int, spans: Spans | None) -> Any:
    """Give the estimate: a ratio of sums of the PSUs where it is a mean, else the number."""
    rows = [] if spans is None else [span for (d, _), span in spans.items() if d == i]
    if not influence.mean or not rows or np.isnan(result.estimate.iloc[i]):
        return float(result.estimate.iloc[i])
    first, last = min(first for first, _ in rows), max(last for _, last in rows)
    return f"=SUM(psus!E{first}:E{last})/SUM(psus!D{first}:D{last})"


def _ends(result: "Estimates", row: int) -> tuple[str, str]:
    """Write the ends of the interval."""
    if result.interval == "wald":
        return f"=B{row}-E{row}*C{row}", f"=B{row}+E{row}*C{row}"
    half = f"E{row}*C{row}/(B{row}*(1-B{row}))"
    low, high = (f"=1/(1+EXP(-(LN(B{row}/(1-B{row})){sign}{half})))" for sign in "-+")
    return low, high


def _psus(book: Book, result: "Estimates", influence: Influence) -> Spans | None:
    """Write the sheet of PSUs by group and stratum, and give their rows; None where rows stayed in an engine."""
    forms, layout = influence.forms, influence.layout
    if forms is None or forms.psu is None:
        return None
    moves = influence.by_line is not None
    size = layout.psus * len(layout.domains) if moves else len(forms.psu)
    if size > LARGEST:
        raise DataError(
            f"{size:,} PSUs are too many for a workbook, which takes {LARGEST:,}; name a psu column, or estimate fewer "
            "groups"
        )
    sheet = book.sheet("psus", ("group", "stratum", "psu", "weight", "total", "line", "z", "square"))
    line = np.bincount(forms.psu, forms.z[:, 1], minlength=layout.psus) if moves else None
    spans: Spans = {}
    for d, level in enumerate(result.estimate.index):
        here = np.flatnonzero(forms.domain == d)
        own = dict(zip(forms.psu[here].tolist(), here.tolist(), strict=True))
        # A line that moves touches PSUs outside the group too.
        for psu in sorted(range(layout.psus) if moves else own, key=lambda psu: (layout.stratum[psu], psu)):
            cell, h = own.get(psu), int(layout.stratum[psu])
            row = int(sheet.max_row) + 1
            mass, z = (0.0, 0.0) if cell is None else (float(forms.mass[cell]), float(forms.z[cell, 0]))
            formula, total = _influence(result, influence, d, mass, z, row)
            labels = (level, layout.strata[h], psu + 1 if layout.names is None else layout.names[psu])
            moved = None if line is None else float(line[psu])
            book.append(sheet, labels, (mass, total, moved, formula, f"=G{row}^2"))
            spans[d, h] = (spans.get((d, h), (row, row))[0], row)
    return spans


def _influence(
    result: "Estimates", influence: Influence, d: int, mass: float, z: float, row: int
) -> tuple[Any, float | None]:
    """Write a PSU's influence: of a mean from its own total, which is had back from the influence; else the number."""
    place = FIRST + d
    formula, total = repr(z), None
    if influence.mean:
        value, size = float(result.estimate.iloc[d]), float(result.population.iloc[d])
        total = z * size + value * mass if size > 0 else 0.0
        formula = f"(E{row}-estimates!$B${place}*D{row})/estimates!$I${place}" if size > 0 else "0"
    if influence.by_line is not None:
        formula += f"+estimates!$J${place}*F{row}"
    return f"={formula}", total


def _strata(book: Book, result: "Estimates", influence: Influence, spans: Spans | None) -> list[str]:
    """Write the sheet of strata, and give the formula of each group's variance."""
    head = ("group", "stratum", "psus", "drawn", "sum", "squares", "variance")
    sheet, layout, forms = book.sheet("strata", head, place=0), influence.layout, influence.forms
    assert forms is not None
    found = []
    for d, level in enumerate(result.estimate.index):
        first = int(sheet.max_row) + 1
        last = first + len(layout.strata) - 1
        sums, squares = _sums(influence, d)
        for h, stratum in enumerate(layout.strata):
            row, n = first + h, int(layout.stratum_psus[h])
            parts: list[Any] = [float(sums[h]), float(squares[h])]
            if spans is not None:
                start, end = spans.get((d, h), (0, 0))
                parts = [f"=SUM(psus!{column}{start}:{column}{end})" if start else 0 for column in "GH"]
            variance = f"=(1-D{row})*C{row}/(C{row}-1)*(F{row}-E{row}^2/C{row})"
            if n < 2:
                here = bool((forms.stratum[forms.domain == d] == h).any())
                middle = f"SUM(E${first}:E${last})/SUM(C${first}:C${last})"
                centred = influence.sampling.lonely == "center" and here
                variance = f"=(1-D{row})*(E{row}-{middle})^2" if centred else "=0"
            book.append(sheet, (level, stratum), (n, float(influence.sampling.drawn[h]), *parts, variance))
        found.append(f"SUM(strata!G{first}:G{last})")
    return found


def _sums(influence: Influence, d: int) -> tuple[Any, Any]:
    """Give the sums and sums of squares of the influence by stratum."""
    forms, size = influence.forms, len(influence.layout.strata)
    assert forms is not None
    here = forms.domain == d
    stratum, z = forms.stratum[here], forms.z[here]
    if forms.products is None:
        return np.bincount(stratum, z[:, 0], size), np.bincount(stratum, z[:, 0] ** 2, size)
    if influence.by_line is None:
        return np.bincount(stratum, z[:, 0], size), np.bincount(stratum, forms.products[here, 0, 0], size)
    slope, products = influence.by_line[d], forms.products
    line = np.bincount(forms.stratum, forms.z[:, 1], size)
    squares = np.bincount(stratum, products[here, 0, 0] + 2 * slope * products[here, 0, 1], size)
    whole = squares + slope**2 * np.bincount(forms.stratum, products[:, 1, 1], size)
    return np.bincount(stratum, z[:, 0], size) + slope * line, whole


def _replicates(book: Book, result: "Estimates", influence: Influence) -> list[str]:
    """Write the sheet of replicates, and give the formula of each group's variance."""
    levels = [str(level) for level in result.estimate.index]
    sheet = book.sheet("replicates", ("replicate", "factor"), extra=levels)
    replicates, weights = influence.replicates, influence.weights
    assert replicates is not None
    size = len(replicates)
    factors = np.full(size, 1 / (size - 1)) if weights is None else weights.factors()
    for r in range(size):
        book.append(sheet, (), (r + 1, float(factors[r]), *(float(value) for value in replicates[r])))
    last = size + FIRST - 1
    found = []
    for d in range(len(levels)):
        letter = book.letter(d + 3)
        cells = f"replicates!{letter}{FIRST}:{letter}{last}"
        used = f'AVERAGEIFS({cells},replicates!B{FIRST}:B{last},">0")'
        center = f"B{FIRST + d}" if weights is not None and weights.mse else used
        found.append(f"SUMPRODUCT(replicates!B{FIRST}:B{last},({cells}-{center})^2)")
    return found


def _words(book: Book, result: "Estimates", lang: str) -> None:
    """Write the paragraph that defends the numbers, a sentence a row."""
    sheet = book.sheet("words", (), place=None)
    stop = "。" if lang == "zh" else ". "
    lines: Iterable[str] = (line.strip() for line in result.explain(lang).split(stop))
    for line in lines:
        if line:
            book.append(sheet, (line + ("。" if lang == "zh" else "" if line.endswith(".") else "."),), ())
    book.append(sheet, (say("measures.book_how", lang),), ())
