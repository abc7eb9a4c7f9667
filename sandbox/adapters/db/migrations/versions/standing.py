"""What stands open is found without reading what has long been closed."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "standing"
down_revision = "observing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; statements are separated by empty lines."""
    script = Path(__file__).with_name("standing.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
