"""Every wording of a medical record that somebody put a name to: kept for good, readable side by side."""

from __future__ import annotations

from his.chart import permission, relation
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from sandbox.contract import canonical

SECTIONS = ("complaint", "present", "past", "examination", "plan")
"""Sections of a record, in the order of its text."""


def text(record: Record) -> str:
    """Return the whole text of a record."""
    return "\n".join(record[name] or "" for name in SECTIONS)


def digest(record: Record) -> str:
    """Return the SHA-256 of what was signed: the visit it belongs to and every section of it."""
    # Not the patient: a merge of two records of one person moves the visit and changes no word of it.
    return canonical.digest({name: record[name] or "" for name in ("encounter", "type", *SECTIONS)})


def keep(act: Acting, record: str, event: str, *, by: str | None = None, reason: str = "") -> None:
    """Keep the wording a record has now, as left by `event` (sign, submit, return, countersign, amend)."""
    now = act.fetch("medical_record", record)
    _keep(act, now, event, by=by or act.who.staff, at=act.now, reason=reason)


def keep_first(act: Acting, record: Record) -> None:
    """Keep the signed wording of a record from before the exercise, unless one of its wordings is kept already."""
    if act.one('SELECT 1 FROM "record_version" WHERE "medical_record" = ?', record["id"]) is None:
        _keep(act, record, "sign", by=record["author"], at=record["signed_at"] or act.now, reason="")


def of(act: Acting, record: Record) -> list[Record]:
    """Return the kept wordings, first one first; of a record from before the exercise the one it has."""
    kept = act.rows('SELECT * FROM "record_version" WHERE "medical_record" = ? ORDER BY "place"', record["id"])
    if kept or record["signed_at"] is None:
        return kept
    first = {"place": 1, "event": "sign", "signer": record["author"], "reason": "", "content_sha256": digest(record)}
    return [{**record, **first}]


def view_trace(act: Acting, *, medical_record: str) -> list[Record]:
    """Look at the wordings of a record: a view of its own. E-PRV-01 where its chart may not be open."""
    record = act.fetch("medical_record", medical_record)
    visit = act.fetch("encounter", record["encounter"])
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": medical_record}
    act.attempt("chart.trace", **about)
    scope = permission.require(act, "record.view_trace")
    stranger = relation.of(act, visit) == relation.NONE and not relation.glass_broken(act, record["patient"])
    if stranger and scope == permission.OWN:
        raise Refused("E-PRV-01")
    act.record("chart.trace", **about)
    return of(act, record)


def _keep(act: Acting, record: Record, event: str, *, by: str, at: int, reason: str) -> None:
    values = {
        "medical_record": record["id"],
        "version_no": record["version_no"],
        "event": event,
        "signer": by,
        "signed_at": at,
        "reason": reason,
        **{name: record[name] or "" for name in SECTIONS},
        "content_sha256": digest(record),
    }
    columns = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    act.connection.execute(
        f'INSERT INTO "record_version" ("place", {columns}) '  # noqa: S608 names of our own
        f'SELECT COUNT(*) + 1, {marks} FROM "record_version" WHERE "medical_record" = ?',
        (*values.values(), record["id"]),
    )
