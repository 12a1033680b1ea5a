"""The registry of a round: the units that are asked and their projects, read, compared, and written for editing."""
