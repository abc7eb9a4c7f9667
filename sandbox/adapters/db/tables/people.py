"""Accounts, log-ins and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, flag, states
from sandbox.adapters.db.tables.registry import append_only, metadata
from sandbox.people.model import Role

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("seq >= 1", name="ck_audit_seq"),
    sa.CheckConstraint("outcome IN ('ok', 'refused', 'failed')", name="ck_audit_outcome"),
)
sa.Index("ix_audit_verb", audit.c.verb, audit.c.seq)
append_only(audit)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("must_change_password", flag("ck_person_must_change_password"), nullable=False),
    sa.Column("disabled", flag("ck_person_disabled"), nullable=False),
    sa.UniqueConstraint("login", name="uq_person_login"),
    sa.CheckConstraint("language IN ('zh', 'en')", name="ck_person_language"),
)

person_role = sa.Table(
    "person_role",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id", name="fk_person_role_person"), primary_key=True),
    sa.Column("role", states(Role, "ck_person_role"), primary_key=True),
)

credential = sa.Table(
    "credential",
    metadata,
    sa.Column("person", sa.ForeignKey("person.id", name="fk_credential_person"), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Moment),
    sa.CheckConstraint("failures >= 0", name="ck_credential_failures"),
)

login = sa.Table(
    "login",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("person", sa.ForeignKey("person.id", name="fk_login_person"), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
    # One live log-in per account: a shared account is noticed by whoever is thrown out.
    sa.UniqueConstraint("person", name="uq_login_person"),
)
