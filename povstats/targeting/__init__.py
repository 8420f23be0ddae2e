"""Targeting: who is missed and who is wrongly in, the three rates, proxy means, benefit incidence; several deprivations.

Floor 3. May use poverty (who is poor), survey (designs), engine, viz, tables.
"""
