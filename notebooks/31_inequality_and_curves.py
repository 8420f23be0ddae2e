# %% [markdown] tags=["zh"]
# # 不平等与曲线
#
# **问题。** 城镇比农村更不平等，却更不贫困；哪些结论与贫困线和指标的选择无关？
#
# **数据。** 越南生活水平调查 1997—98：194 个乡 5 999 户，人均支出（真实数据，无抽样权重）。

# %% [markdown] tags=["en"]
# # Inequality and curves
#
# **Question.** Urban places are more unequal than rural ones and less poor; which conclusions do not depend on the line
# and the measure chosen?
#
# **Data.** Viet Nam Living Standards Survey 1997–98: 5,999 households in 194 communes, expenditure per head (real
# data, no sampling weights).

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
table = ps.datasets.vietnam_1998()
design = ps.Design(strata="urban", psu="commune")
kept = {"design": design, "size": "household_size"}

# %% [markdown] tags=["zh"]
# ## 指标
#
# 每个指标都是加权和的光滑函数，标准误由影响函数按初级抽样单元加总得到。例如
#
# ```
# 基尼系数  G = 2 Σ w y r / (N Σ w y) − 1        泰尔指数  T = Σ w (y/μ) ln(y/μ) / N
# ```

# %% [markdown] tags=["en"]
# ## Measures
#
# Each measure is a smooth function of weighted sums, and its standard error comes from the influence function summed
# over PSUs. For example
#
# ```
# Gini  G = 2 Σ w y r / (N Σ w y) − 1        Theil  T = Σ w (y/μ) ln(y/μ) / N
# ```

# %%
ps.show("inequality-measures")

# %%
gini = ps.gini(table, "expenditure_per_head", by="urban", **kept)
ps.show(gini.difference("yes", "no"))

# %% [markdown] tags=["zh"]
# ## 曲线
#
# ```
# L(p) = 最低的 p 份额人口所占的福利份额      G(p) = μ L(p)      T(p) = 最低的 p 份额人口的人均累计缺口
# ```
#
# 洛伦兹曲线不相交时，任何满足转移原则的指标都得出同一排序；广义洛伦兹曲线较高者福利较高；
# TIP 曲线较高者贫困较多，其三个要素是：变平之处（发生率）、高度（缺口）、弯曲（穷人之间的不平等）。

# %% [markdown] tags=["en"]
# ## Curves
#
# ```
# L(p) = share of welfare of the poorest p      G(p) = μ L(p)      T(p) = shortfall a head of the poorest p
# ```
#
# Where Lorenz curves do not cross, every measure that heeds transfers ranks alike; the higher generalised Lorenz curve
# has more welfare; the higher TIP curve more poverty, with its three I's: where it is flat (incidence), how high
# (intensity), how bent (inequality among the poor).

# %%
ps.show("inequality-lorenz")
ps.show("inequality-generalised")

# %%
ps.show("inequality-tip")
ps.show("inequality-parade")

# %% [markdown] tags=["zh"]
# ## 占优
#
# 一阶占优：在一段范围内的每条贫困线下发生率都较低。两个原假设都检验，因为不能拒绝“占优”并不证明占优。

# %% [markdown] tags=["en"]
# ## Dominance
#
# First order: a lower headcount at every line of a range. Both nulls are tested, since not rejecting dominance does not
# show it.

# %%
ps.show("inequality-verdicts")
ps.show("inequality-dominance")

# %%
pair = ps.dominance(
    table, "expenditure_per_head", by="sex", between=("female", "male"), lines=(800, 4000), order=2, **kept
)

# %% tags=["zh"]
print(pair.explain("zh"))

# %% tags=["en"]
print(pair.explain("en"))

# %% [markdown] tags=["zh"]
# ## 约定
#
# 同一张表，以户还是以人为单位，位次和分位数怎样取，数字不同。

# %% [markdown] tags=["en"]
# ## Conventions
#
# The same table gives other numbers for households or persons, and for other ranks and quantiles.

# %%
ps.show("inequality-conventions")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 800 至 4 000 千盾之间，城镇在每条线下贫困都少于农村，非农户少于农户；城镇的基尼系数更高，差异显著。
#
# **不能说的。** 女户主家庭贫困较少在一阶得到证明（p = 0.046），在二阶未能在每条线下证明：最低的几条线上穷人太少。
# 样本没有权重，结论只及于样本。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Between 800 and 4,000 thousand dong, urban places have less poverty than rural ones at every line, and
# non-farm households less than farms; the Gini of urban places is higher, significantly.
#
# **Cannot.** That households headed by women are less poor is shown at first order (p = 0.046), and not at every line
# at second order: at the lowest lines there are too few poor. There are no weights: conclusions are of the sample.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert abs(gini.estimate["yes"] - 0.3414) < 5e-5
assert abs(gini.estimate["no"] - 0.2738) < 5e-5
assert pair.verdict == "not_against_first"
curve = ps.lorenz(table, "expenditure_per_head", points=[0.2, 0.8], **kept).table["estimate"]
ratio = ps.share_ratio(table, "expenditure_per_head", **kept).estimate.iloc[0]
assert abs((1 - curve[1]) / curve[0] / ratio - 1) < 2e-3  # rows at the cuts are divided here, not there
