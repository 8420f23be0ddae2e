# %% [markdown] tags=["zh"]
# # 返贫：一个名称，五个数字
#
# **问题。** 文件中说某县返贫率高达 51.9%，某镇高达 95%，某项目脱贫 8% 而返贫 11.5%。分母是什么？
# 同一份面板数据能得到几个“返贫率”？贫困持续多久，脱贫之后多久不再返贫，谁是长期贫困者？
#
# **数据。** 公开可用的中国农户面板数据无法随本软件分发，这里用美国 545 名男性 1980—1987 年的小时工资：
# **是低工资，不是家庭贫困**，文中“贫困”均应读作“低工资”。工资线为全部年份合并中位数的 60%。

# %% [markdown] tags=["en"]
# # Return to poverty: one name, five numbers
#
# **Question.** The documents have a county whose return rate was as high as 51.9%, a town with 95%, a project in which
# 8% left poverty and 11.5% returned. Over which base? How many "return rates" does one panel give? How long does
# poverty last, how long does it stay away, and who is chronically poor?
#
# **Data.** No panel of Chinese households may be shipped with this package, so these are hourly wages of 545 men in the
# United States, 1980 to 1987: **low pay, not household poverty**; read "poor" as low-paid throughout. The line is 60%
# of the pooled median.

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
wages = ps.datasets.wage_panel()
line = ps.relative_line(wages, "wage", share=0.6)
who = {"unit": "man", "wave": "year", "welfare": "wage", "line": line}
print(len(wages), wages["man"].nunique(), round(float(line), 2))

# %%
ps.show("return-documents")

# %% [markdown] tags=["zh"]
# ## 方法
#
# 记 p 为贫困，e 为曾经贫困而现在不贫困。从 e 到 p 的一步就是一次返贫。R 为 t 期返贫者，则
#
# ```
# 返贫风险率       R / (t−1 期的 e 中 t 期仍有观测者)
# 返贫与脱贫之比   R / (t 期脱贫者)
# 贫困者中的返贫者 R / (t 期贫困者)
# 累计返贫率       1 − ∏ (1 − r_a / n_a)，a 为脱贫后的期数，不超过 k
# 错退率           核查为错退者 / 已核查的脱贫者
# ```
#
# 只计相邻两期，缺期与流失单独列出；标准误用线性化得到，按个人聚类。先看一个可以逐一手工核对的例子。

# %% [markdown] tags=["en"]
# ## Method
#
# Let p be the poor and e those who were poor and are not now. A step from e to p is a return. With R the returns in t,
#
# ```
# hazard           R / (e in t−1 who are seen in t)
# per exit         R / (exits in t)
# among the poor   R / (the poor in t)
# cumulative       1 − ∏ (1 − r_a / n_a), a the waves since the exit, up to k
# wrong exits      exits found wrong / exits checked
# ```
#
# Only steps between neighbouring waves count; gaps and attrition are told apart. Standard errors are linearised,
# clustered on men. First an example that can be counted by hand.

# %%
ps.show("return-five")

# %% [markdown] tags=["zh"]
# ## 结果
#
# 先看进入与退出，再看同一面板的各种口径。

# %% [markdown] tags=["en"]
# ## Results
#
# Entry and exit first, then the same panel by each definition.

# %%
moves = ps.transitions(wages, **who)
ps.show(moves)
ps.show("return-moves")

# %%
rates = ps.return_rates(wages, years=3, **who)
ps.show("return-rates")
ps.show("return-rates-chart")

# %% [markdown] tags=["zh"]
# 同样的 83 次重返，分母不同，比率从 10% 到 37%。第五种口径需要对脱离者的核查，这份数据没有。
#
# 时段是处于同一状态的连续各期。起点不可见的时段（左删失）不知道已持续多久，因此不进入生存曲线。

# %% [markdown] tags=["en"]
# The same 83 returns make 10% to 37%, by the denominator. The fifth definition needs a check of the exits, which these
# data do not have.
#
# A spell is an unbroken run of waves in one state. How long a spell has lasted is not known where its beginning is not
# seen (left-censored), so that such spells are in no survival curve.

# %%
spells = ps.spells(wages, **who)
ps.show(spells)
ps.show("return-survival")

# %% [markdown] tags=["zh"]
# 脱离越久，重返的风险越低。这可能是持续期的作用，也可能是容易重返的人先行重返。
# 脆弱性（个体间未观测的差异）的方差很小，检验不能拒绝其为零。

# %% [markdown] tags=["en"]
# The longer out, the lower the hazard of return. That may be time itself, or the men most at risk returning first. The
# variance of the frailty (unobserved differences between men) is small, and the test does not reject zero.

# %%
ps.show("return-hazard")
ps.show("return-hazard-models")

# %% [markdown] tags=["zh"]
# 谁是长期贫困者，取决于规则：文件的规则是五年及以上；Foster 用期数比例的临界值；
# Jalan 和 Ravallion 看各期均值；后两种指数给连续的贫困期更大的权重。

# %% [markdown] tags=["en"]
# Who is chronically poor depends on the rule: the documents ask for five years or more; Foster for a share of the
# waves; Jalan and Ravallion look at the mean over the waves; the last two weigh waves by the length of their spell.

# %%
ps.show("return-chronic")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 不注明分母的返贫率无法比较：同一数据的各口径相差三倍以上。脱离后的头一年风险最高。
#
# **不能说的。** 这里是低工资，不是贫困；八年均在工作的人不代表全体；系数只比较不同的人，不说明改变条件会怎样。
# 文件中的 41.0% 只在 8% 与 11.5% 恰为两个转移概率时成立，而原文没有给出分母。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** A return rate without its denominator cannot be compared: those of one panel differ by more than three times.
# The first year after an exit has the highest hazard.
#
# **Cannot.** This is low pay, not poverty; men who worked in all eight years are not everybody; coefficients compare
# men, they do not say what a change would do. The 41.0% from the documents holds only if 8% and 11.5% are the two
# transition rates, and the text gives no base.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert round(moves.rate("entry").estimate, 3) == 0.059
assert round(moves.rate("exit").estimate, 3) == 0.509
assert moves.rate("exit").events == 293
assert {name: rate.whole().n for name, rate in rates.rates.items()} == {
    "hazard": 840, "per_exit": 226, "share_of_poor": 368, "cumulative": 267,
}  # fmt: skip
assert rates["hazard"].whole().events == 83
assert int(spells.of(poor=True).query("returned").spells.sum()) == 83
assert abs(rates["cumulative"].estimate - (1 - ps.survival(wages, of="return", **who).at(3).survival)) < 1e-12
years = ps.chronic(wages, method="years", years=5, **who)
assert round(100 * years.value("chronic_share"), 2) == 6.42
