"""A whole analysis as one pipeline: reads, checks, fits, and writes one folder that a colleague can run again.

Floor 4. Uses reading, contracts, models, poverty, tables and viz through their doors; numbers are made there.
"""
