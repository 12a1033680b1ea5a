"""Checks of the basis of an indicator value (the column that says where the value comes from)."""
