# %% [markdown] tags=["zh"]
# # 自己的数据：从问卷文件到模型与期刊
#
# 研究者拿到的是 .dta、.sav 或 .xlsx：中文变量名、编码答案、99 之类的缺失代码。本笔记本把真实数据（越南生活水平
# 调查 1997—1998 年，以及文件中印出的赣州市贫困数字）写成这样的文件，再从文件走到三线表和趋势图。
# 文件的写法是我们的：变量改用中文名和编码，约 2% 的受教育年限改为代码 99（不知道）。

# %% [markdown] tags=["en"]
# # Your own data: from a questionnaire file to the model and the journal
#
# What a researcher has is a .dta, .sav or .xlsx with Chinese names, coded answers and missing codes such as 99. Here
# real data (the Viet Nam Living Standards Survey 1997–98, and Ganzhou's poverty figures as a document prints them)
# are written into such files, and taken from there to a journal's table and a trend chart. How they are written is
# ours: Chinese names, codes, and some 2 % of the years of schooling turned into the code 99 (don't know).

# %%
import os
import tempfile
from pathlib import Path

import numpy as np

import povstats as ps

ps.language("zh")  # ps.language("en") for English
folder = Path(tempfile.mkdtemp())
os.chdir(folder)
true = ps.datasets.vietnam_1998()
codes = {"城乡": "urban", "农业户": "farm"}
file = true.rename(columns={"commune": "社编号", "education": "受教育年限", "household_size": "家庭人口"})
file = file.assign(全年支出=file["expenditure"], **{name: (true[own] == "yes") + 1 for name, own in codes.items()})
file = file[["社编号", "城乡", "农业户", "受教育年限", "家庭人口", "全年支出"]].astype({name: "int8" for name in codes})
unknown = np.random.default_rng(1998).random(len(file)) < 0.02
file["受教育年限"] = file["受教育年限"].where(~unknown, 99)
answers = {"城乡": {1: "农村", 2: "城镇"}, "农业户": {1: "否", 2: "是"}, "受教育年限": {99: "不知道"}}
labels = {"全年支出": "全年家庭总支出（千越南盾）", "受教育年限": "户主受教育年限（年）"}
file.to_stata("住户.dta", version=118, write_index=False, value_labels=answers, variable_labels=labels)

# %% [markdown] tags=["zh"]
# ## 读入与编码手册
#
# `ps.read` 保留变量标签和取值标签，说明编码是怎样判定的；代码仍是代码，不会悄悄变成缺失。
# 编码手册指出哪些取值看起来像缺失代码。

# %% [markdown] tags=["en"]
# ## Reading, and the codebook
#
# `ps.read` keeps variable and value labels and says how the encoding was found; codes stay codes, and nothing turns
# missing in silence. The codebook names values that look like missing codes.

# %%
reading = ps.read("住户.dta")
ps.show(reading)
ps.show(reading.codebook())

# %% [markdown] tags=["zh"]
# ## 整理方案
#
# 一份 YAML 说明每一步：变量从哪里来、哪个代码是缺失（其标签须与文件一致）、按谁来除。没有写明的一律拒绝，不作猜测。
# 例如，若写成所有变量的 99 都是缺失，第 99 号社就会被误删，因此被拒绝：

# %% [markdown] tags=["en"]
# ## The recipe
#
# A YAML file states every step: where a column comes from, which code is missing (its label must be the file's), who
# is divided by. What is not stated is refused, not guessed. Had it said that 99 is missing everywhere, commune 99
# would have gone; that is refused:

# %%
contract = """
name: households
columns:
  - {name: commune, kind: integer, low: 1, high: 194, label: 乡（社）}
  - {name: urban, kind: text, levels: ["no", "yes"], label: 城镇户}
  - {name: farm, kind: text, levels: ["no", "yes"], label: 农业户}
  - {name: education, kind: number, low: 0, high: 25, label: 受教育年限}
  - {name: household_size, kind: integer, low: 1, high: 30, label: 家庭人口}
  - {name: expenditure_per_head, kind: number, low: 50, high: 200000, label: 人均支出}
constant_within: {urban: commune}
"""
steps = """
name: 越南住户
contract: contract.yaml
household_size: {from: 家庭人口, definition: resident, migrants: {counted: no, in_divisor: no}}
keep: [{target: education, is_missing: no, because: 受教育年限未知}]
columns:
  commune: 社编号
  urban: {from: 城乡, recode: {农村: "no", 城镇: "yes"}}
  farm: {from: 农业户, recode: {否: "no", 是: "yes"}}
  education: {from: 受教育年限, missing: {99: 不知道}}
  expenditure_per_head: {from: 全年支出, per_head: yes}
"""
Path("contract.yaml").write_text(contract, encoding="utf-8")
Path("recipe.yaml").write_text(steps, encoding="utf-8")
Path("careless.yaml").write_text("missing: {99: 不知道}\n" + steps, encoding="utf-8")
try:
    ps.recipe("careless.yaml").apply(reading)
except ps.errors.DataError as error:
    refused = str(error)
print(refused)

# %%
prepared = ps.recipe("recipe.yaml").apply(reading)
ps.show(prepared)
ps.show(ps.check(reading, "contract.yaml", recipe=ps.recipe("recipe.yaml")))

# %% [markdown] tags=["zh"]
# ## 一次完整的研究
#
# `ps.study` 读入、整理、核查、拟合，把三线表（Word、LaTeX）、期刊尺寸的图、编码手册、方法段落、等价的 Stata 与 R 语句
# 和数据指纹写入一个文件夹；同事可以凭其中的文件重新生成。

# %% [markdown] tags=["en"]
# ## A whole study
#
# `ps.study` reads, prepares, checks and fits, and writes the journal's table (Word, LaTeX), figures in journal sizes,
# the codebook, a methods paragraph, the same model for Stata and R and the data's fingerprint into one folder, from
# which a colleague can make it again.

# %%
spec = {
    "kind": "model",
    "title": {"zh": "农业户与人均支出", "en": "Farm households and expenditure per head"},
    "formulas": [
        {
            "name": {"zh": "跨层交互", "en": "Cross-level"},
            "formula": "log(expenditure_per_head) ~ education + household_size + urban"
            " + farm * between(education, commune) + (1 + farm | commune)",
        }
    ],
    "controls": ["household_size"],
    "focal": ["farm"],
    "figures": [{"kind": "johnson_neyman", "term": "farm", "moderator": "between(education, commune)"}],
}
study = ps.study("住户.dta", "recipe.yaml", spec, out="study")
ps.show(study)

# %% tags=["zh"]
print(Path("study/methods.zh.md").read_text(encoding="utf-8"))

# %% tags=["en"]
print(Path("study/methods.en.md").read_text(encoding="utf-8"))

# %% [markdown] tags=["zh"]
# ## 台账与趋势
#
# 分析人员手里是一张 .xlsx。这里用文件中印出的赣州市数字（系列 S01）写成这样的表，再得到趋势与指标。

# %% [markdown] tags=["en"]
# ## A registry and its trend
#
# An analyst has an .xlsx. Ganzhou's figures as a document prints them (series S01) are written into one, and taken to
# the trend and its metrics.

# %%
printed = ps.series("S01").wide()
sheet = printed[["place", "time", "poor_population", "poverty_incidence"]]
sheet.columns = ["地区", "年份", "贫困人口", "贫困发生率"]
sheet.to_excel("台账.xlsx", index=False)
counts = """
name: 赣州台账
contract: registry
columns:
  place: 地区
  year: {from: 年份, as: number}
  poor_persons: {from: 贫困人口, as: number, unit: 人}
  incidence: {from: 贫困发生率, as: number, unit: 比例}
"""
Path("counts.yaml").write_text(counts, encoding="utf-8")
title = {"zh": "赣州市贫困发生率", "en": "Ganzhou: poverty incidence"}
path = {"kind": "trend", "title": title, "time": "year", "value": "incidence", "by": "place"}
trend = ps.study("台账.xlsx", "counts.yaml", path, out="trend.zip")
ps.show(trend)

# %% [markdown] tags=["zh"]
# ## 中国的大型调查
#
# CFPS、CHIP、CHARLS 的整理方案随包提供，只有变量对应关系，没有数据，且均注明“未在真实文件上检验”。

# %% [markdown] tags=["en"]
# ## The big Chinese surveys
#
# Recipes for CFPS, CHIP and CHARLS come with the package: maps of variables, no data, each marked as untested on the
# real file.

# %% tags=["zh"]
ps.recipes("zh")

# %% tags=["en"]
ps.recipes("en")

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
kept = true[~unknown].reset_index(drop=True)
assert len(prepared.table) == len(kept)
assert np.allclose(prepared.table["expenditure_per_head"], kept["expenditure_per_head"])
by_hand = ps.fit_hlm(spec["formulas"][0]["formula"], kept)
assert np.allclose(study.fits[0].params, by_hand.params, rtol=1e-6)
assert "99" in refused
assert "社编号" in refused
assert Path("study/tables/models.zh.docx").is_file()
assert Path("trend.zip").is_file()
