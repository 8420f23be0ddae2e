"""The main job without kernels: staging, comparing, accepting, partial runs; then two runs with a kernel."""

import json

import pytest

from povstats.errors import DataError, OptionError
from povstats.exhibits import Exhibit
from povstats.reproduce import Failure, make_plan, reproduce
from povstats.reproduce import run as run_module
from povstats.reproduce.execute import Executed
from povstats.reproduce.manifest import numbers_hash
from povstats.reproduce.notebooks import read_source
from povstats.reproduce.readme_map import exhibit_map, read_map


def plain_pages(notebooks, exhibits, pages, front, languages):
    """Stand in for Sphinx, which `test_site.py` runs: a page of each language names what it was given."""
    for lang in languages:
        (pages / lang).mkdir(exist_ok=True)
        (pages / lang / "index.html").write_text(f"{sorted(notebooks)} {front}", encoding="utf-8")


@pytest.fixture
def no_kernel(monkeypatch):
    """Notebooks count as run, and pages are plain."""
    monkeypatch.setattr(run_module, "execute", lambda source, time_limit: Executed(read_source(source), None))
    monkeypatch.setattr(run_module, "build_site", plain_pages)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.usefixtures("no_kernel")
def test_a_run_writes_build_and_touches_nothing_else(root, exhibits):
    before = files(root)
    steps = []
    report = reproduce(make_plan(root, exhibits), tell=lambda step, name: steps.append((step, name)))
    made = files(root / "build")
    assert {name for name in files(root) if not name.startswith("build/")} == set(before)
    assert {
        "exhibits/general-note.zh.csv",
        "exhibits/general-note.en.svg",
        "exhibits/general-source.json",
        "notebooks/10_tiny.ipynb",
        "pages/zh/index.html",
        "pages/en/index.html",
        "report.json",
    } <= set(made)
    assert {each.detail for each in report.findings} == {"the exhibit was never accepted"}
    assert not report.ok
    assert ("running", "10_tiny") in steps
    assert ("making", "general-source") in steps


@pytest.mark.usefixtures("no_kernel")
def test_acceptance_is_by_name_and_then_the_run_agrees(root, exhibits):
    one = reproduce(make_plan(root, exhibits, accept="general-note"))
    assert one.accepted == ("general-note",)
    assert {name.split(".")[0] for name in files(root / "figures")} == {"general-note"}
    assert [each.exhibit for each in one.findings] == ["general-source"]
    both = reproduce(make_plan(root, exhibits, accept="all"))
    assert both.ok
    assert (root / "notebooks" / "10_tiny.ipynb").is_file()
    assert reproduce(make_plan(root, exhibits)).ok


@pytest.mark.usefixtures("no_kernel")
def test_the_manifest_is_the_same_each_time_and_its_hash_is_that_of_the_csv(root, exhibits):
    reproduce(make_plan(root, exhibits, accept="all"))
    first = (root / "figures" / "general-note.json").read_bytes()
    reproduce(make_plan(root, exhibits, accept="all"))
    assert (root / "figures" / "general-note.json").read_bytes() == first
    known = json.loads(first)
    assert known["numbers"]["zh"] == numbers_hash(root / "figures" / "general-note.zh.csv")
    assert known["languages"] == ["zh", "en"]
    assert known["kind"] == "figure"
    assert str(root) not in first.decode()


@pytest.mark.usefixtures("no_kernel")
def test_changed_numbers_are_a_finding_until_accepted(root, exhibits, numbers):
    reproduce(make_plan(root, exhibits, accept="all"))
    accepted = files(root / "figures")
    numbers.text = numbers.text.replace("0.25", "0.26")
    report = reproduce(make_plan(root, exhibits))
    assert {(each.file, each.kind) for each in report.findings} == {
        (f"{id}.{lang}.csv", "numbers") for id in ("general-note", "general-source") for lang in ("zh", "en")
    }
    assert {each.kind for each in report.warnings} == {"picture"}
    assert files(root / "figures") == accepted
    assert json.loads((root / "build" / "report.json").read_text(encoding="utf-8"))["ok"] is False
    assert reproduce(make_plan(root, exhibits, accept="all")).ok


@pytest.mark.usefixtures("no_kernel")
def test_accepting_removes_files_that_are_no_longer_made(root, exhibits):
    reproduce(make_plan(root, exhibits, accept="all"))
    (root / "figures" / "general-note.zh.pdf").write_text("old")
    reproduce(make_plan(root, exhibits, accept="general-note"))
    assert not (root / "figures" / "general-note.zh.pdf").exists()


@pytest.mark.usefixtures("no_kernel")
def test_an_exhibit_that_nothing_makes_or_no_notebook_shows_fails_the_run(root, exhibits):
    reproduce(make_plan(root, exhibits, accept="all"))
    fewer = reproduce(make_plan(root, exhibits[:1]))
    assert [(each.exhibit, each.kind) for each in fewer.findings] == [("general-source", "orphan")]
    source = root / "notebooks" / "10_tiny.py"
    source.write_text(source.read_text(encoding="utf-8").replace("general-source", "another"), encoding="utf-8")
    report = reproduce(make_plan(root, exhibits))
    assert report.unshown == ("general-source",)
    assert not report.ok


@pytest.mark.usefixtures("no_kernel")
def test_a_partial_run_leaves_the_rest_of_build(root, exhibits, numbers):
    reproduce(make_plan(root, exhibits, accept="all"))
    before = files(root / "build")
    numbers.text = "group,value\na,2.0\nb,0.25\n"
    report = reproduce(make_plan(root, exhibits, only="general-note", lang="zh"))
    assert (report.notebooks, report.exhibits) == ((), ("general-note",))
    after = files(root / "build")
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        "exhibits/general-note.zh.csv",
        "exhibits/general-note.zh.svg",
        "exhibits/general-note.json",
        "report.json",
    }
    assert set(after) == set(before)
    assert {each.file for each in report.differences} == {"general-note.zh.csv", "general-note.zh.svg"}


@pytest.mark.usefixtures("no_kernel")
def test_a_refusing_maker_keeps_the_last_good_build(root, exhibits, numbers):
    reproduce(make_plan(root, exhibits))
    before = files(root)

    def refuse(lang):
        raise DataError("no such column")

    object.__setattr__(exhibits[1], "maker", refuse)
    report = reproduce(make_plan(root, exhibits))
    assert report.failure == Failure("general-source", 0, "", "DataError: no such column", "")
    assert files(root) == before
    assert sorted(path.name for path in root.iterdir()) == ["README.md", "build", "notebooks"]


@pytest.mark.usefixtures("no_kernel")
def test_pages_that_fail_keep_the_last_good_build(root, exhibits, monkeypatch):
    reproduce(make_plan(root, exhibits))
    before = files(root)
    broken = Failure("pages/zh", 0, "", "Sphinx: a link leads nowhere", "")
    monkeypatch.setattr(run_module, "build_site", lambda *content: broken)
    report = reproduce(make_plan(root, exhibits, accept="all"))
    assert (report.failure, report.ok) == (broken, False)
    assert files(root) == before


@pytest.mark.usefixtures("no_kernel")
def test_pages_are_made_of_all_notebooks_that_the_folder_holds_and_of_the_front(root, exhibits):
    reproduce(make_plan(root, exhibits))
    reproduce(make_plan(root, exhibits, only="general-note", lang="zh", front=("general-note",)))
    pages = {
        lang: (root / "build" / "pages" / lang / "index.html").read_text(encoding="utf-8") for lang in ("zh", "en")
    }
    assert pages == {"zh": "['10_tiny'] ('general-note',)", "en": "['10_tiny'] ()"}


@pytest.mark.usefixtures("no_kernel")
def test_the_readme_map_is_written_on_acceptance(root, exhibits):
    reproduce(make_plan(root, exhibits, accept="all"))
    text = (root / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Title\n\n<!-- exhibits:begin -->\n")
    assert text.endswith("<!-- exhibits:end -->\n\nEnd.\n")
    block = read_map(root / "README.md")
    assert block == exhibit_map(root / "figures")
    assert "| `general-note` | 注<br>Note | [10_tiny](notebooks/10_tiny.ipynb) | 模拟数据 / synthetic data |" in block
    assert "[svg](figures/general-source.en.svg)" in block
    assert "old" not in block
    assert len(block.splitlines()) == 4


def test_a_readme_without_marks_is_refused_and_left(root):
    readme = root / "README.md"
    readme.write_text("<!-- exhibits:end --> <!-- exhibits:begin -->", encoding="utf-8")
    with pytest.raises(DataError, match=r"README\.md must have one line"):
        read_map(readme)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"only": "general-nute"}, "did you mean 'general-note'"),
        ({"accept": "nothing"}, "no exhibit, notebook or subject is called 'nothing'"),
        ({"lang": "fr"}, "'zh', 'en'"),
        ({"lang": "zh", "accept": "all"}, "accepted in both languages"),
        ({"only": "general-note", "accept": "general-source"}, "this run makes only 'general-note'"),
    ],
)
def test_wrong_options_are_refused(root, exhibits, options, told):
    with pytest.raises(OptionError, match=told):
        make_plan(root, exhibits, **options)


def test_a_subject_is_all_its_exhibits_and_notebooks(root, exhibits):
    """By hand: "general" is the first word of both ids, "tiny" that of a notebook, whose exhibits come with it."""
    other = Exhibit("tiny-note", exhibits[0].maker, "synthetic", "11_tiny_more")
    (root / "notebooks" / "11_tiny_more.py").write_text("# %%\n1 + 1\n", encoding="utf-8")
    every = (*exhibits, other)

    def made(**options):
        plan = make_plan(root, every, **options)
        ids = [[each.id for each in part] for part in (plan.exhibits, plan.accepted)]
        return (*ids, [story.stem for story in plan.sources], [story.stem for story in plan.twins], plan.whole)

    both = ["general-note", "general-source"]
    assert made(only="general") == (both, [], [], [], False)
    assert made(only="general", accept="general") == (both, both, [], [], False)
    stories = ["10_tiny", "11_tiny_more"]
    assert made(only="tiny", accept="tiny") == ([*both, "tiny-note"], [*both, "tiny-note"], stories, stories, False)
    assert made(only="11_tiny_more") == (["tiny-note"], [], ["11_tiny_more"], [], False)
    assert made(accept="general")[:2] == ([*both, "tiny-note"], both)
    with pytest.raises(OptionError, match="did you mean 'general'"):
        make_plan(root, every, only="genera")
    with pytest.raises(OptionError, match="this run makes only '11_tiny_more'"):
        make_plan(root, every, only="11_tiny_more", accept="general")


def test_no_notebook_is_refused(tmp_path, exhibits):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(DataError, match="no notebook"):
        make_plan(tmp_path, exhibits)


def test_a_failing_notebook_names_its_cell_and_keeps_the_last_good_build(root, exhibits):
    (root / "build").mkdir()
    (root / "build" / "kept.txt").write_text("last good")
    source = root / "notebooks" / "10_tiny.py"
    source.write_text(
        '# %%\nimport os\nassert os.environ["POVSTATS_BOTH_LANGUAGES"]\n\n'
        '# %%\n# why it fails\nvalues = {"a": 1}\nvalues["乡"]\n',
        encoding="utf-8",
    )
    report = reproduce(make_plan(root, exhibits))
    failure = report.failure
    assert (failure.where, failure.cell, failure.source) == ("10_tiny", 2, "# why it fails")
    assert failure.reason == "KeyError: '乡'"
    assert "\x1b" not in failure.trace
    assert 'values["乡"]' in failure.trace
    assert len(failure.trace.splitlines()) <= 8
    assert not report.ok
    assert files(root / "build") == {"kept.txt": b"last good"}
    assert sorted(path.name for path in root.iterdir()) == ["README.md", "build", "notebooks"]


def test_a_notebook_that_warns_fails(root, exhibits):
    source = root / "notebooks" / "10_tiny.py"
    source.write_text('# %%\n1 + 1\n\n# %%\nimport warnings\n\nwarnings.warn("look here")\n', encoding="utf-8")
    failure = reproduce(make_plan(root, exhibits)).failure
    assert (failure.cell, failure.source) == (2, "import warnings")
    assert "standard error" in failure.reason
    assert "look here" in failure.trace
