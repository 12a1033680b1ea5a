"""Checks of amounts."""
