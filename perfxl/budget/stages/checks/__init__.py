"""The checks of the stages: MO of monitoring, SE of self-evaluation, DE of the self-evaluation of a department.

Those that several have stand together.
"""

MONITORING = ("indicators.possibility", "indicators.target")
"""The answers that tell a monitoring form from others."""

EVALUATION = ("indicators.score", "indicators.target")
"""The answers that tell a self-evaluation form from others."""

DEPARTMENT = ("parts.average", "projects.adjusted")
"""The answers that tell the self-evaluation of a department from others."""
