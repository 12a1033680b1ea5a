"""Rounds: one sending out and taking in of forms, with its registry of units and projects."""
