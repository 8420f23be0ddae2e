# %% [markdown] tags=["zh"]
# # 分组数据：只有份额，没有农户
#
# **问题。** 许多年份只公布了“最穷的 10% 占全部消费的几成”。由这些份额能得到贫困发生率吗？能得到多准？
#
# **数据。** 世界银行 PovcalNet 公布的中国农村和城镇分布，1981—2013 年，28 个分布，各有 5 至 19 个点。

# %% [markdown] tags=["en"]
# # Grouped data: shares, and no households
#
# **Question.** For many years all that is published is which part of consumption the poorest tenth has. Can a headcount
# be had from such shares, and how well?
#
# **Data.** Rural and urban China, 1981 to 2013, as the World Bank's PovcalNet published them: 28 distributions of 5 to
# 19 points each.

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
points = ps.datasets.povcalnet_china()
theirs = ps.datasets.povcalnet_fits()
rural = points[points["file"] == "CHN_1_2011"]
print(len(points), points["file"].nunique(), len(rural))

# %% [markdown] tags=["zh"]
# **模型。** 两种三参数的洛伦兹曲线，均用最小二乘法拟合：
#
# ```
# 广义二次型   L(1 − L) = a(p² − L) + bL(p − 1) + c(p − L)
# Beta 型      L = p − θ p^γ (1 − p)^δ
# ```
#
# 福利等于均值乘以 L'(p)，所以贫困发生率 H 由 μL'(H) = z 解出，其余指标是曲线上的积分。
# 不是洛伦兹曲线的（下降、非凸、两端不对）不予采用；两者都有效时，取残差平方和较小者。

# %% [markdown] tags=["en"]
# **Model.** Two Lorenz curves of three parameters each, by least squares:
#
# ```
# general quadratic   L(1 − L) = a(p² − L) + bL(p − 1) + c(p − L)
# Beta                L = p − θ p^γ (1 − p)^δ
# ```
#
# Welfare is the mean times L'(p), so the headcount H solves μL'(H) = z, and the other measures are integrals over the
# curve. A curve that is no Lorenz curve (it falls, is not convex, misses its ends) is not used; of two that are, the
# one with the smaller sum of squares.

# %%
found = ps.grouped(rural["p"], rural["L"], mean=float(rural["mean"].iloc[0]))
ps.show(found)

# %%
ps.show("povcalnet-curve")

# %% [markdown] tags=["zh"]
# ## 结果
#
# 表中最后两列是世界银行由同一曲线得到的数字，相差不到 0.001 个百分点。它最终公布的贫困发生率有时采用另一曲线：
# 2011 年农村为 15.44%，是 Beta 型的结果。选哪条曲线会使贫困发生率变动半个百分点。

# %% [markdown] tags=["en"]
# ## Results
#
# The last two columns are the World Bank's of the same curve; they differ by less than 0.001 points. Its final
# headcount rests on the other curve at times: 15.44% of rural China in 2011 is the Beta's. The choice moves it by half
# a point.

# %%
ps.show("povcalnet-measures")
ps.show("povcalnet-headcount")

# %%
line = float(rural["line"].iloc[0])
for form, curve in found.curves.items():
    print(form, [round(100 * value, 2) for value in (curve.headcount(line), curve.poverty_gap(line), curve.gini)])

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 贫困线落在有数据点的范围内时，两种曲线给出的贫困发生率相近，这里相差约半个百分点。
#
# **不能说的。** 组内的分布是曲线给的，贫困线落在最低一组之内时尤其如此；没有标准误，因为样本不得而知；
# 收入与消费、农村与城镇、不同购买力平价的序列不能相连。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Where the line falls among the points, both curves give nearly the same headcount, here to half a point.
#
# **Cannot.** What lies within a class is the curve's, above all where the line falls into the lowest one; there is no
# standard error, since the sample is not known; income and consumption, rural and urban, other PPPs are not one series.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
bank = theirs.loc["CHN_1_2011"]
assert abs(100 * found.headcount(line) - bank["quadratic_HC"]) < 1e-3
assert abs(100 * found.curves["beta"].headcount(line) - bank["headcount"]) < 1e-3
assert abs(100 * found.gini - bank["quadratic_Gini"]) < 1e-3
assert found.chosen.form == "quadratic"
assert points["file"].nunique() == 28
