"""Base records: what projects go out with beside what the registry gives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make their table; of a project the last one holds."""
    op.create_table(
        "base",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("project", sa.Text, sa.ForeignKey("project.key"), nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
    )
    op.create_index("ix_base_project", "base", ["project"])
