"""Checks of the spending plan."""
