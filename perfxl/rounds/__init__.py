"""A round: who was asked for what, what came back, what was found, who decided."""
