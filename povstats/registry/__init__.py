"""Registry (建档立卡): accounts that balance or name their gap, panels from events, register against register.

Floor 3b. May use dynamics (return rates), contracts, engine, viz, tables. Rows stay in the engine; accounts are small.
Second route: counts by hand, random histories whose accounts must close, one event left out that opens one gap.
"""

from povstats.registry.balance import Ledger, ledger, stated_account
from povstats.registry.defended import RegistryColumns, registry_report
from povstats.registry.events import EVENTS, RegistryPanel, panel_from_registry, registry_flows
from povstats.registry.lookback import Compared, compare_registers

__all__ = [
    "EVENTS",
    "Compared",
    "Ledger",
    "RegistryColumns",
    "RegistryPanel",
    "compare_registers",
    "ledger",
    "panel_from_registry",
    "registry_flows",
    "registry_report",
    "stated_account",
]
