"""Provisioning's isolation certificates as rows that nobody can change."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import many, to_row
from sandbox.adapters.db.tables.certificates import certificate
from sandbox.adapters.db.tables.provisioning import cell
from sandbox.errors import LostRaceError
from sandbox.provisioning.certificates import Certificate
from sandbox.provisioning.model import CellId, InstanceId

_OLDEST = (certificate.c.issued_at, certificate.c.cell, certificate.c.number)


class SqlCertificateStore:
    """Fulfils provisioning.certificates.CertificateStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Certificate) -> None:
        taken = LostRaceError(f"cell {new.cell} has certificate {new.number} already")
        with breaking("certificate.cell", taken):
            self._db.execute(certificate.insert().values(to_row(new)))

    def of_cell(self, key: CellId) -> list[Certificate]:
        found = sa.select(certificate).where(certificate.c.cell == key)
        return many(self._db, Certificate, found.order_by(certificate.c.number))

    def of_instance(self, key: InstanceId) -> list[Certificate]:
        served = sa.select(cell.c.id).where(cell.c.instance == key)
        found = sa.select(certificate).where(certificate.c.cell.in_(served))
        return many(self._db, Certificate, found.order_by(*_OLDEST))
