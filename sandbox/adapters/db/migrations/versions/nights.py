"""Nights with their begin and end, reasons and verified digests in the ledger, rings of jobs."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "nights"
down_revision = "supply"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild the ledger with its rows, add what is new; statements are separated by empty lines."""
    script = Path(__file__).with_name("nights.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
