"""Text files with delimiters: the shape is checked record by record, then the columns are typed."""

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from povstats.errors import DataError
from povstats.reading.encodings import decode_file
from povstats.reading.names import check_names
from povstats.reading.note import SHOWN, Note, listed, number
from povstats.reading.reading import Reading
from povstats.reading.typed import typed

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE = 200
"""Records that are looked at to find the delimiter."""


def read_delimited(path: Path, encoding: str | None) -> Reading:
    """Read a .csv, .tsv or .txt file.

    Parameters
    ----------
    path : the file. encoding : None to find it.

    Raises
    ------
    DataError
        Where it does not decode, a quotation mark is not closed, rows differ in length, columns lack names, or there
        are no rows.
    """
    decoded = decode_file(path.read_bytes(), path.name, encoding)
    text = decoded.text
    if not text.strip():
        raise DataError(f"{path.name} holds nothing but blanks; export it again")
    delimiter = find_delimiter(text, path.name)
    head, blank, rows = _shape(text, delimiter, path.name)
    if not rows:
        raise DataError(f"{path.name} has column names but no rows; export it again")
    notes = [*decoded.notes]
    if delimiter != ",":
        notes.append(Note(f"reading.delimiter_{DELIMITERS[delimiter]}"))
    if blank:
        notes.append(Note("reading.blank_lines", {"count": number(blank)}))
    table = _texts(text, delimiter, len(head))
    table, head, dropped = _without_bare(table, head)
    if dropped:
        notes.append(Note("reading.bare_columns", {"count": number(dropped)}))
    check_names(path.name, head)
    columns = {}
    for place, name in enumerate(head):
        columns[name], found = typed(name, table.iloc[:, place])
        notes += found
    if all(_is_number(name) for name in head):
        notes.append(Note("reading.number_names", {"names": listed(head)}))
    return Reading(table=pd.DataFrame(columns), path=path, format="csv", encoding=decoded.encoding, notes=tuple(notes))


def find_delimiter(text: str, name: str) -> str:
    """Find the delimiter: the one that cuts the first records into most fields, the same number in each.

    Where no delimiter gives records of one length, the one that cuts the first record most often; rows that differ
    are then refused with their lines.

    Raises
    ------
    DataError
        Where the first line has full-width commas and none of the delimiters.
    """
    first = text.split("\n", 1)[0]
    found = {delimiter: _widths(text, delimiter) for delimiter in DELIMITERS}
    best = max(found, key=lambda delimiter: (len(set(found[delimiter])) == 1, found[delimiter][0]))
    if found[best][0] == 1:
        best = max(found, key=lambda delimiter: found[delimiter][0])
    if found[best][0] == 1 and "，" in first:
        raise DataError(
            f"{name} is separated by full-width commas (，), which are no delimiter; replace them by commas"
        )
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    """Count the fields of the first records."""
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
            if len(widths) == SAMPLE:
                break
    except csv.Error:
        pass
    return widths or [1]


def _shape(text: str, delimiter: str, name: str) -> tuple[list[str], int, int]:
    """Give the names, the number of blank lines and that of rows; refuse records that are longer or shorter."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head: list[str] = []
    ragged: list[str] = []
    wrong = blank = rows = 0
    start = 1
    try:
        for record in reader:
            if not record:
                blank += 1
            elif not head:
                head = record
            else:
                rows += 1
                if len(record) != len(head):
                    wrong += 1
                    ragged += [f"line {start:,} has {len(record)}"] if wrong <= SHOWN else []
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name}: the record that starts in line {start:,} cannot be read ({error}); look for a quotation mark "
            "that is not closed or not doubled"
        ) from error
    if wrong:
        raise DataError(
            f"{name}: {wrong:,} rows do not have the {len(head)} fields of the first line: {'; '.join(ragged)}"
            f"{' …' if wrong > SHOWN else ''}; a delimiter inside a value must stand in quotation marks"
        )
    return head, blank, rows


def _texts(text: str, delimiter: str, width: int) -> pd.DataFrame:
    """Read all fields as text; empty ones are missing."""
    data = text.encode("utf-8", "surrogatepass")
    names = [str(place) for place in range(width)]
    found = pa.csv.read_csv(
        io.BytesIO(data),
        # A record must fit into a block; the file is in memory anyway.
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows_after_names=1, block_size=_block(len(data))),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return found.to_pandas(types_mapper={pa.large_string(): pd.StringDtype(na_value=float("nan"))}.get)


def _block(size: int) -> int:
    return max(min(size + 1, 1 << 30), 1 << 20)


def _without_bare(table: pd.DataFrame, head: list[str]) -> tuple[pd.DataFrame, list[str], int]:
    """Leave out columns that have neither a name nor a value, as Excel writes them behind a table."""
    keep = [i for i, name in enumerate(head) if name.strip() or table.iloc[:, i].notna().any()]
    return table.iloc[:, keep], [head[i] for i in keep], len(head) - len(keep)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
