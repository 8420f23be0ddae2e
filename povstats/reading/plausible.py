"""Whether text that decoded without error is Chinese or Western text, or only bytes that happened to decode."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

COMMON_SHARE = 0.8
"""Least share of the characters beyond ASCII that must lie in GB 2312. Big5 or Shift-JIS read as GB18030 has about half
of its characters outside; Chinese surveys stay above 0.95 even with rare personal and place names."""
FREQUENT_SHARE = 0.5
"""Least share of the Chinese characters that must be of the first level of GB 2312, its 3,755 most used ones: chance
bytes give 3,755/6,763 = 0.56 at most, running text 0.95."""
WESTERN_SHARE = 0.4
"""Accented letters are few in Western text; Chinese bytes read as Windows-1252 are nothing else."""


def beyond_ascii(texts: Iterable[str]) -> Counter[str]:
    """Count the characters beyond ASCII."""
    found: Counter[str] = Counter()
    for text in texts:
        if not text.isascii():
            found.update("".join(_BEYOND.findall(text)))
    return found


def is_hanzi(sign: str) -> bool:
    """Tell whether a character is a Chinese one."""
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf" or sign >= "\U00020000"


def common_share(found: Counter[str]) -> float:
    """Give the share of characters that are of GB 2312: Chinese ones, punctuation, full-width letters and digits."""
    total = found.total()
    return sum(count for sign, count in found.items() if _row(sign) in _ROWS) / total if total else 0.0


def looks_chinese(found: Counter[str]) -> bool:
    """Tell whether counted characters are those of Chinese text."""
    hanzi = sum(count for sign, count in found.items() if is_hanzi(sign))
    frequent = sum(count for sign, count in found.items() if is_hanzi(sign) and 0xB0 <= _row(sign) <= 0xD7)
    return hanzi > 0 and common_share(found) >= COMMON_SHARE and frequent >= FREQUENT_SHARE * hanzi


def looks_western(found: Counter[str], letters: int) -> bool:
    """Tell whether counted characters are the accented letters and signs of Western text.

    Parameters
    ----------
    letters : how many ASCII letters stand beside them.
    """
    accented = sum(count for sign, count in found.items() if unicodedata.category(sign).startswith("L"))
    odd = sum(count for sign, count in found.items() if sign not in _WESTERN_SIGNS) - accented
    return odd == 0 and accented <= WESTERN_SHARE * (letters + accented)


_BEYOND = re.compile(r"[^\x00-\x7f]+")
_ROWS = frozenset(range(0xB0, 0xF8)) | {0xA1, 0xA2, 0xA3}
"""Rows of GB 2312 with Chinese characters, punctuation, numerals and full-width signs; not kana, Greek, Cyrillic."""
_WESTERN_SIGNS = frozenset("€‚„…‘’“”•–—™«»°²³·¿¡£§©®±½¼¾×\xa0")


def _row(sign: str) -> int:
    """Give the row of GB 2312 (its first byte) that a character stands in; 0 for none."""
    try:
        return sign.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0
