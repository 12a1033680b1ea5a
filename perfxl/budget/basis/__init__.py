"""Checks of what an indicator's value is based on."""
