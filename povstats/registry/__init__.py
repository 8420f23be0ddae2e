"""Registry (建档立卡): accounts that balance or name their gap, panels from events, register against register.

Floor 3b. May use dynamics (return rates), contracts, engine, viz, tables. Rows stay in the engine; accounts are small.
Second route: counts by hand, random histories whose accounts must close, one event left out that opens one gap.
"""

from povstats.registry.balance import Ledger, ledger, stated_account
from povstats.registry.conditions import RULE_SETS, RuleSet, accounting_period, rule_set
from povstats.registry.coverage import DibaoCoverage, dibao_coverage
from povstats.registry.decisions import Decisions, apply_rules
from povstats.registry.defended import RegistryColumns, registry_report
from povstats.registry.events import RegistryPanel, panel_from_registry
from povstats.registry.flows import registry_flows
from povstats.registry.lookback import Compared, compare_registers
from povstats.registry.warned import warning_lead
from povstats.registry.warning_result import WarningLead
from povstats.registry.watching import Monitored, monitor

__all__ = [
    "RULE_SETS",
    "Compared",
    "Decisions",
    "DibaoCoverage",
    "Ledger",
    "Monitored",
    "RegistryColumns",
    "RegistryPanel",
    "RuleSet",
    "WarningLead",
    "accounting_period",
    "apply_rules",
    "compare_registers",
    "dibao_coverage",
    "ledger",
    "monitor",
    "panel_from_registry",
    "registry_flows",
    "registry_report",
    "rule_set",
    "stated_account",
    "warning_lead",
]
