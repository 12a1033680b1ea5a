"""Checks of project codes and names."""
