"""Checks across the projects of a unit and its department goals."""
