"""Checks of how texts are written."""
