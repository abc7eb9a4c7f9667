"""Alembic's scripts: each step of the schema, in order, frozen once released."""
