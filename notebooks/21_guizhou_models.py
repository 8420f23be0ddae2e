# %% [markdown] tags=["zh"]
# # 贵州研究的模型：四项社会资本，一项一个模型
#
# **问题。** 对政策的信任、参与村务管理、与邻里的融洽程度、与村干部的关系，哪一项与家庭消费相联系？
# 在穷村里联系更强吗（“穷人的资本”）？原文用两层模型回答，但它的数据和表格都没有公开。
#
# **本页不是复现。** 以下数字全部来自 povstats 生成的模拟调查：原文印出的效应是事先放进去的，
# 结果只能说明方法能看到什么、看不到什么，不能说明贵州。每张表和每幅图自身也都标明了这一点。

# %% [markdown] tags=["en"]
# # The models of the Guizhou study: four forms of social capital, a model each
#
# **Question.** Trust in policy, participation in village affairs, harmony with neighbours, relation with village
# cadres: which of them goes with households' consumption, and more so in poor villages ("capital of the poor")? The
# text answers by two-level models; its data and its tables are not public.
#
# **This is no replication.** All numbers below come from a synthetic survey that povstats makes. The effects that the
# text prints were put into it, so the results say what the method can see and what it cannot, and nothing of Guizhou.
# Every table and chart says so on itself.

# %%
import povstats as ps
from povstats.guizhou import Analysis, Plan

ps.language("zh")  # ps.language("en") for English
table = ps.datasets.guizhou_synthetic(2009)
study = Analysis(table, Plan(data="synthetic"))
print(len(table), table["village"].nunique(), table["county"].nunique())

# %% [markdown] tags=["zh"]
# **数据。** 6 县、44 村、440 户，变量按原文的说明：
# 家户一层是消费、受教育年限、耕地、外出务工人数、转移性支出和四项社会资本；
# 村一层是全村人均消费、人均扶贫资金和外出务工比例。原文的表 1、表 2 应当是下面的样子：

# %% [markdown] tags=["en"]
# **Data.** 440 households in 44 villages of 6 counties, with the variables as the text tells them: of households
# consumption, schooling, land, members working away, transfers and the four forms of social capital; of villages mean
# consumption, poverty funds per head and the share working away. The text's Tables 1 and 2 would look like this:

# %%
ps.show("guizhou-variables")
ps.show("guizhou-descriptives")

# %% [markdown] tags=["zh"]
# 原文说四个变量同时引入会有“严重的共线性问题”，所以一次只放一个。能检验这个理由的是方差膨胀因子（VIF）。
# 逐一引入并不消除共线性：每个系数里都含有另外三项的一部分。

# %% [markdown] tags=["en"]
# The text enters one form at a time since together they would have "serious collinearity" (our translation). Variance
# inflation (VIF) tests that reason. Entering them one at a time does not take collinearity away: each coefficient then
# carries a part of the other three.

# %%
ps.show("guizhou-correlations")

# %% [markdown] tags=["zh"]
# **模型。** 第一层：消费的对数对社会资本 SC 和家户变量；第二层：截距和 SC 的斜率都由三个村级变量解释，
# 各带一个村级随机项。村级变量作了中心化，因此 SC 的主效应是平均村中的斜率。原文说的“固定效应”可能指没有 u_5j，
# 也可能指村虚拟变量。

# %% [markdown] tags=["en"]
# **Model.** Level one: the log of consumption on one form of social capital and the household variables. Level two: the
# intercept and the slope of social capital on the three village variables, each with a random term of the village.
# Village variables are centred, so that the main effect is the slope in the average village. "Fixed effects" in the
# text may mean that u_5j is missing, or village dummies.

# %%
ps.show(study.model("participation").equations())

# %% [markdown] tags=["zh"]
# ## 零模型与基准模型
#
# 组内相关系数说明消费差异有多少在村与村之间。基准模型放进全村人均消费之后，村间方差成了零：
# 这个变量由同样的 440 户算出，里面就有被解释变量，并不是控制得好。24 号笔记本专讲这个陷阱。

# %% [markdown] tags=["en"]
# ## The null model and the baseline
#
# The intraclass correlation tells how much of consumption's variance lies between villages. In the baseline the
# variance between villages is zero. That is no merit of its controls: the village's mean consumption is computed from
# the same 440 households and contains the outcome. Notebook 24 is about this trap.

# %%
ps.show("guizhou-null-baseline")

# %% [markdown] tags=["zh"]
# ## 四项社会资本
#
# 每项三列：斜率固定、斜率随机、村虚拟变量。前两张对应原文的表 3 和表 4，后两张对应原文已缺失的表。
# 带 † 的列是原文所用设定的可能含义。

# %% [markdown] tags=["en"]
# ## Four forms of social capital
#
# Three columns each: fixed slope, random slope, village dummies. The first two stand where the text has its Tables 3
# and 4, the others where its tables are lost. A † marks what the text's words for its specification may mean.

# %%
ps.show("guizhou-item-trust")
ps.show("guizhou-item-participation")

# %%
ps.show("guizhou-item-harmony")
ps.show("guizhou-item-cadres")

# %% [markdown] tags=["zh"]
# ## 检验选哪一种
#
# 原文由“模型设定检验”选定模型，没有说是什么检验。Mundlak 检验在这里无法进行，原因还是全村人均消费：
# 它就是因变量的村均值。检验无定义时应当说“无法判定”，而不是取其中一种。

# %% [markdown] tags=["en"]
# ## What the tests choose
#
# The text lets a specification test choose and does not say which. Mundlak's test is not defined here, again because of
# the village's mean consumption: it is the village mean of the outcome. Where a test is not defined the answer is
# "undecided", not one of the two.

# %%
ps.show("guizhou-decisions")

# %% [markdown] tags=["zh"]
# ## 穷人的资本？
#
# 两个不同的问题：斜率在哪些村不为零（区域）？斜率是否随全村消费而变（交互项）？区域有边界，并不说明斜率在变。
# 下面按村给出斜率：全村消费处于第 10、50、90 百分位时，消费随社会资本每档变动百分之几；多少个村落在显著区域内。

# %% [markdown] tags=["en"]
# ## Capital of the poor?
#
# Two different questions: in which villages is the slope different from zero (regions), and does it change with village
# consumption (the product)? A region has an end also where nothing shows that the slope changes. Below are the slopes
# in per cent per grade at the 10th, 50th and 90th percentile of villages, and how many villages lie in each region.

# %%
ps.show("guizhou-poor-capital")
ps.show("guizhou-regions")

# %% [markdown] tags=["zh"]
# 村与村之间还剩下多少差别？下图的模型不含全村人均消费，否则各村的水平几乎全为零。44 个村、每村 10 户，
# 斜率与水平常被估计为完全相关：数据分不清它们。

# %% [markdown] tags=["en"]
# How much do villages still differ? The models of the next figure leave the village's mean consumption out: with it all
# levels would be all but zero. With 44 villages of ten households slopes are often estimated as tied to levels by a
# correlation of ±1: the data cannot tell the two apart.

# %%
ps.show("guizhou-villages")

# %% [markdown] tags=["zh"]
# ## 换成自己的数据
#
# 数据只要符合契约“guizhou”（变量名不同就写一个整理方案），整套表、图、方法段落三行就有：
#
# ```python
# import povstats as ps
# study = ps.study("我的调查.xlsx", "整理方案.yaml", "guizhou", out="研究结果")
# study
# ```
#
# 缺少可选变量时，相应的部分略去并写明原因。想看别的消费水平处的斜率，在研究方案里加 `at: [1500, 3000]`，
# 或在 Python 里：

# %% [markdown] tags=["en"]
# ## Your own data
#
# Where a table keeps the contract "guizhou" (with other names, by way of a recipe), all tables, figures and the methods
# paragraph are three lines away:
#
# ```python
# import povstats as ps
# study = ps.study("my survey.xlsx", "recipe.yaml", "guizhou", out="study")
# study
# ```
#
# Where an optional column is lacking, what needs it is left out, with the reason. For slopes at other values of village
# consumption add `at: [1500, 3000]` to the specification, or in Python:

# %%
ps.show(study.model("cadre_relation").slopes("cadre_relation", {"village_consumption": [1500, 3000]}))

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# 能说的：在这份模拟调查里，放进去的效应有一部分能看到，有一部分看不到；
# 44 个村、440 户看斜率“随全村消费而变”的力量很弱（23 号笔记本用 1,000 份调查回答“多弱”）。
#
# 不能说的：贵州的任何事情。斜率也不是“提高一档的效果”：谁信任政策、谁与村干部关系好，不是随机决定的。

# %% [markdown] tags=["en"]
# ## What can be said, and what cannot
#
# What can: of the effects put into this synthetic survey some are seen and some are not, and 440 households in 44
# villages see little of whether a slope changes with village consumption (notebook 23 says how little, by 1,000
# surveys).
#
# What cannot: anything of Guizhou. Nor are slopes what raising a grade would do: who trusts policy and who is on good
# terms with the cadres was not decided at random.

# %%
assert len(table) == 440
assert table["village"].nunique() == 44
assert study.contained == ("village_consumption",)
assert study.baseline.random_cov["village"].iloc[0, 0] < 1e-6 * study.baseline.sigma2
assert 0.05 < study.null.icc() < 0.40
