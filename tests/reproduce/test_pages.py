"""Pages: each language alone, every link inside the folder, nothing asked of another machine."""

import re
from html.parser import HTMLParser

import nbformat
import pytest

from povstats.reproduce import make_plan, reproduce
from povstats.reproduce import run as run_module
from povstats.reproduce.execute import Executed
from povstats.reproduce.notebooks import read_source
from povstats.reproduce.pages import in_language


def display(text, lang=None):
    about = {"povstats": {"lang": lang}} if lang else {}
    return nbformat.v4.new_output("display_data", {"text/plain": text}, metadata=about)


@pytest.fixture
def executed(root):
    notebook = read_source(root / "notebooks" / "10_tiny.py")
    notebook.cells[2]["outputs"] = [display("图", "zh"), display("chart", "en"), display("1 + 1 = 2")]
    return notebook


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.targets += [value for name, value in attrs if name in ("href", "src")]


def test_a_page_has_its_language_and_what_has_none(executed):
    zh, en = in_language(executed, "zh"), in_language(executed, "en")
    assert [cell.source.splitlines()[0] for cell in zh.cells] == ["# 一个小例子", "show = print"]
    assert [cell.source.splitlines()[0] for cell in en.cells] == ["# A small example", "show = print"]
    assert [output.data["text/plain"] for output in zh.cells[1].outputs] == ["图", "1 + 1 = 2"]
    assert [output.data["text/plain"] for output in en.cells[1].outputs] == ["chart", "1 + 1 = 2"]
    assert len(executed.cells[2].outputs) == 3, "the executed notebook keeps both"


def test_pages_link_only_what_is_there_and_ask_nothing_of_other_machines(root, exhibits, executed, monkeypatch):
    monkeypatch.setattr(run_module, "execute", lambda source, time_limit: Executed(executed, None))
    reproduce(make_plan(root, exhibits))
    folder = root / "build" / "pages"
    pages = sorted(folder.glob("*.html"))
    assert [page.name for page in pages] == ["10_tiny.en.html", "10_tiny.zh.html", "index.html"]
    for page in pages:
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        assert "script" not in links.tags
        assert "page.css" in links.targets
        for target in links.targets:
            inside = target.startswith(("#", "data:"))
            assert inside or (folder / target).is_file(), f"{page.name} links {target}"
    sheet = (folder / "page.css").read_text(encoding="utf-8")
    fonts = re.findall(r'url\("([^"]+)"\)', sheet)
    assert fonts
    assert all((folder / font).is_file() for font in fonts)
    assert "http" not in sheet


def test_the_page_says_its_language_title_and_twin(root, exhibits, executed, monkeypatch):
    monkeypatch.setattr(run_module, "execute", lambda source, time_limit: Executed(executed, None))
    reproduce(make_plan(root, exhibits))
    zh = (root / "build" / "pages" / "10_tiny.zh.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in zh
    assert "<title>一个小例子</title>" in zh
    assert '<a href="10_tiny.en.html">English</a>' in zh
    index = (root / "build" / "pages" / "index.html").read_text(encoding="utf-8")
    for words in (
        "一个小例子",
        "A small example",
        "模拟数据",
        "synthetic data",
        "../exhibits/general-note.zh.csv",
    ):
        assert words in index


def test_one_language_alone_links_no_twin(root, exhibits, executed, monkeypatch):
    monkeypatch.setattr(run_module, "execute", lambda source, time_limit: Executed(executed, None))
    reproduce(make_plan(root, exhibits, lang="zh"))
    zh = (root / "build" / "pages" / "10_tiny.zh.html").read_text(encoding="utf-8")
    assert "10_tiny.en.html" not in zh
    index = (root / "build" / "pages" / "index.html").read_text(encoding="utf-8")
    assert "10_tiny.en.html" not in index
