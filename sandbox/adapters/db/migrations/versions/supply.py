"""The worker's view of pool and machine, a ring of minutes, and indexes over what was and will be wanted."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "supply"
down_revision = "certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and five indexes; statements are separated by empty lines."""
    script = Path(__file__).with_name("supply.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
