"""Adjustments, voided attempts, regrades, papers; results say by which version, by whom and why."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "second_look"
down_revision = "modes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild the results with their rows, add the new tables; statements are separated by empty lines."""
    script = Path(__file__).with_name("second_look.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
