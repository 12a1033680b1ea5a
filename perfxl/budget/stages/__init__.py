"""The stages after the target: monitoring in the year, self-evaluation of projects and departments after its end."""
