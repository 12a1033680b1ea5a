"""Extraction of records from published budget documents."""
