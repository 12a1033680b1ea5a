"""The checks of the stages: MO of monitoring, SE of self-evaluation. Those that both have stand together."""

MONITORING = ("indicators.possibility", "indicators.target")
"""The answers that tell a monitoring form from others."""

EVALUATION = ("indicators.score", "indicators.target")
"""The answers that tell a self-evaluation form from others."""
