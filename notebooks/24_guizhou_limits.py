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
import povstats as ps

ps.language("zh")  # ps.language("en") for English
survey = ps.datasets.guizhou_synthetic(2009)
villages = survey.groupby("village")
print(len(survey), villages.ngroups, survey["county"].nunique())

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
from povstats.guizhou import Analysis, Plan

study = Analysis(survey, Plan(data="synthetic"))
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
from povstats.guizhou.lines import derived_share

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
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert len(survey) == 440
assert villages.ngroups == 44
assert abs(raw.loglik - centred.loglik) < 1e-6
assert round(derived_share(1977, 890, 2428, n=440).share * 440) == 129
assert round(raw.params["cadre_relation"], 2) == 0.18
