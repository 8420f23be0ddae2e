# %% [markdown] tags=["zh"]
# # 建档立卡：账要平
#
# **问题。** 一个镇说脱贫了多少户、还剩多少户、名册上有多少户，这些数字合得上吗？合不上的差额从哪里来？
#
# **数据。** 文档中豆沙镇、灯塔村和某镇的数字（按事实编号）；按名册记账的真实面板（美国男性的低工资，不是贫困）；
# 一份模拟名册，用来说明逐户数据应当怎样记账。

# %% [markdown] tags=["en"]
# # The registry: accounts must close
#
# **Question.** A town says how many left poverty, how many are left, how many are on the register: do these numbers
# agree, and where they do not, where does the gap come from?
#
# **Data.** The documents' figures on Dousha, Dengta and a town (facts by their ids); a real panel kept as a register
# (low pay of men in the United States, not poverty); a synthetic registry, to show how accounts are kept with
# household rows.

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import povstats as ps

ps.language("zh")  # ps.language("en") for English

# %% [markdown] tags=["zh"]
# ## 恒等式
#
# ```
# 年初 + 新识别 + 返贫 + 自然增加 − 脱贫 − 清退 − 自然减少 = 年末
# ```
#
# 差额不强行抹平：它的大小正是需要解释的部分。某镇 2016—2020 年少了 139 户、228 人，恰好等于名册减少的户数和人数，
# 即清退未计入脱贫。

# %% [markdown] tags=["en"]
# ## The identity
#
# ```
# opening + identified + returned + natural increase − exited − removed − natural decrease = closing
# ```
#
# A gap is not forced away: its size is what must be explained. The town lacks 139 households and 228 persons from 2016
# to 2020, exactly by what its register shrank: the removed are in no flow that it states.

# %%
ps.show("ledger-towns")
ps.show("ledger-totals")

# %%
ps.show("ledger-exits")
ps.show("ledger-lookback")

# %% [markdown] tags=["zh"]
# ## 逐户记账
#
# 每年末在册数 = 上年末 + 流入 − 流出；已脱贫农户的出生、死亡和迁出不影响名册。分户（split）和并户（merged）须指明
# 另一户：分出的户继承来源户的状态；来源户当年不在册，则拒绝。退出核查（check）进入面板，可计算错退率。
#
# 代码中的三户为虚构；随后的低工资表为真实数据，再后两张表为模拟名册。

# %% [markdown] tags=["en"]
# ## Household by household
#
# The list at the end of a year is that of the year before with what came in and went out; births, deaths and moves of
# households that have left the list do not touch it. A split and a merge name the other household: a household that
# splits inherits the state of the one it came from, and is refused where that was not in the registry. Checks of exits
# go into the panel, for the rate of wrong exits.
#
# The three households in the code are made up; the table of low pay after them is real, the two after it are of a
# synthetic registry.

# %%
rows = [
    ("a", 2014, "identified", 4, None, None),
    ("a", 2016, "exited", 4, None, 1),
    ("a", 2018, "returned", 5, None, None),
    ("b", 2015, "identified", 2, None, None),
    ("b", 2017, "exited", 2, None, 0),
    ("c", 2019, "split", 2, "a", None),
]  # made up
events = pd.DataFrame(rows, columns=["household", "year", "event", "persons", "other", "check"])
named = {"household": "household", "year": "year", "event": "event", "other": "other"}
ps.show(ps.ledger(ps.registry_flows(events, persons="persons", **named), unit="unit"))
panel = ps.panel_from_registry(events, check="check", **named).table
print(panel)
keys = {"unit": "household", "wave": "year", "poor": "poor"}
ps.show(ps.return_rate(panel, definition="wrong_exit", check="check", **keys))

# %%
impossible = pd.concat([events, pd.DataFrame([("b", 2016, "returned", 2, None, None)], columns=events.columns)])
try:
    ps.panel_from_registry(impossible, **named)
except ps.errors.DataError as refused:
    print(refused)

# %% [markdown] tags=["zh"]
# 真实面板也可以写成事件：首次低工资为识别，离开为脱贫，再次低工资为返贫。账要平，年末数就是当年的低工资人数。

# %% [markdown] tags=["en"]
# A real panel can be written as events: the first year of low pay is identified, leaving it an exit, low pay again a
# return. The accounts close, and the closing is the number of the low-paid in that year.

# %%
wages = ps.datasets.wage_panel().sort_values(["man", "year"])
low = wages["wage"] < float(ps.relative_line(wages, "wage", share=0.6))
before = low.groupby(wages["man"]).shift(fill_value=False)
ever = (low.groupby(wages["man"]).cumsum() - low) > 0
wages["event"] = np.select([low & ~ever, low & ever & ~before, ~low & before], ["identified", "returned", "exited"], "")
men = {"household": "man", "year": "year", "event": "event"}
real = wages.assign(persons=1).query("event != ''")
accounts = ps.registry_flows(real, persons="persons", **men)
ps.show("ledger-low-pay")

# %%
ps.show("ledger-synthetic")
ps.show("ledger-rates")

# %% [markdown] tags=["zh"]
# ## 名册的两个版本，以及要交出去的工作簿
#
# 两个“版本”是同一批人 1986 年和 1987 年的低工资名单（真实数据，不是贫困）。

# %% [markdown] tags=["en"]
# ## Two versions of a register, and the workbook to hand over
#
# The two versions are the lists of the low-paid of 1986 and 1987 (real data, not poverty).

# %%
old, new = (wages[low & (wages["year"] == year)] for year in (1986, 1987))
compared = ps.compare_registers(old, new, keys=["man"], columns=["union", "married"])
ps.show(compared)
columns = ps.RegistryColumns(**men, persons="persons")
with tempfile.TemporaryDirectory() as folder:
    written = ps.registry_report(real, Path(folder) / "registry.xlsx", columns, lookback=compared)
    print(written.name, written.stat().st_size > 0)

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 豆沙镇历年脱贫数之和比所述总数少 4 户 19 人，灯塔村多 6 户 11 人；差额都有确切数值。
#
# **不能说的。** 差额的原因：文中没有清退、自然增减的逐年数字；模拟名册的比率不说明任何真实地方。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Dousha's yearly exits add up to 4 households and 19 persons less than the stated total, Dengta's to 6
# households and 11 persons more; every gap has its number.
#
# **Cannot.** Why: removals and natural changes are not stated by year; the synthetic registry's rates say nothing of a
# real place.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert ps.ledger(ps.registry_flows(events, persons="persons", **named), unit="unit").balanced
flow = accounts[accounts["unit"] == "persons"].set_index("year")
assert (flow["returned"].sum(), flow["exited"].sum()) == (83, 293)
assert flow["closing"].tolist() == low.groupby(wages["year"]).sum().tolist()
again = ps.panel_from_registry(real, **men).table
assert again["poor"].sum() == low.sum()
moved = compared.counts["households"]
assert moved["added"] == flow.loc[1987, ["identified", "returned"]].sum()
assert moved["removed"] == flow.loc[1987, "exited"]
facts = ps.facts().set_index("id")["value"]
assert facts["F0905"] - facts[["F0942", "F0944", "F0946", "F0948", "F0950"]].sum() == 4
