"""A paper belongs to its attempt: reports without a score can be equal byte for byte."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "paper_of_attempt"
down_revision = "authoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rebuild the papers with their rows; statements are separated by empty lines."""
    script = Path(__file__).with_name("paper_of_attempt.sql").read_text(encoding="utf-8")
    for statement in script.strip().split("\n\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: a backup is restored instead."""
    raise NotImplementedError("restore the backup made before the upgrade")
