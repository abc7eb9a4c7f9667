"""Runs the steps on the connection that `schema.upgrade` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

from sandbox.adapters.db.tables import (
    attempts,
    certificates,
    nights,
    observing,
    people,
    provisioning,
    rehearsal,
    second_look,
    supply,
)
from sandbox.adapters.db.tables.registry import metadata

# Importing a module of tables is what enters them into the metadata.
assert all((attempts, certificates, nights, observing, people, provisioning, rehearsal, second_look, supply))

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
