"""Text that a reader gave as raw bytes, one character a byte, turned into what it says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from povstats.errors import DataError
from povstats.reading.encodings import RAW, decode_piece, guess, guess_notes
from povstats.reading.note import Note, listed, number


@dataclass
class RawText:
    """Decodes raw text and remembers which pieces end in the middle of a character.

    `encoding` is the one that the file's text is in.
    """

    encoding: str
    cut: list[str] = field(default_factory=list)

    def text(self, raw: str) -> str:
        """Decode one piece."""
        if raw.isascii():
            return raw
        text, cut = decode_piece(raw.encode(RAW), self.encoding)
        if cut:
            self.cut.append(text)
        return text

    def column(self, raw: "pd.Series[str]") -> "pd.Series[str]":
        """Decode a column, every different value once."""
        places, unique = pd.factorize(raw)
        levels = pd.Series([self.text(str(value)) for value in unique], dtype="str")
        found = levels.take(places) if (places >= 0).all() else levels.reindex(places)
        return found.set_axis(raw.index)

    def notes(self) -> list[Note]:
        """Tell the pieces that were cut."""
        if not self.cut:
            return []
        return [Note("reading.cut", {"count": number(len(self.cut)), "examples": listed(map(repr, self.cut))})]


def find_encoding(
    path: Path, pieces: Iterable[str], named: str | None, declared: str | None
) -> tuple[str, tuple[Note, ...]]:
    """Find the encoding of raw pieces.

    Parameters
    ----------
    path : the file, for messages. pieces : the raw text. named : the encoding that the caller named.
    declared : the encoding that the file declares, which is believed unless its text is plausible Chinese.

    Raises
    ------
    DataError
        Where the pieces do not decode; with the first piece that does not, and where it stands in the file.
    """
    raw = [piece.encode(RAW) for piece in dict.fromkeys(pieces) if not piece.isascii()]
    if not raw:
        return named or declared or "utf-8", (
            Note("reading.encoding_ascii", {"encoding": named or declared or "utf-8"}),
        )
    if named is not None:
        _decodes(path, raw, named)
        return named, (Note("reading.encoding_named", {"encoding": named}),)
    found = guess(raw)
    if found in ("utf-8", "gb18030"):
        texts = [decode_piece(piece, found)[0] for piece in raw]
        if found == declared:
            return found, (Note("reading.encoding_declared", {"encoding": found}),)
        wrong = [Note("reading.encoding_not_declared", {"declared": declared})] if declared else []
        return found, (*wrong, *guess_notes(texts, found))
    if declared is not None:
        _decodes(path, raw, declared)
        return declared, (Note("reading.encoding_declared", {"encoding": declared}),)
    if found is None:
        _refuse(path, raw)
    assert found is not None
    return found, guess_notes([decode_piece(piece, found)[0] for piece in raw], found)


def _decodes(path: Path, raw: Iterable[bytes], encoding: str) -> None:
    for piece in raw:
        try:
            decode_piece(piece, encoding)
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path.name}: text at offset {_offset(path, piece, error.start)} does not decode as {encoding} "
                f"({piece[:20]!r}); leave encoding= out to have it found, or name another"
            ) from error


def _refuse(path: Path, raw: list[bytes]) -> None:
    """Refuse text that is in none of the known encodings; tell the first piece that is no GB18030."""
    for piece in raw:
        try:
            decode_piece(piece, "gb18030")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path.name}: text at offset {_offset(path, piece, error.start)} decodes neither as UTF-8 nor as "
                f"GB18030 ({piece[:20]!r}); name encoding="
            ) from error
    raise DataError(
        f"{path.name}: the text decodes as GB18030 but is not plausible Chinese (such as {raw[0][:20]!r}), and is in "
        'no other known encoding; name encoding=, such as "big5"'
    )


def _offset(path: Path, piece: bytes, start: int) -> str:
    """Find a piece in the file, by its own bytes; compressed files hold them elsewhere."""
    place = path.read_bytes().find(piece)
    return f"{place + start:,}" if place >= 0 else "unknown (compressed)"
