"""All stores on one connection: what an entry point hands to an operation."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.engine import Database, open_engine
from sandbox.adapters.db.overview import SqlOverview
from sandbox.adapters.db.stores.attempts import (
    SqlAccommodationStore,
    SqlAttemptStore,
    SqlCheckStore,
    SqlEvidenceStore,
    SqlHintStore,
    SqlResultStore,
    SqlTermsStore,
)
from sandbox.adapters.db.stores.audit import SqlAuditStore
from sandbox.adapters.db.stores.authoring import SqlDraftStore, SqlGateStore
from sandbox.adapters.db.stores.cells import SqlArchiveStore, SqlCellStore, SqlGoldenStore, SqlImageStore, SqlRestStore
from sandbox.adapters.db.stores.certificates import SqlCertificateStore
from sandbox.adapters.db.stores.instances import SqlInstanceStore, SqlMoveStore, SqlTicketStore
from sandbox.adapters.db.stores.nights import SqlJobLedger, SqlVerificationStore
from sandbox.adapters.db.stores.observing import SqlCheckupStore, SqlLogWishStore
from sandbox.adapters.db.stores.people import SqlLoginStore, SqlPersonStore
from sandbox.adapters.db.stores.prunes import SqlPruneStore
from sandbox.adapters.db.stores.regrades import SqlRegradeStore
from sandbox.adapters.db.stores.rehearsals import SqlRehearsalStore
from sandbox.adapters.db.stores.second_look import SqlAdjustmentStore, SqlPaperStore, SqlVoidStore
from sandbox.adapters.db.stores.stories import SqlStories
from sandbox.adapters.db.stores.supply import SqlDemandStore, SqlVitalsStore
from sandbox.adapters.db.stores.training import SqlAssignmentStore, SqlExerciseStore
from sandbox.adapters.db.stores.work import SqlJobTimes, SqlLease


class DbStores:
    """Fulfils the `Stores` port of every room."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.audit = SqlAuditStore(connection)
        self.people = SqlPersonStore(connection)
        self.logins = SqlLoginStore(connection)
        self.instances = SqlInstanceStore(connection)
        self.cells = SqlCellStore(connection)
        self.moves = SqlMoveStore(connection)
        self.rests = SqlRestStore(connection)
        self.archives = SqlArchiveStore(connection)
        self.images = SqlImageStore(connection)
        self.goldens = SqlGoldenStore(connection)
        self.certificates = SqlCertificateStore(connection)
        self.prunes = SqlPruneStore(connection)
        self.lease = SqlLease(connection)
        self.ledger = SqlJobLedger(connection)
        self.job_times = SqlJobTimes(connection)
        self.verifications = SqlVerificationStore(connection)
        self.tickets = SqlTicketStore(connection)
        self.checkups = SqlCheckupStore(connection)
        self.log_wishes = SqlLogWishStore(connection)
        self.stories = SqlStories(connection)
        self.exercises = SqlExerciseStore(connection)
        self.drafts = SqlDraftStore(connection)
        self.gate = SqlGateStore(connection)
        self.attempts = SqlAttemptStore(connection)
        self.evidence = SqlEvidenceStore(connection)
        self.results = SqlResultStore(connection)
        self.hints = SqlHintStore(connection)
        self.terms = SqlTermsStore(connection)
        self.accommodations = SqlAccommodationStore(connection)
        self.checks = SqlCheckStore(connection)
        self.adjustments = SqlAdjustmentStore(connection)
        self.voids = SqlVoidStore(connection)
        self.regrades = SqlRegradeStore(connection)
        self.papers = SqlPaperStore(connection)
        self.assignments = SqlAssignmentStore(connection)
        self.vitals = SqlVitalsStore(connection)
        self.demand = SqlDemandStore(connection)
        self.rehearsals = SqlRehearsalStore(connection)
        self.overview = SqlOverview(connection)


def open_database(url: str, *, busy_timeout_s: float) -> Database[DbStores]:
    """Return the database behind this URL; its schema is not touched."""
    return Database(open_engine(url, busy_timeout_s=busy_timeout_s), DbStores, busy_timeout_s=busy_timeout_s)
