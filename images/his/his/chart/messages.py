"""Messages and calls of the exercise, letting time pass, and other small acts every desk offers."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import relation
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.hospital_time import moment_of

_OF_A_CHART = frozenset({"imaging_request", "lab_request", "medical_record", "prescription"})
"""Tables whose records are part of a chart, as documents name them: kind:id."""


def received(act: Acting) -> list[Record]:
    """Return all messages, latest first."""
    return act.rows('SELECT * FROM "message" ORDER BY "at" DESC, LENGTH("id") DESC, "id" DESC')


def read(act: Acting, *, message: str) -> None:
    """Read one message."""
    act.attempt("message.read", target=message, data={"message": message})
    if act.one('SELECT 1 FROM "message" WHERE "id" = ?', message) is None:
        raise Refused("E-GEN-06")
    act.connection.execute(
        'UPDATE "message" SET "read_at" = ? WHERE "id" = ? AND "read_at" IS NULL', (act.now, message)
    )
    act.record("message.read", target=message, data={"message": message})


def answer(act: Acting, *, check: str, value: str | int | list[str]) -> None:
    """Answer a question of the exercise; the last answer counts.

    A number is kept as the text that people type, several choices in no order of their own.
    """
    value = str(value) if isinstance(value, int) else value if isinstance(value, str) else sorted(set(value))
    act.attempt("answer.give", data={"check": check, "value": value})
    if check not in {each.check for each in act.pack.questions}:
        raise Refused("E-GEN-06")
    given = value if isinstance(value, str) else ",".join(value)
    act.connection.execute(
        'INSERT INTO "answer" ("check", "value") VALUES (?, ?) '
        'ON CONFLICT ("check") DO UPDATE SET "value" = excluded."value"',
        (check, given),
    )
    act.record("answer.give", data={"check": check, "value": value})


def print_document(
    act: Acting, *, document: str | None, purpose: str = "", patient: str | None = None, encounter: str | None = None
) -> None:
    """Print a document; what for stays in the journal.

    E-GEN-06 without a document, E-PRV-01 for paper of a chart that may not be open.
    """
    data = {"document": document, "purpose": purpose or None}
    act.attempt("print.document", patient=patient, encounter=encounter, data=data)
    if not document:
        raise Refused("E-GEN-06")
    _require_relation(act, document)
    act.record("print.document", patient=patient, encounter=encounter, data=data)


def _require_relation(act: Acting, document: str) -> None:
    kind, _, key = document.partition(":")
    if kind not in _OF_A_CHART or not key:
        return
    record = act.fetch(kind, key)
    visit = act.fetch("encounter", record["encounter"])
    if relation.of(act, visit) == relation.NONE and not relation.glass_broken(act, record["patient"]):
        raise Refused("E-PRV-01")


def step(act: Acting, *, skip: str) -> None:
    """Let time pass to where a step of the exercise leads; E-GEN-03 once the hospital is there."""
    wanted = next((each for each in act.pack.skips if each.step == skip), None)
    act.attempt("clock.step", data={"skip": skip})
    if wanted is None:
        raise Refused("E-GEN-06")
    to = moment_of(wanted.to, act.binding.anchor)
    if to <= act.now:
        raise Refused("E-GEN-03")
    act.record("clock.step", data={"skip": skip, "from": act.iso(act.now), "to": act.iso(to)})
    act.jump_to(to)


ACTIONS: Mapping[str, Operation] = {
    "message.read": read,
    "answer.give": answer,
    "print.document": print_document,
    "clock.step": step,
}
