"""Instances, cells and what the worker needs to move them; lease, ledger, tickets."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, states
from sandbox.adapters.db.tables.registry import append_only, metadata, only_where
from sandbox.provisioning.model import CellState, Desired, Observed

instance = sa.Table(
    "instance",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("exercise_version", sa.Text),
    sa.Column("attempt", sa.Text),
    sa.Column("desired", states(Desired, "ck_instance_desired"), nullable=False),
    sa.Column("observed", states(Observed, "ck_instance_observed"), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("cell", sa.Text),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("opened_at", Moment),
    sa.Column("last_request_at", Moment),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.CheckConstraint("epoch >= 0", name="ck_instance_epoch"),
    sa.CheckConstraint("slot >= 0", name="ck_instance_slot"),
    sa.CheckConstraint("(cell IS NULL) = (epoch = 0)", name="ck_instance_cell_since_first_epoch"),
    sa.CheckConstraint(
        "observed NOT IN ('open', 'replacing', 'hibernated', 'waking') OR cell IS NOT NULL",
        name="ck_instance_open_has_a_cell",
    ),
    sa.CheckConstraint("(attempt IS NULL) = (exercise_version IS NULL)", name="ck_instance_attempt_has_an_exercise"),
)
sa.Index(
    "uq_instance_one_wanted_per_place",
    instance.c.owner,
    instance.c.slot,
    unique=True,
    **only_where("desired <> 'closed' AND observed <> 'closed'"),
)
sa.Index("ix_instance_owner", instance.c.owner, instance.c.queued_at)
sa.Index("ix_instance_observed", instance.c.observed)
LIVE = sa.text("instance.observed <> 'closed'")
"""Written out, for a partial index serves no comparison with a parameter: of years of closed instances none is read."""
sa.Index("ix_instance_live", instance.c.queued_at, **only_where("observed <> 'closed'"))

cell = sa.Table(
    "cell",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", states(CellState, "ck_cell_state"), nullable=False),
    sa.Column("instance", sa.ForeignKey("instance.id", name="fk_cell_instance")),
    sa.Column("epoch", sa.Integer),
    sa.Column("attempt", sa.Text),
    sa.Column("uid", sa.Integer, nullable=False),
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("pool_key", sa.Text, nullable=False),
    sa.Column("engine_id", sa.Text),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text),
    sa.Column("since", Moment, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("begun_at", Moment),
    sa.Column("ready_at", Moment),
    sa.Column("resting_since", Moment),
    sa.CheckConstraint("(instance IS NULL) = (epoch IS NULL)", name="ck_cell_epoch_with_instance"),
    sa.CheckConstraint(
        "state NOT IN ('planned', 'created', 'started', 'ready') OR instance IS NULL", name="ck_cell_ready_is_nobodys"
    ),
    sa.CheckConstraint(
        "state NOT IN ('claimed', 'armed', 'sealed', 'archived', 'quarantined') OR instance IS NOT NULL",
        name="ck_cell_claimed_is_somebodys",
    ),
    sa.CheckConstraint("failures >= 0", name="ck_cell_failures"),
)
sa.Index(
    "uq_cell_one_armed_per_instance",
    cell.c.instance,
    unique=True,
    **only_where("state = 'armed'"),
)
sa.Index(
    "uq_cell_one_claimed_per_epoch",
    cell.c.instance,
    cell.c.epoch,
    unique=True,
    **only_where("state IN ('claimed', 'armed')"),
)
sa.Index(
    "uq_cell_uid_of_the_present",
    cell.c.uid,
    unique=True,
    **only_where("state <> 'gone'"),
)
sa.Index("ix_cell_state", cell.c.state, cell.c.pool_key, cell.c.since)
sa.Index("ix_cell_attempt", cell.c.attempt)
sa.Index("ix_cell_instance", cell.c.instance)
PRESENT = sa.text("cell.state <> 'gone'")
"""Written out for the same reason; served by the index of their uids."""

move = sa.Table(
    "move",
    metadata,
    sa.Column("instance", sa.ForeignKey("instance.id", name="fk_move_instance"), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("flipped_at", Moment),
    sa.CheckConstraint("kind IN ('reset', 'nightly')", name="ck_move_kind"),
)

cell_archive = sa.Table(
    "cell_archive",
    metadata,
    sa.Column("cell", sa.ForeignKey("cell.id", name="fk_cell_archive_cell"), primary_key=True),
    sa.Column("instance", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Text),
    sa.Column("journal_sha256", sa.Text, nullable=False),
    sa.Column("state_sha256", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("archived_at", Moment, nullable=False),
)
sa.Index("ix_cell_archive_attempt", cell_archive.c.attempt)
append_only(cell_archive)

rest = sa.Table(
    "rest",
    metadata,
    sa.Column("cell", sa.ForeignKey("cell.id", name="fk_rest_cell"), primary_key=True),
    sa.Column("rested_at", Moment, primary_key=True),
    sa.Column("journal_sha256", sa.Text, nullable=False),
    sa.Column("state_sha256", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("woken_at", Moment),
)
sa.Index("uq_rest_one_asleep_per_cell", rest.c.cell, unique=True, **only_where("woken_at IS NULL"))

image = sa.Table(
    "image",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("contract", sa.Integer, nullable=False),
    sa.Column("registered_at", Moment, nullable=False),
)

golden_dataset = sa.Table(
    "golden_dataset",
    metadata,
    sa.Column("inputs_key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("built_at", Moment, nullable=False),
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("checked_at", Moment, nullable=False),
    sa.CheckConstraint("fence >= 1", name="ck_lease_fence"),
)

job_time = sa.Table(
    "job_time",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("local_time", sa.Text, nullable=False),
    sa.Column("chosen_by", sa.Text, nullable=False),
    sa.Column("chosen_at", Moment, nullable=False),
)

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("instance", sa.ForeignKey("instance.id", name="fk_ticket_instance"), nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
)
