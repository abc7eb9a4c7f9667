"""A hospital in memory with people who act in it by the journal's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from his import arming, journal, replaying, rules, state
from his.chart.hospital import Hospital
from his.chart.refusing import Refused
from his.database import MemoryDatabase
from his.hospital_time import Clock
from sandbox.contract.journal import Row
from sandbox.contract.state import TABLES
from tests.his import packs

_UNSTAMPED = '(NEW."updated_at" IS NULL OR NEW."created_by" IS NULL AND NEW."version" = 1)'


class Stage:
    """Seats act with `does`; `refused` expects the hospital to say no and returns its code."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital

    @classmethod
    @contextmanager
    def set_up(cls, golden: sqlite3.Connection, **pack: Any) -> Iterator[Stage]:
        hospital = rules.hospital(MemoryDatabase(golden), Clock())
        _require_stamps(hospital.database.connection())
        arming.arm(hospital, packs.make_arm(pack=packs.make_pack(**pack)))
        try:
            yield cls(hospital)
        finally:
            hospital.database.close()

    def does(self, seat: str, action: str, **fields: Any) -> Any:
        return replaying.act_as(self.hospital, seat, action, fields)

    def refused(self, seat: str, action: str, **fields: Any) -> str:
        before = self.versions()
        with pytest.raises(Refused) as caught:
            self.does(seat, action, **fields)
        last = self.rows()[-1]
        assert (last.action, last.outcome, last.code) == (action, "refused", caught.value.code)
        assert last.changes == ()
        if action not in ("prescription.sign", "medical_record.sign"):
            # Those two begin a draft first, which stays.
            assert self.versions() == before
        return caught.value.code

    def at(self, minutes: float) -> None:
        self.hospital.clock.set_to(int(minutes * 60_000))

    def rows(self) -> tuple[Row, ...]:
        return journal.rows(self.hospital.database.connection())

    def told(self) -> list[tuple[str, str]]:
        """Return actor and action of every row but the first."""
        return [(each.actor, each.action) for each in self.rows()[1:]]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return a gradable table as grading sees it."""
        armed = self.hospital.arming
        assert armed is not None
        return state.rows(self.hospital.database.connection(), name, armed.binding.anchor)

    def made(self, name: str) -> list[dict[str, Any]]:
        """Return the records of a table that the dataset did not bring: those of the exercise and of its people."""
        found = self.hospital.database.connection().execute(f'SELECT "id" FROM "{name}" WHERE "created_at" IS NOT NULL')
        keys = {key for (key,) in found}
        return [each for each in self.table(name) if each["id"] in keys]

    def only(self, name: str) -> dict[str, Any]:
        """Return the one record of a table that the dataset did not bring."""
        (found,) = self.made(name)
        return found

    def versions(self) -> dict[str, tuple[int, int]]:
        """Return rows and sum of versions of every table: any change of a record shows."""
        connection = self.hospital.database.connection()
        return {
            name: tuple(connection.execute(f'SELECT COUNT(*), SUM("version") FROM "{name}"').fetchone())
            for name in TABLES
        }

    def bound(self, name: str) -> str:
        found = journal.rows(self.hospital.database.connection(), limit=1)[0].data["bindings"][name]
        assert len(found) == 1
        return str(found[0])

    def one(self, table: str, **where: Any) -> dict[str, Any]:
        """Return the one record of the state that matches."""
        found = [each for each in self.table(table) if all(each[key] == value for key, value in where.items())]
        assert len(found) == 1, found
        return found[0]

    def status(self, table: str, name: str = "zhang") -> str:
        """Return the state of the newest record of a person of the cast."""
        who = self.bound(name)
        found = [each for each in self.table(table) if each["patient"] == who]
        return str(max(found, key=lambda each: (len(each["id"]), each["id"]))["status"])

    def run(self, sql: str, *values: object) -> None:
        """Change something behind the hospital's back."""
        with self.hospital.database.transaction() as connection:
            connection.execute('UPDATE "behind" SET "its_back" = 1')
            connection.execute(sql, values)
            connection.execute('UPDATE "behind" SET "its_back" = 0')

    def rank(self, title: str, seat: str = "doc") -> None:
        """Give the person of a seat another title."""
        self.run('UPDATE "staff" SET "title" = ? WHERE "id" = ?', title, self.rows()[0].data["seats"][seat])

    # What many tests need before their own act.

    def consult(self, name: str = "zhang") -> None:
        self.does("doc", "registration.call", patient=f"${name}", reason="测试")
        self.does("doc", "registration.start", patient=f"${name}", identifiers=2)

    def diagnose(self, name: str = "zhang", code: str = "J06.9") -> None:
        self.consult(name)
        self.does("doc", "diagnosis.add", patient=f"${name}", code=code)

    def prescribe(self, *drugs: str, name: str = "zhang") -> None:
        self.diagnose(name)
        self.does("doc", "prescription.sign", patient=f"${name}", items=[{"drug": each} for each in drugs])

    def review(self, *drugs: str, name: str = "zhang") -> None:
        self.prescribe(*drugs, name=name)
        self.does("pha", "prescription.approve", patient=f"${name}")

    def charge(self, *drugs: str, name: str = "zhang") -> None:
        self.review(*drugs, name=name)
        self.does("cas", "prescription.charge", patient=f"${name}", channel="CASH")

    def pick(self, *drugs: str, name: str = "zhang") -> None:
        self.charge(*drugs, name=name)
        self.does("pha", "prescription.pick", patient=f"${name}")

    def check(self, *drugs: str, name: str = "zhang") -> None:
        self.pick(*drugs, name=name)
        self.does("pha2", "prescription.check", patient=f"${name}")

    def write_record(self, name: str = "zhang", **sections: str) -> None:
        texts = {"complaint": "咳嗽3天", "present": "咳嗽、咽痛3天", "examination": "咽部充血", "plan": "对症治疗"}
        self.does("doc", "medical_record.sign", patient=f"${name}", **{**texts, **sections})


def _require_stamps(connection: sqlite3.Connection) -> None:
    """Refuse whatever the hospital writes to a gradable table without its stamp, and any removal.

    Archives hold what is stamped: a way to write past it would lose evidence.
    """
    connection.execute('CREATE TEMP TABLE "behind" AS SELECT 0 AS "its_back"')
    for table in TABLES:
        for deed, wrong in (("INSERT", _UNSTAMPED), ("UPDATE", _UNSTAMPED), ("DELETE", "1")):
            connection.execute(
                f'CREATE TEMP TRIGGER "{table}_{deed}" AFTER {deed} ON main."{table}" '
                f'WHEN {wrong} AND NOT (SELECT "its_back" FROM "behind") '
                f"BEGIN SELECT RAISE(ABORT, '{deed} of {table} past its stamp'); END"
            )
