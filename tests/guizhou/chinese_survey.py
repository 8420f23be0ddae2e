"""A test table as a survey team hands it over: an .xlsx with Chinese headings, coded answers and missing codes.

Consumption, schooling, household size and the villages are real: farm households of 30 communes of Viet Nam, 1997-98
(`datasets.vietnam_1998`), 6 to 14 a commune; the mean consumption of a village is that of its other households. The
five counties, the items, land, migrants, gifts and aid funds are invented, and the money is only called yuan. Not made
by the generator of the synthetic Guizhou survey, and nothing about Guizhou.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import povstats as ps

VILLAGES, COUNTIES = 30, ("甲县", "乙县", "丙县", "丁县", "戊区")
TRUST = ("很不信任", "不太信任", "一般", "比较信任", "很信任")
HARMONY = ("很不融洽", "不太融洽", "一般", "比较融洽", "很融洽")
VIEW = ("作用不大", "有一定作用", "作用很大")
REFUSED = 2
"""Households that did not complete the questionnaire, and which the recipe leaves out."""


def tables(seed: int = 1998) -> dict[str, pd.DataFrame]:
    """Make the two sheets, households and villages."""
    rng = np.random.default_rng(seed)
    real = ps.datasets.vietnam_1998()
    real = real[real["farm"] == "yes"]
    sizes = real.groupby("commune").size()
    communes = rng.permutation(sizes[sizes >= 20].index.to_numpy())[:VILLAGES]
    households, villages = [], []
    for place, commune in enumerate(communes):
        where = {"县": COUNTIES[place % len(COUNTIES)], "村": f"{place // len(COUNTIES) + 1}村"}
        own = real[real["commune"] == commune].sample(frac=1, random_state=rng)
        asked, others = own.iloc[: rng.integers(6, 15)], own.iloc[14:]
        households.append(_households(asked, others, where, rng))
        villages.append(_village(others, where, rng))
    house = pd.concat(households, ignore_index=True)
    house.loc[rng.choice(len(house), REFUSED, replace=False), "问卷状态"] = "中途拒访"
    return {"农户问卷": house, "村问卷": pd.DataFrame(villages)}


def write(path: Path, seed: int = 1998) -> Path:
    """Write the workbook: a title above the households, two sheets."""
    with pd.ExcelWriter(path) as book:
        for name, table in tables(seed).items():
            table.to_excel(book, sheet_name=name, index=False, startrow=1)
            book.sheets[name]["A1"] = f"测试数据（非贵州调查）：{name}"
    return path


def _households(asked: pd.DataFrame, others: pd.DataFrame, where: dict[str, str], rng) -> pd.DataFrame:
    n, size = len(asked), asked["household_size"].to_numpy()
    better = np.log(asked["expenditure_per_head"].to_numpy() / others["expenditure_per_head"].mean())
    item = {name: 0.8 * better + rng.normal(size=n) for name in ("信任", "融洽", "干部", "参与", "看法")}
    migrants = rng.binomial(size - 1, 0.2)
    schooling = asked["education"].to_numpy().astype(float)
    schooling[rng.random(n) < 0.02] = 99
    gifts = np.round(size * rng.gamma(1.2, 90, n))
    gifts[rng.random(n) < 0.02] = -8
    trust = _answers(item["信任"], TRUST)
    trust[rng.random(n) < 0.03] = "不知道"
    cadre = _grades(item["干部"], 5)
    cadre[rng.random(n) < 0.02] = 9
    return pd.DataFrame(
        {
            **where,
            "户编号": range(1, n + 1),
            "全年消费支出": np.round(asked["expenditure"].to_numpy(), 1),
            "户籍人口": size,
            "人均受教育年限": schooling,
            "耕地总面积": np.round(size * rng.gamma(2, 0.5, n), 2),
            "外出务工人数": migrants,
            "人情支出": gifts,
            "对政策的信任程度": trust,
            # The other way round: 1 is always, 4 never.
            "参与村务管理": 5 - _grades(item["参与"], 4),
            "与邻里的融洽程度": _answers(item["融洽"], HARMONY),
            "与村干部的关系": cadre,
            "对扶贫部门的看法": _answers(item["看法"], VIEW),
            "是否贫困户": np.where(better < np.log(0.75), "是", "否"),
            "问卷状态": "完成",
        }
    )


def _village(others: pd.DataFrame, where: dict[str, str], rng) -> dict[str, object]:
    mean, people = others["expenditure_per_head"].mean(), int(rng.integers(600, 2400))
    funds = max(20.0, 400 - 0.1 * mean + rng.normal(0, 40)) * people
    return {
        "县名": where["县"],
        "村名": where["村"],
        "全村人均消费": round(mean, 1),
        "扶贫资金": round(funds / 10_000, 3),
        "全村户籍人口": people,
        "外出务工比例": round(100 * rng.beta(3, 9), 1),
    }


def _grades(latent: np.ndarray, grades: int) -> np.ndarray:
    cuts = np.linspace(-1.2, 1.2, grades - 1)
    return np.digitize(latent, cuts) + 1


def _answers(latent: np.ndarray, words: tuple[str, ...]) -> np.ndarray:
    return np.array(words, dtype=object)[_grades(latent, len(words)) - 1]
