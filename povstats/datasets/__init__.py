"""Data sets: loaders of real tables, each with a card, a source and its poverty lines; and one synthetic survey.

Floor 2. May use contracts, engine, errors, words, files, tables. A loader proves the fingerprint of what it reads and
checks its contract before it returns. To add one: a folder in data/examples, a contract, a loader.
"""

from povstats.datasets.card import Card, PovertyLine, card, poverty_line
from povstats.datasets.china import china_rural_poverty
from povstats.datasets.guizhou import (
    GuizhouAssumptions,
    guizhou_assumptions,
    guizhou_effects,
    guizhou_margins,
    guizhou_synthetic,
)
from povstats.datasets.high_school import high_school_1982
from povstats.datasets.jiangxi import jiangxi_insurance
from povstats.datasets.low_pay import wage_panel
from povstats.datasets.povcalnet import povcalnet_china, povcalnet_fits
from povstats.datasets.source import DATASETS, Source, source
from povstats.datasets.vietnam import vietnam_1998
from povstats.datasets.vietnam_persons import vietnam_persons_1998

__all__ = [
    "DATASETS",
    "Card",
    "GuizhouAssumptions",
    "PovertyLine",
    "Source",
    "card",
    "china_rural_poverty",
    "guizhou_assumptions",
    "guizhou_effects",
    "guizhou_margins",
    "guizhou_synthetic",
    "high_school_1982",
    "jiangxi_insurance",
    "povcalnet_china",
    "povcalnet_fits",
    "poverty_line",
    "source",
    "vietnam_1998",
    "vietnam_persons_1998",
    "wage_panel",
]
