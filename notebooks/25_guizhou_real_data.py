# %% [markdown] tags=["zh"]
# # 同样的模型，真实的数据
#
# **问题。** 贵州研究把家庭消费、社会资本和村三者放进一个两层模型。前几个笔记本用的是模拟调查。
# 那么，真实数据能做到哪一步？
#
# 答案先说在前面：我们没有找到同时含有消费、社会资本和村的公开数据，2009 年的调查也没有公开。因此这里分两处走：
# 越南有消费、有村（乡（社）），没有社会资本；江西有村、有邻里，没有消费。两处都不能说明社会资本与福利的关系，
# 但同样的模型、同样的陷阱可以在真实数据上看到。

# %% [markdown] tags=["en"]
# # The same models on real data
#
# **Question.** The Guizhou study puts household consumption, social capital and villages into one two-level model. The
# notebooks before this one use a synthetic survey. How far do real data go?
#
# The answer first: we found no open data set that joins consumption, social capital and villages, and the survey of
# 2009 is not public. So there are two places to go. Viet Nam has consumption and villages (communes) and no social
# capital; Jiangxi has villages and neighbours and no consumption. Neither says anything of social capital and welfare;
# but the same models, and the same traps, can be seen on households that were really asked.

# %%
import numpy as np

import povstats as ps

ps.language("zh")  # ps.language("en") for English
households = ps.datasets.vietnam_1998()
communes = households.groupby("commune")
print(len(households), communes.ngroups, communes.size().describe()[["min", "50%", "max"]].tolist())

# %% [markdown] tags=["zh"]
# **数据。** 越南生活水平调查 1997—1998 年：194 个乡（社）、5,999 户，每个乡（社）16 至 40 户，没有抽样权重。
# 户主受教育年限和农业户站在贵州研究中社会资本题项的位置上，每次只放一个，如原文的做法；
# 乡（社）的平均支出站在“全村人均消费水平”的位置上。

# %% [markdown] tags=["en"]
# **Data.** The Viet Nam Living Standards Survey 1997–98: 5,999 households in 194 communes of 16 to 40, without sampling
# weights. Schooling of the head and farming stand where the study's items of social capital stand, one at a time as in
# the text; the commune's mean expenditure stands where the text has the mean consumption of the village.

# %% [markdown] tags=["zh"]
# **模型。** 第一层是人均支出的对数，第二层让截距和农业户的斜率随乡（社）而变，并由乡（社）的平均支出解释：

# %% [markdown] tags=["en"]
# **Model.** Level one is log expenditure per head; level two lets the intercept and the slope of farming vary between
# communes and explains both by the commune's mean expenditure:

# %%
table = households.assign(
    farm=(households["farm"] == "yes").astype(float),
    urban=(households["urban"] == "yes").astype(float),
    woman=(households["sex"] == "female").astype(float),
    mean=communes["expenditure_per_head"].transform("mean") / 1000,
)
controls = "age + household_size + woman"
formula = f"log(expenditure_per_head) ~ {controls} + farm * (center(mean) + center(urban)) + (1 + farm | commune)"
naive = ps.fit_hlm(formula, table)
ps.show(naive.equations())

# %% [markdown] tags=["zh"]
# ## 零模型与各题项的模型
#
# 零模型的组内相关系数为 0.545：支出差异一半以上在乡（社）之间。第（2）、（4）列照原文的样子，用全部样本户的货币均值；
# 第（3）、（5）列用另一半住户的对数均值。

# %% [markdown] tags=["en"]
# ## The null model and the models of the items
#
# The null model's intraclass correlation is 0.545: more than half of the variance lies between communes. Columns (2)
# and (4) do as the text does, with the mean in money of all sampled households; (3) and (5) take the mean logarithm of
# the other half.

# %%
ps.show("vietnam-village-models")

# %% [markdown] tags=["zh"]
# ## 均值的单位和来历
#
# 原文没有说明全村人均消费水平是否取对数，也没有说明它是不是由同样的 10 户算出。在这里，这两点决定了结论：用货币均值时，
# 农业户与乡（社）均值的交互项是标准误的十倍以上；取对数之后所剩无几；换成乡（社）虚拟变量，货币均值的交互项也消失了。

# %% [markdown] tags=["en"]
# ## The unit of the mean, and where it comes from
#
# The text says neither whether the village's mean consumption was logged nor whether it was computed from the same ten
# households. Here these two decide the conclusion: with the mean in money, the product with farming is more than ten
# times its standard error; in logarithms little of it is left; with commune dummies that of the mean in money goes too.

# %%
ps.show("vietnam-village-units")

# %% [markdown] tags=["zh"]
# ## 五种处理
#
# 乡（社）均值含有每户自己的因变量。下面把五种处理并列：直接使用；逐户剔除（陷阱：在乡（社）内它就是因变量，
# 拟合被拒绝）；另一半住户的均值；样本外数字（本数据没有）；完全不用均值，只读截距与斜率的协方差。

# %% [markdown] tags=["en"]
# ## Five treatments
#
# The commune's mean contains each household's own outcome. Five treatments side by side: as it is; leave-one-out (a
# trap: within a commune it is the outcome, and the fit is refused); the mean of the other half; a figure from outside
# (there is none here); and no mean at all, but the covariance of intercept and slope.

# %%
ps.show("vietnam-village-means")

# %% [markdown] tags=["zh"]
# 一次随机对半只是一次抽取。下图每条细线是一次对半，粗线是它们的平均。

# %% [markdown] tags=["en"]
# One random split is one draw. Each thin line below is a split, the thick one their average.

# %%
ps.show("vietnam-village-slopes")

# %% [markdown] tags=["zh"]
# ## 斜率在哪些乡（社）不为零
#
# 贵州研究问的是：社会资本在哪些村的作用为正？同样的 Johnson–Neyman 区域，用于农业户与受教育年限。
# 区域的边界不是斜率变化的证据：交互项本身不显著。

# %% [markdown] tags=["en"]
# ## In which communes the slope differs from zero
#
# The study's question was in which villages social capital has a positive effect. Here are the same Johnson–Neyman
# regions for farming and for schooling. The end of a region is no evidence that the slope changes: the product itself
# is not significant.

# %%
ps.show("vietnam-village-regions")
ps.show("vietnam-village-schooling")

# %% [markdown] tags=["zh"]
# ## 固定效应还是随机效应
#
# 原文由“模型设定检验”选定模型。同一检验用在各次对半上，结论并不总是一样。

# %% [markdown] tags=["en"]
# ## Fixed or random effects
#
# The text lets a specification test choose. Applied to the random halves, the same test does not always choose alike.

# %%
ps.show("vietnam-village-decisions")

# %% [markdown] tags=["zh"]
# ## 十户的均值有多可靠
#
# 贵州调查平均每村 10 户。越南每个乡（社）约 31 户，可以从中抽两组互不重叠的 10 户，直接看两个均值的相关系数，
# 再与公式对照。信度这样高，是因为组内相关系数高达 0.545；组内相关系数低时会低得多。

# %% [markdown] tags=["en"]
# ## How reliable a mean of ten households is
#
# The Guizhou survey has ten households a village on average. Viet Nam has about 31 a commune, so that two groups of ten
# without a household in common can be drawn, and the correlation of their means be set beside the formula. It is high
# because the intraclass correlation is 0.545; where that is low, it is much lower.

# %%
ps.show("vietnam-village-reliability")

# %% [markdown] tags=["zh"]
# ## 旁证：江西农户与邻里
#
# **问题。** 有没有一个村级变量，不含农户自己的答案？
#
# **数据。** Cai、de Janvry 和 Sadoulet（2015）的随机实验：44 个行政村、166 个自然村的 1,410 户水稻种植户，
# 是否购买天气保险。自然村第一轮农户的投保比例由另一些农户算出，不含表中农户自己的答案。数据没有消费。
#
# **模型。** 因变量是 0 和 1，因此下面是线性概率模型：误差异方差，标准误用 CR2。

# %% [markdown] tags=["en"]
# ## An aside: households of Jiangxi and their neighbours
#
# **Question.** Is there a figure of the village that does not contain the household's own answer?
#
# **Data.** The experiment of Cai, de Janvry and Sadoulet (2015): 1,410 rice-growing households in 166 natural villages
# of 44 administrative villages, who did or did not buy weather insurance. The share of buyers among the first-round
# households of the natural village is computed from other households. There is no consumption.
#
# **Model.** The outcome is 0 or 1, so this is a linear probability model: its errors are heteroskedastic, its standard
# errors CR2.

# %%
offered = ps.datasets.jiangxi_insurance()
traits = "male + age + household_size + literate + log(rice_area) + risk_aversion + disaster_probability"
peers = ps.fit_hlm(f"takeup ~ {traits} + intensive * center(first_round) + (1 | village/natural_village)", offered)
ps.show(peers.equations())

# %%
ps.show("jiangxi-takeup")

# %% [markdown] tags=["zh"]
# 组内相关系数只有 0.047（行政村）和 0.084（两级合计），远低于越南的 0.545：因变量不同，村的分量也不同，不能互相借用。
# 第一轮投保比例每高 10 个百分点，投保概率高约 4 个百分点，但这是相关关系；随机分配的是默认选项，它使投保概率高约 10 个
# 百分点。面积若不取对数，CR2 的自由度只有 2.3：一户 650 亩的农户支撑了整个系数。

# %% [markdown] tags=["en"]
# The intraclass correlation is 0.047 (administrative villages) and 0.084 (both levels), far below Viet Nam's 0.545:
# with another outcome villages weigh otherwise, and one may not be borrowed for the other. Where ten percentage points
# more of the first round bought, take-up is about four points higher, but that is an association; what was assigned at
# random is the default option, which raises take-up by about ten points. In mu instead of logs CR2 leaves the area 2.3
# degrees of freedom: one household with 650 mu carries the whole coefficient.

# %%
in_mu = ps.fit_hlm(f"takeup ~ {traits.replace('log(rice_area)', 'rice_area')} + intensive + (1 | village)", offered)
area = in_mu.robust("CR2").tidy().query("term == 'rice_area'")
print(area[["estimate", "se", "df"]].round(4).to_string(index=False))

# %% [markdown] tags=["zh"]
# ## 能得出什么，不能得出什么
#
# **能。** 在真实数据上，由样本算出的组均值作调节变量时，交互项的大小取决于均值的单位和是否含有自己的因变量；
# 随机对半的结果依赖于对半，应当报告多次；模型设定检验的结论也会随之改变；
# 十户均值的信度，公式与直接抽取相差不到 0.01。
#
# **不能。** 这里没有社会资本，因此不能说信任、参与、邻里或干部关系有没有用；越南的受教育年限和农业户不是随机分配的，
# 系数是相关关系；江西的结果与福利无关；越南样本没有权重，只描述样本。
#
# 若您有一份同时含消费、社会资本和村的调查，用首页上的命令即可在自己的机器上做同样的分析。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** On real data, where the moderator is a group's mean computed from the sample, the size of the product depends
# on the unit of the mean and on whether it contains the household's own outcome. A result from random halves depends on
# the halves, so that several belong in the report; so does what the specification test decides. The formula for the
# reliability of a ten-household mean and the direct draws differ by less than 0.01.
#
# **Cannot.** There is no social capital here, so nothing is said of trust, participation, neighbours or cadres.
# Schooling and farming in Viet Nam were not assigned at random: the coefficients are associations. Nothing of Jiangxi
# speaks of welfare. Viet Nam has no weights: the sample alone is described.
#
# If you have a survey that joins consumption, social capital and villages, the commands on the home page run the same
# analysis on your own machine.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
null = ps.fit_hlm("log(expenditure_per_head) ~ 1 + (1 | commune)", table)
tau = null.random_cov["commune"].iloc[0, 0]
means = table.groupby("commune")[["mean", "farm"]].mean()
assert round(tau / (tau + null.sigma2), 3) == 0.545
assert naive.params["farm:center(mean)"] > 10 * naive.std_errors["farm:center(mean)"]
assert np.corrcoef(means["mean"], means["farm"])[0, 1] < -0.5
assert round(tau / (tau + null.sigma2 / 10), 3) == 0.923
assert round(float(area["df"].iloc[0]), 1) == 2.3
assert round(peers.params["center(first_round)"], 2) == 0.41
