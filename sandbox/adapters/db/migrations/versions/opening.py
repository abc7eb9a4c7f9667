"""An attempt begins in the transaction that lets its person in: no worker will open one afterwards.

And the cells of one instance are found without reading those of all years.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "opening"
down_revision = "standing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Open what a worker before would have opened next, add the index; statements are separated by empty lines."""
    script = Path(__file__).with_name("opening.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
