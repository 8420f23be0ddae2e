"""Which encoding text is in: by strict decoding, and by whether what comes out is plausible.

The order: a mark of byte order, UTF-8, UTF-16 (by its zero bytes, in whole files), GB18030 (which holds GBK, GB 2312)
where the characters are those of Chinese text, Windows-1252 where they are those of Western text. Bytes that fit none
are refused.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from povstats.errors import DataError, OptionError
from povstats.reading.note import Note, number
from povstats.reading.plausible import beyond_ascii, common_share, is_hanzi, looks_chinese, looks_western

RAW = "latin-1"
"""Gives every byte a character of its own, so that text read with it can be turned back into the file's bytes."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZEROS = 0.01
"""Least share of zero bytes in UTF-16: commas and line ends have them also where all the rest is Chinese."""
_LETTERS = re.compile("[A-Za-z]")
GUESSED = ("utf-8", "gb18030", "cp1252")


@dataclass(frozen=True)
class Decoded:
    """Text, the encoding that it was in, and the notes on how that was found."""

    text: str
    encoding: str
    notes: tuple[Note, ...]


def checked(encoding: str | None) -> str | None:
    """Give the usual name of an encoding; refuse an unknown one."""
    if encoding is None:
        return None
    try:
        found = codecs.lookup(encoding)
    except LookupError as error:
        raise OptionError(
            f'encoding={encoding!r} is not known; for example "utf-8", "gb18030", "big5" or "utf-16"'
        ) from error
    if not found._is_text_encoding:
        raise OptionError(f"encoding={encoding!r} is no encoding of text")
    # GBK and GB 2312 are parts of GB18030; files said to be in them often hold a character more.
    return "gb18030" if found.name in ("gbk", "gb2312") else found.name


def decode_file(data: bytes, name: str, encoding: str | None) -> Decoded:
    """Decode a text file.

    Parameters
    ----------
    data : all its bytes. name : the file's name, for messages. encoding : as the caller named it; None to find it.

    Raises
    ------
    DataError
        Where it decodes in no way, or not in the named one; with the offset and the line.
    """
    if encoding is not None:
        return Decoded(_strict(data, name, encoding), encoding, (_note("named", encoding),))
    for mark, found in MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data, name, found), found, (_note("mark", found),))
    if data.count(0) >= ZEROS * len(data):
        # Commas, digits and line ends have a zero byte in UTF-16: after the sign where the low byte comes first.
        found = "utf-16-le" if data[1::2].count(0) >= data[0::2].count(0) else "utf-16-be"
        return Decoded(_strict(data, name, found), found, (_note("zeros", found),))
    if b"\0" in data:
        raise DataError(f"{name} holds a zero byte ({_place(data, data.index(0))}), which no text has; export it again")
    if data.isascii():
        return Decoded(data.decode("ascii"), "utf-8", (_note("ascii", "utf-8"),))
    guessed = guess([data])
    if guessed is None:
        raise DataError(f"{name} {_failures(data)}; name encoding=, or save it again as UTF-8")
    text = _strict(data, name, guessed)
    return Decoded(text, guessed, guess_notes([text], guessed))


def guess(pieces: Sequence[bytes]) -> str | None:
    """Find the encoding that all pieces decode in with plausible text; None where there is none.

    A piece may end in the middle of a character, as labels do that a program cut to 80 bytes.
    """
    for encoding in GUESSED:
        texts = _all(pieces, encoding)
        if texts is None:
            continue
        found = beyond_ascii(texts)
        if encoding == "utf-8" or (encoding == "gb18030" and looks_chinese(found)):
            return encoding
        letters = sum(len(_LETTERS.findall(text)) for text in texts)
        if encoding == "cp1252" and looks_western(found, letters):
            return encoding
    return None


def guess_notes(texts: Iterable[str], encoding: str) -> tuple[Note, ...]:
    """Say what speaks for an encoding that was found by decoding."""
    found = beyond_ascii(texts)
    hanzi = sum(count for sign, count in found.items() if is_hanzi(sign))
    if encoding == "gb18030":
        share = f"{100 * common_share(found):.1f}"
        return (_note("chinese", encoding, hanzi=number(hanzi), share=share),)
    return (_note("western" if encoding == "cp1252" else "utf8", encoding),)


def decode_piece(piece: bytes, encoding: str) -> tuple[str, bool]:
    """Decode a piece of text; the second answer tells that its end was cut in the middle of a character.

    Raises
    ------
    UnicodeDecodeError
        Where it does not decode.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    text = decoder.decode(piece, final=False)
    cut = len(decoder.getstate()[0]) > 0
    if cut and text.isascii():
        # "café" in Windows-1252 ends like a cut character; only text that has whole ones before may have a cut one.
        raise UnicodeDecodeError(encoding, piece, len(piece) - 1, len(piece), "a lone byte at the end")
    return text, cut


def _all(pieces: Iterable[bytes], encoding: str) -> list[str] | None:
    """Decode all pieces; None where one does not."""
    try:
        return [decode_piece(piece, encoding)[0] for piece in pieces]
    except UnicodeDecodeError:
        return None


def _note(how: str, encoding: str, **values: str) -> Note:
    return Note(f"reading.encoding_{how}", {"encoding": encoding, **values})


def _strict(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} does not decode as {encoding}: {_place(data, error.start)}; leave encoding= out to have it found, "
            "name another, or save the file again as UTF-8"
        ) from error


def _place(data: bytes, start: int) -> str:
    line = data.count(b"\n", 0, start) + 1
    return f"byte {data[start]:#04x} at offset {start:,}, line {line:,}"


def _failures(data: bytes) -> str:
    """Say where each encoding gives up."""
    reasons = []
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            reasons.append(f"as {encoding} ({_place(data, error.start)})")
        else:
            share = 100 * common_share(beyond_ascii([text]))
            reasons.append(f"as {encoding} (it does without error, but {share:.0f} % of the characters are common)")
    return "does not decode " + ", nor ".join(reasons)
