"""Hibernated instances, what was archived of them, when instances expire, when cells were begun, causes of moves."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "hibernation"
down_revision = "paper_of_attempt"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild instances and moves with their rows, add the rest; statements are separated by empty lines."""
    script = Path(__file__).with_name("hibernation.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
