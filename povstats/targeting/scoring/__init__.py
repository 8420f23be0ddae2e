"""Proxy means: a score from what can be seen of a household, judged on PSUs that it was not made from.

May import statsmodels inside functions, whose logit it is. Second routes: R's pROC, hand-made scores, permuted labels.
"""
