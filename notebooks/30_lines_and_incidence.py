# %% [markdown] tags=["zh"]
# # 贫困线与贫困发生率
#
# **问题。** 说“贫困人口减少了”之前，要先问：按哪条线、哪年价格、以谁为分母？同一个国家有三个标准，
# 同一个省可以五年一定线，同一次调查可以用绝对线也可以用相对线。
#
# **数据。** 官方历年标准与人数（每行注明出处，凭记忆写出的不用）；文档中浙江的扶贫标准；越南 1998 年住户调查。

# %% [markdown] tags=["en"]
# # Poverty lines and incidence
#
# **Question.** Before it is said that the poor have become fewer: by which line, at which prices, over which
# denominator? One country has three standards, a province may set a line for five years, a survey may be measured at an
# absolute or at a relative line.
#
# **Data.** Official lines and counts (each row names its source; rows written from memory are not used), Zhejiang's
# lines in the documents, the household survey of Viet Nam 1998.

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
line = ps.line("CN-2010", year=2013)
ps.show(line)

# %% tags=["zh"]
print(line.explain("zh"))

# %% tags=["en"]
print(line.explain("en"))

# %% [markdown] tags=["zh"]
# ## 官方标准
#
# 三个标准各成序列，不能相连。贫困线是带出处的对象：可直接用作 `line=`，出处随结果一起打印；
# 只凭记忆的年份会被拒绝，除非写明 `recalled=True`。

# %% [markdown] tags=["en"]
# ## Official standards
#
# Three standards are three series, not to be joined. A line is an object with its source: it goes into `line=` and its
# source is printed with the result; a year known from memory alone is refused unless `recalled=True` is said.

# %%
ps.show("standards-official")
ps.show("standards-incidence")

# %%
try:
    ps.line("CN-2010", year=2018)
except ps.errors.OptionError as refused:
    print(refused)

# %% [markdown] tags=["zh"]
# **分母是谁。** 贫困人口除以贫困发生率，得到比率所依据的人口：约 8—9.8 亿，平滑变化，接近农村户籍人口。
# 用常住人口作分母会得到另一个比率。

# %% [markdown] tags=["en"]
# **Over whom.** Counts divided by rates give the population that the rates rest on: 0.8 to 0.98 billion, moving
# smoothly, near the rural registered population. Over residents the rates would be others.

# %%
ps.show("standards-population")

# %% [markdown] tags=["zh"]
# ## 绝对线与相对线（真实数据）
#
# 相对线由样本估计，其不确定性进入标准误：
#
# ```
# u_k = {h(y_k) − P}/N + P'(z) · u_k(z)
# ```
#
# 表中最后三行把同一条线当作已知：标准误反而较大，因为线与发生率正相关的那部分没有抵消。

# %% [markdown] tags=["en"]
# ## Absolute and relative lines (real data)
#
# A relative line is estimated from the sample, and its uncertainty is part of the standard error:
#
# ```
# u_k = {h(y_k) − P}/N + P'(z) · u_k(z)
# ```
#
# The last three rows take the same line as known: the standard error is larger, since what line and incidence have in
# common does not cancel.

# %%
ps.show("standards-vietnam")

# %% [markdown] tags=["zh"]
# ## 浙江：届内固定的相对标准
#
# ```
# z = max(上年均值 × 45%，使名单不少于 10% 的收入)，五年不变
# ```

# %% [markdown] tags=["en"]
# ## Zhejiang: a relative line fixed for a term
#
# ```
# z = max(45% of last year's mean, the income that puts 10% on the list), for five years
# ```

# %%
ps.show("standards-zhejiang")

# %%
ps.show("standards-churn")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 同一标准内的发生率可以比较；隐含人口说明分母是户籍人口；届内固定的名单稳定，代价是每年约有 7% 的人口低于
# 当年的线而不在名单上（模拟）。
#
# **不能说的。** 三个标准之间的变化；凭记忆的数字；浙江真实名单的进出（没有住户数据，表中为模拟农户）。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Incidences of one standard can be compared; the implied population shows that the denominator is the
# registered one; a list fixed for a term is stable, at the price of some 7% of the population below the year's line and
# not on the list (synthetic).
#
# **Cannot.** Changes from one standard to another; figures from memory; the moves of Zhejiang's own list, for which
# there are no household data: the table is of synthetic households.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert float(line) == 2736
vietnam = ps.datasets.vietnam_1998()
design = ps.Design(strata="urban", psu="commune")
kept = {"design": design, "size": "household_size"}
relative = ps.relative_line(vietnam, "expenditure_per_head", design=design, size="household_size")
poor = ps.headcount(vietnam, "expenditure_per_head", relative, **kept)
known = ps.headcount(vietnam, "expenditure_per_head", float(relative), **kept)
assert abs(poor.estimate.iloc[0] - 0.1558) < 5e-5
assert poor.se.iloc[0] < known.se.iloc[0]
assert len(ps.datasets.china_rural_poverty()) == 174
