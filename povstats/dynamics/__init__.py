"""Dynamics: who leaves poverty, who returns, who stays; spells, hazards and chronic poverty in panels.

Floor 3. May use poverty (who is poor), survey (designs), engine (windows and sums), viz, tables.
"""
