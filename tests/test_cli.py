"""The command line: what it prints, and the exit codes 0 (done), 1 (a finding), 2 (bad input, one line)."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import povstats.reproduce
from povstats import cli
from povstats.reproduce import Difference, Failure, Report
from povstats.words import language

NAME = "农户 数据 2.csv"
CONTRACT = """
name: households
columns:
  - {name: income, kind: number, low: 0}
"""


@pytest.fixture(autouse=True)
def english():
    before = language()
    language("en")
    yield
    language(before)


@pytest.fixture
def table(tmp_path):
    """Synthetic households in villages; the third household of each village lies on the line of 100."""
    rng = np.random.default_rng(20261122)
    village = np.repeat(np.arange(12), 6)
    education = rng.integers(0, 13, village.size)
    income = 80.0 + 5 * education + rng.normal(0, 10, 12)[village] + rng.normal(0, 10, village.size)
    income[2::6] = 100.0
    frame = pd.DataFrame({"village": village, "education": education, "income": income, "weight": 1.0 + village % 3})
    path = tmp_path / "a folder 文件夹" / NAME
    path.parent.mkdir()
    frame.to_csv(path, index=False)
    return path


def run(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def refused(*words):
    """Run, and give the one line that says what was wrong."""
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("povstats: ")
    return line


def test_fit_prints_the_summary_of_the_verb(table):
    from povstats import fit_hlm

    formula = "income ~ education + (1 | village)"
    for lang in ("en", "zh"):
        result = run("fit", formula, table, "--method", "ml", "--lang", lang)
        assert result.exit_code == 0, result.output
        assert result.stdout == f"{fit_hlm(formula, table, method='ml').summary(lang)}\n"


def test_fit_refuses_in_one_line(table, tmp_path):
    formula = "income ~ education + (1 | village)"
    assert "nowhere" in refused("fit", formula, tmp_path / "nowhere.csv")
    assert "schooling" in refused("fit", "income ~ schooling + (1 | village)", table)
    assert "--method='bayes'" in refused("fit", formula, table, "--method", "bayes")
    assert "--lang='fr'" in refused("fit", formula, table, "--lang", "fr")
    refused("fit", "income ~ __import__('os').getcwd() + (1 | village)", table)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_fit_prints_every_reading_and_saves_the_table(table, lang, tmp_path):
    from povstats import fit_hlm, referee

    formula = "log(income) ~ education + (1 | village)"
    options = [word for name in cli.READINGS for word in ("--read", name)]
    result = run("fit", formula, table, *options, "--save", tmp_path / "表", "--lang", lang)
    assert result.exit_code == 0, result.output
    fit = fit_hlm(formula, table)
    readings = [fit.summary(lang), fit.explain(lang), fit.percent_effects().summary(lang)]
    readings += [fit.equations(lang).summary(lang), fit.statements(lang).summary(lang)]
    readings += [fit.influence().summary(lang), referee(fit).summary(lang)]
    assert result.stdout == "\n\n".join(map(str, readings)) + "\n"
    assert {path.name for path in tmp_path.glob("表.*")} == {
        f"表.{lang}.{end}" for end in ("docx", "tex", "html", "csv")
    }


def test_fit_refuses_a_reading_that_does_not_exist_before_it_fits(table):
    assert "--read='poem'" in refused("fit", "income ~ education + (1 | village)", table, "--read", "poem")


def test_per_cent_of_an_outcome_that_is_no_logarithm_is_refused(table):
    assert "log" in refused("fit", "income ~ education + (1 | village)", table, "--read", "percent")


MEASURES = [("headcount", "headcount"), ("poverty-gap", "poverty_gap"), ("sst", "sst")]


@pytest.mark.parametrize(("measure", "verb"), MEASURES)
def test_poverty_prints_the_estimates_of_the_verb(table, measure, verb):
    import povstats as ps

    design = ps.Design(weights="weight", psu="village")
    options = (
        "--welfare",
        "income",
        "--line",
        100,
        "--weights",
        "weight",
        "--psu",
        "village",
        "--poor",
        "<=",
    )
    result = run("poverty", table, *options, "--measure", measure, "--lang", "zh")
    expected = getattr(ps, verb)(table, "income", 100, design=design, poor="<=")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{expected.summary('zh')}\n"


def test_poverty_without_a_design_and_by_groups(table):
    import povstats as ps

    result = run("poverty", table, "--welfare", "income", "--line", 100, "--by", "weight")
    assert result.stdout == f"{ps.headcount(table, 'income', 100, by='weight').summary('en')}\n"


def test_poverty_prints_a_profile_of_persons(table):
    import povstats as ps

    result = run("poverty", table, "--welfare", "income", "--line", 100, "--measure", "profile", "--size", "weight")
    expected = ps.poverty_profile(table, "income", 100, size="weight")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{expected.summary('en')}\n"


def test_poverty_takes_a_line_by_name_and_a_share_of_the_median(table):
    import povstats as ps

    asked = ("poverty", table, "--welfare", "income", "--line")
    named, share = run(*asked, "CN-2010:2013"), run(*asked, "0.6*median")
    assert named.stdout == f"{ps.headcount(table, 'income', ps.line('CN-2010', 2013)).summary('en')}\n"
    assert share.stdout == f"{ps.headcount(table, 'income', ps.relative_line(table, 'income')).summary('en')}\n"
    assert "2,736" in named.stdout
    assert "0.6*median" in refused(*asked, "about 100")
    assert "from memory" in refused(*asked, "CN-2010:2018")


def test_poverty_refuses_in_one_line(table):
    options = ("poverty", table, "--welfare", "income", "--line")
    assert "line" in refused(*options, "-5")
    assert "--measure='hunger'" in refused(*options, 100, "--measure", "hunger")
    assert "--poor='='" in refused(*options, 100, "--poor", "=")
    assert "region" in refused(*options, 100, "--by", "region")


def test_a_missing_option_is_bad_input(table):
    result = run("poverty", table, "--line", 100)
    assert result.exit_code == 2
    assert "--welfare" in result.stderr


def test_check_is_silent_about_good_tables_and_finds_breaches(table, tmp_path):
    contract = tmp_path / "合同 1.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    kept = run("check", table, "--contract", contract)
    assert kept.exit_code == 0, kept.output
    frame = pd.read_csv(table)
    frame.loc[[3, 4], "income"] = -1.0
    frame.to_csv(table, index=False)
    broken = run("check", table, "--contract", contract, "--lang", "zh")
    assert broken.exit_code == 1
    assert "income" in broken.stdout
    assert "2" in broken.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_codebook_prints_what_the_verb_gives_and_saves_it(table, lang, tmp_path):
    from povstats.reading import read

    saved = tmp_path / "编码本.xlsx"
    result = run("codebook", table, "--save", saved, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{read(table).codebook().summary(lang)}\n"
    assert saved.read_bytes().startswith(b"PK")


def test_codebook_check_and_study_refuse_in_one_line(table, tmp_path):
    assert "nowhere" in refused("codebook", tmp_path / "nowhere.dta")
    assert "--contract" in refused("check", table)
    assert "nowhere.yaml" in refused("check", table, "--contract", "survey", "--recipe", tmp_path / "nowhere.yaml")
    spec = tmp_path / "方案.yaml"
    spec.write_text("kind: poem", encoding="utf-8")
    assert "'poem'" in refused("study", table, "--spec", spec, "--out", tmp_path / "s")
    spec.write_text("{kind: trend, time: year, value: incidence}", encoding="utf-8")
    assert "year" in refused("study", table, "--spec", spec, "--out", tmp_path / "s")
    assert not (tmp_path / "s").exists()
    (tmp_path / "a.txt").write_text("mine", encoding="utf-8")
    assert "no earlier study" in refused("study", table, "--out", tmp_path)


def test_check_refuses_an_unknown_contract_in_one_line(table):
    assert "vietnam_1998" in refused("check", table, "--contract", "vietnam_1989")


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """A checkout with one notebook."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "10_tiny.py").write_text("# %%\n1 + 1\n", encoding="utf-8")
    monkeypatch.setattr(povstats.reproduce, "find_checkout", lambda: tmp_path)


@pytest.fixture
def reported(monkeypatch, tmp_path, checkout):
    """Let `reproduce` end with a report of our choice."""
    monkeypatch.delenv("POVSTATS_QUIET", raising=False)

    def end(**facts):
        report = Report(
            **{
                "notebooks": ("10_tiny",),
                "exhibits": ("a-b",),
                "accepted": (),
                "differences": (),
                "unshown": (),
                "failure": None,
                "seconds": 1.5,
                "build": tmp_path / "build",
                **facts,
            }
        )

        def pretend(plan, *, tell):
            tell("running", "10_tiny")
            return report

        monkeypatch.setattr(povstats.reproduce, "reproduce", pretend)
        return run("reproduce")

    return end


def test_reproduce_ends_with_what_was_made_and_where_to_look(reported, tmp_path):
    result = reported()
    assert result.exit_code == 0, result.output
    assert "Notebooks run: 1. Exhibits made: 1. Time: 1.5 s." in result.stdout
    assert str(tmp_path / "build" / "pages" / "index.html") in result.stdout
    assert "running notebook 10_tiny" in result.stderr


def test_reproduce_is_quiet_on_request(reported, monkeypatch):
    monkeypatch.setenv("POVSTATS_QUIET", "1")
    assert reported().stderr == ""


def test_a_failing_notebook_is_exit_1_with_cell_and_reason(reported):
    failure = Failure("10_tiny", 3, "1 / 0", "ZeroDivisionError: division by zero", "line 1\nline 2")
    result = reported(failure=failure)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "10_tiny failed in cell 3: 1 / 0",
        "ZeroDivisionError: division by zero",
    ]
    assert "was left as it was" in result.stdout


def test_different_numbers_are_exit_1_and_pictures_alone_are_not(reported):
    numbers = Difference("a-b", "a-b.en.csv", "numbers", "row 1 x: 2 instead of 1")
    picture = Difference("a-b", "a-b.en.svg", "picture", "the drawing differs, its numbers do not")
    warned = reported(differences=(picture,))
    assert warned.exit_code == 0
    assert "a-b.en.svg" in warned.stdout
    failed = reported(differences=(picture, numbers))
    assert failed.exit_code == 1
    assert "a-b.en.csv: row 1 x: 2 instead of 1" in failed.stdout
    assert "--accept a-b" in failed.stdout
    assert reported(unshown=("a-b",)).exit_code == 1


@pytest.mark.usefixtures("checkout")
def test_reproduce_refuses_unknown_names_in_one_line():
    assert "no exhibit, notebook or subject is called 'nothing'" in refused("reproduce", "--only", "nothing")
    assert "both languages" in refused("reproduce", "--lang", "zh", "--accept", "all")


def test_help_loads_no_numerical_package():
    """Second route to "help is fast": what makes it slow is not imported."""
    code = (
        "import sys; from povstats.cli import app; app(['--help'], standalone_mode=False); "
        "print(sorted({'numpy', 'pandas', 'matplotlib', 'scipy', 'rich', 'jupytext'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.rstrip().endswith("[]"), done.stdout[-200:]
    for verb in ("reproduce", "fit", "poverty", "codebook", "check", "study"):
        assert verb in done.stdout
