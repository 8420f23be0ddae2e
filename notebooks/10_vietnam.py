# %% [markdown] tags=["zh"]
# # 越南住户：人均支出的两层模型与贫困测度
#
# 同一个乡（社）里的住户，生活水平往往彼此接近。本笔记本用 1997—1998 年越南生活水平调查的真实数据回答三个问题：
# 人均支出的差异有多少来自乡与乡之间？户主受教育程度与支出的关系是否因乡而异？按官方贫困线，
# 各乡有多少人生活在贫困之中？
#
# 从上到下依次运行即可。第一个单元格选定输出语言。

# %% [markdown] tags=["en"]
# # Viet Nam: two-level models of expenditure, and poverty
#
# Households of one commune tend to live alike. With real data of the Viet Nam Living Standards Survey 1997–98
# this notebook asks three questions. How much of the difference in expenditure per head lies between communes?
# Does the return to schooling differ from commune to commune? And how many persons of each commune live below
# the official poverty line?
#
# Run it from top to bottom. The first cell picks the language of the output.

# %%
import math

import povstats as ps

ps.language("zh")  # ps.language("en") for English
ps.__version__

# %% [markdown] tags=["zh"]
# ## 数据
#
# 每行一户。下面是数据说明：来源、计量单位、哪些已经核实、哪些只是合理推断。没有抽样权重，
# 因此所有比例只描述样本，不能推断全国。

# %% [markdown] tags=["en"]
# ## The data
#
# One row a household. The card below says where the data come from, in which units they are, and what is
# confirmed or only plausible. There are no sampling weights: every share describes the sample, not the country.

# %% tags=["zh"]
ps.datasets.card("vietnam_1998", "zh")

# %% tags=["en"]
ps.datasets.card("vietnam_1998", "en")

# %%
households = ps.datasets.vietnam_1998()
households.head()

# %% [markdown] tags=["zh"]
# 先查数据，后做分析。`check` 按约定逐项核对变量是否齐全、类型、取值范围和缺失值，并一次列出全部问题。

# %% [markdown] tags=["en"]
# Look before you compute. `check` holds the table against its contract (columns, kinds, ranges, missing values)
# and lists every breach at once.

# %%
report = ps.check(households, "vietnam_1998")
ps.show(report)

# %% [markdown] tags=["zh"]
# ## 零模型：差异有多少在乡与乡之间？
#
# 零模型不含解释变量，只把人均支出对数的方差分解为乡间和乡内两部分。
# 组内相关系数（ICC）就是乡间方差所占的比重。

# %% [markdown] tags=["en"]
# ## The null model: how much lies between communes?
#
# Without predictors, the model splits the variance of log expenditure per head into a part between communes and
# a part within them. The intraclass correlation (ICC) is the share of the first.

# %%
null = ps.fit_hlm("log_expenditure_per_head ~ 1 + (1 | commune)", households)
ps.show(null)

# %% [markdown] tags=["zh"]
# ICC 约为 0.545：人均支出（对数）的方差有一半以上存在于乡与乡之间。
# 把 5,999 户当作相互独立的观测来做普通回归，会严重低估乡级变量的标准误。

# %% [markdown] tags=["en"]
# The ICC is about 0.545: more than half of the variance of log expenditure lies between communes. A regression
# that takes the 5,999 households for independent would badly understate the standard errors of commune variables.

# %% [markdown] tags=["zh"]
# ## 随机截距：控制住户特征之后
#
# 加入户主受教育年限、户主年龄、家庭规模、是否农业户和是否城镇户。每个乡保留自己的截距。

# %% [markdown] tags=["en"]
# ## A random intercept, households' characteristics held equal
#
# Schooling and age of the head, household size, farm and urban households enter; every commune keeps an
# intercept of its own.

# %%
intercepts = ps.fit_hlm(
    "log_expenditure_per_head ~ education + age + household_size + farm + urban + (1 | commune)", households
)
ps.show(intercepts)

# %% [markdown] tags=["zh"]
# 在其他条件相同的情况下，户主每多受一年教育，人均支出平均高出约 3.8%（100 × (exp(0.0376) − 1)）。
# 这是统计关联，不是因果效应：能力、家庭背景等因素没有观测到。
# 控制住户特征之后，乡间方差由 0.218 降至 0.088，但仍有 37% 的未解释方差存在于乡与乡之间。
#
# 下图按大小排列各乡的随机效应。蓝色表示 95% 区间不含零。

# %% [markdown] tags=["en"]
# Other things equal, a further year of schooling of the head goes with expenditure per head higher by about 3.8 %
# (100 × (exp(0.0376) − 1)). This is an association, not an effect: ability and family background are not
# observed. The variance between communes falls from 0.218 to 0.088, yet 37 % of what remains unexplained still
# lies between communes.
#
# The chart ranks the communes' random effects; those in blue have a 95% interval that excludes zero.

# %%
ps.show("vietnam-caterpillar")

# %% [markdown] tags=["zh"]
# ## 随机斜率：教育与支出的关系是否因乡而异？
#
# 让户主受教育年限的斜率随乡变化，再用似然比检验与随机截距模型比较。
# 原假设是斜率的方差为零，恰在参数空间的边界上，因此检验统计量服从混合卡方分布，普通卡方检验的 p 值偏大。

# %% [markdown] tags=["en"]
# ## A random slope: does schooling matter more in some communes?
#
# The slope of schooling now varies over communes, and a likelihood-ratio test compares the model with the random
# intercept. Under the null hypothesis the slope's variance is zero, on the boundary of what is possible: the
# statistic follows a mixture of chi-squares, and the p-value of the plain chi-square is too large.

# %%
slopes = ps.fit_hlm(
    "log_expenditure_per_head ~ education + age + household_size + farm + urban + (1 + education | commune)",
    households,
)
test = ps.compare(intercepts, slopes)
ps.show(test)

# %%
spread = 1.96 * math.sqrt(slopes.random_cov["commune"].loc["education", "education"])
low, high = slopes.params["education"] - spread, slopes.params["education"] + spread
print(f"{100 * math.expm1(low):.1f} %, {100 * math.expm1(high):.1f} %")

# %% [markdown] tags=["zh"]
# 斜率的差异在统计上十分明显。上一行给出 95% 的乡所处的范围：户主每多受一年教育，
# 人均支出高出的百分比从不到 1% 到将近 7% 不等。平均的斜率为正，但各乡相差很大。

# %% [markdown] tags=["en"]
# The slopes clearly differ. The line above gives the range that holds 95 % of the communes: a further year of
# schooling goes with expenditure higher by less than 1 % in some and by almost 7 % in others. The average slope is
# positive; single communes are far from it.

# %%
ps.show("vietnam-slopes")

# %% [markdown] tags=["zh"]
# 三个模型并列如下。

# %% [markdown] tags=["en"]
# The three models side by side.

# %%
ps.show("vietnam-models")

# %% [markdown] tags=["zh"]
# ## 贫困：按官方贫困线，有多少人贫困，差多少？
#
# 贫困线取一般贫困线，单位与 `expenditure_per_head` 相同（千越南盾／人·年）。
# 贫困发生率是低于贫困线的人口所占的比重；贫困缺口指数是全体人口相对于贫困线的平均缺口，非贫困者的缺口计为零。
# 住户按人口数（`household_size`）计，抽样设计为城乡分层、以乡为初级抽样单元。

# %% [markdown] tags=["en"]
# ## Poverty: how many persons are below the official line, and by how much?
#
# The line is the general poverty line, in the unit of `expenditure_per_head` (thousand dong per person and year).
# The headcount is the share of persons below it; the poverty gap index is the mean shortfall as a share of the
# line, where those above it count zero. A household counts as many persons as it has; the design is stratified by
# urban and rural, with communes as primary sampling units.

# %%
line = ps.datasets.poverty_line("vietnam_1998")
print(line.value, line.unit, line.year, line.source, sep="\n")

# %%
design = ps.Design(strata="urban", psu="commune")
persons = {"line": line.value, "design": design, "size": "household_size"}
headcount = ps.headcount(households, "expenditure_per_head", **persons)
gap = ps.poverty_gap(households, "expenditure_per_head", **persons)
ps.show(headcount)
ps.show(gap)
ps.show(ps.headcount(households, "expenditure_per_head", by="urban", **persons))

# %% tags=["zh"]
print(headcount.explain("zh"))

# %% tags=["en"]
print(headcount.explain("en"))

# %% [markdown] tags=["zh"]
# 样本中约 32% 的人口低于贫困线：农村为 41%，城镇为 7%。样本没有抽样权重，这些比重不能当作全国的贫困发生率；
# 与公布数字的差别及其原因见数据说明。
#
# 各乡之间相差悬殊。每个乡只有三十户左右，因此区间很宽；没有一户贫困的乡不给出区间。
# 乡内按简单随机抽样处理。

# %% [markdown] tags=["en"]
# About 32 % of the persons in the sample are below the line: 41 % in rural communes, 7 % in urban ones. Without
# sampling weights these are no rates of the country; the card says how far they are from the published one, and
# why.
#
# Communes are far apart. With some thirty households each, intervals are wide; a commune without any poor
# household has none. Within a commune households are taken for a simple random sample.

# %%
ps.show("vietnam-headcount")

# %%
ps.show("vietnam-gap")

# %% [markdown] tags=["zh"]
# ## 核对
#
# 最后核对主要数字。任何一个数字变了，运行就会在这里停下。

# %% [markdown] tags=["en"]
# ## Checks
#
# The headline numbers are checked last: should one change, the run stops here.

# %%
assert report.ok
assert (null.nobs, null.ngroups["commune"]) == (5999, 194)
assert abs(null.loglik - -3763.92) < 0.005
assert abs(null.icc() - 0.545) < 0.0005
assert abs(intercepts.params["education"] - 0.0376) < 0.00005
assert abs(test.table["chi2"].iloc[-1] - 31.15) < 0.005
assert test.table["p"].iloc[-1] < 1e-6
assert abs(float(headcount.estimate.iloc[0]) - 0.3158) < 0.00005
assert abs(float(gap.estimate.iloc[0]) - 0.0797) < 0.00005

drawn = ps.show("vietnam-caterpillar", "en").numbers.set_index("group")["estimate"]
assert (drawn - intercepts.random_effects["commune"]["Intercept"]).abs().max() < 1e-9
