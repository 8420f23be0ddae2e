"""Search in Chinese without a dictionary: every pair of neighbouring characters is a word of the index."""

import re

from sphinx.search.en import SearchEnglish

_PARTS = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


class ChineseBigrams(SearchEnglish):
    """Split Chinese into pairs of characters, other words as English.

    A query of n characters becomes n − 1 pairs, all of which a page must hold; a query of one character is found as
    itself. A dictionary would find fewer accidental pages, but misses terms that it does not know.
    """

    lang = "zh"
    # Sphinx names the stemmer of the page's script by it, and the one it ships for this class is for English.
    language_name = "English"
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{L}\p{N}_])+/gu) ?? []).flatMap((part) =>
    /[\u3400-\u9fff]/.test(part) && part.length > 2
      ? [...part].slice(1).map((sign, at) => part[at] + sign)
      : [part],
  );
"""

    def split(self, input: str) -> list[str]:
        """Give the words of a text: Chinese characters alone and in pairs, other words whole."""
        found = []
        for part in _PARTS.findall(input):
            if _HAN.match(part):
                found += [*part, *(part[at : at + 2] for at in range(len(part) - 1))]
            else:
                found.append(part)
        return found

    def word_filter(self, word: str) -> bool:
        """Keep single Chinese characters, which the rule for English would drop."""
        return bool(_HAN.match(word)) or super().word_filter(word)
