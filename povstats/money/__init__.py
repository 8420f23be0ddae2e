"""Money: repayment schedules and what they cost, reimbursement layers, household accounts, funds against causes.

Floor 2. Arithmetic on small tables of amounts; may use documents' facts only through arguments, viz and tables.
"""
