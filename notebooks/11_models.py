# %% [markdown] tags=["zh"]
# # 经得起审稿人的分层模型
#
# 住户在村内，村在县内：分层模型的估计并不难，难在推断。本笔记本用两份真实数据演示 povstats 的推断工具：
# 1982 年美国 High School and Beyond 调查（160 所学校的 7,185 名学生，教科书案例，有公开发表的结果可对照），
# 以及 1997—1998 年越南生活水平调查。三层与交叉结构用一份人造数据演示，凡人造之处均已注明。

# %% [markdown] tags=["en"]
# # Hierarchical models that stand up to a referee
#
# Households in villages in counties: the fit is easy, the inference is not. Two real data sets show povstats'
# tools for it: High School and Beyond 1982 (7,185 pupils in 160 schools, the textbook case with published answers)
# and the Viet Nam Living Standards Survey 1997–98. Three levels and crossed groups are shown on synthetic data,
# which are called so wherever they appear.

# %%
import json
import tempfile
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import povstats as ps

ps.language("zh")  # ps.language("en") for English
pupils = ps.datasets.high_school_1982()
households = ps.datasets.vietnam_1998()

# %% [markdown] tags=["zh"]
# ## 零模型、信度与方差份额
#
# 零模型把成绩的方差分为校间与校内。`reliability` 给出 HLM 软件打印的信度和卡方；
# `variance_shares` 给出 ICC 与 R² 及自助法区间。

# %% [markdown] tags=["en"]
# ## The null model, reliability and shares of variance
#
# The null model splits the variance of achievement between and within schools. `reliability` gives what the program
# HLM prints; `variance_shares` gives ICC and R² with bootstrap intervals.

# %%
null = ps.fit_hlm("math ~ 1 + (1 | school)", pupils)
ps.show(null)
ps.show(null.reliability())
shares = null.variance_shares(n=300, rng=1)
ps.show(shares)

# %% [markdown] tags=["zh"]
# 校间方差约占 18%，截距的信度为 0.901，卡方 1660.2（自由度 159），与 Raudenbush 和 Bryk（2002）一致。

# %% [markdown] tags=["en"]
# Some 18 % of the variance lies between schools; the reliability of the intercepts is 0.901 and the chi-square 1660.2
# on 159 degrees of freedom, as Raudenbush and Bryk (2002) print them.

# %% [markdown] tags=["zh"]
# ## 组均值中心化与跨层交互
#
# `within(ses, school)` 是学生与本校均值之差，`between(ses, school)` 是本校均值，均按模型所用的行精确计算。

# %% [markdown] tags=["en"]
# ## Centring at group means, and a cross-level interaction
#
# `within(ses, school)` is a pupil's distance from the school's mean, `between(ses, school)` that mean; both are exact
# over the rows of the fit.

# %%
formula = "math ~ within(ses, school) * (between(ses, school) + sector) + (1 + within(ses, school) | school)"
cross = ps.fit_hlm(formula, pupils)
ps.show("hsb-models")
ps.show("hsb-slopes")

# %% [markdown] tags=["zh"]
# 三种中心化：全用精确均值，全用原文件的三位小数均值，或二者混用。
# 对数似然在第三位小数上不同，教科书之间的细小分歧由此而来。

# %% [markdown] tags=["en"]
# Three centrings: exact means throughout, the file's means of three decimals throughout, or a mixture. The
# log-likelihoods differ in the third decimal, which is where textbooks part.

# %%
exact = pupils.assign(own=pupils["ses"] - pupils.groupby("school")["ses"].transform("mean"))
rounded = pupils.assign(own=pupils["ses"] - pupils["mean_ses"])
by_hand = "math ~ own * (mean_ses + sector) + (1 + own | school)"
centrings = {
    "exact": cross.loglik,
    "file's mean, exact deviation": ps.fit_hlm(by_hand, exact).loglik,
    "file": ps.fit_hlm(by_hand, rounded).loglik,
}
pd.Series(centrings, name="loglik")

# %% [markdown] tags=["zh"]
# ## 推断：同一系数，多种区间
#
# Satterthwaite 与 Kenward–Roger 自由度、聚类稳健 CR2、自助法与剖面似然并列。
# 下图取 44 所学校的随机子样本，规模与许多村级调查相当。

# %% [markdown] tags=["en"]
# ## Inference: one coefficient, many intervals
#
# Satterthwaite's and Kenward and Roger's degrees of freedom, cluster-robust CR2, the bootstrap and the profile
# likelihood. The chart takes a random sample of 44 schools, the size of many village surveys.

# %%
ps.show("hsb-intervals")
ps.show(ps.fit_hlm(formula, pupils, df="kenward-roger"))
ps.show(cross.robust("CR2"))
ps.show(cross.joint_test(["within(ses, school):between(ses, school)", "within(ses, school):sector"], "kenward-roger"))

# %% [markdown] tags=["zh"]
# 剖面似然还给出方差成分的区间；自助法有参数、整群和 wild 三种；`variance_tests` 逐一检验随机效应的方差。

# %% [markdown] tags=["en"]
# The profile likelihood gives intervals of variance components too; the bootstrap is parametric, by cluster or wild;
# `variance_tests` tests each random effect's variance.

# %%
slopes = ps.fit_hlm("math ~ within(ses, school) + (1 + within(ses, school) | school)", pupils)
ps.show(slopes.profile(which="components"))
ps.show(slopes.variance_tests())
ps.show(ps.compare(ps.fit_hlm("math ~ within(ses, school) + (1 | school)", pupils), slopes))
for kind in ("parametric", "cluster", "wild"):
    ps.show(slopes.bootstrap(200, kind, rng=1))

# %% [markdown] tags=["zh"]
# 44 村、每村 10 户时区间的实际覆盖率（人造数据，10,000 次重复，见 benchmarks 文件夹）：

# %% [markdown] tags=["en"]
# How often 95 % intervals hold the truth with 44 villages of 10 households (synthetic data, 10,000 replicates, from
# the folder benchmarks):

# %%
folder = next(path for path in (Path("benchmarks"), Path("../benchmarks")) if path.is_dir())
coverage = pd.DataFrame(json.loads((folder / "results" / "coverage.json").read_text(encoding="utf-8"))["coverage"])
coverage.pivot(index="method", columns="coefficient", values="coverage")

# %% [markdown] tags=["zh"]
# ## 固定效应还是随机效应？
#
# `specification_test` 把 Mundlak 检验（聚类稳健）、Hausman 检验和斜率方差检验放在一起，并记录结论与理由；
# Hausman 统计量不存在时会说明，绝不给出负值。`fit_within` 是组内（固定效应）估计。

# %% [markdown] tags=["en"]
# ## Fixed or random effects?
#
# `specification_test` sets the Mundlak test (cluster-robust), Hausman's and that of the slope's variance side by side
# and records a decision with its reason; where Hausman's statistic does not exist it says so and never prints a
# negative one. `fit_within` is the fixed-effects estimate.

# %%
decided = ps.specification_test("log_expenditure_per_head ~ education + age + (1 + education | commune)", households)
ps.show(decided)
within = ps.fit_within("log_expenditure_per_head ~ education + age", households, group="commune")
ps.show(within)

# %% [markdown] tags=["zh"]
# ## 含有因变量的解释变量
#
# 用同一批住户算出的乡均支出作解释变量，系数必然接近 1，povstats 会加注；“去一均值”与乡效应同时出现则被拒绝。
# 可改用样本外的数据，或用 `split_half_mean`：一半住户算均值，另一半住户做回归。

# %% [markdown] tags=["en"]
# ## A predictor that contains the outcome
#
# The commune mean of the same households' expenditure has a coefficient near 1 whatever is true: povstats adds a note.
# A leave-one-out mean beside commune effects is refused. A figure from outside the sample is better, or
# `split_half_mean`: half of the households make the mean, the other half the regression.

# %%
outcome = "log_expenditure_per_head"
naive = households.assign(mean=households.groupby("commune")[outcome].transform("mean"))
noted = ps.fit_hlm(f"{outcome} ~ education * mean + (1 | commune)", naive)
noted_keys = [note.key for note in noted.notes]
size = naive.groupby("commune")[outcome].transform("size")
others = naive.assign(others=(size * naive["mean"] - naive[outcome]) / (size - 1))
try:
    ps.fit_hlm(f"{outcome} ~ education * others + (1 | commune)", others)
except ps.errors.FitError as error:
    refused = str(error)
print(refused)
halves = households.assign(half=ps.split_half_mean(households, outcome, by="commune", rng=1))
ps.show(ps.fit_hlm(f"{outcome} ~ education * half + (1 + education | commune)", halves))

# %% [markdown] tags=["zh"]
# ## 一族检验
#
# 同一问题逐个变量地问，p 值应作校正：Holm 法与 FDR。

# %% [markdown] tags=["en"]
# ## A family of tests
#
# Where one question is asked variable by variable, p-values are adjusted: Holm's way and the false discovery rate.

# %%
traits = ("education", "age", "household_size")
fits = {name: ps.fit_hlm(f"{outcome} ~ {name} + urban + (1 | commune)", households) for name in traits}
family = ps.family(fits, traits)
ps.show(family)

# %% [markdown] tags=["zh"]
# ## 三层、交叉与抽样权重（人造数据）
#
# 以下住户、村、县与调查员均为人造，仅演示写法，不代表任何真实调查。`county/village` 表示村嵌套于县；调查员与村交叉。
# 只有 6 个县时，povstats 建议改用固定效应，并说明理由。

# %% [markdown] tags=["en"]
# ## Three levels, crossed groups and sampling weights (synthetic data)
#
# Households, villages, counties and enumerators below are synthetic; they show how it is written and stand for no
# survey. `county/village` nests villages in counties; enumerators are crossed with villages. With six counties only,
# povstats advises fixed effects and says why.

# %%
rng = np.random.default_rng(20261125)
village = np.repeat(np.arange(44), rng.integers(6, 15, 44))
made = pd.DataFrame({"village": village, "county": village % 6, "enumerator": rng.integers(0, 8, len(village))})
made["trust"] = rng.normal(size=len(made))
slope = 0.1 + 0.1 * rng.normal(size=44)[village]
made["y"] = 7 + 0.3 * rng.normal(size=44)[village] + slope * made["trust"] + 0.5 * rng.normal(size=len(made))
nested = ps.fit_hlm("y ~ trust + (1 | county/village)", made)
ps.show(nested)
crossed = ps.fit_hlm("y ~ trust + (1 | village) + (1 | enumerator)", made)
ps.show(crossed)

# %% [markdown] tags=["zh"]
# 权重的含义可以核对：村的权重取 2，等于把该村换一个编号再放入一次。

# %% [markdown] tags=["en"]
# What a weight means can be checked: a village of weight 2 is the village twice under a new key.

# %%
made["village_weight"] = 1.0 + (made["village"] % 3 == 0)
weighted = ps.fit_hlm("y ~ trust + (1 | village)", made, method="ml", sampling_weights={"village": "village_weight"})
copies = made[made["village_weight"] == 2].assign(village=lambda t: t["village"] + 1000)
twice = ps.fit_hlm("y ~ trust + (1 | village)", pd.concat([made, copies]), method="ml")
pd.DataFrame({"weighted": weighted.params, "twice": twice.params})

# %% [markdown] tags=["zh"]
# ## 证书与大表
#
# 每次拟合都能出具证书：梯度、Hessian 特征值、第二个优化器的结果、行数与数据指纹。
# DuckDB 关系、polars 惰性表和大的 Parquet 文件在引擎中归约，结果与内存中一致。

# %% [markdown] tags=["en"]
# ## A certificate, and tables that stay in their engine
#
# Every fit can state its evidence: gradient, eigenvalues of the Hessian, a second optimiser's answer, rows and a
# fingerprint of the data. DuckDB relations, polars lazy frames and large Parquet files are reduced in their engine,
# with the same numbers as in memory.

# %%
certificate = cross.certificate()
print(certificate.to_json())
lazy = ps.fit_hlm(formula, duckdb.from_df(pupils))
polars = ps.fit_hlm(formula, pl.from_pandas(pupils).lazy())
with tempfile.TemporaryDirectory() as place:
    pupils.to_parquet(f"{place}/pupils.parquet")
    parquet = ps.fit_hlm(formula, duckdb.read_parquet(f"{place}/pupils.parquet"))
pd.Series({"pandas": cross.loglik, "DuckDB": lazy.loglik, "polars": polars.loglik, "Parquet": parquet.loglik})

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert abs(null.loglik - -23558.397) < 0.001
assert abs(null.icc() - 0.1804) < 0.0001
assert abs(null.reliability().table.loc[("school", "Intercept"), "reliability"] - 0.901) < 0.0005
assert abs(cross.loglik - -23251.8314) < 0.0001
assert [round(value, 4) for value in centrings.values()] == [-23251.8314, -23251.8321, -23251.8339]
assert decided.decision
assert within.nobs == 5999
assert "models.note_outcome_mean" in noted_keys
assert "leave-one-out" in refused
assert (family.table["p_holm"] >= family.table["p"]).all()
assert "models.note_few_groups" in [note.key for note in nested.notes]
assert np.allclose(weighted.params, twice.params, rtol=1e-4)
assert abs(certificate.second_gap) < 1e-5
assert max(abs(one.loglik - cross.loglik) for one in (lazy, polars, parquet)) < 1e-6
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ps.errors.SmallSampleWarning)
    ends = ps.fit_hlm("y ~ trust + (1 | village)", made).conf_int(method="profile")
assert (ends["low"] < ends["high"]).all()
