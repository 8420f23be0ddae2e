# %% [markdown] tags=["zh"]
# # 贵州研究的数据：文中给出什么，没有给出什么
#
# **问题。** 2009 年底，武汉大学经济发展研究中心在贵州 6 县 44 村收回 440 份家户问卷，
# 研究社会资本、扶贫资金与家户消费的关系。原始数据没有公开，论文的表格和公式也没有随文字流传下来。
# 那么，怎样重新考察这项研究？本页说明文中有什么，自己的调查怎样接上，以及代替原数据的模拟调查是怎样生成的。
#
# **模拟调查不是原数据。** 它用来教学和检验方法。由它得到的任何数字都不是关于贵州的证据。

# %% [markdown] tags=["en"]
# # The data of the Guizhou study: what the text gives, and what it does not
#
# **Question.** At the end of 2009 the Center for Economic Development Research of Wuhan University collected 440
# household questionnaires in 44 villages of 6 counties of Guizhou, to study social capital, aid funds and consumption.
# The data are not public, and the paper's tables and equations did not come down with its words. How can the study be
# looked at again? This page says what the text has, how a survey of one's own is joined to it, and how the synthetic
# survey is made that stands in for the lost data.
#
# **The synthetic survey is not the data.** It is there to teach and to test the method. No number that comes from it is
# evidence on Guizhou.

# %%
import tempfile
from pathlib import Path

import numpy as np

import povstats as ps

ps.language("zh")  # ps.language("en") for English
table = ps.datasets.guizhou_synthetic(2009)

# %% [markdown] tags=["zh"]
# ## 文中有什么
#
# 文中给出样本的构成、三个消费均值和五个效应，另有一些符号和“显著”“不显著”的说法。
# 没有给出的更多：变量的均值、标准差和相关系数，标准误，方差分量，组内相关系数，权重，贫困线，
# 各项社会资本分几档，耕地和转移性支出的单位，44 个村怎样分布在 6 个县。
#
# 贫困户有多少也没有说，但可以推算。设贫困户有 n 户，三个均值须满足 890 n + 2428 (440 − n) = 1977 × 440。
# 每个均值都四舍五入到元，能同时满足三者的整数只有一个：

# %% [markdown] tags=["en"]
# ## What the text has
#
# It gives the make-up of the sample, three means of consumption and five effects, and of others the sign or that they
# are significant or not. It does not give more: means, standard deviations and correlations of the variables, standard
# errors, variance components, intraclass correlation, weights, the poverty line, how many grades the forms of social
# capital have, the units of land and transfers, how the 44 villages lie over the 6 counties.
#
# Nor does it say how many households are poor, but that follows. With n of them poor, 890 n + 2428 (440 − n) = 1977 ×
# 440. Each mean is rounded to a yuan, and one whole number alone fits all three:

# %%
n = np.arange(1, 440)
least, most = n * 889.5 + (440 - n) * 2427.5, n * 890.5 + (440 - n) * 2428.5
print(n[(least <= 440 * 1977.5) & (most >= 440 * 1976.5)])

# %% [markdown] tags=["zh"]
# ## 自己的调查：契约、模板、检查
#
# 研究者若有类似的调查，不需要模拟数据。变量的含义、层次、单位和编码写在契约 `guizhou` 中；
# `ps.template` 写出空表、录入表、编码手册和整理方案；`ps.check` 一次列出所有不符之处。
# 下面故意改坏模拟调查的几个格子。命令行的写法是 `povstats check 调查.csv --contract guizhou`。

# %% [markdown] tags=["en"]
# ## One's own survey: contract, template, check
#
# A researcher with such a survey needs no synthetic one. What the variables mean, their levels, units and codings
# stand in the contract `guizhou`; `ps.template` writes empty tables, sheets for entry, a codebook and recipes;
# `ps.check` lists all that does not fit at once. Here some cells of the synthetic survey are spoilt on purpose. On the
# command line: `povstats check survey.csv --contract guizhou`.

# %%
written = ps.template("guizhou", Path(tempfile.mkdtemp()) / "guizhou")
print([file.name for file in written.files.values()])
spoilt = table.copy()
spoilt.loc[3, "consumption"] = 0.0  # its logarithm does not exist
spoilt.loc[[5, 8], "trust"] = 99  # a missing code that was left in
spoilt.loc[12, "aid_funds"] += 50.0  # a village has one figure
ps.show(ps.check(spoilt, "guizhou"))

# %% [markdown] tags=["zh"]
# ## 模拟调查怎样生成
#
# 家户 i 在村 j 中，人均消费的对数为（k 为四项社会资本，x 为档次，E 为期望）
#
# ```
# ln C_ij = a + 0.0287 受教育年限 + 0.1917 耕地 − 0.1379 外出人数 + …
#             + Σ_k s_kj (E_j x_k − E x_k) + Σ_k b_kj (x_kij − E_j x_k)
#             + τ (√ρ u_j + √(1 − ρ) e_ij)
#
# s_kj = g_k0 + g_k1 V_j + g_k3 M_j + u_kj        V_j 全村人均消费，M_j 外出务工比例
# b_j  = R_j'^(−1) s_j
# V_j  = F_j(V_j)，F_j 为本村各户消费的均值
# ```
#
# 有三点需要说明。
#
# 1. **逐项引入。** 原文每个模型只放一项社会资本，其余三项被遗漏。s 是每一项单独引入时应有的斜率；
#    同时引入时的系数为 b，其中 R 是各项档次之间的回归系数，由各档的精确概率算出。
# 2. **村均消费是不动点。** V 是本村 10 户消费的均值，又进入每一户的消费。F 为凸函数，至多有两个不动点，
#    只有导数小于 1 的较低者是稳定的，所以村均消费的作用不能大。下面印出的 contraction 是各村导数的最大值。
# 3. **均值按文中给出的数。** 最穷的 129 户定为贫困户；水平 a 与尺度 τ 由 890 元和 2428 元解出，每个种子都满足。
#    这使样本以文中均值为条件，消费均值因此没有抽样误差。

# %% [markdown] tags=["en"]
# ## How the synthetic survey is made
#
# Of household i in village j, the logarithm of consumption per head is (k are the four forms of social capital, x their
# grades, E an expectation)
#
# ```
# ln C_ij = a + 0.0287 schooling + 0.1917 land − 0.1379 migrants + …
#             + Σ_k s_kj (E_j x_k − E x_k) + Σ_k b_kj (x_kij − E_j x_k)
#             + τ (√ρ u_j + √(1 − ρ) e_ij)
#
# s_kj = g_k0 + g_k1 V_j + g_k3 M_j + u_kj        V_j mean consumption, M_j share working away
# b_j  = R_j'^(−1) s_j
# V_j  = F_j(V_j), with F_j the mean consumption of the village's households
# ```
#
# Three things are to be said of it.
#
# 1. **One at a time.** Each model of the text has one form of social capital and leaves out the other three. s is the
#    slope that a form shall have alone; the coefficients of all together are b, with R the regressions among their
#    grades, from exact probabilities.
# 2. **A village's mean is a fixed point.** V is the mean consumption of the village's ten households and enters the
#    consumption of each. F is convex, so there are two fixed points at most, and the lower one alone, where the
#    derivative is below one, is stable; so the effect of the mean has to be small. `contraction` below is the largest
#    derivative of all villages.
# 3. **The means are the printed ones.** The 129 poorest are the poor; level a and scale τ are solved from 890 and 2428
#    yuan, for every seed. The draw is conditioned on them: means of consumption have no sampling error.

# %%
print({name: round(table.attrs[name], 3) for name in ("scale", "contraction")})
ps.show("guizhou-margins")

# %% [markdown] tags=["zh"]
# 三个均值已经限定了消费分布的大概形状：若取对数正态分布，对数的标准差约为 0.57，才能同时得到 890、1977 和 2428 元。

# %% [markdown] tags=["en"]
# The three means bound the shape of consumption: were it lognormal, the standard deviation of its logarithm would have
# to be about 0.57 to give 890, 1977 and 2428 yuan.

# %%
ps.show("guizhou-consumption")

# %% [markdown] tags=["zh"]
# ## 全部假设
#
# 下表列出文中没有而模拟调查必须取定的每一个数，都可以改：

# %% [markdown] tags=["en"]
# ## All assumptions
#
# Every number that the text lacks and the survey needs. Each can be changed:

# %%
ps.show("guizhou-assumptions")

# %%
flat = ps.datasets.GuizhouAssumptions(by_consumption=(0.0, 0.0, 0.0, 0.0), item_correlation=0.6)
other = ps.datasets.guizhou_synthetic(2009, assumptions=flat)
literal = ps.datasets.guizhou_synthetic(2009, reading="literal")
print(other["trust"].corr(other["harmony"]).round(2), ps.datasets.guizhou_margins(literal).met)

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 三个均值只与 129 户贫困户相容。文中的效应和符号可以同时放进一个满足这些均值的样本。
# 自己的调查只要合乎契约，后面各页的分析可以原样运行。
#
# **不能说的。** 模拟调查满足这些数字，是因为这样设定，不是发现。标准误、功效和偏误取决于假设；
# 文中没有的数，这里也无从得知。变量之间除列出者外相互独立，真实的村庄不会如此简单。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** The three means fit together with 129 poor households alone. The printed effects and signs can all be put
# into one sample that has these means. A survey of one's own that keeps the contract goes through the analysis of the
# next pages as it is.
#
# **Cannot.** That the synthetic survey meets these numbers is how it is made, not a finding. Standard errors, power and
# bias hang on the assumptions, and what the text does not give nobody knows from here either. But for what is listed,
# the variables are independent; real villages are not so simple.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
poor = table["poor"] == 1
means = [table["consumption"].mean(), table["consumption"][poor].mean(), table["consumption"][~poor].mean()]
assert [round(mean) for mean in means] == [1977, 890, 2428]
assert int(poor.sum()) == 129
assert ps.check(table, "guizhou").ok
assert len(ps.check(spoilt, "guizhou").violations) >= 3
village = table.groupby("village")[["consumption", "village_consumption"]].mean()
assert np.allclose(village["consumption"], village["village_consumption"], rtol=1e-10)
assert table.attrs["contraction"] < 1
assert len(written.files) == 6
