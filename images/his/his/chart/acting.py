"""Who acts, on what, when: the context every operation gets as its first argument."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from his import journal
from his.chart import storing
from his.chart.refusing import Refused
from his.hospital_time import Moment, iso_time
from his.journal import Binding, Entry
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.contract.journal import SYSTEM, Change, Row
from sandbox.contract.state import TABLES

Record = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Who:
    """The person at the keyboard: one seat, one account, one member of staff."""

    seat: str
    account: str
    staff: str
    name: str
    role: str
    dept: str
    title: str = ""
    barred: str = ""
    """Code that refuses everything but log-in matters: one of MUST_CHANGE, MUST_SIGN, MUST_UNLOCK."""


MUST_CHANGE, MUST_SIGN, MUST_UNLOCK = "E-ACC-02", "E-GEN-03", "E-GEN-07"
"""Codes with which everything is refused until the password is changed, the agreement signed, the screen unlocked."""

_BARRED_HINTS = {MUST_SIGN: ("请先签署保密承诺书", "Sign the confidentiality agreement first")}
_LOG_IN_MATTERS = ("auth.", "his_account.first_login")

NOBODY = Who(seat=SYSTEM, account="", staff="", name="", role=SYSTEM, dept="")
"""The hospital itself: timers, consequences, injects."""


@dataclass(frozen=True, kw_only=True)
class Trying:
    """What is being tried, so that a refusal can be journaled under the same name."""

    action: str
    patient: str | None = None
    encounter: str | None = None
    target: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Acting:
    """One operation in one transaction. Changes gather until `record` writes them into a journal row."""

    def __init__(
        self, connection: sqlite3.Connection, who: Who, moment: Moment, binding: Binding, pack: ExercisePack
    ) -> None:
        self.connection = connection
        self.who = who
        self.moment = moment
        self.binding = binding
        self.pack = pack
        self.trying: Trying | None = None
        self.lasting: list[Entry] = []
        self.recorded: list[Row] = []
        self.followed = 0
        """How many of the recorded rows what follows from them has been done for."""
        self.jumped_s = 0
        """By how much this act moved the hospital's clock."""
        self._changes: list[Change] = []

    @property
    def now(self) -> int:
        """Hospital time in seconds from the anchor's midnight."""
        return self.moment.seconds

    @property
    def today(self) -> int:
        """Hospital day, counted from the anchor."""
        return self.moment.day

    def one(self, sql: str, *values: object) -> Record | None:
        """Return the first row, or None."""
        found = self.connection.execute(sql, values).fetchone()
        return None if found is None else dict(found)

    def rows(self, sql: str, *values: object) -> list[Record]:
        """Return all rows."""
        return [dict(each) for each in self.connection.execute(sql, values)]

    def fetch(self, table: str, key: str) -> Record:
        """Return one record. Raises Refused E-GEN-06: a form named a record that does not exist."""
        found = self.one(f'SELECT * FROM "{table}" WHERE "id" = ?', key)  # noqa: S608 table names are our own
        if found is None:
            raise Refused("E-GEN-06")
        return found

    def attempt(
        self,
        action: str,
        *,
        patient: str | None = None,
        encounter: str | None = None,
        target: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what is being tried; the next refusal is journaled under this name."""
        self.trying = Trying(action=action, patient=patient, encounter=encounter, target=target, data=dict(data or {}))
        self._require_unbarred(action)

    def insert(self, table: str, values: Mapping[str, Any]) -> str:
        """Add a record of a gradable table and return its id, the next of that table."""
        key = storing.next_id(self.connection, table)
        stored = {"id": key, **values}
        storing.insert(self.connection, table, stored, now=self.now, by=self.who.staff or SYSTEM)
        kinds = TABLES[table]
        for column, value in stored.items():
            if value is not None and column in kinds:
                self._note(table, key, column, None, value)
        return key

    def update(self, table: str, record: Record, values: Mapping[str, Any]) -> None:
        """Change a record as it was read. Raises Refused E-GEN-05 if somebody else changed it meanwhile."""
        if not storing.update(self.connection, table, record, values, now=self.now):
            raise Refused("E-GEN-05")
        for column, value in values.items():
            if column in TABLES[table] and record[column] != value:
                self._note(table, record["id"], column, record[column], value)

    def record(
        self, action: str, *, cause: int | None = None, system: bool = False, lasting: bool = False, **about: Any
    ) -> int:
        """Write a journal row with the changes gathered since the last one, and return its number.

        `about` are patient, encounter, target and data. With `cause` or `system` the row is the hospital's own. A
        `lasting` row stays even if the operation is refused afterwards.
        """
        if not system and cause is None:
            self._require_unbarred(action)
        data = dict(about.pop("data", None) or {})
        if cause is not None:
            data["cause"] = cause
        actor = SYSTEM if system or cause is not None else self.who.seat
        entry = Entry(actor=actor, action=action, data=data, changes=tuple(self._changes), **about)
        self._changes.clear()
        if lasting:
            self.lasting.append(replace(entry, changes=()))
        row = journal.append(self.connection, self.binding, entry, self.moment)
        self.recorded.append(row)
        return row.seq

    def jump_to(self, seconds: int) -> None:
        """Move the hospital's clock to a later moment. A moment that has passed leaves it alone."""
        ahead = seconds - self.now
        if ahead <= 0:
            return
        self.connection.execute('UPDATE "clock" SET "jumped" = "jumped" + ?', (ahead,))
        self.moment = replace(self.moment, seconds=seconds)
        self.jumped_s += ahead

    def forget_changes(self) -> None:
        """Drop what was gathered: start data are no evidence."""
        self._changes.clear()

    def iso(self, seconds: int) -> str:
        """Return a stored time as people see it."""
        return iso_time(self.binding.anchor, seconds)

    def _require_unbarred(self, action: str) -> None:
        if self.who.barred and not action.startswith(_LOG_IN_MATTERS):
            zh, en = _BARRED_HINTS.get(self.who.barred, ("", ""))
            raise Refused(self.who.barred, hint_zh=zh, hint_en=en)

    def _note(self, table: str, key: str, column: str, before: object, after: object) -> None:
        kind = TABLES[table][column]
        anchor = self.binding.anchor
        self._changes.append(
            Change(
                table=table,
                id=key,
                column=column,
                before=storing.canonical_value(kind, before, anchor),
                after=storing.canonical_value(kind, after, anchor),
            )
        )
