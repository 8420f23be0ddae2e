# %% [markdown] tags=["zh"]
# # 文献中的贫困数字：六个地方与全国的变化
#
# 五份公开文集收录了扶贫工作的简报、访谈和方案，其中散落着上千个数字。本笔记本把其中八组与贫困人口、
# 贫困发生率和脱贫人数有关的数字整理成序列，逐组回答：下降了多少？有多快？前后能否对上？
#
# 这些都是真实文献，数字按原文记录，**没有**与官方统计核对。文中没有印出年份的，一律照原文写作“现有”“目前”“20XX”，
# 不补写年份，也不据此计算年均速度。

# %% [markdown] tags=["en"]
# # Poverty figures in documents: six places and the nation
#
# Five published collections of briefs, interviews and plans on poverty work hold more than a thousand figures. This
# notebook puts eight groups of them in order, on poor populations, poverty incidence and exits, and asks of each: how
# far did it fall, how fast, and do the figures agree?
#
# The documents are real and the figures stand as printed; they are **not** checked against official statistics. Where
# no year is printed, the text's own words stand ("now", "at present", "20XX"): no year is filled in, and no yearly
# pace is computed.

# %%
import povstats as ps

ps.language("zh")  # ps.language("en") for English
ps.__version__

# %% [markdown] tags=["zh"]
# ## 一个数字怎样记录
#
# 每个数字一行：出自哪份文件哪一篇、承载它的原文词句、地点、印出的年份、指标、数值、单位和限定词
# （“约”“以上”等）。同一事实在文中重复出现时，`same_as` 指向第一次出现。

# %% [markdown] tags=["en"]
# ## How a figure is recorded
#
# One row a figure: document and part, the words that carry it, place, the printed year, indicator, value, unit and
# qualifier ("about", "or more"). Where a text repeats a fact, `same_as` names its first statement.

# %%
facts = ps.facts()
facts.set_index("id").loc[["F0644"]].T

# %% [markdown] tags=["zh"]
# ## 赣州：下降有多快，脱贫人数对得上吗？
#
# 左柱是 2010 年底的贫困人口，右柱是 2015 年底的贫困人口加上文件所述累计脱贫人数。若两者完全一致，两柱应当等高。

# %% [markdown] tags=["en"]
# ## Ganzhou: how fast, and do the exits agree?
#
# The left bar is the poor population at the end of 2010; the right one adds the stated exits to the poor of 2015. Were
# the two statements in full agreement, the bars would be equally tall.

# %%
ps.show("s01-ganzhou")

# %%
ps.show("s01-ganzhou-table")

# %% [markdown] tags=["zh"]
# 贫困人口年均减少约两成。两柱相差约 5 万人，在“140 万人”这个整数的精度以内可以接受。
# 由人数和发生率推算的人口基数五年间增加约 5%，说明两组数字大体相容；但文件没有说明贫困标准，不能与其他地区比较高低。

# %% [markdown] tags=["en"]
# The poor population fell by about a fifth a year. The bars differ by some 50,000 persons, which the round figure of
# 1.4 million exits easily covers. The base implied by count and incidence grows by about 5 % in five years, so the two
# agree roughly; but the text names no poverty line, and the level cannot be compared with other places.

# %% [markdown] tags=["zh"]
# 下面用同样的数字走一遍 `ps.trend`：比率、人数和推算的人口一并给出。

# %% [markdown] tags=["en"]
# The same figures through `ps.trend`, which gives share, count and implied population together.

# %%
rows = ps.series("S01").wide()
ganzhou = ps.trend(
    rows, time="time", value="poverty_incidence", numerator="poor_population", by="place", breaks="basis"
)
ps.show(ganzhou)

# %% [markdown] tags=["zh"]
# ## 某镇：从 8.5% 到 0.26%，还剩多少人？

# %% [markdown] tags=["en"]
# ## A town: from 8.5 % to 0.26 %, and who remains?

# %%
ps.show("s02-town")

# %%
ps.show("s02-town-table")

# %% [markdown] tags=["zh"]
# 未脱贫的只剩 169 人，但处于监测之中的还有 210 人。名册人数先增后减，是重新核定的结果，不能当作贫困的变化。
# “现有”没有年份，因此只计算 2014—2016 年的年均变化率。

# %% [markdown] tags=["en"]
# Only 169 persons remain, yet 210 are being watched. That the registry grew and then shrank comes of the re-examination
# and is no change of poverty. "Now" has no year: a yearly rate is given for 2014–2016 alone.

# %% [markdown] tags=["zh"]
# ## 息县：年份隐去的前后对比

# %% [markdown] tags=["en"]
# ## Xi County: before and after, with the years masked

# %%
ps.show("s03-xi-county")

# %%
ps.show("s03-xi-county-table")

# %% [markdown] tags=["zh"]
# 人数降幅与文件所述一致，前后两次推算的人口基数几乎相同，三个数字彼此相容。
# 年份印作“20XX”，所以只能说“下降了多少”，不能说“每年下降多少”；所述收入年均增长只在间隔不超过三年时成立。

# %% [markdown] tags=["en"]
# The fall agrees with the stated one and both dates imply nearly the same population: the figures fit each other. With
# years printed as 20XX one can say how far poverty fell, not how fast; the stated yearly growth of income holds only
# for a span of up to three years.

# %% [markdown] tags=["zh"]
# ## 某省：贫困人口比重与贫困人口收入

# %% [markdown] tags=["en"]
# ## A province: poor share and income of the poor

# %%
ps.show("s04-province")

# %%
ps.show("s04-province-table")

# %% [markdown] tags=["zh"]
# 收入年均增长率与文件所述一致。收入每增长 1%，贫困人口比重约下降 0.85%；这是两个时点之间的弧弹性，不是因果效应，
# 也没有扣除价格变动。

# %% [markdown] tags=["en"]
# The yearly growth of income agrees with the stated one. For each per cent of income the poor share fell by about
# 0.85 %: an arc elasticity between two points in time, no causal effect, and at current prices as far as one can tell.

# %% [markdown] tags=["zh"]
# ## 豆沙镇：在哪些年份脱贫？

# %% [markdown] tags=["en"]
# ## Dousha: in which years did people leave poverty?

# %%
ps.show("s05-dousha")

# %%
ps.show("s05-dousha-table")

# %% [markdown] tags=["zh"]
# 一半以上的脱贫集中在 2017 年。文件没有 2016 年的数字；逐年之和与累计数相差 19 人、4 户，很可能就是这一年的脱贫人数，
# 但这只是推断。柱中“未见脱贫记录”的人数因此在 2016 年之后可能偏高。

# %% [markdown] tags=["en"]
# More than half of all exits fall in 2017. The text has no figure for 2016; the yearly exits are 19 persons and 4
# households short of the stated total, quite possibly the exits of that year, which is a guess. Those without a listed
# exit may therefore be too many after 2016.

# %% [markdown] tags=["zh"]
# ## 灯塔村：名册与脱贫数对不上

# %% [markdown] tags=["en"]
# ## Dengta: registry and exits do not reconcile

# %%
ps.show("s06-dengta")

# %%
ps.show("s06-dengta-table")

# %% [markdown] tags=["zh"]
# 两条线相交就是矛盾所在：到 2019 年，逐年脱贫累计 262 人，多于名册上的 253 人，也多于验收达标的 251 人。
# 文件本身无法判断哪一个数字有误，引用时应同时说明。

# %% [markdown] tags=["en"]
# Where the lines cross is the contradiction: by 2019 the yearly exits sum to 262 persons, more than the 253 on the
# registry and more than the 251 accepted. The text alone cannot tell which figure is wrong; quote them together.

# %% [markdown] tags=["zh"]
# ## 全国：旧标准下的两类人口

# %% [markdown] tags=["en"]
# ## The nation: two counts on the old standard

# %%
ps.show("s07-national-counts")

# %%
ps.show("s07-national-counts-table")

# %% [markdown] tags=["zh"]
# 竖虚线处口径变动，线不相连。2003 年的上升约为 3%，文件归因于受灾等。
# 跨越口径变动求增长率会被拒绝，除非明确要求：

# %% [markdown] tags=["en"]
# At the dotted uprights the basis changes, and no line joins the points. The rise of 2003 is about 3 %; the text puts
# it down to disasters and other causes. Growth across such a change is refused unless it is asked for:

# %%
poor = ps.series("S07").wide()
poor = poor[poor["group"] == "absolute"].drop(columns=["time_label"])
national = ps.trend(poor, time="time", value="rural_poor", breaks="basis", measure="count")
try:
    national.growth(1994, 2007)
except ps.errors.DataError as refusal:
    print(refusal)

# %% [markdown] tags=["zh"]
# ## 全国：新标准下引用的四个数字

# %% [markdown] tags=["en"]
# ## The nation: four counts quoted on the later standard

# %%
ps.show("s08-later-standard")

# %%
ps.show("s08-later-standard-table")

# %% [markdown] tags=["zh"]
# 四个数字出自四处，只有一个印出年份，因此只画点、不连线。所述年均减贫人数与“不到 5 年”不能同时成立。
# 这些人数与上一节的旧标准人数不可相连。

# %% [markdown] tags=["en"]
# Four counts from four texts, one with a printed year: points, no line. The stated yearly pace and "less than five
# years" cannot both hold. Never join these counts with those on the old standard above.

# %% [markdown] tags=["zh"]
# ## 核对
#
# 最后核对主要数字。任何一个数字变了，运行就会在这里停下。

# %% [markdown] tags=["en"]
# ## Checks
#
# The headline numbers are checked last: should one change, the run stops here.

# %%
metrics = ganzhou.metrics.set_index("quantity")
assert abs(metrics.loc["count", "annual_rate"] - -0.201) < 0.0005
assert abs(metrics.loc["share", "annual_rate"] - -0.208) < 0.0005
assert ganzhou.table["population"].round().tolist() == [7_206_020, 7_548_387]

town = {one.label["en"]: one.value for one in ps.series("S02").derived}
assert town["Persons watched: exited and monitored, and marginal"] == 210
assert abs(1 - 5.46 / 17.33 - ps.series("S03").derived[0].value) < 1e-12
assert abs(ps.series("S04").derived[0].value - -0.848) < 0.0005
assert [ps.series("S05").derived[at].value for at in (0, 1, 3)] == [7921, 25, 19]
assert [ps.series("S06").derived[at].value for at in (0, 1)] == [262, 11]
assert abs(national.growth(2002, 2007)["annual_rate"].iloc[0] - -0.121) < 0.0005
assert abs(ps.series("S08").derived[0].value - 7000 / 1200) < 1e-12
