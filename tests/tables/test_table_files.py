"""One table in four formats: escapes, rules, fonts, stable bytes, whole files."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from povstats.errors import ContractError
from povstats.printing import width
from povstats.tables import Table

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def small(title: str = "贫困发生率", head: tuple[str, ...] = ("甲", "乙", "甲")) -> Table:
    columns = pd.MultiIndex.from_arrays([list(head), ["(1)", "(2)", "(3)"]])
    body = [["0.1", "−0.2", "0.3"], ["(0.01)", "(0.02)", "(0.03)"], ["5", "6", "7"]]
    index = pd.MultiIndex.from_tuples([("率 & 差", "县_1 100%"), ("率 & 差", ""), ("数", "<n> {x} ^~\\ #$")])
    return Table(pd.DataFrame(body, index=index, columns=columns), title, ("注：p < 0.05", "second"), "zh")


def test_bytes_are_the_same_on_every_call(tmp_path: Path) -> None:
    first, second = small().save(tmp_path / "a"), small().save(tmp_path / "b")
    for one, two in zip(first, second, strict=True):
        assert one.suffix == ".docx" or one.read_bytes() == two.read_bytes()
    assert small()._repr_html_() != small("另一个标题")._repr_html_()


def test_headings_stay_over_their_columns(tmp_path: Path) -> None:
    # great_tables would gather the columns of equal headings; the middle one must stay in the middle.
    page = small().save(tmp_path / "t")[0].read_text(encoding="utf-8")
    assert re.findall(r">\((\d)\)</th>", page) == ["1", "2", "3"]
    assert re.findall(r'gt_column_spanner">(.)<', page) == ["甲", "乙", "甲"]
    joined = small(head=("甲", "甲", "乙")).save(tmp_path / "j")
    assert 'colspan="2"' in joined[0].read_text(encoding="utf-8")
    assert r"\multicolumn{2}{c}{甲}" in joined[1].read_text(encoding="utf-8")


def test_html_is_a_page_of_its_own_without_requests(tmp_path: Path) -> None:
    page = small("<script>x</script>").save(tmp_path / "t")[0].read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    assert '<meta charset="utf-8">' in page
    assert not re.search(r"https?://|<script|src=|@import", page)
    assert "&lt;n&gt;" in page
    # Two tables of one notebook share no id.
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 1
    assert not set(ids) & set(re.findall(r' id="([^"]+)"', small()._repr_html_()))


def test_latex_escapes_and_uses_three_rules(tmp_path: Path) -> None:
    tex = small("100% & more_or $ <less>").save(tmp_path / "t")[1].read_text(encoding="utf-8")
    assert r"\caption{100\% \& more\_or \$ $<$less$>$}" in tex
    assert r"县\_1 100\% & 0.1 & $-$0.2 & 0.3 \\" in tex
    assert r"$<$n$>$ \{x\} \textasciicircum{}\textasciitilde{}\textbackslash{} \#\$ & 5" in tex
    assert [tex.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    assert tex.count(r"\begin{") == tex.count(r"\end{")
    assert "ctex" in tex.splitlines()[0]


def test_word_file_has_both_fonts_and_one_border_element_a_cell(tmp_path: Path) -> None:
    with zipfile.ZipFile(small().save(tmp_path / "t")[2]) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))
        styles = ElementTree.fromstring(package.read("word/styles.xml"))
    fonts = [run.find(f"{WORD}rPr/{WORD}rFonts") for run in root.iter(f"{WORD}r")]
    assert fonts
    assert all(font is not None and font.get(f"{WORD}eastAsia") == "SimSun" for font in fonts)
    assert {one.get(f"{WORD}eastAsia") for one in styles.iter(f"{WORD}lang")} == {"zh-CN"}
    assert all(font is not None and font.get(f"{WORD}ascii") == "Times New Roman" for font in fonts)
    rules = []
    for properties in root.iter(f"{WORD}tcPr"):
        borders = properties.findall(f"{WORD}tcBorders")
        assert len(borders) <= 1, "Word calls a file with two of them damaged"
        rules += [side.tag.removeprefix(WORD) for border in borders for side in border]
    # Top above four columns, two thin ones under the spanners and the header, bottom; none vertical.
    assert set(rules) == {"top", "bottom"}
    texts = ["".join(t.text or "" for t in p.iter(f"{WORD}t")) for p in root.iter(f"{WORD}p")]
    assert texts[0] == "贫困发生率"
    assert texts[-2:] == ["注：p < 0.05", "second"]


def test_text_columns_are_aligned_for_chinese() -> None:
    lines = str(small()).splitlines()
    ends = {width(line) for line in lines if re.search(r"0\.3$|\(0\.03\)$|7$|\(3\)$|甲$", line)}
    assert len(ends) == 1
    assert width(lines[1]) == ends.pop()
    assert width("贫困 a") == 6


def test_failing_save_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small().save(tmp_path / "t")
    old = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(old) == 4

    def full_disk(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        small("新").save(tmp_path / "t")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_plain_frames_are_tables_too(tmp_path: Path) -> None:
    table = Table(pd.DataFrame({"n": ["1"], "share": ["2.5%"]}, index=["a"]), "Title", (), "en")
    page, tex, _, sheet = table.save(tmp_path / "p")
    assert sheet.read_text(encoding="utf-8-sig") == "Row,n,share\na,1,2.5%\n"
    assert r"a & 1 & 2.5\% \\" in tex.read_text(encoding="utf-8")
    assert "2.5%" in page.read_text(encoding="utf-8")


def test_cells_that_formats_could_round_differently_are_refused() -> None:
    with pytest.raises(ContractError, match=r"text.*0\.1"):
        Table(pd.DataFrame({"x": [0.1]}), "t", (), "en")
    with pytest.raises(ContractError, match="no cells"):
        Table(pd.DataFrame({"x": []}), "t", (), "en")
    deep = pd.DataFrame([["1"]], index=pd.MultiIndex.from_tuples([("a", "b", "c")]))
    with pytest.raises(ContractError, match="two levels"):
        Table(deep, "t", (), "en")
