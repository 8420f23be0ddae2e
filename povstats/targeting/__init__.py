"""Targeting: who is missed, who is wrongly in, the three rates, proxy means, incidence of benefits; deprivations.

Floor 3. May use poverty (who is poor), survey (designs), engine, viz, tables.
"""
