"""Targeting: who is missed and who is wrongly in, three rates, proxy means, benefit incidence; several deprivations.

Floor 3. May use poverty (who is poor, measures and their errors), survey (designs), engine, viz, tables. Flags and
amounts become numbers of an estimate in `flags.py`; a measure of several columns is a poverty measure with `others`.
Second routes: hand counts, R's survey and pROC (tests/reference/make_targeting.R), published values, laws, simulation.
"""

from povstats.targeting.check_rates.rates import three_rates
from povstats.targeting.check_rates.result import Rates
from povstats.targeting.deprivation.dual_cutoff import alkire_foster
from povstats.targeting.deprivation.guaranteed import Guarantees
from povstats.targeting.deprivation.guarantees import GUARANTEES, two_worries_three_guarantees
from povstats.targeting.deprivation.result import AlkireFoster
from povstats.targeting.incidence import aid_incidence
from povstats.targeting.incidence_result import Incidence
from povstats.targeting.scoring.proxy import proxy_means
from povstats.targeting.scoring.result import ProxyMeans
from povstats.targeting.selected import Targeting
from povstats.targeting.selection_errors import targeting_errors

__all__ = [
    "GUARANTEES",
    "AlkireFoster",
    "Guarantees",
    "Incidence",
    "ProxyMeans",
    "Rates",
    "Targeting",
    "aid_incidence",
    "alkire_foster",
    "proxy_means",
    "targeting_errors",
    "three_rates",
    "two_worries_three_guarantees",
]
