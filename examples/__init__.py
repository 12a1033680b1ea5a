"""Runnable examples: an invented township, its registry, its records and filled workbooks with planted mistakes."""
