"""The newest entry of one kind is found without reading the trail of all years."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "audit_by_verb"
down_revision = "opening"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; statements are separated by empty lines."""
    script = Path(__file__).with_name("audit_by_verb.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
