"""Files for journals: each format is opened again by another program, and measured."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from povstats.errors import DataError, OptionError
from povstats.viz import Figure, charts
from povstats.viz.theme import tint

WIDTH_MM = 84.0
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72
# A raster has whole dots; PDF and EPS give points with six digits.
ROUNDING = 1e-4
FRAME = pd.DataFrame({"group": list("aabb"), "time": [2010, 2015] * 2, "value": [0.299, 0.093, 0.2, 0.05]})
FORMATS = ["svg", "png", "pdf", "eps", "tiff"]
TITLE = "赣州市贫困发生率 Poverty"


def chart(title: str = TITLE) -> Figure:
    return charts.lines(FRAME, lang="zh", title=title, unit="%", source="文献", percent=True, notes=["口径不一。"])


def run(*command: object) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    return subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout.decode("utf-8")


@pytest.mark.parametrize("format", FORMATS)
def test_one_file_at_the_path_the_same_every_time(format: str, tmp_path: Path) -> None:
    one = chart().save(tmp_path / "one", format=format, width_mm=WIDTH_MM, style="grey")
    two = chart().save(tmp_path / f"two.{format}", format=format, width_mm=WIDTH_MM, style="grey")
    assert [path.name for path in one + two] == [f"one.{format}", f"two.{format}"]
    assert one[0].read_bytes() == two[0].read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("width", [84.0, 160.0])
def test_rasters_have_the_width_and_the_dots_asked_for(format: str, width: float, tmp_path: Path) -> None:
    path = chart().save(tmp_path / "f", format=format, width_mm=width, dpi=300)[0]
    with Image.open(path) as picture:
        assert abs(picture.width - width / MM_PER_INCH * 300) <= 1
        assert picture.info["dpi"] == pytest.approx((300, 300), rel=1e-3)
        if format == "tiff":
            assert picture.info["compression"] == "tiff_lzw"
            assert picture.mode == "RGB"


def test_pages_have_the_width_asked_for(tmp_path: Path) -> None:
    points = WIDTH_MM / MM_PER_INCH * POINTS_PER_INCH
    sizes = {
        "pdf": rb"/MediaBox \[ 0 0 ([\d.]+)",
        "eps": rb"%%HiResBoundingBox: 0[.0]* 0[.0]* ([\d.]+)",
        "svg": rb'<svg [^>]*width="([\d.]+)pt"',
    }
    for format, pattern in sizes.items():
        content = chart().save(tmp_path / "f", format=format, width_mm=WIDTH_MM)[0].read_bytes()
        found = re.search(pattern, content)
        assert found, format
        assert float(found[1]) == pytest.approx(points, rel=ROUNDING)


def test_letters_keep_their_size_when_the_sheet_is_narrow() -> None:
    from povstats.viz.theme import Look, house_style

    with house_style():
        wide, narrow = (chart().paint(Look(width)) for width in (160.0, WIDTH_MM))
    assert wide._suptitle.get_fontsize() == narrow._suptitle.get_fontsize()
    assert wide.get_figwidth() / narrow.get_figwidth() == pytest.approx(160.0 / WIDTH_MM)
    # Redrawn, not stretched: the narrow sheet is higher than its width alone would make it.
    assert narrow.get_figheight() / narrow.get_figwidth() > 1.2 * wide.get_figheight() / wide.get_figwidth()


@pytest.mark.parametrize("format", ["png", "tiff"])
def test_grey_has_no_colour_and_the_house_has(format: str, tmp_path: Path) -> None:
    for style, coloured in (("grey", False), ("house", True)):
        path = chart().save(tmp_path / style, format=format, style=style, dpi=150)[0]
        with Image.open(path) as picture:
            assert (picture.mode == "L") is (style == "grey")
            dots = np.asarray(picture.convert("RGB")).astype(int)
        assert bool((dots.max(axis=2) - dots.min(axis=2) > 3).any()) is coloured


def test_grey_vectors_name_no_colour(tmp_path: Path) -> None:
    svg = chart().save(tmp_path / "f", format="svg", style="grey")[0].read_text(encoding="utf-8")
    named = set(re.findall(r"#([0-9a-f]{6})\b", svg))
    assert named
    assert {colour for colour in named if not colour[:2] == colour[2:4] == colour[4:]} == set()
    assert len(set(re.findall(r"stroke-dasharray: ([^;\"]+)", svg))) >= 1


def test_pdf_carries_its_letters_and_gives_them_back(tmp_path: Path) -> None:
    path = chart().save(tmp_path / "f", format="pdf")[0]
    assert path.read_bytes().startswith(b"%PDF-")
    assert b"CreationDate" not in path.read_bytes()
    fonts = run("pdffonts", path).splitlines()[2:]
    assert len(fonts) == 1
    # Kind, embedded, subset, map to Unicode.
    assert re.search(r"TrueType\s+\S+\s+yes yes yes", fonts[0])
    told = run("pdftotext", path, "-")
    assert TITLE in told
    assert "口径不一" in told


def test_eps_is_read_by_ghostscript(tmp_path: Path) -> None:
    path = chart().save(tmp_path / "f", format="eps", width_mm=WIDTH_MM)[0]
    content = path.read_bytes()
    assert content.startswith(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    assert b"CreationDate" not in content
    picture = tmp_path / "f.png"
    run("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=png16m", "-r72", f"-o{picture}", path)
    with Image.open(picture) as drawn:
        assert abs(drawn.width - WIDTH_MM / MM_PER_INCH * POINTS_PER_INCH) <= 1
        # The heading's letters stand in the upper left corner.
        assert np.asarray(drawn.convert("L").crop((0, 0, 100, 22))).min() < 160


def test_three_files_take_width_and_style_too(tmp_path: Path) -> None:
    paths = chart().save(tmp_path / "f", width_mm=WIDTH_MM, style="grey", dpi=100)
    assert [path.suffix for path in paths] == [".svg", ".png", ".csv"]
    with Image.open(paths[1]) as picture:
        assert abs(picture.width - WIDTH_MM / MM_PER_INCH * 100) <= 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "bmp"}, "'tiff'"),
        ({"format": "pdf", "dpi": 300}, "no dots"),
        ({"format": "svg", "dpi": 300}, "no dots"),
        ({"style": "pink"}, "'grey'"),
        ({"width_mm": 20.0}, "60 to 400"),
        ({"width_mm": float("nan")}, "60 to 400"),
        ({"format": "tiff", "dpi": 5000}, "72 to 1200"),
    ],
)
def test_what_makes_no_file_is_refused(options: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=words):
        chart().save(tmp_path / "f", **options)
    assert list(tmp_path.iterdir()) == []


def test_an_ending_must_agree_with_the_format(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="another format"):
        chart().save(tmp_path / "f.png", format="pdf")
    with pytest.raises(OptionError, match="format='tiff'"):
        chart().save(tmp_path / "f.tif")
    assert chart().save(tmp_path / "f.TIF", format="tiff", dpi=72)[0].name == "f.TIF"


@pytest.mark.parametrize("format", FORMATS)
def test_missing_glyph_leaves_the_old_file(format: str, tmp_path: Path) -> None:
    path = chart().save(tmp_path / "f", format=format, width_mm=WIDTH_MM)[0]
    old = path.read_bytes()
    with pytest.raises(DataError, match="no glyph for"):
        chart("龘").save(tmp_path / "f", format=format, width_mm=WIDTH_MM)
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == {path.name: old}


def test_tints_mix_with_white() -> None:
    assert [tint("#000000", share) for share in (0.0, 0.5, 1.0)] == ["#ffffff", "#808080", "#000000"]
