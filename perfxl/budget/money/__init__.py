"""Checks of amounts of money."""
