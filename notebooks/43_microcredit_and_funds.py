# %% [markdown] tags=["zh"]
# # 小额信贷、健康保障与扶贫资金
#
# **问题。** “名义利率 8%，实际利率 16% 左右”，从还款条件能否算出来？一套健康保障各层次付了多少？
# 资金用在致贫原因上了吗？
#
# **数据。** 五篇文档中的数字，每个都有编号、原文和出处；没有写明的（费用、报销比例）不作假设。

# %% [markdown] tags=["en"]
# # Microcredit, health packages and funds
#
# **Question.** “8% in name, about 16% in fact”: does it follow from the terms? What does each layer of a health package
# pay? Does the money go where the causes of poverty are?
#
# **Data.** Figures of five documents, each with an id, its words and its place; what they do not state (costs, rates of
# reimbursement) is not assumed.

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

# %%
ps.show("money-programmes")
ps.show("money-four-funds")

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
# 旬阳县的文本没有写明报销比例。下表用模拟患者说明三项调整各自和合起来使自付费用减少多少；所有假设列在表注中。

# %% [markdown] tags=["en"]
# Xunyang's text does not state the rates of reimbursement. The table below follows synthetic patients through the three
# changes, each alone and all together; every assumption stands in its note.

# %%
ps.show("money-before-after")

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
# 技术是 35% 贫困人口的致贫原因，而就业只占资金的 0.3%。
#
# **不能说的。** 资金份额不是效果；类别是我们分的；收益率未计折旧和风险；自付费用无从得知。

# %% [markdown] tags=["en"]
# ## What can be concluded, and what cannot
#
# **Can.** The terms give an effective rate of 15.96%, as the text's “about 16%”; the uses of Dousha's funds add up to
# 661,800 yuan more than the stated total; lack of skills is the cause of 35% of the poor, and employment has 0.3% of
# the money.
#
# **Cannot.** A share of money is no effect; the themes are ours; yields know no depreciation and no risk; what patients
# paid themselves is not known.

# %% [markdown] tags=["zh"]
# ## 核对

# %% [markdown] tags=["en"]
# ## Checks

# %%
assert round(100 * loan.annual, 2) == 15.96
flow = loan.schedule["received"] - loan.schedule["principal"] - loan.schedule["interest"]
assert abs((flow * (1 + loan.per_period) ** -loan.schedule["period"]).sum()) < 1e-12
assert round(100 * loan.tornado({"upfront": [0.0]}).table["annual"][0], 2) == 14.81
