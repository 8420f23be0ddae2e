# %% [markdown] tags=["zh"]
# # 多维贫困、两不愁三保障与脆弱性
#
# **问题。** 贫困不只是支出低。几项剥夺合起来怎样算贫困？“任一项未达标即不得退出”与 Alkire–Foster 法差多少？
# 谁虽不贫困却容易变贫困？
#
# **数据。** 越南生活水平调查 1997—1998 年（真实数据）；该调查只有一期可用，检验概率时用模拟面板和一个真实的工资面板。
# 文档中灯塔村、豆沙镇的单项比例。

# %% [markdown] tags=["en"]
# # Several deprivations, the guarantees, and vulnerability
#
# **Question.** Poverty is more than low expenditure. When is a person with several deprivations poor? How far is the
# rule "any guarantee that lacks blocks exit" from Alkire and Foster's? Who is not poor and likely to become so?
#
# **Data.** The Viet Nam Living Standards Survey 1997-98 (real data); where chances are held against what happened,
# synthetic panels and a real one of wages, since one wave alone is at hand of the survey. Shares of single guarantees
# in Dengta and Dousha, from the documents.

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
persons = ps.datasets.vietnam_persons_1998()
line = ps.datasets.poverty_line("vietnam_1998").value
flags = persons.assign(
    expenditure=persons["expenditure_per_head"] < line,
    education=persons["education_code"] == 0,
    insurance=persons["insured"] == "no",
    illness=persons["ill_days"] >= 7,
)
weights = {"expenditure": "1/3", "education": "1/3", "insurance": "1/6", "illness": "1/6"}
print(flags[list(weights)].mean().round(3).to_dict())

# %% [markdown] tags=["zh"]
# ## 双重临界值
#
# ```
# 得分  c = Σ w_j g_j          贫困：c ≥ k
# H  = 贫困人口比例            A  = 贫困人口的平均得分            M0 = H × A
# 指标 j 的贡献率 = w_j × (贫困且在 j 上被剥夺的比例) / M0
# ```
#
# 权重写成分数。用小数相加，三分之一与六分之一之和可能略小于 1，k = 1 时便漏掉所有人。

# %% [markdown] tags=["en"]
# ## Two cut-offs
#
# ```
# score  c = Σ w_j g_j         poor: c ≥ k
# H  = share of the poor       A  = mean score of the poor        M0 = H × A
# contribution of j = w_j × (share poor and deprived in j) / M0
# ```
#
# Weights are written as fractions. Decimals of thirds and sixths can add up to a little less than one, and k = 1 then
# loses everybody.

# %%
communes = ps.Design(psu="commune")
found = ps.alkire_foster(flags, weights, "1/3", design=communes)
ps.show(found)

# %%
ps.show("multi-indicators")
ps.show("multi-sweep")

# %% [markdown] tags=["zh"]
# ## 任一项规则与临界值
#
# 退出规则是并集：任一项未达标即不得退出。k 取最小权重时，Alkire–Foster 法就是并集。
# 八成以上的人没有医疗保险，并集因此几乎覆盖所有人；k = 1/3 时只剩四成。

# %% [markdown] tags=["en"]
# ## The union rule and cut-offs
#
# The rule of exit is a union: any guarantee that lacks blocks. With k at the smallest weight the measure of Alkire and
# Foster is that union. More than eight in ten have no health insurance, so the union holds nearly all; k = 1/3 leaves
# four in ten.

# %%
ps.show("multi-rules")

# %% [markdown] tags=["zh"]
# 调查没有问到的项目不能当作达标。下例六项中只问了两项：没有一个人可以判定为达标。

# %% [markdown] tags=["en"]
# What a survey did not ask cannot count as given. Here two of six guarantees were asked: nobody is known to be free.

# %%
asked = {
    "education": "education",
    "medical": "insurance",
    "food": None,
    "clothing": None,
    "housing": None,
    "water": None,
}
rule = ps.two_worries_three_guarantees(flags, asked, k=1, design=communes)
print({name: round(float(one.estimate.iloc[0]), 4) for name, one in rule.rule.items()})

# %%
ps.show("multi-guarantees")

# %% [markdown] tags=["zh"]
# 文档只给出单项比例。单项比例不能相加得到“任一项未达标”的比例，只能给出上下界。

# %% [markdown] tags=["en"]
# The documents state shares of single guarantees. They do not add up to the share that lacks any; they bound it.

# %%
ps.show("multi-documents")

# %% [markdown] tags=["zh"]
# ## 脆弱性：下一期贫困的概率
#
# ```
# log y = x'β + z'b + e,  Var(e) = exp(x'θ)
# 贫困概率 v = Φ((log 贫困线 − x'β̂ − z'b̂) / ŝ),  ŝ² = z'Var(b | y)z + exp(x'θ̂)
# ```
#
# 概率不低于 0.5 为脆弱。这个界限必须写明：换成观测贫困发生率，脆弱人口会多得多。

# %% [markdown] tags=["en"]
# ## Vulnerability: the chance to be poor next time
#
# ```
# log y = x'β + z'b + e,  Var(e) = exp(x'θ)
# chance v = Φ((log line − x'β̂ − z'b̂) / ŝ),  ŝ² = z'Var(b | y)z + exp(x'θ̂)
# ```
#
# Vulnerable is who has a chance of 0.5 or more. The threshold must be said: with the observed headcount in its place
# many more are vulnerable.

# %%
households = ps.datasets.vietnam_1998()
fit = ps.fit_hlm(
    "log(expenditure_per_head) ~ education + age + household_size + farm + urban + (1 | commune)", households
)
options = {"by": "urban", "size": "household_size"}
half = ps.vulnerability(fit, households, line, threshold=0.5, **options)
rate = ps.vulnerability(fit, households, line, threshold="poverty_rate", **options)
print(half.groups["vulnerable"].iloc[-1].round(4), rate.groups["vulnerable"].iloc[-1].round(4))

# %%
ps.show("multi-vulnerable")
ps.show("multi-vulnerability")

# %% [markdown] tags=["zh"]
# ## 概率兑现了吗
#
# 模拟面板：两期，3,000 户。两个面板只有残差不同：一种每期重新抽取，另一种有一半是住户的持久差异。
# 就全部住户而言概率都能兑现；只看第一期的贫困户，有持久差异时再次贫困的比例明显高于概率。

# %% [markdown] tags=["en"]
# ## Do the chances come true?
#
# Synthetic panels of two waves and 3,000 households. They differ in the residual alone: in one it is drawn anew, in the
# other half of its variance is a lasting difference between households. Over all households chances come true in both;
# among the poor of the first wave, where differences last, more are poor again than the chances say.

# %%
ps.show("multi-calibration")
ps.show("multi-lasting")

# %% [markdown] tags=["zh"]
# 真实面板（工资，不是贫困）：概率没有比“人人同一概率”更好：残差不服从正态分布，年轻人的工资在上升，
# 而低工资者的差异是持久的。

# %% [markdown] tags=["en"]
# A real panel (wages, not poverty): the chances do no better than one chance for all. Residuals are not normal, young
# men's wages rise, and what keeps a man low paid lasts.

# %%
ps.show("multi-low-pay")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 结论取决于 k 和权重，因此应同时报告一系列 k；并集与 k = 1/3 之间差近五成人口。
# 越南 1998 年有 6% 的人口当前不贫困而脆弱，13% 贫困而不脆弱。
#
# **不能说的。** 教育编码是住户的，患病是自报的；四项剥夺的权重是我们定的。只有一期数据时，
# 无法区分持久差异与偶然波动；模拟面板只说明方法，不说明越南。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** The answer hangs on k and the weights, so several k belong in a report: between the union and k = 1/3 lie
# nearly half of all persons. In Viet Nam in 1998 6% were vulnerable and not poor, 13% poor and not vulnerable.
#
# **Cannot.** The education code is the household's, illness is as people say it, and the four weights are ours. From
# one wave a lasting difference cannot be told from chance; the synthetic panels say something of the method and
# nothing of Viet Nam.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
h, a, m0 = (found.whole[name].estimate[""] for name in ("headcount", "intensity", "m0"))
assert round(100 * h, 1) == 39.9
assert abs(m0 - h * a) < 1e-12
assert abs(found.indicators["contribution"].sum() - 1) < 1e-12
assert round(100 * rule.rule["undecided"].estimate[""], 1) == 15.7
assert round(100 * half.groups["vulnerable"].iloc[-1], 1) == 24.9
assert round(100 * rate.groups["vulnerable"].iloc[-1], 1) == 42.0
