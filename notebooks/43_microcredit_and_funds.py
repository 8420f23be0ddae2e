# %% [markdown] tags=["zh"]
# # 小额信贷、健康保障与扶贫资金
#
# **问题。** “名义利率 8%，实际利率 16% 左右”，从还款条件能否算出来？一套健康保障各层次付了多少？
# 资金用在致贫原因上了吗？
#
# **数据。** 五篇文档中的数字，每个都有编号、原文和出处。
# 没有写明的（费用、报销比例）只在标明“模拟”或“假设”的例子中设定。

# %% [markdown] tags=["en"]
# # Microcredit, health packages and funds
#
# **Question.** “8% in name, about 16% in fact”: does it follow from the terms? What does each layer of a health package
# pay? Does the money go where the causes of poverty are?
#
# **Data.** Figures of five documents, each with an id, its words and its place. What they do not state (costs, rates of
# reimbursement) is assumed only in examples that are called synthetic or made up.

# %%
import pandas as pd

import povstats as ps

ps.language("zh")  # ps.language("en") for English
terms = ps.LoanTerms(rate=0.08, upfront=0.5, first=3, last=52, part=0.02, final=(51, 52))
loan = ps.effective_rate(ps.repayment_schedule(terms))
ps.show(loan)

# %% [markdown] tags=["zh"]
# ## 实际利率
#
# ```
# Σ (收到 − 归还) / (1 + i)^t = 0        实际年利率 = (1 + i)^52 − 1
# ```
#
# 利息按全额计算，本金却从第 3 周起归还：平均只有 53% 的贷款在借款人手中，利率因此接近翻倍。

# %% [markdown] tags=["en"]
# ## The effective rate
#
# ```
# Σ (received − paid) / (1 + i)^t = 0        effective annual rate = (1 + i)^52 − 1
# ```
#
# Interest is on the whole loan, but the principal is repaid from week 3 on: on average 53% of it is in the borrower's
# hands, which nearly doubles the rate.

# %%
ps.show("money-rate")
ps.show("money-balance")

# %%
ps.show(loan.tornado({"upfront": [0.0, 1.0], "first": [{"first": 1, "last": 50}]}))
ps.show("money-tornado")

# %% [markdown] tags=["zh"]
# 每次只改变一项条件：名义利率变动 1 个百分点，实际利率变动约 2 个百分点，超过是否预收利息的影响；
# 取消两周宽限期使利率升至 17.25%。
#
# ## 贷款规模与基金
#
# 户均或笔均贷款 = 发放额／笔数（户数）。已收回的到期贷款占发放额的 26.2%，但到期总额未说明，因此不是还款率。

# %% [markdown] tags=["en"]
# One term at a time: a point of the flat rate moves the effective rate by about two, more than interest upfront or not;
# without the two weeks of grace it is 17.25%.
#
# ## Sizes of loans and funds
#
# Mean loan = lent / loans (or households). What fell due and was repaid is 26.2% of what was lent; what had fallen due
# is not stated, so that this is no repayment rate.

# %%
ps.show("money-programmes")
ps.show("money-four-funds")

# %% [markdown] tags=["zh"]
# 香格里拉 2016 年的贷款覆盖 1% 的贫困户；原文各项用途合计 106%，表中并列原文与占合计的比例。

# %% [markdown] tags=["en"]
# In 2016 the loans of Shangri-La reached 1% of its poor households. The printed uses add up to 106%; the table has them
# as printed and as shares of their sum.

# %%
ps.show("money-shangri-la")
ps.show("money-loan-use")

# %% [markdown] tags=["zh"]
# ## 健康保障
#
# 各层依次支付前一层剩余部分：`支付 = min(比例 × max(剩余 − 起付线, 0), 封顶线)`。下例为假设的费用与比例，仅说明用法。

# %% [markdown] tags=["en"]
# ## Health packages
#
# Each layer pays of what those before it left: `paid = min(rate × max(left − deductible, 0), cap)`. The costs and rates
# below are made up, to show the use.

# %%
ps.show("money-ladder")

# %%
ps.show("money-package")
ps.show("money-relief")

# %%
claims = pd.DataFrame({"cost": [20000.0, 500.0, 60000.0], "income": [9000.0, 4000.0, 20000.0]})  # made up
layers = [ps.Layer(name="基本医保", rate=0.7, deductible=1000, cap=30000), ps.Layer(name="兜底", rate=0, ceiling=0.1)]
ps.show(ps.reimburse(claims, layers, cost="cost", resources="income", line=3500))

# %% [markdown] tags=["zh"]
# 旬阳县的文本没有写明报销比例。以下两表用模拟患者说明：住院的三项调整各自和合起来使自付费用减少多少，
# 门诊封顶线提高又使自付费用减少多少；所有假设列在表注中。

# %% [markdown] tags=["en"]
# Xunyang's text does not state the rates of reimbursement. The two tables below follow synthetic patients: inpatients
# through three changes, each alone and all together, and outpatients through the higher caps; every assumption stands
# in the notes.

# %%
ps.show("money-before-after")
ps.show("money-chronic-caps")

# %% [markdown] tags=["zh"]
# ## 收入账、集体资产与资金

# %% [markdown] tags=["en"]
# ## Accounts, shared assets and funds

# %%
ps.show("money-account")
ps.show("money-assets")

# %%
ps.show("money-match")
ps.show("money-funds")

# %% [markdown] tags=["zh"]
# ## 能说什么，不能说什么
#
# **能说的。** 由还款条件得出实际年利率 15.96%，与文中“16% 左右”相符；豆沙镇各项资金合计比所述总额多 66.18 万元；
# 技术是 35% 贫困人口的致贫原因，而就业只占资金的 0.3%；旬阳县四项减负合计 2,210.78 万元，与文中总额一致。
#
# **不能说的。** 资金份额不是效果；类别是我们分的；收益率未计折旧和风险；
# 患者实际自付多少无从得知，模拟只说明规则如何起作用。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** The terms give an effective rate of 15.96%, as the text's “about 16%”; the uses of Dousha's funds add up to
# 661,800 yuan more than the stated total; lack of skills is the cause of 35% of the poor, and employment has 0.3% of
# the money; Xunyang's four kinds of relief add up to 22,107,800 yuan, the stated total.
#
# **Cannot.** A share of money is no effect; the themes are ours; yields know no depreciation and no risk; what patients
# paid themselves is not known, and the synthetic ones only show how the rules work.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert round(100 * loan.annual, 2) == 15.96
flow = loan.schedule["received"] - loan.schedule["principal"] - loan.schedule["interest"]
assert abs((flow * (1 + loan.per_period) ** -loan.schedule["period"]).sum()) < 1e-12
varied = loan.tornado({"upfront": [0.0, 1.0], "first": [{"first": 1, "last": 50}]}).table["annual"]
assert (100 * varied).round(2).tolist() == [14.81, 17.29, 17.25]
