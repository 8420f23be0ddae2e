# %% [markdown] tags=["zh"]
# # 贵州研究：扶贫资金值多少，结果稳健吗
#
# **问题。** 人均扶贫资金增加 100 元、社会资本提高一档，模型推算消费和贫困发生率会变动多少？
# 换一种标准误、换一组样本、换一种设定，结论还在吗？
#
# **数据。** 21 号笔记本的模拟调查（440 户、44 村）。2009 年的调查数据和表格没有公开；
# 这里的数字说明方法，不说明贵州，也不是对原研究的复现。

# %% [markdown] tags=["en"]
# # The Guizhou study: what aid funds go with, and whether the answers stand
#
# **Question.** By how much, says the model, do consumption and the headcount change with 100 yuan more of aid per head,
# or with a grade more of social capital? And does the answer survive other standard errors, samples, specifications?
#
# **Data.** The synthetic survey of notebook 21, 440 households in 44 villages. The data and the tables of 2009 are not
# public; the numbers here tell of the method and not of Guizhou, and nothing is a replication.

# %%
import povstats as ps
from povstats.guizhou import Analysis, Plan

ps.language("zh")  # ps.language("en") for English
table = ps.datasets.guizhou_synthetic(2009)
study = Analysis(table, Plan(data="synthetic"))
print(study.plan.formula("participation"))

# %% [markdown] tags=["zh"]
# **模型。** 与 21 号笔记本相同：村级变量作用于截距和社会资本的斜率。扶贫资金 F 每增加 100 元对应的对数点是
# 100 (γ_f + γ_sf · 该项均值)，因为没有“零档”的农户；百分比与元按 exp(b) − 1 换算。

# %% [markdown] tags=["en"]
# **Model.** As in notebook 21: village columns act on the intercept and on the slope of social capital. For 100 yuan of
# funds F the log points are 100 (γ_f + γ_sf · mean of the item), since no household has grade zero; per cent and yuan
# follow by exp(b) − 1.

# %%
ps.show("guizhou-funds")

# %% [markdown] tags=["zh"]
# 生成时每 100 元放进了 0.09（约 9%）。这里估出约 2%，区间含零：全村人均消费包含被解释变量，
# 把村与村之间的差异吸收掉了（24 号笔记本）。表中最后一列是每元资金对应的消费，应当与 1 元相比。
#
# ## 模型推算
#
# 下表和下图回答“如果”：每个村的资金增加 100 元，或每户提高一档（最高档不再提高）。
# **这是模型推算，不是因果效应**：资金可能投向穷村，信任可能因贫困而来。

# %% [markdown] tags=["en"]
# 0.09 per 100 yuan, about 9%, was put in. Some 2% come out, with zero in the interval: the village's mean consumption
# contains the outcome and takes the differences between villages away (notebook 24). The last column is consumption
# per yuan of funds; hold it against one yuan.
#
# ## What the models imply
#
# Table and figure answer "what if": 100 yuan more for every village, or a grade more for every household below the top.
# **Model-implied, not causal**: funds may go to poor villages, and trust may come of poverty.

# %%
ps.show("guizhou-policy")
ps.show("guizhou-policy-headcount")

# %% [markdown] tags=["zh"]
# ## 稳健性
#
# **标准误与样本。** Kenward–Roger 与 CR2 只改变标准误；县虚拟变量吸收 6 县之间的差异；缩尾压低极端消费的影响。

# %% [markdown] tags=["en"]
# ## Do the answers stand?
#
# **Errors and samples.** Kenward–Roger and CR2 change the errors alone; county dummies take the differences of six
# counties; winsorising weakens extreme consumption.

# %%
ps.show("guizhou-robustness")

# %% [markdown] tags=["zh"]
# **检验很多。** 4 个主效应和 12 个交互项若都按 5% 检验，碰巧显著一两个并不奇怪。

# %% [markdown] tags=["en"]
# **Many tests.** Of four focal effects and twelve products, one or two fall below 5% by luck.

# %%
ps.show("guizhou-multiplicity")

# %% [markdown] tags=["zh"]
# **单独引入遗漏了什么。** 各项相关，单独引入一项时，它的系数含有其他三项的一部分：同时引入后信任的负效应更大，
# 邻里与干部的正效应更小。合成指数只回答“总的社会资本”，并且把方向相反的信任一起平均了。

# %% [markdown] tags=["en"]
# **What one at a time leaves out.** The forms are correlated, so that one entered alone carries a part of the other
# three: with all of them trust is more negative, and harmony and cadres are less positive. An index answers for social
# capital at large, and averages trust, which points the other way, into it.

# %%
ps.show("guizhou-index")

# %% [markdown] tags=["zh"]
# **不只看均值。** 分位数回归看条件分布的两端；区间由按村整群自助抽样得到。

# %% [markdown] tags=["en"]
# **Not the mean alone.** Quantile regression looks at both ends of the conditional distribution; whole villages are
# drawn for the intervals.

# %%
ps.show("guizhou-quantiles")

# %% [markdown] tags=["zh"]
# **分样本。** 特征须在结果之前就已确定（耕地、受教育年限、县）。按消费分成“穷人”和“富人”来比较斜率很常见，
# 但那是按被解释变量选样本：两半的斜率都比全样本更接近零，与“穷人的资本”无关。图中标为警示。

# %% [markdown] tags=["en"]
# **Parts of the sample.** Traits must be fixed before the outcome: land, schooling, county. It is common to compare the
# slopes of "poor" and "rich" by consumption, but that selects on the outcome: both halves' slopes are nearer to zero
# than that of all, which has nothing to do with a capital of the poor. The figure marks it as a warning.

# %%
ps.show("guizhou-splits")

# %% [markdown] tags=["zh"]
# **设定曲线。** 七种选择、128 种设定。看两点：符号是否改变；哪一种选择移动得最多。

# %% [markdown] tags=["en"]
# **The specification curve.** Seven choices, 128 specifications. Two things to look for: does the sign change, and
# which choice moves the estimate most?

# %%
ps.show("guizhou-curve")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 在这份模拟调查里，四项主效应的符号在各种标准误和样本下不变；12 个交互项校正后无一显著，
# 尽管其中四个在生成时并不为零。参与的估计在 128 种设定中都显著为正，但大小相差约一半。
#
# **不能说的。** 稳健不等于因果：所有设定共用同一数据和同一遗漏。关于贵州，这里没有任何证据。
# 换成自己的调查：`ps.study("调查.xlsx", "方案.yaml", "guizhou", out="结果")` 给出以上全部表和图。

# %% [markdown] tags=["en"]
# ## What can be said, and what cannot
#
# **Can.** In this synthetic survey the signs of the four focal effects stand under all errors and samples; of twelve
# products none is significant once adjusted, although four of them are not zero in the generator. Participation is
# significantly positive in all 128 specifications, and half as large again in some as in others.
#
# **Cannot.** To be robust is not to be causal: all specifications share their data and what they leave out. Of Guizhou
# nothing here is evidence. On a survey of your own `ps.study("survey.xlsx", "recipe.yaml", "guizhou", out="study")`
# gives all these tables and figures.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
models = {item: study.model(item) for item in study.plan.items}
assert [float(models[item].params[item]) > 0 for item in models] == [False, True, True, True]
products = [f"{item}:{moderator}" for item in models for moderator in study.plan.moderators()]
assert len(products) == 12
assert not ps.family(models, products).rejected["holm"].any()
given = ps.datasets.GuizhouAssumptions()
assert sum(value != 0 for value in (*given.by_consumption, *given.by_migration)) == 4
