# %% [markdown] tags=["zh"]
# # 趋势与分解
#
# **问题。** 贫困发生率下降了多少、多快？是因为增长，还是因为分配？是哪些组造成的？
#
# **数据。** 文档中的数字（按事实编号）；2010 年标准下的官方人数；世界银行 PovcalNet 的中国分组数据；
# 越南 1998 年住户调查。均为真实数据。

# %% [markdown] tags=["en"]
# # Trends and decomposition
#
# **Question.** How far and how fast did poverty fall? By growth, or by redistribution? Which groups made it?
#
# **Data.** The documents' figures (facts by their ids), the official counts under the standard of 2010, China's
# grouped data of the World Bank's PovcalNet, the household survey of Viet Nam 1998. All real.

# %%
import pandas as pd

import povstats as ps

ps.language("zh")  # ps.language("en") for English

# %% [markdown] tags=["zh"]
# ## 速度
#
# ```
# 减少率 = 1 − v₁/v₀      归零年数 = v₁ n / (v₀ − v₁)      弹性 = ln(v₁/v₀) / ln(x₁/x₀)
# ```
#
# 减少率逐年上升，因为分母在缩小；每年减少的人数基本不变。

# %% [markdown] tags=["en"]
# ## Pace
#
# ```
# rate = 1 − v₁/v₀      years to zero = v₁ n / (v₀ − v₁)      elasticity = ln(v₁/v₀) / ln(x₁/x₀)
# ```
#
# The rate rises year by year since its base shrinks; the number who leave a year hardly changes.

# %%
ps.show("growth-official")
ps.show("growth-pace")

# %%
poor = pd.DataFrame({"year": [2011, 2019], "persons": [122_380_000, 5_510_000]})
counts = ps.trend(poor, time="year", value="persons", measure="count")
ps.show(counts)
ps.show(counts.pace(years=1))

# %%
ps.show("growth-elasticities")

# %% [markdown] tags=["zh"]
# ## 增长与再分配
#
# ```
# ΔP = [P(μ₁, L₀) − P(μ₀, L₀)] + [P(μ₀, L₁) − P(μ₀, L₀)] + 残差
# ```
#
# 以哪一年为基准是任意的；Shapley 值取两种基准的平均，没有残差。

# %% [markdown] tags=["en"]
# ## Growth and redistribution
#
# ```
# ΔP = [P(μ₁, L₀) − P(μ₀, L₀)] + [P(μ₀, L₁) − P(μ₀, L₀)] + residual
# ```
#
# Which year is the base is a matter of taste; the Shapley value is the mean over both and leaves no residual.

# %%
ps.show("growth-povcalnet")
ps.show("growth-incidence")

# %%
points = ps.datasets.povcalnet_china()
rural = {year: rows for year, rows in points[points["coverage"] == "Rural"].groupby("year")}
first, last = (ps.grouped(rural[y]["p"], rural[y]["L"], float(rural[y]["mean"].iloc[0])) for y in (1999, 2011))
line = float(points["line"].iloc[0])
change = first.decompose(last, line, labels=("1999", "2011"))
ps.show(change)

# %% [markdown] tags=["zh"]
# ## 哪些组
#
# 贫困指标按人口份额加总；泰尔指数和平均对数离差分为组内与组间。份额带标准误，各部分之和等于总体。

# %% [markdown] tags=["en"]
# ## Which groups
#
# Poverty measures add up by shares of the population; Theil and mean log deviation split into within and between. The
# shares have standard errors, and the parts add up to the whole.

# %%
ps.show("growth-vietnam")

# %%
vietnam = ps.datasets.vietnam_1998()
design = ps.Design(strata="urban", psu="commune")
parts = ps.decompose(vietnam, "expenditure_per_head", by="farm", measure="theil", design=design, size="household_size")

# %% tags=["zh"]
print(parts.explain("zh"))

# %% tags=["en"]
print(parts.explain("en"))

# %%
steep = ps.growth_elasticity(
    vietnam, "expenditure_per_head", 1789.871, by="urban", design=design, size="household_size"
)
ps.show(steep)

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 1990—2011 年中国农村贫困的下降几乎全部来自增长，分配的变化两次起反作用；越南的贫困 94% 在农村。
#
# **不能说的。** 分解是会计恒等式，不说明原因；分组数据没有标准误；两点弹性不是增长的作用；
# 弹性 −2 只在分配不变的小幅增长下成立。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Nearly all of the fall of rural poverty in China from 1990 to 2011 is growth, and redistribution worked
# against it twice; 94% of Viet Nam's poor are rural.
#
# **Cannot.** A decomposition is an identity of accounts and names no cause; grouped data have no standard errors; an
# elasticity of two points is no effect of growth; an elasticity of −2 holds for small growth that leaves shares alone.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
shapley = change.parts["estimate"]
assert abs(shapley["growth_shapley"] + shapley["redistribution_shapley"] - shapley["change"]) < 1e-12
assert abs(parts.parts.loc["within", "estimate"] + parts.parts.loc["between", "estimate"] - 0.24273) < 1e-5
assert round(counts.pace(per_year=1_109_000)["years"], 1) == 5.0
