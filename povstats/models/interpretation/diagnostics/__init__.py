"""Diagnostics: residuals by level, and what leaving out each group or household changes, by exact refits."""
