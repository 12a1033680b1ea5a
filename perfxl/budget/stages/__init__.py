"""The stages of a project after its target: monitoring in the year, self-evaluation after its end."""
