"""Which encoding bytes are in. Second route: the encoding that the test itself wrote them in.

Running text of several kinds in several encodings, and random place names; no numbers, no tolerance.
"""

import random

import pytest

from povstats.reading.encodings import decode_file, decode_piece, guess
from povstats.reading.plausible import beyond_ascii, looks_chinese

TEXTS = {
    "survey": "您家去年的人均纯收入是多少元？村里最近三年修过路吗？户主受教育年限、外出务工人数、转移性收入。",
    "places": "贵州省毕节市织金县猫场镇大寨村，遵义市湄潭县兴隆镇龙凤村，黔东南苗族侗族自治州雷山县",
    "rare": "镕喆堃昇淼某户主姓名张伟王芳李娜刘洋陈静杨帆赵磊黄丽周强吴敏",
    "mixed": "Village: 大寨 (pop. 120); income > 3,000 yuan",
}
TRADITIONAL = "您家去年的人均純收入是多少元？村裡最近三年修過路嗎？戶主受教育年限、外出務工人數、轉移性收入。"


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(("written", "found"), [("utf-8", "utf-8"), ("gbk", "gb18030"), ("gb18030", "gb18030")])
def test_chinese_text(kind, written, found):
    assert guess([TEXTS[kind].encode(written)]) == found


@pytest.mark.parametrize("encoding", ["big5", "shift_jis"])
def test_other_encodings_are_not_taken_for_gb18030(encoding):
    text = (
        TRADITIONAL if encoding == "big5" else "昨年の世帯所得はいくらでしたか。村の道路は最近三年に修理されましたか。"
    )
    assert guess([text.encode(encoding)]) is None


@pytest.mark.parametrize("text", ["Orléans, café, Besançon", "Mañana: ¿cuánto ganó?", "Über 3 000 € – Größe", "naïve"])
def test_western_text(text):
    assert guess([text.encode("cp1252")]) == "cp1252"


def test_random_place_names_in_gbk_are_found_from_a_few_words():
    rng = random.Random(3)
    signs = [bytes([high, low]).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFE)]
    for _ in range(200):
        names = ["".join(rng.choices(signs, k=3)) + "村" for _ in range(5)]
        found = guess([name.encode("gbk") for name in names])
        # Bytes of GBK that are UTF-8 too say nothing of which they are; chance makes few of them.
        assert found == "gb18030" or all(_is_utf8(name.encode("gbk")) for name in names)


def _is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_a_piece_may_end_in_the_middle_of_a_character():
    whole = "人均纯收入"
    for encoding in ("gbk", "utf-8"):
        piece = whole.encode(encoding)[:-1]
        assert decode_piece(piece, "gb18030" if encoding == "gbk" else encoding) == (whole[:-1], True)
    with pytest.raises(UnicodeDecodeError):
        decode_piece("café".encode("cp1252"), "utf-8")


def test_characters_of_chance_are_not_chinese():
    rng = random.Random(4)
    for _ in range(50):
        data = bytes(rng.choices(range(0x81, 0xFE), k=200))
        assert not looks_chinese(beyond_ascii([data.decode("gb18030", "ignore")]))


def test_a_file_of_ascii_says_so():
    decoded = decode_file(b"a,b\n1,2\n", "a.csv", None)
    assert (decoded.encoding, decoded.notes[0].key) == ("utf-8", "reading.encoding_ascii")
