"""Registry (建档立卡): accounts that must balance, register against register, rules, monitoring lists.

Floor 3b. May use dynamics (return rates), poverty (lines), contracts, engine, documents, viz, tables.
"""
