"""ps.read(): the file is what its ending says, or it is refused; then the reader of its format."""

from os import PathLike
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from povstats.errors import DataError, OptionError
from povstats.reading.delimited import read_delimited
from povstats.reading.encodings import checked
from povstats.reading.names import check_names
from povstats.reading.note import Note, listed
from povstats.reading.reading import Reading
from povstats.reading.spss import read_spss
from povstats.reading.stata import read_stata
from povstats.reading.workbook import read_workbook

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".dta": "dta",
    ".sav": "sav",
    ".zsav": "sav",
    ".parquet": "parquet",
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST = {
    "xlsx": (b"PK\x03\x04",),
    "sav": (b"$FL2", b"$FL3"),
    "parquet": (b"PAR1",),
    "dta": (b"<stata_dta>", *(bytes([version]) for version in (*range(102, 106), 108, *range(110, 116)))),
}
_WHAT = {"xlsx": "an .xlsx workbook", "sav": "an SPSS file", "parquet": "a Parquet file", "dta": "a Stata file"}


def read(path: "str | PathLike[str]", *, sheet: str | None = None, encoding: str | None = None) -> Reading:
    """Read a file with its labels, and say what was found on the way.

    Codes stay codes, and nothing becomes missing but what the file itself stores as missing. Text that looks like
    numbers is converted in .csv and .xlsx where every value of the column is a plain number; codes with leading zeros
    and numbers of more than 15 digits, full-width digits and thousands separators stay text, and a note tells it.

    Parameters
    ----------
    path : a .csv, .tsv, .txt, .xlsx, .dta (Stata), .sav, .zsav (SPSS) or .parquet file.
    sheet : the sheet of a workbook; needed where several visible sheets hold values.
    encoding : of the text in .csv, .dta and .sav; None to find it: by a mark of byte order, strict decoding as UTF-8,
        then GB18030 with plausible Chinese, then Windows-1252.

    Returns
    -------
    Reading
        `table`, `labels`, `values`, `missing`, `encoding`, `notes`; `codebook()` describes the columns.

    Raises
    ------
    DataError
        Where the file is missing, empty, not what its ending says, protected by a password, decodes in no way, has
        rows of unequal length, or columns without a name of their own.
    OptionError
        Where `sheet` or `encoding` does not fit the format.
    """
    file = Path(path)
    kind = _kind(file)
    known = checked(encoding)
    if sheet is not None and kind != "xlsx":
        raise OptionError(f"sheet={sheet!r}: {file.name} has no sheets, only an .xlsx file has")
    if known is not None and kind in ("xlsx", "parquet"):
        raise OptionError(f"encoding={encoding!r}: text in {_WHAT[kind]} is always UTF-8; leave encoding= out")
    if kind == "csv":
        return read_delimited(file, known)
    if kind == "xlsx":
        return read_workbook(file, sheet)
    if kind == "dta":
        return read_stata(file, known)
    return read_spss(file, known) if kind == "sav" else read_parquet(file)


def read_parquet(path: Path) -> Reading:
    """Read a Parquet file; an index that pandas stored with it becomes columns.

    Raises
    ------
    DataError
        Where it cannot be read, or columns lack a name of their own.
    """
    try:
        stored = pq.read_table(path)
        stored.validate(full=True)  # text that is not UTF-8, among others
        table = stored.to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{path.name} cannot be read: {error}; write it again, or read it where it was written"
        ) from error
    notes: tuple[Note, ...] = ()
    if not isinstance(table.index, pd.RangeIndex):
        named = [str(name) for name in table.index.names if name is not None]
        table = table.reset_index(drop=not named)
        if named:
            notes = (Note("reading.index", {"names": listed(named)}),)
    check_names(path.name, [str(name) for name in table.columns])
    return Reading(table=table.reset_index(drop=True), path=path, format="parquet", notes=notes)


def _kind(path: Path) -> str:
    """Tell the format, from the ending and the first bytes; refuse what disagrees."""
    ending = path.suffix.lower()
    if path.is_dir():
        raise DataError(f"{path} is a folder; give one file")
    if not path.is_file():
        raise DataError(f"{path} is not there")
    if ending == ".xls":
        raise DataError(
            f"{path.name} is of the old Excel format; open it in Excel, WPS or LibreOffice and save it as .xlsx"
        )
    kind = FORMATS.get(ending)
    if kind is None:
        raise DataError(f"{path.name}: files ending in {ending or 'nothing'} are not read; give {', '.join(FORMATS)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty (0 bytes); export it again")
    with path.open("rb") as file:
        first = file.read(16)
    if kind == "xlsx" and first.startswith(OLE):
        raise DataError(_old_workbook(path))
    truly = next((other for other, marks in _FIRST.items() if len(first) > 1 and _starts(first, other, marks)), "csv")
    if truly != kind:
        said = "a text file" if truly == "csv" else _WHAT[truly]
        raise DataError(f"{path.name} is not what its ending says: it starts like {said}; give it the right ending")
    return kind


def _starts(first: bytes, kind: str, marks: tuple[bytes, ...]) -> bool:
    if kind == "dta" and not first.startswith(b"<"):
        # Old Stata files start with version, byte order (1 or 2), 1, 0: letters of the alphabet do not continue so.
        return first[:1] in marks and first[1:3] in (b"\x01\x01", b"\x02\x01")
    return first.startswith(marks)


def _old_workbook(path: Path) -> str:
    """Tell a workbook under a password from an .xls that was renamed: both are of the same container."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return f"{path.name} is protected by a password; open it, take the password off and save it again"
    return f"{path.name} is an old .xls workbook under a new ending; open it and save it as .xlsx"
