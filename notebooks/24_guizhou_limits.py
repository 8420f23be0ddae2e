# %% [markdown] tags=["zh"]
# # 44个村能说明什么
#
# **问题。** 一项 44 个村、440 户的调查，能把社会资本与消费的关系说到什么程度？这里逐一检查设计中的陷阱：
# 陷阱是什么，证据在哪里，应当怎么做。
#
# 本笔记本的调查数据全部是模拟的：2009 年的微观数据和表格没有公开，下面任何数字都不是对贵州的发现。

# %% [markdown] tags=["en"]
# # What 44 villages can say
#
# **Question.** How much can a survey of 440 households in 44 villages say of social capital and consumption? The traps
# of the design one by one: what the trap is, the evidence, what to do.
#
# All survey data of this notebook are synthetic: the microdata and the tables of 2009 are not public, and no number
# below is a finding on Guizhou.

# %%
import numpy as np

import povstats as ps

ps.language("zh")  # ps.language("en") for English
survey = ps.datasets.guizhou_synthetic(2009)
villages = survey.groupby("village")
print(len(survey), villages.ngroups, survey["county"].nunique())

# %% [markdown] tags=["zh"]
# **数据。** `guizhou_synthetic` 生成的 6 县 44 村 440 户，每村 10 户。**模型。** 各节都从同一个两层模型出发，
# 第 i 户、第 j 村，SC 为一项社会资本，m 为村级变量：

# %% [markdown] tags=["en"]
# **Data.** 440 households of 44 villages in 6 counties, ten a village, drawn by `guizhou_synthetic`. **Model.** All
# sections start from one two-level model, household i of village j, SC one form of social capital, m village variables:

# %%
from povstats.guizhou import Analysis, Plan, derived_share

study = Analysis(survey, Plan(data="synthetic"))
ps.show(study.model("cadre_relation").equations())

# %% [markdown] tags=["zh"]
# ## 村均值包含被解释变量
#
# **陷阱。** “全村人均消费水平”由同样的 10 户算出，每户自己的消费就在其中。于是水平的系数被拉向 1，村间方差被压向零。
# 用同村“其他户”的均值来代替并不能补救：村内它与本户消费此消彼长，完全线性相关，含村效应的模型会被拒绝。

# %% [markdown] tags=["en"]
# ## The village mean contains the outcome
#
# **The trap.** The village's mean consumption is computed from the same ten households, so that each one's own
# consumption is in it: the coefficient of the level is drawn to one and the variance between villages to zero. The mean
# of the *other* households is no remedy: within a village it falls exactly as one's own consumption rises, and a model
# with effects of villages is refused.

# %%
logs = np.log(survey["consumption"])
totals = logs.groupby(survey["village"]).transform("sum")
try:
    ps.fit_hlm("y ~ trust * others + (1 | village)", survey.assign(y=logs, others=(totals - logs) / 9))
except ps.errors.FitError as error:
    print(str(error)[:120])

# %% [markdown] tags=["zh"]
# **证据。** 与村干部的关系，五种处理并列，旁边是各自的模拟检验水平和功效：

# %% [markdown] tags=["en"]
# **Evidence.** Five treatments side by side for the relation with cadres, with their simulated size and power:

# %%
ps.show("guizhou-treatments")
ps.show("guizhou-treatments-size")

# %% [markdown] tags=["zh"]
# 同一份数据，每对数点的估计值从 −0.14 到 −0.32，p 值从 0.008 到 0.17：结论取决于村水平从何而来。模拟说明了原因。
# 斜率与水平无关时，各种处理的检验水平都在 5% 附近，直接使用均值也不例外；问题在于估计。斜率每对数点下降 0.25 时，
# 样本均值只给出它的三成到七成，村间方差占一成时，95% 区间包含真值的机会只有四成到七成多；样本外数字约九成，
# 协方差约 96%。第三图是更深一层的问题：若社会资本回报高的村因此更富，水平中就含有斜率，任何处理都会“发现”交互作用。
#
# **怎么做。** 有样本外数字（乡镇统计、普查）就用它；没有，就不用均值，报告协方差之比及其剖面区间；
# 随机对半应做多次，报告的是平均；逐户剔除不用。村间方差占一成时，五种处理的功效都不到三分之一。

# %% [markdown] tags=["en"]
# On the same survey the estimates per log point run from −0.14 to −0.32 and their p-values from 0.008 to 0.17: the
# conclusion depends on where the level is taken from. Simulation tells why. Where the slope is unrelated to the level
# all treatments hold a size near 5%, the naive mean too; it is the estimate that suffers. Where the slope falls by 0.25
# per log point, means of the sample give three to seven tenths of it; with a tenth of the variance between villages
# their 95% intervals hold the truth four to seven times in ten, the outside figure about nine times, the covariance 96
# times in a hundred. The third panel is a deeper question: if villages where social capital pays are richer for it, the
# level contains the slope, and every treatment "finds" an interaction.
#
# **What to do.** Where there is a figure from outside (township statistics, a census), take it. Where there is none,
# take no mean: report the ratio of the covariance with its profile interval. Random halves are drawn many times and
# their average is reported; leave-one-out is left alone. With a tenth of the variance between villages no treatment has
# a power of one third.

# %% [markdown] tags=["zh"]
# ## 10 户的均值有噪声
#
# **陷阱。** 村均值由 10 户估计，其中一部分是抽样误差；以它为解释变量或调节变量，系数按信度缩小。

# %% [markdown] tags=["en"]
# ## A mean of ten households is noisy
#
# **The trap.** A village's mean over ten households is in part sampling error; as a predictor or a moderator its
# coefficient shrinks by the reliability.

# %%
ps.show("guizhou-reliability")
ps.show("guizhou-reliability-columns")

# %% [markdown] tags=["zh"]
# **证据。** 这份模拟调查中，10 户消费对数均值的信度为 0.67，区间 0.51 至 0.80，不依赖模型的对半法得到 0.68。
# 要达到 0.8 需每村 20 户，0.9 需 44 户。各项社会资本村均值的信度只有 0.5 到 0.6，而教育和耕地的村均值几乎全是噪声，
# 区间含零：除以这样的信度毫无意义，表中不予校正。
#
# **怎么做。** 报告信度及其区间；用样本外数字，或在设计时多抽户；除以信度只校正抽样误差，不校正其他任何问题。

# %% [markdown] tags=["en"]
# **Evidence.** In this synthetic survey the mean log consumption of ten households has a reliability of 0.67 (0.51 to
# 0.80), and 0.68 by halves, without a model. 0.8 takes 20 households a village, 0.9 takes 44. Village means of the
# forms of social capital have 0.5 to 0.6; those of schooling and land are almost all noise, their intervals hold zero,
# and to divide by such a reliability would mean nothing, so the table does not.
#
# **What to do.** Report the reliability with its interval; take figures from outside the sample, or plan more
# households a village. Dividing by the reliability mends sampling error and nothing else.

# %% [markdown] tags=["zh"]
# ## 由检验选定模型
#
# **陷阱。** 原文“通过模型设定检验”选择固定效应或随机效应，然后像从未选择过一样报告标准误。
# 44 个村时，检验常常看不出真实存在的斜率差异，于是选中标准误过小的模型。

# %% [markdown] tags=["en"]
# ## The test chooses the model
#
# **The trap.** The text lets a specification test choose between fixed and random effects, and then reports standard
# errors as if nothing had been chosen. With 44 villages the test often does not see slopes that do vary, and chooses
# the model whose errors are too small.

# %%
ps.show("guizhou-pretest")

# %% [markdown] tags=["zh"]
# **证据。** 各村斜率的真实标准差为 0.05（每档对数点）时，斜率检验只在 12% 的调查中发现变动；0.10 时也只有一半。
# 选完模型再检验平均斜率，名义 5% 的检验实际拒绝 7% 至 9%（村效应与社会资本相关时最高约 11%），
# 大多好于始终用随机截距（最高约 19%），但处处不如始终用随机斜率（4% 至 7%）。村效应与社会资本的村部分相关 0.4 时，
# Mundlak 检验只在四分之一的调查中发现，其余调查仍报告有偏的随机效应模型。
# 村虚拟变量加聚类标准误无须选择，各处都在 5% 附近，代价是没有村级主效应。
#
# **怎么做。** 事先写定模型：保留随机斜率，家户变量的村均值一并放入，或用村虚拟变量；检验可以报告，不用来挑选。

# %% [markdown] tags=["en"]
# **Evidence.** Where villages' slopes have a true standard deviation of 0.05 log points per grade, the slope test sees
# it in 12% of surveys; at 0.10 in half of them. The test of the average slope that follows rejects 7% to 9% instead of
# 5% (about 11% at worst where village effects go with the item): mostly better than a random intercept (up to 19%), and
# everywhere worse than a random slope (4% to 7%). Where village effects correlate 0.4 with the item's village part,
# Mundlak's test sees it in a quarter of surveys, and the others report a biased random-effects model. Dummies with
# clustered errors need no choice and stay near 5% throughout; their price is that village variables have no effects of
# their own.
#
# **What to do.** Write the model down beforehand: keep the random slope, put the village means of household columns in,
# or take dummies. Tests may be reported; they do not choose.

# %% [markdown] tags=["zh"]
# ## “固定效应”的三种含义
#
# **陷阱。** 原文对信任采用“固定效应模型”，但没有说明是斜率不变（无 u1）、根本没有村效应（无 u0），还是村虚拟变量。
# 三者能识别的东西不同。

# %% [markdown] tags=["en"]
# ## Three readings of "fixed effects"
#
# **The trap.** The text used a "fixed-effects model" for trust and does not say whether the slope does not vary (no
# u1), whether there are no effects of villages at all (no u0), or whether villages have dummies. The three identify
# different things.

# %%
ps.show("guizhou-fixed-readings")

# %% [markdown] tags=["zh"]
# **证据。** 参与村务一项，四列的系数几乎相同，标准误不同：假定斜率不变时最小。村虚拟变量保留交互项，
# 却不能给出村级变量的主效应；原文解释了这些主效应，因此它用的不会是村虚拟变量。
#
# **怎么做。** 写出方程，而不只写名称；主效应是目的时用随机截距和随机斜率，只关心交互项时用村虚拟变量加聚类标准误。

# %% [markdown] tags=["en"]
# **Evidence.** For participation the four columns have almost the same coefficient and different errors, smallest where
# the slope is assumed not to vary. Dummies keep the products and cannot give effects of village variables; the text
# interprets such effects, so that its model cannot have been that one.
#
# **What to do.** Write the equations, not only the name. Where effects of village variables are the aim, a random
# intercept and slope; where only the products are, dummies with clustered errors.

# %% [markdown] tags=["zh"]
# ## 主效应在哪里读
#
# **问题。** 有交互项时，某项社会资本自身的系数是“村级变量都等于 0 的村”的斜率。样本中没有这样的村。
# 下表把同一个模型在五处读数：取 0、取均值，以及全村消费最低、居中、最高的三个真实的村。

# %% [markdown] tags=["en"]
# ## Where a main effect is read
#
# **Question.** Under interactions the coefficient of an item itself is the slope in a village where all village
# variables are zero. No village of the survey is like that. The table reads one model at five places: at zero, at the
# means, and in the three real villages with the lowest, the median and the highest consumption.

# %%
ps.show("guizhou-focal")

# %% [markdown] tags=["zh"]
# 五列是同一个模型，中心化不改变拟合，也不改变交互项。与村干部的关系在“零点”处约为 +20%，在消费最高的村却接近零且符号
# 相反；各列的区间差别很大，零点处最宽，因为那里没有数据。

# %% [markdown] tags=["en"]
# The five columns are one model: centring changes neither the fit nor the products. The relation with cadres is about
# +20% at zero and close to nothing, with the other sign, in the richest village. The intervals differ as much; those at
# zero are the widest, since there are no data there.

# %%
raw, centred = (study.model("cadre_relation", centred=one) for one in (False, True))
print(raw.loglik - centred.loglik, raw.params["cadre_relation"], centred.params["cadre_relation"])

# %% [markdown] tags=["zh"]
# ## 外出的人在别处吃饭，却留在除数里
#
# **问题。** 原文猜测“农村调查员只是统计家户在当地农村的消费”。若果真如此，n 口人中有 1 人外出，
# 所测人均消费就下降 1/n，log 变动为 log((n−1)/n)，而在家的人一点也没有变穷。

# %% [markdown] tags=["en"]
# ## Migrants eat elsewhere but stay in the divisor
#
# **Question.** The text suspects that only what was consumed at home was counted. If so, one of n members who leaves
# lowers measured consumption per head by 1/n, its logarithm by log((n−1)/n), and nobody at home is any poorer.

# %%
ps.show("guizhou-divisor")

# %% [markdown] tags=["zh"]
# 印出的 −13.79% 相当于 7 口之家仅由除数造成的变动。模拟调查中多数家庭不到 7 口，按在家人口重算，符号就变了。
# 这是算术上的上限，不是估计：外出者的消费计入多少，只有原始问卷知道。

# %% [markdown] tags=["en"]
# The printed −13.79% is what the divisor alone gives in a household of seven. Most households of the synthetic survey
# are smaller, and per resident the sign turns. That is a bound by arithmetic, no estimate: how much of what migrants
# consume was counted, the questionnaire alone knows.

# %% [markdown] tags=["zh"]
# ## 信任可能随贫困而来，资金可能投向穷村
#
# **问题。** 越穷越信任政策、越穷的村得到的资金越多，系数就不是作用。工具变量和 Oster 界限各自换上一个假定，
# 而这个假定用同一份数据无法检验。

# %% [markdown] tags=["en"]
# ## Trust may follow poverty, and funds go to poor villages
#
# **Question.** If the poor trust policy more, and poor villages get more funds, a coefficient is no effect. Instruments
# and Oster's bounds each put an assumption in its place that the same data cannot test.

# %%
ps.show("guizhou-endogeneity")

# %% [markdown] tags=["zh"]
# 邻里均值这一工具变量的置信集都很宽，四项都包含零；资金的第一阶段系数是负的，只是“剔除自身”的算术，置信集是全体实数。
# 数据并不能识别它，如实说出来就是结论。下图是把反向影响放进生成器之后的误差：

# %% [markdown] tags=["en"]
# With the neighbours' mean as instrument all four sets are wide and hold zero. The first stage of funds is negative,
# which is the arithmetic of leaving one out, and its set is everything: the data do not identify it, and saying so is
# the result. The chart shows what goes wrong once the feedback is put into the generator:

# %%
ps.show("guizhou-feedback")

# %% [markdown] tags=["zh"]
# 相关系数只有 −0.2，信任的估计值就约为真值的两倍，95% 区间只有约五分之一的机会包含真值。
# 资金一侧更说明问题：没有任何反向影响时，原文模型也只剩约六分之一的作用，因为全村人均消费包含了被解释变量。

# %% [markdown] tags=["en"]
# A correlation of −0.2 is enough to double the estimate of trust, and its 95% interval then holds the truth about once
# in five. Funds say more: without any feedback the study's model keeps about a sixth of the effect, since village
# consumption holds the outcome.

# %% [markdown] tags=["zh"]
# ## 档次是不是数值
#
# **问题。** 从“不信任”到“一般”，与从“信任”到“很信任”，是否是同样的一步？用虚拟变量代替数值即可检验。

# %% [markdown] tags=["en"]
# ## Whether grades are numbers
#
# **Question.** Is the step from distrust to neither the same as that from trust to much trust? Dummies in the place of
# the number tell.

# %%
ps.show("guizhou-grades")

# %% [markdown] tags=["zh"]
# 生成器里各档作用相等，检验在 5% 水平上也未拒绝；但信任的 p 值正好在 0.05 附近：真的直线也会有二十分之一的机会被拒绝。

# %% [markdown] tags=["en"]
# The generator's steps are equal, and no test rejects at 5%; that of trust comes close: a true line is rejected once in
# twenty.

# %% [markdown] tags=["zh"]
# ## 未知的权重，未访到的家户，未印出的贫困线
#
# **问题。** 每村 10 户，村有大小；440 份是“有效”问卷，无效和拒访的有多少没有说；129 户贫困是由三个均值推得的，
# 贫困线没有印出。

# %% [markdown] tags=["en"]
# ## Unknown weights, absent households, and a line that is not printed
#
# **Question.** Ten households a village, but villages differ in size; 440 questionnaires are the valid ones, and how
# many were not is not said; 129 poor households follow from three means, and no line is printed.

# %%
ps.show("guizhou-absent")
ps.show("guizhou-lines")

# %% [markdown] tags=["zh"]
# 村权重最多相差一倍，贫困发生率就在 23% 到 35% 之间；有十分之一的家户未访到，就在 26% 到 36% 之间。
# 这些都是算术界限，样本再大也不会变窄。贫困线上下移动 10%，贫困发生率从 23% 变到 37%。

# %% [markdown] tags=["en"]
# Where villages' weights may differ twofold, the headcount lies between 23% and 35%; where one household in ten was not
# met, between 26% and 36%. More households would not make these ranges any shorter. A line 10% lower or higher gives
# 23% or 37%.

# %%
print(derived_share(1977, 890, 2428, n=440))

# %% [markdown] tags=["zh"]
# ## 审稿人会问什么
#
# `ps.referee` 认得其中能从模型看出的问题；看不出的，它逐条列出。

# %% [markdown] tags=["en"]
# ## What a referee would ask
#
# `ps.referee` knows those of the traps that a fit can show, and lists those that it cannot.

# %%
ps.show("guizhou-referee")

# %% [markdown] tags=["zh"]
# ## 能得出什么，不能得出什么
#
# **能。** 这些陷阱中的每一个都能用一份 440 户的数据显示出来，并有相应的做法：区间、界限、样本外数字、事先写定的模型。
# 检验水平和功效是方法的性质，由模拟得到，与贵州无关。
#
# **不能。** 44 个村、每村 10 户不足以分辨与村水平的微小交互作用；信任与贫困孰因孰果、外出者的消费、未访到的家户、
# 未印出的贫困线，数据本身回答不了。这里的任何系数都来自生成器，不能用来评价原研究的结论是对还是错。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** Each of these traps can be shown on one survey of 440 households, and each has something to be done:
# intervals, bounds, a figure from outside, a model that was written down beforehand. Size and power are properties of
# the method; they come from simulation and have nothing to do with Guizhou.
#
# **Cannot.** 44 villages of ten households do not resolve a small interaction with the village's level. Whether trust
# follows poverty, what migrants consumed, who was not met and where the line was, the data do not answer. Every
# coefficient here comes from the generator; none speaks for or against the study's conclusions.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert len(survey) == 440
assert villages.ngroups == 44
assert abs(raw.loglik - centred.loglik) < 1e-6
assert round(derived_share(1977, 890, 2428, n=440).share * 440) == 129
assert round(raw.params["cadre_relation"], 2) == 0.18
tau = study.null.random_cov["village"].iloc[0, 0]
assert round(tau / (tau + study.null.sigma2 / 10), 2) == 0.67
