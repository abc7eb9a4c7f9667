"""The visit: queue, start, finish, and opening the chart."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import dictionary, machine, opening, permission, queue, relation
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

IDENTIFIERS_NEEDED = 2
_WRITTEN = (
    ("diagnosis", "retracted"),
    ("medical_record", "voided"),
    ("prescription", "cancelled"),
    ("lab_request", "cancelled"),
    ("imaging_request", "cancelled"),
)
"""Tables of what is written or ordered in a visit, each with the state in which it no longer counts."""


def view_queue(act: Acting, *, desk: str = "clinic") -> list[Record]:
    """Show the doctor's department today: own visits and those of nobody in particular."""
    act.record("queue.view", data={"desk": desk})
    return queue.today(act, dept=act.who.dept)


def start(act: Acting, *, registration: str, identifiers: int = 0, version: int | None = None) -> str:
    """Begin the consultation after checking two identifiers; return the visit's id."""
    record = act.fetch("registration", registration)
    data = {"identifiers": identifiers}
    edge = machine.enter(act, "registration", "start", record, version=version, data=data)
    if identifiers < IDENTIFIERS_NEEDED:
        raise Refused("E-GEN-06", hint_zh="请核对两项身份标识", hint_en="Check two identifiers")
    cause = machine.move(act, edge, record, data=data)
    visit = act.fetch("encounter", record["encounter"])
    machine.follow(act, "encounter", "start", visit, cause, {"attending": act.who.staff, "started_at": act.now})
    return str(visit["id"])


def undo_start(act: Acting, *, registration: str, reason: str = "", version: int | None = None) -> None:
    """Take back a consultation opened by mistake, as long as nothing was written or ordered in it."""
    record = act.fetch("registration", registration)
    data = {"reason": reason or None}
    edge = machine.enter(act, "registration", "undo_start", record, version=version, data=data)
    if not reason:
        raise Refused("E-GEN-06")
    for table, dead in _WRITTEN:
        if act.one(
            f'SELECT 1 FROM "{table}" WHERE "encounter" = ? AND "status" != ?',  # noqa: S608 names of our own
            record["encounter"],
            dead,
        ):
            raise Refused("E-GEN-03", hint_zh="已有诊疗记录", hint_en="Something was written already")
    cause = machine.move(act, edge, record, data=data)
    visit = act.fetch("encounter", record["encounter"])
    machine.follow(act, "encounter", "undo_start", visit, cause, {"started_at": None})


def finish(act: Acting, *, registration: str, version: int | None = None) -> None:
    """End the consultation: a diagnosis stands, a record is signed and none is left in draft."""
    record = act.fetch("registration", registration)
    edge = machine.enter(act, "registration", "finish", record, version=version)
    visit = record["encounter"]
    if not act.one('SELECT 1 FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\'', visit):
        raise Refused("E-GEN-03", hint_zh="缺少诊断", hint_en="No diagnosis")
    texts = {each["status"] for each in act.rows('SELECT "status" FROM "medical_record" WHERE "encounter" = ?', visit)}
    if "draft" in texts or not texts & {"signed", "amended"}:
        raise Refused("E-GEN-03", hint_zh="病历未签名", hint_en="The record is not signed")
    cause = machine.move(act, edge, record)
    machine.follow(act, "encounter", "finish", act.fetch("encounter", visit), cause, {"finished_at": act.now})


def break_glass(
    act: Acting, *, reason: str, text: str = "", patient: str | None = None, encounter: str | None = None
) -> None:
    """Open the way to a chart without a relation, for a written reason; somebody will review it."""
    visit, person, _ = opening.chart(act, patient, encounter)
    key = None if visit is None else str(visit["id"])
    data = {"reason": reason, "text": text}
    act.attempt("chart.break_glass", patient=person, encounter=key, target=key, data=data)
    permission.require(act, "encounter.break_glass")
    dictionary.require_code(act, "break_glass_reason", reason)
    if not text.strip():
        raise Refused("E-GEN-06")
    act.connection.execute(
        'INSERT INTO "glass_broken" ("staff", "patient", "at") VALUES (?, ?, ?) '
        'ON CONFLICT ("staff", "patient") DO UPDATE SET "at" = excluded."at"',
        (act.who.staff, person, act.now),
    )
    act.record("chart.break_glass", patient=person, encounter=key, target=key, data=data)


def view_section(act: Acting, *, patient: str, section: str, encounter: str | None = None) -> None:
    """Note which part of a chart was looked at. E-PRV-01 where it may not be open."""
    _, _, found = opening.chart(act, patient, encounter)
    act.attempt("chart.section", patient=patient, encounter=encounter, data={"section": section})
    if found == relation.NONE and not relation.glass_broken(act, patient):
        raise Refused("E-PRV-01")
    act.record("chart.section", patient=patient, encounter=encounter, data={"section": section})


ACTIONS: Mapping[str, Operation] = {
    "queue.view": view_queue,
    "registration.start": start,
    "registration.undo_start": undo_start,
    "registration.finish": finish,
    "chart.open": opening.open_chart,
    "chart.break_glass": break_glass,
    "chart.section": view_section,
}
