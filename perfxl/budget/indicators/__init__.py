"""Checks of the indicators of a project and of the goals that they measure."""
