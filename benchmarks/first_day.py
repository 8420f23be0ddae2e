"""The first day of a new user, timed: from a GBK .dta to a journal's table, from a registry's .xlsx to a trend chart.

Makes two files of synthetic data (44 villages of 10 households; 6 counties over 8 years), writes the recipes and
specifications that a user would write, and runs `povstats codebook`, `check` and `study` from the shell.

    python benchmarks/first_day.py [FOLDER]

What a user spends on reading and writing is not in these seconds.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

VILLAGES, HOUSEHOLDS, SEED = 44, 10, 20261126
COUNTIES = ("甲县", "乙县", "丙县", "丁县", "戊县", "己县")
NAMES = {
    "V0000001": "问卷县",
    "V0000002": "行政村",
    "V0000003": "户编号",
    "V0000004": "全年消费支出",
    "V0000005": "户籍人口",
    "V0000006": "外出务工人数",
    "V0000007": "户主文化程度",
    "V0000008": "耕地亩数",
    "V0000009": "信任村干部",
    "V0000010": "信任扶贫政策",
    "V0000011": "扶贫资金合计",
    "V0000012": "村户籍人口",
    "V0000013": "村外出比例",
}
SCHOOLING = {1: "未上学", 2: "小学", 3: "初中", 4: "高中及以上", 99: "不清楚"}
TRUST = {1: "非常信任", 2: "比较信任", 3: "一般", 4: "不太信任", 5: "很不信任", 99: "不回答"}

SURVEY_RECIPE = """\
name: 合成入户调查
contract: survey
note: 数据由程序合成，仅作演示。
missing: {99: [不清楚, 不回答, null]}
household_size:
  from: 户籍人口
  definition: registered
  migrants: {counted: yes, in_divisor: yes}
columns:
  household: [问卷县, 行政村, 户编号]
  village: [问卷县, 行政村]
  county: 问卷县
  consumption: {from: 全年消费支出, as: number, unit: 元, per_head: yes}
  education: {from: 户主文化程度, recode: {未上学: 0, 小学: 6, 初中: 9, 高中及以上: 12}, unit: 年}
  land: {from: 耕地亩数, as: number, unit: 亩, per_head: yes}
  migrants: {from: 外出务工人数, as: number, unit: 人}
  trust: {mean: [信任村干部, 信任扶贫政策], reverse: [1, 5], answered: 1}
  aid_funds: {from: 扶贫资金合计, as: number, unit: 万元, per_head: {from: 村户籍人口, definition: registered}}
  village_migration: {from: 村外出比例, as: number, unit: 比例}
"""
SURVEY_SPEC = (Path(__file__).resolve().parent.parent / "data" / "specs" / "guizhou_model.yaml").read_text("utf-8")
REGISTRY_RECIPE = """\
name: 合成建档立卡年报
contract: registry
columns:
  place: 县
  year: {from: 年份, as: number}
  poor_persons: {from: 贫困人口, as: number, unit: 人}
  population: {from: 乡村人口, as: number, unit: 人}
  line: {from: 贫困标准, as: number, unit: 元, per_head: already}
"""
REGISTRY_SPEC = """\
kind: trend
data: synthetic
title: {zh: 农村贫困发生率, en: Incidence of rural poverty}
time: year
numerator: poor_persons
denominator: population
by: place
breaks: [line]
charts: [lines, multiples]
"""


def make_survey(path: Path) -> None:
    """Write the households as Stata 11 would in a Chinese Windows: format 114, every text in GBK."""
    rng = np.random.default_rng(SEED)
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    rows = village.size
    people = rng.integers(1, 8, rows)
    schooling = rng.choice([1, 2, 3, 4], rows, p=[0.15, 0.45, 0.3, 0.1])
    trust = [rng.integers(1, 6, rows) for _ in range(2)]
    persons = rng.integers(600, 2400, VILLAGES)
    aid = np.round(rng.gamma(3, 0.01, VILLAGES) * persons, 2)
    away = np.round(rng.uniform(0.1, 0.5, VILLAGES), 3)
    mean = 6 - (trust[0] + trust[1]) / 2
    slope = 0.02 + 0.0001 * (10_000 * aid / persons)[village] + rng.normal(0, 0.06, VILLAGES)[village]
    level = 7.4 + 0.08 * schooling + slope * mean + rng.normal(0, 0.25, VILLAGES)[village] + rng.normal(0, 0.45, rows)
    for answers, share in ((schooling, 0.02), (trust[0], 0.03), (trust[1], 0.03)):
        answers[rng.random(rows) < share] = 99
    columns = [
        [COUNTIES[one % len(COUNTIES)] for one in village],
        [f"第{one + 1}村" for one in village],
        [f"{one:03}" for one in np.tile(np.arange(1, HOUSEHOLDS + 1), VILLAGES)],
        np.round(np.exp(level) * people),
        people,
        np.minimum(rng.poisson(0.9, rows), people),
        schooling.astype("int32"),
        np.round(rng.gamma(2, 1.6, rows), 1),
        *(answers.astype("int32") for answers in trust),
        aid[village],
        persons[village],
        away[village],
    ]
    frame = pd.DataFrame(dict(zip(NAMES, columns, strict=True)))
    for name in list(frame)[:3]:
        frame[name] = frame[name].map(_gbk)
    labelled = {"V0000007": SCHOOLING, "V0000009": TRUST, "V0000010": TRUST}
    frame.to_stata(
        path,
        version=114,
        write_index=False,
        value_labels={name: {code: _gbk(text) for code, text in labels.items()} for name, labels in labelled.items()},
        variable_labels={short: _gbk(f"{name}（合成）") for short, name in NAMES.items()},
    )
    # pandas writes Latin names only; the place of a name in the file is 33 bytes.
    content = path.read_bytes()
    for short, name in NAMES.items():
        content = content.replace(short.encode().ljust(33, b"\0"), name.encode("gbk").ljust(33, b"\0"), 1)
    path.write_bytes(content)


def make_registry(path: Path) -> None:
    """Write the counties' yearly counts; the line is another one from 2014."""
    rng = np.random.default_rng(SEED)
    rows = [
        (place, year, round(start * 0.8 ** (year - 2011)), 200_000, 2300 if year < 2014 else 2800)
        for place, start in zip(COUNTIES, rng.integers(30_000, 90_000, len(COUNTIES)), strict=True)
        for year in range(2011, 2019)
    ]
    pd.DataFrame(rows, columns=["县", "年份", "贫困人口", "乡村人口", "贫困标准"]).to_excel(path, index=False)


def _gbk(text: str) -> str:
    """Give GBK bytes as the Latin-1 that pandas writes."""
    return text.encode("gbk").decode("latin-1")


def run(folder: Path, *words: str) -> float:
    """Run povstats as a user would; give the seconds."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "povstats", *words],
        cwd=folder,
        env={**os.environ, "POVSTATS_QUIET": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"povstats {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def main(folder: Path) -> None:
    """Make the files, take the walk, print the seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    make_survey(folder / "入户调查.dta")
    make_registry(folder / "年报.xlsx")
    texts = {
        "survey.recipe.yaml": SURVEY_RECIPE,
        "survey.spec.yaml": f"data: synthetic\n{SURVEY_SPEC}",
        "registry.recipe.yaml": REGISTRY_RECIPE,
        "registry.spec.yaml": REGISTRY_SPEC,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    total = 0.0
    for file, stem, contract, out in (
        ("入户调查.dta", "survey", "survey", "住户研究"),
        ("年报.xlsx", "registry", "registry", "趋势研究"),
    ):
        recipe, spec = f"{stem}.recipe.yaml", f"{stem}.spec.yaml"
        for words in (
            ("codebook", file, "--save", f"{stem}.codebook.xlsx", "--lang", "zh"),
            ("check", file, "--contract", contract, "--recipe", recipe, "--lang", "zh"),
            ("study", file, "--recipe", recipe, "--spec", spec, "--out", out, "--lang", "zh"),
        ):
            seconds = run(folder, *words)
            total += seconds
            print(f"{seconds:6.1f} s  povstats {' '.join(words)}", flush=True)
    print(f"{total:6.1f} s  together; the folders are in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="first-day-")))
