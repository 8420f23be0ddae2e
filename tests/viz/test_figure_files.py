"""The font, its refusals, and files that are never half there."""

import hashlib
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from povstats.errors import DataError
from povstats.files import PACKAGE, data_file
from povstats.viz import Figure, charts
from povstats.viz.theme import FONT_FILE, font_characters, font_family

FRAME = pd.DataFrame({"group": ["a", "b"], "estimate": [1.0, 2.0], "low": [0.5, 1.0], "high": [2.0, 3.0]})
SIGNS = "−–—…·±×≤≥≠≈²³½¼στβχΔθλμρΣ％‰→←↑↓●○、。，；：？！（）《》“”‘’ạộữĐđ℃№"


def chart(title: str, group: str = "a") -> Figure:
    frame = FRAME.replace({"group": {"a": group}})
    return charts.caterpillar(frame, lang="zh", title=title, unit="%", source="合成数据")


@pytest.mark.parametrize(("title", "group"), [("缺字：龘", "a"), ("标题", "龘村"), ("emoji 😀", "a"), ("tab\t", "a")])
def test_missing_glyph_raises_and_writes_nothing(title: str, group: str, tmp_path: Path) -> None:
    figure = chart(title, group)
    with pytest.raises(DataError, match="no glyph for"):
        figure.save(tmp_path / "box")
    with pytest.raises(DataError, match="no glyph for"):
        figure._repr_png_()
    assert list(tmp_path.iterdir()) == []


def test_dollar_and_backslash_are_text_not_mathematics(tmp_path: Path) -> None:
    title = r"US$2.15 and $3.65, \alpha_1^2, 50 % {x}"
    figure = chart(title)
    assert [path.stat().st_size > 0 for path in figure.save(tmp_path / "money")] == [True] * 3
    assert title in figure.title


def test_failing_save_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {path.name: path.read_bytes() for path in chart("第一").save(tmp_path / "f")}
    with pytest.raises(DataError):
        chart("龘").save(tmp_path / "f")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old

    def full_disk(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        chart("第二").save(tmp_path / "f")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_font_has_every_word_of_the_package_and_the_signs_of_statistics() -> None:
    tree = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))
    words = "".join(text for entries in tree.values() for entry in entries.values() for text in entry.values())
    assert [sign for sign in words + SIGNS if ord(sign) not in font_characters() and sign != "\n"] == []
    level_one = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    assert set(map(ord, level_one.decode("gb2312", "ignore"))) <= font_characters()
    # fontTools reads the same table by its own code.
    assert set(TTFont(FONT_FILE).getBestCmap()) == font_characters()


def test_font_is_the_one_on_its_card_with_its_licence() -> None:
    card = data_file("fonts/card.md").read_text(encoding="utf-8")
    assert hashlib.sha256(FONT_FILE.read_bytes()).hexdigest() in card
    licence = (FONT_FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    names = TTFont(FONT_FILE)["name"]
    assert "Copyright 2014-2021 Adobe" in licence
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "2014-2021 Adobe" in names.getDebugName(0)
    assert "Reserved" not in " ".join(str(record) for record in names.names)
    assert font_family() == names.getDebugName(1) == "Povstats Sans SC"
    assert FONT_FILE.stat().st_size < 1_100_000


def test_places_in_a_drawing_are_rounded_and_letters_keep_their_scale(tmp_path: Path) -> None:
    [path] = [one for one in chart("标题").save(tmp_path / "a") if one.suffix == ".svg"]
    text = path.read_text(encoding="utf-8")
    assert re.search(r' d="[^"]*\d\.\d{3}[ \n"]', text)
    assert not re.search(r'(?: d| x| y)="[^"]*\d\.\d{4}|translate\([^)]*\d\.\d{4}', text)
    assert "scale(0.015625)" in text
