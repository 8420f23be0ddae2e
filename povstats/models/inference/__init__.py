"""Inference: degrees of freedom, tests, comparisons. Each is checked against lmerTest's or lme4's stored answers."""
