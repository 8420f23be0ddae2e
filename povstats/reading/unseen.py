"""What a workbook's reader in one pass does not show: merged cells, and formulas that were never calculated."""

import re
import zipfile
from pathlib import Path

# Of a cell: its address, then a formula, then no value or an empty one.
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z0-9:]+)"')
_BARE = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+[0-9]+)"[^>]*>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def unseen(path: Path, member: str) -> tuple[list[str], list[str]]:
    """Find merged cells, and formulas without a stored result.

    Parameters
    ----------
    path : the workbook. member : the sheet's part of it, such as "xl/worksheets/sheet1.xml".

    Returns
    -------
    merged, bare
        The ranges ("A2:A5"), and the addresses of the formulas ("B7").
    """
    with zipfile.ZipFile(path) as archive:
        part = archive.read(member.lstrip("/"))
    merged = [found.decode() for found in _MERGED.findall(part)]
    bare = [found.decode() for found in _BARE.findall(part)] if b"f>" in part or b"<f " in part else []
    return merged, bare
