"""Modes, limits, accommodations, variants, "check my work". What was assigned before becomes a class, reports open."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "modes"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild three tables with their rows; statements are separated by empty lines."""
    script = Path(__file__).with_name("modes.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
