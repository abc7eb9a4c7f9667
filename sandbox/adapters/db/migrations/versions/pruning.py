"""Requests to clear up what no row explains."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "pruning"
down_revision = "rehearsal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; statements are separated by empty lines."""
    script = Path(__file__).with_name("pruning.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
