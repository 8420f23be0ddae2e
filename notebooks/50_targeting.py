# %% [markdown] tags=["zh"]
# # 瞄准：漏了谁，误选了谁
#
# **问题。** 帮扶给到贫困人口了吗？漏评、错评、错退各是多少，抽查多少户才能判定达标？看得见的特征能把贫困户找出来吗？
#
# **数据。** 越南生活水平调查 1997—1998 年：5,999 户（代理家计得分）和 27,765 人（医疗保险，真实数据）；
# 世界银行教科书中的十人例子；一次模拟核查，其人口数取自文献所述某镇。

# %% [markdown] tags=["en"]
# # Targeting: who is missed, who is wrongly in
#
# **Question.** Does aid reach the poor? How many are missed, wrongly registered, wrongly exited, and how many must be
# checked before a county can be said to pass? Can the poor be found by what can be seen of them?
#
# **Data.** The Viet Nam Living Standards Survey 1997-98: 5,999 households (a proxy means score) and 27,765 persons
# (health insurance), real data; the World Bank's textbook case of ten persons; a synthetic field check of a town whose
# numbers of persons are the documents'.

# %%
import pandas as pd

import povstats as ps

ps.language("zh")  # ps.language("en") for English
persons = ps.datasets.vietnam_persons_1998()
line = ps.datasets.poverty_line("vietnam_1998").value
print(len(persons), persons["household"].nunique(), line)

# %% [markdown] tags=["zh"]
# ## 两种误差
#
# ```
# 漏选率      EE = 贫困而未入选 / 贫困
# 误选率      IE = 入选而不贫困 / 入选
# CGH 指数    贫困人口的受益份额 / 贫困人口的人口份额
# ```
#
# 十个人，四个贫困。名额同样是两个，漏选率总是 50%；给谁却要看按哪条线：
# 方案 3 按贫困线一个不错，按最贫困五分之一则全错。

# %% [markdown] tags=["en"]
# ## Two errors
#
# ```
# exclusion error   EE = poor and not selected / poor
# inclusion error   IE = selected and not poor / selected
# CGH index         the poor's share of benefits / their share of persons
# ```
#
# Ten persons, four of them poor. With two places the exclusion error is always 50%; whether the right ones have them
# depends on the line: scenario 3 makes no mistake by the line and nothing but mistakes by the poorest fifth.

# %%
ps.show("targeting-ten-persons")

# %%
persons["covered"] = persons["insured"] == "yes"
communes = ps.Design(psu="commune")
insurance = ps.targeting_errors(persons, "covered", welfare="expenditure_per_head", line=line, design=communes)
ps.show(insurance)

# %%
ps.show("targeting-insurance")

# %% [markdown] tags=["zh"]
# 1998 年越南的医疗保险不是扶贫项目，主要覆盖公职人员、离退休人员和学生。若把它当作扶贫手段，九成以上的贫困人口在外，
# 受益份额只有人口份额的一半。各年龄组的标准误不同：0—5 岁参保者很少，误选率的标准误达 12 个百分点。
#
# ## 受益归宿
#
# 按人均支出由低到高排序，累计受益份额即集中曲线。集中指数 C 小于 0 表示偏向贫困者；Kakwani 指数 C − G 小于 0，
# 只说明比支出本身更均等。

# %% [markdown] tags=["en"]
# Health insurance in Viet Nam in 1998 was no programme for the poor: it covered public employees, pensioners and
# pupils. Taken as one, it leaves more than nine tenths of the poor outside, and their share of it is half their share
# of persons. Errors differ by age: few below six are insured, and the inclusion error's standard error is 12 points.
#
# ## Who gets the benefits
#
# Persons are ordered by expenditure per head; benefits added up from the poorest are the concentration curve. C below 0
# favours the poorer; Kakwani's C − G below 0 says only that benefits are more equal than expenditure.

# %%
ps.show("targeting-concentration")
ps.show("targeting-incidence")

# %% [markdown] tags=["zh"]
# ## 三率与综合贫困发生率
#
# ```
# 漏评率 = 漏评人数 / 抽查的非建档立卡人数
# 错退率 = 错退人数 / 抽查的已脱贫人数
# 错评率 = 错评人数 / 抽查的未脱贫人数
# 综合贫困发生率 = (未脱贫 + 错退率 × 已脱贫 + 漏评率 × 非建档立卡) / 农业人口
# ```
#
# 比率来自抽样，因此“低于 2%”要看整个置信区间，而不是点估计。

# %% [markdown] tags=["en"]
# ## Three rates and the comprehensive incidence
#
# ```
# missed               = missed / checked persons outside the register
# wrongly exited       = wrong exits / checked persons who exited
# wrongly registered   = not poor / checked persons on the register
# incidence            = (registered + rate of wrong exits × exited + rate of missed × outside) / all rural persons
# ```
#
# The rates come from a sample. So "below 2%" is a statement about the whole interval and not about the point.

# %%
ps.show("targeting-field-check")

# %% [markdown] tags=["zh"]
# 抽查一例未见也不等于零。若错退发现 0 例，至少要抽查多少户，才能说错退率低于 2%？

# %% [markdown] tags=["en"]
# Nothing found is not zero. If no wrong exit is found, how many must have been checked before the rate can be said to
# be below 2%?

# %%
totals = {"registered": 100, "exited": 5_000, "outside": 60_000}
needed = {}
for n in range(150, 200):
    check = {"status": ["registered", "exited", "outside"], "poor": [1, 0, 0], "n": [60, n, 600]}
    found = ps.three_rates(pd.DataFrame(check), "status", "poor", totals, count="n")
    needed[n] = found.decisions("centre").loc["wrong_exit", "decision"]
print(min(n for n, told in needed.items() if told == "passes"))

# %% [markdown] tags=["zh"]
# ## 代理家计得分
#
# ```
# log 人均支出 = x'β + e      得分 = x'β̂，由其余各折的乡（社）估计
# ```
#
# ROC 曲线下面积是“随机取一名贫困者和一名非贫困者，前者得分更低”的概率。

# %% [markdown] tags=["en"]
# ## A proxy means score
#
# ```
# log expenditure per head = x'β + e      score = x'β̂, estimated on the communes of the other folds
# ```
#
# The area under the ROC curve is the chance that a poor person scores lower than one who is not poor.

# %%
ps.show("targeting-roc")
ps.show("targeting-budget")
ps.show("targeting-scores")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 面积约 0.76：得分有用，但名额等于贫困人口数时，仍有近一半贫困人口漏选、近一半入选者不贫困。
# 换成 logit 几乎没有差别，多看几项特征才有差别。
#
# **不能说的。** 得分由支出调查检验，支出本身也有误差；标准误把得分视为给定。数据没有抽样权重，比例只描述样本。
# 模拟核查的发现数是假设的，不说明任何一个镇。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** An area of about 0.76: the score helps, and with as many places as there are poor it still misses nearly half
# of them, and nearly half of those selected are not poor. A logit makes no difference; what the score sees does.
#
# **Cannot.** The score is judged by a survey's expenditure, which has errors of its own; standard errors take the score
# as given. There are no sampling weights: shares describe the sample. What the field check found is made up and says
# nothing of any town.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert round(100 * insurance["exclusion_error"].estimate[""], 1) == 92.4
assert round(insurance["cgh"].estimate[""], 2) == 0.47
assert min(n for n, told in needed.items() if told == "passes") == 183
households = ps.datasets.vietnam_1998()
design = ps.Design(strata="urban", psu="commune")
score = ps.proxy_means(
    households, "expenditure_per_head ~ urban + farm + household_size", line, design=design, size="household_size"
)
assert round(score.area.value, 2) == 0.74
