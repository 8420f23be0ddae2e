"""Surveys that the generator of the synthetic Guizhou survey did not make."""

from importlib import util
from pathlib import Path

import pytest

import povstats as ps
from povstats.guizhou import Analysis, Plan

HERE = Path(__file__).resolve().parent


def _module(name):
    spec = util.spec_from_file_location(f"guizhou_{name}", HERE / f"{name}.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def uneven():
    """Give the maker of an uneven survey: see uneven.py."""
    return _module("uneven").uneven


@pytest.fixture(scope="session")
def survey_zh():
    """Give the module that writes a workbook with Chinese headings: see chinese_survey.py."""
    return _module("chinese_survey")


@pytest.fixture(scope="session")
def recipe_zh():
    """Give the path of the recipe for that workbook."""
    return HERE / "recipe_zh.yaml"


@pytest.fixture(scope="session")
def prepared_zh(survey_zh, recipe_zh, tmp_path_factory):
    """Give the workbook as the recipe makes it: a `Prepared` with the contract's columns."""
    path = survey_zh.write(tmp_path_factory.mktemp("问卷 1") / "农户调查 表.xlsx")
    return ps.recipe(recipe_zh).apply(path)


@pytest.fixture(scope="session")
def analysed(uneven):
    """Give the analysis of the uneven survey with a poverty line."""
    return Analysis(uneven(), Plan(line=1500))
