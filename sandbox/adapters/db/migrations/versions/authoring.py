"""Drafts, requests and verdicts of the release gate, retired versions."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "authoring"
down_revision = "second_look"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create four tables; statements are separated by empty lines."""
    script = Path(__file__).with_name("authoring.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
