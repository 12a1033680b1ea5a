"""Checks of the indicators and of the goals they measure."""
