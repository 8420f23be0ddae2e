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
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert len(survey) == 440
assert villages.ngroups == 44
