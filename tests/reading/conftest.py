"""A synthetic questionnaire of six households in Chinese, its village table, and a recipe for both."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import povstats as ps


@dataclass(frozen=True)
class Labelled:
    """What any reader of files gives: a table with the labels of its file."""

    table: pd.DataFrame
    values: Any = field(default_factory=dict)
    missing: Any = field(default_factory=dict)


def households():
    return pd.DataFrame(
        {
            "县": ["正安", "正安", "正安", "道真", "道真", "道真"],
            "村": ["大寨", "大寨", "小寨", "大寨", "大寨", "平村"],
            "户编号": [1, 2, 1, 1, 2, 9],
            "全年消费": ["1,200", "２４００", "800.5", "-8", "3000", "1800"],
            "户籍人口": [4, 5, 2, 3, 1, 3],
            "外出人数": [1, 2, 0, 0, 0, 1],
            "政策信任": [1, 2, 3, 2, 9, 1],
            "干部关系": [1, 2, 5, 9, 3, 4],
            "问卷状态": ["完成", "完成", "完成", "完成", "完成", "拒访"],
        }
    )


def villages():
    return pd.DataFrame(
        {
            "县名": ["正安", "正安", "道真", "道真"],
            "村名": ["大寨", "小寨", "大寨", "远村"],
            "扶贫资金": [1.5, 2.0, 3.0, 4.0],
            "村人口": [100, 250, 300, 400],
            "外出比例": [10, 20, 30, 40],
        }
    )


def survey(**changes):
    tree = {
        "name": "贵州农户",
        "contract": "survey",
        "missing": {-8: "不适用"},
        "keep": [{"column": "问卷状态", "in": ["完成"], "because": "只用有效问卷"}],
        "join": {"household": ["县", "村"], "village": ["县名", "村名"]},
        "household_size": {
            "from": "户籍人口",
            "definition": "registered",
            "migrants": {"counted": True, "in_divisor": False, "from": "外出人数"},
        },
        "columns": {
            "household": ["县", "村", "户编号"],
            "village": ["县", "村"],
            "county": "县",
            "consumption": {"from": "全年消费", "as": "number", "unit": "元", "per_head": True},
            "trust": {"from": "政策信任", "recode": {1: 5, 2: 3, 3: 1}, "missing": {9: "不知道"}},
            "cadre_relation": {"from": "干部关系", "reverse": [1, 5], "missing": {9: "不知道"}},
            "aid_funds": {
                "from": "扶贫资金",
                "table": "village",
                "unit": "万元",
                "per_head": {"from": "村人口", "definition": "registered"},
            },
            "village_migration": {"from": "外出比例", "table": "village", "unit": "%"},
        },
    }
    return {**tree, **changes}


@pytest.fixture
def asked():
    """Makers of the questionnaire's tables, of its recipe, and of a table with a file's labels."""
    return SimpleNamespace(Labelled=Labelled, households=households, villages=villages, survey=survey)


@pytest.fixture
def one(asked):
    def make(how, data, *, contract="survey", labels=None, **changes):
        """Make one own column `x` of a table; the obligatory columns of the contract stand beside it."""
        count = len(data)
        table = data.assign(h=[f"h{i}" for i in range(count)], v="v", 县="正安", 消费=1000.0)
        fixed = {"household": "h", "village": "v", "county": "县"}
        fixed["consumption"] = {"from": "消费", "unit": "yuan", "per_head": "already"}
        tree = {"name": "one", "contract": contract, "columns": fixed, "extra": {"x": how}, **changes}
        made = ps.recipe(tree).apply(table if labels is None else asked.Labelled(table, labels))
        return made.table["x"]

    return make
