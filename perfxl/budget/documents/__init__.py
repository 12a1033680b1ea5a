"""Extraction of records from published budget documents."""

RULES = ()
"""Documents are not checked by rules: a check of workbooks need not load what reads documents."""
