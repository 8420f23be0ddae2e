"""The shell's codebook, check and study on a Stata file in GBK: what is printed, and the exit codes 0, 1 and 2."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import povstats as ps
from povstats import cli
from povstats.reading import read, recipe
from povstats.studies.progress import silent, told

HERE = Path(__file__).parent
RECIPE, SPEC = HERE / "recipe.yaml", HERE / "spec.yaml"


def run(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_codebook(survey_file, lang):
    result = run("codebook", survey_file, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{read(survey_file).codebook().summary(lang)}\n"
    assert "小学" in result.stdout


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_by_a_recipe_tells_the_steps_and_the_contract_kept(survey_file, lang):
    prepared = recipe(RECIPE).apply(survey_file)
    result = run("check", survey_file, "--contract", "survey", "--recipe", RECIPE, "--lang", lang)
    assert result.exit_code == 0, result.output
    kept = ps.check(prepared, "survey").summary(lang)
    assert result.stdout == f"{prepared.report.summary(lang)}\n\n{kept}\n"
    assert run("check", survey_file, "--recipe", RECIPE, "--lang", lang).stdout == result.stdout


def test_breaches_are_exit_1_in_ones_own_names(survey_file, tmp_path):
    tree = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    tree["columns"]["education"]["recode"] = {"小学": 72, "初中": 108, "高中": 144}
    odd = tmp_path / "月.yaml"
    odd.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    checked = run("check", survey_file, "--contract", "survey", "--recipe", odd)
    assert checked.exit_code == 1
    assert "户主学历" in checked.stdout
    studied = run("study", survey_file, "--recipe", odd, "--spec", SPEC, "--out", tmp_path / "s")
    assert studied.exit_code == 1
    assert checked.stdout.endswith(studied.stdout)
    assert not (tmp_path / "s").exists()


def test_study_writes_and_its_own_command_makes_it_again(survey_file, tmp_path, monkeypatch):
    """Second route: the verb's summary; and the manifest's command, run where the file lies."""
    monkeypatch.chdir(survey_file.parent)
    result = run("study", survey_file.name, "--recipe", RECIPE, "--spec", SPEC, "--out", "成果", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "成果" in result.stdout
    manifest = json.loads(Path("成果/manifest.json").read_text(encoding="utf-8"))
    words = shlex.split(manifest["rerun"])
    assert words[0] == "povstats"
    assert run(*words[1:]).exit_code == 0
    again = json.loads(Path("成果/manifest.json").read_text(encoding="utf-8"))
    steady = {name: one["sha256"] for name, one in manifest["files"].items() if not one["timed"]}
    assert steady == {name: one["sha256"] for name, one in again["files"].items() if not one["timed"]}


def test_steps_are_told_in_a_terminal_unless_quiet(monkeypatch, capsys):
    steps = [
        ("read", {}),
        ("prepare", {}),
        ("check", {}),
        ("fit", {"at": 1, "models": 2}),
        ("trend", {}),
        ("write", {}),
    ]
    with told() as tell:
        assert tell is silent
    monkeypatch.delenv("POVSTATS_QUIET")
    with told() as tell:
        assert tell is silent
    monkeypatch.setenv("FORCE_COLOR", "1")
    with told() as tell:
        for step, values in steps:
            tell(step, **values)
    assert "writing tables" in capsys.readouterr().err


def test_what_cannot_be_written_is_one_line(survey_file, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    result = run("study", survey_file, "--recipe", RECIPE, "--out", tmp_path / "file" / "s")
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert "cannot be written" in line
