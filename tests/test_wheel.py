"""The wheel carries what it needs and works outside the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
USE = """
import numpy as np, pandas as pd, povstats as ps, povstats.files
assert povstats.files.data_file("examples/vietnam_1998/card.md").is_relative_to(povstats.files.PACKAGE)
print(povstats.files.PACKAGE)
print(len(ps.datasets.card("vietnam_1998", "zh").text))
village = np.repeat(np.arange(12), 10)
y = np.random.default_rng(1).normal(size=120) + village % 3
fit = ps.fit_hlm("收入 ~ 1 + (1 | 村)", pd.DataFrame({"收入": y, "村": village}))
fit.plot_caterpillar(lang="zh").save("figure")
ps.regression_table([fit], lang="zh").save("table")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_data_font_licences_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "povstats/words.toml" in names
    assert "povstats/tables/elsewhere.csv" in names
    assert "povstats/_data/examples/vietnam_1998/source.toml" in names
    assert any(name.endswith(".otf") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("OFL.txt") for name in names)
    assert not [name for name in names if name.startswith(("tests", "notebooks", "figures", "benchmarks"))]


def test_it_works_where_there_is_no_checkout(wheel, tmp_path):
    unpacked = tmp_path / "a folder"
    zipfile.ZipFile(wheel).extractall(unpacked)
    away = tmp_path / "elsewhere"
    away.mkdir()
    # The unpacked wheel comes before the checkout that this environment knows.
    environment = os.environ | {"PYTHONPATH": str(unpacked), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=away,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    package, length = done.stdout.splitlines()[:2]
    assert Path(package) == unpacked / "povstats"
    assert int(length) > 500
    assert {p.name for p in away.iterdir()} == {
        *(f"figure.zh.{ending}" for ending in ("svg", "png", "csv")),
        *(f"table.zh.{ending}" for ending in ("html", "tex", "docx", "csv")),
    }
