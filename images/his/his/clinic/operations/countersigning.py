"""Records of those without a signing right: handed to the head of the department, countersigned or sent back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from his.chart import dictionary, machine, permission, reauth
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.clinic.operations import copying, recording, versions

HEAD = "HOD"
_BLANK = "__"
"""What a template leaves to be filled in."""
_STEP = "medical_record.countersign"
_BACK = ("请写明退回原因", "Say why it goes back")


def submit(act: Acting, *, medical_record: str, version: int | None = None, **sections: str) -> None:
    """Hand a draft to the head of the department, with last changes of its text; where no player is one, a colleague
    answers after some minutes. Refused with E-GEN-02 for somebody who signs himself."""
    record = act.fetch("medical_record", medical_record)
    given = recording.cleaned(sections)
    full = {**record, **given}
    data = copying.facts(act, full)
    edge = machine.enter(act, "medical_record", "submit", record, version=version, data=data)
    if not recording.is_complete(full):
        raise Refused("E-GEN-06")
    machine.move(act, edge, record, given, data=data)
    versions.keep(act, medical_record, "submit")
    if _asks_a_colleague(act, record):
        about = {"patient": record["patient"], "encounter": record["encounter"], "target": medical_record}
        act.record("colleague.ask", **about, data={"step": _STEP})


def send_back(act: Acting, *, medical_record: str, reason: str = "", version: int | None = None) -> None:
    """Send a submitted record back to its author, with what is to be changed."""
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "return", record, version=version, data={"reason": reason or None})
    if not reason:
        raise Refused("E-GEN-06", hint_zh=_BACK[0], hint_en=_BACK[1])
    machine.move(act, edge, record, data={"reason": reason})
    versions.keep(act, medical_record, "return", reason=reason)


def countersign(
    act: Acting, *, medical_record: str, version: int | None = None, identified: bool = True, **sections: str
) -> None:
    """Sign a submitted record as the head, with his corrections; nobody countersigns what he wrote (E-GEN-04).

    `identified`: the own password was typed again and fits; else E-GEN-07.
    """
    record = act.fetch("medical_record", medical_record)
    given = recording.cleaned(sections)
    full = {**record, **given}
    data = {"type": record["type"], "corrected": versions.text(full) != versions.text(record)}
    edge = machine.enter(act, "medical_record", "countersign", record, version=version, data=data)
    if record["author"] == act.who.staff:
        raise Refused("E-GEN-04")
    if not recording.is_complete(full):
        raise Refused("E-GEN-06")
    reauth.confirm(act, record, purpose=_STEP, identified=identified)
    machine.move(act, edge, record, {**given, **_signed(act, full, act.who.staff)}, data=data)
    versions.keep(act, medical_record, "countersign")


def view_waiting(act: Acting) -> list[Record]:
    """Look at what waits for the own department's head, oldest first. E-GEN-02 for anybody else."""
    act.attempt("queue.view", data={"desk": "countersign"})
    permission.require(act, "record.countersign")
    act.record("queue.view", data={"desk": "countersign"})
    return waiting(act)


def waiting(act: Acting) -> list[Record]:
    """Return the submitted records of the acting person's department, with patient's and author's names."""
    return act.rows(
        'SELECT m.*, p."name", p."sex", p."birth_date", p."mrn", t."name" AS author_name, t."title" AS author_title '
        'FROM "medical_record" m JOIN "encounter" e ON e."id" = m."encounter" '
        'JOIN "patient" p ON p."id" = m."patient" JOIN "staff" t ON t."id" = m."author" '
        'WHERE m."status" = \'pending_countersign\' AND e."dept" = ? ORDER BY m."updated_at", LENGTH(m."id"), m."id"',
        act.who.dept,
    )


def answer(act: Acting) -> None:
    """Let the head on duty answer what was handed to him, once the minutes of a colleague have passed."""
    since = act.now - dictionary.limit(act, "colleague_minutes") * 60
    handed = act.rows(
        'SELECT * FROM "medical_record" WHERE "status" = \'pending_countersign\' AND "updated_at" <= ? '
        'ORDER BY LENGTH("id"), "id"',
        since,
    )
    for record in handed:
        head = _head(act, record)
        if head is not None and _asks_a_colleague(act, record):
            _answer(act, record, head)


def _answer(act: Acting, record: Record, head: Record) -> None:
    objection = _objection(act, record)
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": record["id"]}
    said = {
        "verdict": "disagree" if objection else "agree",
        "comment": objection or "书写完整,同意",
        "staff_no": head["staff_no"],
    }
    cause = act.record("colleague.answer", **about, system=True, data=said)
    if objection:
        machine.follow(act, "medical_record", "return", record, cause, data={"reason": objection})
        versions.keep(act, record["id"], "return", by=head["id"], reason=objection)
        return
    data = {"type": record["type"], "corrected": False}
    machine.follow(act, "medical_record", "countersign", record, cause, _signed(act, record, head["id"]), data=data)
    versions.keep(act, record["id"], "countersign", by=head["id"])


def _objection(act: Acting, record: Record) -> str:
    """Return what the head has against a record, by the hospital's own rules; nothing if it may stand."""
    copied = copying.facts(act, record)
    if copied["foreign_identity"]:
        return "病历中出现其他患者的身份信息"
    if Decimal(str(copied["similarity"])) * 1000 >= dictionary.limit(act, "similarity_warn_permille"):
        return "与上一份病历雷同,请按本次就诊重写"
    return "模板未填写完整" if _BLANK in versions.text(record) else ""


def _signed(act: Acting, record: Record, by: str) -> dict[str, object]:
    return {"countersigner": by, "signed_at": act.now, "content_sha256": versions.digest(record)}


def _asks_a_colleague(act: Acting, record: Record) -> bool:
    """Say whether no player is head of the department that the record was written in."""
    return (
        act.one(
            'SELECT 1 FROM "account" a JOIN "staff" t ON t."id" = a."staff" JOIN "encounter" e ON e."dept" = t."dept" '
            'WHERE t."role" = ? AND e."id" = ?',
            HEAD,
            record["encounter"],
        )
        is None
    )


def _head(act: Acting, record: Record) -> Record | None:
    return act.one(
        'SELECT t.* FROM "staff" t JOIN "encounter" e ON e."dept" = t."dept" WHERE t."role" = ? AND e."id" = ? '
        'ORDER BY t."staff_no" LIMIT 1',
        HEAD,
        record["encounter"],
    )


ACTIONS: Mapping[str, Operation] = {
    "medical_record.submit": submit,
    "medical_record.return": send_back,
    "medical_record.countersign": countersign,
}
