"""The sites as Sphinx makes them: each language alone, every link inside the folder, search, the same bytes twice.

One build serves most tests. Links and the index are read here as a browser reads them, not as Sphinx wrote them.
"""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from nbformat import v4

from povstats.exhibits import FRONT, Exhibit, everything
from povstats.files import PACKAGE
from povstats.reproduce.manifest import write_manifest
from povstats.reproduce.notebooks import read_source, shown_by
from povstats.reproduce.site import build_site, in_language
from povstats.reproduce.site.bigrams import ChineseBigrams

ROOT = Path(__file__).parents[2]
PLACE = PACKAGE / "reproduce" / "site"
CODES = {"zh": "zh-CN", "en": "en"}
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SOURCE = """# %% [markdown] tags=["zh"]
# # 一个小例子
#
# 按户计的贫困发生率。

# %% [markdown] tags=["en"]
# # A small example
#
# The headcount of households; read [the paper](https://doi.org/10.2307/1913475).

# %%
show = print
show("general-note")
"""


def outputs():
    """What a kernel would give: a picture in each language, a table in HTML, a text in Markdown."""
    picture = {"image/png": base64.b64encode(DOT).decode(), "text/plain": "Figure"}
    shown = [
        v4.new_output("display_data", picture, metadata={"povstats": {"lang": lang}, "image/png": {"alt": alt}})
        for lang, alt in (("zh", "甲图"), ("en", "picture one"))
    ]
    table = v4.new_output("display_data", {"text/html": "<table><tr><td>0.25</td></tr></table>", "text/typst": "x"})
    return [*shown, table, v4.new_output("display_data", {"text/markdown": "| a | b |\n|---|---|\n| 1 | 2 |"})]


def executed(folder):
    (folder / "10_tiny.py").write_text(SOURCE, encoding="utf-8")
    notebook = read_source(folder / "10_tiny.py")
    notebook.cells[2]["outputs"] = outputs()
    return notebook


def build(folder, languages=("zh", "en"), notebook=None):
    """Build pages of one notebook and two exhibits, the second a table."""
    made = folder / "exhibits"
    made.mkdir(parents=True)
    for id, endings in (("general-note", ("svg", "png", "csv")), ("general-source", ("html", "tex", "docx", "csv"))):
        for name in (f"{id}.{lang}.{ending}" for lang in languages for ending in endings):
            (made / name).write_bytes(DOT)
        write_manifest(Exhibit(id, print, "synthetic", "10_tiny"), made)
    (folder / "pages").mkdir()
    notebooks = {"10_tiny": notebook or executed(folder)}
    return build_site(notebooks, made, folder / "pages", ("general-note", "general-source"), languages)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a site 网页")
    assert build(folder) is None
    return folder / "pages"


class Page(HTMLParser):
    """The links, ids and attributes of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.ids, self.first = [], [], set(), {}
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.first.setdefault(tag, facts)
        self.ids |= {facts["id"]} if "id" in facts else set()
        for name in ("href", "src", "action"):
            if facts.get(name):
                (self.links if tag == "a" else self.loaded).append(facts[name])


def outside(address):
    return urlsplit(address).scheme in ("http", "https") or address.startswith("//")


def html_files(pages):
    return sorted(pages.rglob("*.html"), key=str)


def test_each_language_has_home_search_and_its_notebooks(pages):
    names = {path.relative_to(pages).as_posix() for path in html_files(pages)}
    site = {"index.html", "search.html", "10_tiny.html"}
    tables = {f"exhibits/general-source.{lang}.html" for lang in CODES}
    assert names == {"index.html"} | {f"{lang}/{name}" for lang in CODES for name in site} | tables


def test_pages_link_only_what_is_there(pages):
    for path in html_files(pages):
        if path.parent.name == "exhibits":
            continue
        page = Page(path)
        for address in [*page.links, *page.loaded]:
            if outside(address) or address.startswith("data:"):
                continue
            parts = urlsplit(address)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.relative_to(pages)} links {address}"
            assert target.is_relative_to(pages.resolve()), f"{address} leaves the folder"
            if parts.fragment and target.suffix == ".html":
                assert parts.fragment in Page(target).ids, f"{path.name} links {address}"


def test_nothing_is_asked_of_another_machine(pages):
    for path in html_files(pages):
        if path.parent.name != "exhibits":
            page = Page(path)
            assert [address for address in page.loaded if outside(address)] == [], path.name
            assert "mathjax" not in page.text.lower()
    assert [link for link in Page(pages / "en" / "10_tiny.html").links if outside(link)] == [
        "https://doi.org/10.2307/1913475"
    ]
    for sheet in pages.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text
        for address in re.findall(r'url\("?([^")]+)"?\)', text):
            assert address.startswith("data:") or (sheet.parent / address).is_file(), f"{sheet.name}: {address}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_in_its_language_and_leads_to_its_twin(pages, lang):
    other = "en" if lang == "zh" else "zh"
    page = Page(pages / lang / "10_tiny.html")
    assert page.first["html"]["lang"] == CODES[lang]
    assert f"../{other}/10_tiny.html" in page.links
    mine, theirs = ("一个小例子", "A small example") if lang == "zh" else ("A small example", "一个小例子")
    assert f"<h1>{mine}</h1>" in page.text
    assert theirs not in page.text
    assert page.first["img"]["alt"] == ("甲图" if lang == "zh" else "picture one")
    assert page.text.count("<img") == 1
    assert "<td>0.25</td>" in page.text
    assert re.search(r"<td[^>]*><p>1</p>|<td>1</td>", page.text), "a table in Markdown is a table"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_home_shows_pictures_notebooks_and_every_file(pages, lang):
    page = Page(pages / lang / "index.html")
    assert [address for address in page.loaded if address.endswith(".png")] == [f"../exhibits/general-note.{lang}.png"]
    files = [link for link in page.links if link.startswith("../exhibits/")]
    note = [f"../exhibits/general-note.{lang}.{ending}" for ending in ("svg", "png", "csv")]
    assert files == note + [f"../exhibits/general-source.{lang}.{ending}" for ending in ("html", "tex", "docx", "csv")]
    assert "10_tiny.html#general-note" in page.links
    assert "10_tiny.html#general-source" not in page.links, "no page shows it"
    assert ("模拟数据" if lang == "zh" else "synthetic data") in page.text


def test_an_exhibit_has_its_files_below_it_and_its_mark_above(pages):
    text = (pages / "zh" / "10_tiny.html").read_text(encoding="utf-8")
    places = [text.index(what) for what in ('id="general-note"', "<img", "general-note.zh.svg", "general-note.zh.csv")]
    assert places == sorted(places)
    assert "general-source" not in text.split("<main")[1].split("show")[0], "only what a cell shows has its files there"


def test_the_first_page_leads_to_both_sites(pages):
    page = Page(pages / "index.html")
    assert page.links == ["zh/index.html", "en/index.html"]
    assert 'made = ["zh", "en"]' in page.text


def index(pages, lang):
    text = (pages / lang / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))


def found(pages, lang, words):
    """Give the pages that hold all words, by the site's index of texts and titles."""
    known = index(pages, lang)

    def places(word):
        numbers = [known[part].get(word, []) for part in ("terms", "titleterms")]
        return {n for each in numbers for n in (each if isinstance(each, list) else [each])}

    pages_of = [places(word) for word in words]
    return {known["docnames"][number] for number in set.intersection(*pages_of)}


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (["贫困"], {"10_tiny", "index"}),
        (["贫困", "困发", "发生", "生率"], {"10_tiny"}),
        (["户"], {"10_tiny", "index"}),
        (["丙丁"], set()),
    ],
)
def test_chinese_is_found_by_its_pairs(pages, words, there):
    """The pairs are those that the page's script makes of 贫困, 贫困发生率, 户 and 丙丁."""
    assert found(pages, "zh", words) == there


def test_english_is_found_by_its_stem(pages):
    assert found(pages, "en", ["household"]) == {"10_tiny", "index"}


def test_words_are_split_in_the_index_as_in_the_query():
    split = ChineseBigrams({}).split
    assert split("贫困率 3.5% of ICC-x") == ["贫", "困", "率", "贫困", "困率", "3", "5", "of", "ICC", "x"]
    assert split("乡") == ["乡"]


def test_the_script_of_the_search_names_a_stemmer_that_it_defines(pages):
    for lang in CODES:
        script = (pages / lang / "_static" / "language_data.js").read_text(encoding="utf-8")
        [name] = re.findall(r"window\.Stemmer = (\w+);", script)
        assert re.search(rf"\b{name}\s*=\s*function", script)
        assert ("splitQuery" in script) == (lang == "zh")


def test_two_builds_have_the_same_bytes(pages, tmp_path):
    assert build(tmp_path / "elsewhere") is None

    def all_bytes(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    first, second = all_bytes(pages), all_bytes(tmp_path / "elsewhere" / "pages")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert not any(str(tmp_path).encode() in content for content in second.values())


def test_a_warning_of_sphinx_is_a_failure_and_leaves_the_old_site(tmp_path):
    notebook = executed(tmp_path)
    notebook.cells[0].source += "\n\n[没有](nowhere.md)"
    (tmp_path / "site").mkdir()
    failure = build(tmp_path / "site", ("zh",), notebook)
    assert failure.where == "pages/zh"
    assert "nowhere.md" in failure.reason
    assert str(tmp_path) not in failure.reason
    assert not (tmp_path / "site" / "pages" / "zh").exists()


def test_one_language_has_no_link_to_the_other(tmp_path):
    assert build(tmp_path / "site", ("en",)) is None
    folder = tmp_path / "site" / "pages"
    assert not (folder / "zh").exists()
    assert not [link for link in Page(folder / "en" / "index.html").links if "zh" in link]
    assert Page(folder / "index.html").links == ["en/index.html"]


def test_outputs_of_the_other_language_go_from_a_copy(tmp_path):
    notebook = executed(tmp_path)
    assert [len(in_language(notebook, lang).cells[1].outputs) for lang in ("zh", "en")] == [3, 3]
    assert len(notebook.cells[2].outputs) == 4


def test_shown_ids_come_in_their_order():
    assert shown_by('ps.show("b-b"); ps.show("a-a")\nps.show(fit)') == ["b-b", "a-a"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_home_says_what_the_readme_says(lang):
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    home = (PLACE / f"home.{lang}.md").read_text(encoding="utf-8")
    lines = re.findall(r"^- (\S.*)$", home, re.MULTILINE)
    assert len(lines) == 9
    assert [line for line in lines if line not in readme] == []
    for command in re.findall(r"^make \w+", home, re.MULTILINE):
        assert command in readme


def test_the_front_is_of_four_exhibits_or_more_that_have_pictures():
    ids = {known.id for known in everything()}
    assert len(FRONT) == len(set(FRONT)) >= 4
    assert set(FRONT) <= ids
    assert [id for id in FRONT if not (ROOT / "figures" / f"{id}.zh.png").is_file()] == []


def test_the_shipped_font_has_every_character_of_the_home_page():
    from povstats.viz.theme import font_characters

    signs = set((PLACE / "home.zh.md").read_text(encoding="utf-8")) - {"\n"}
    assert [sign for sign in sorted(signs) if ord(sign) not in font_characters()] == []
