"""Papers of a finished attempt: a journal whose chain holds, the state it led to, and the report of the real grader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.attempts import judging
from sandbox.attempts.model import AttemptId, Graded, GradingInputs, HintUse
from sandbox.contract import CONTRACT_VERSION, baseline, canonical, codec
from sandbox.contract import journal as chain
from sandbox.contract.control import HospitalState, StateChanges
from sandbox.contract.journal import SYSTEM, Change, Row
from sandbox.contract.state import TABLES

EXERCISE = Path(__file__).parents[2] / "fixtures" / "exercises" / "x05-urti-penicillin-allergy.yaml"
NONCE = "5" * 32
BINDINGS = {
    "lin": ["p901"],
    "tong": ["p902"],
    "vip": ["p903"],
    "visit": ["e901"],
    "visit2": ["e902"],
    "ticket": ["rg901"],
    "ticket2": ["rg902"],
}

BEGUN = canonical.dumps({"contract": CONTRACT_VERSION, "tables": {key: [] for key in TABLES}}).encode()
"""The baseline of a dataset without anybody."""

Deed = tuple[int, str, str, dict[str, Any]]
"""Second, action, refusal code or '', and what of the row matters."""

CAREFUL: tuple[Deed, ...] = (
    (20, "registration.call", "", {"target": "rg901"}),
    (45, "registration.start", "", {"target": "rg901", "writes": ("registration", "rg901", "status", "in_consult")}),
    (60, "chart.open", "", {"data": {}}),
    (240, "allergy.record", "", {"data": {"class": "PEN", "severity": "2"}, "creates": ("allergy", "al901")}),
    (300, "diagnosis.add", "", {"data": {"code": "J06.9"}, "creates": ("diagnosis", "dx901")}),
    (480, "medical_record.sign", "", {"data": {"type": "OPR"}, "creates": ("medical_record", "mr901")}),
    (
        600,
        "prescription.sign",
        "",
        {"data": {"drugs": ["M021", "M071"], "classes": [], "items": 2, "max_days": 3}},
    ),
    (730, "registration.finish", "", {"target": "rg901", "writes": ("registration", "rg901", "status", "completed")}),
)
HASTY: tuple[Deed, ...] = (
    (30, "registration.call", "", {"target": "rg901"}),
    (50, "registration.start", "", {"target": "rg901", "writes": ("registration", "rg901", "status", "in_consult")}),
    (70, "chart.open", "", {"data": {}}),
    (95, "chart.open", "", {"patient": "p902", "data": {}}),
    (150, "prescription.sign", "E-RX-07", {"data": {"drugs": ["M001"], "classes": ["PEN"], "items": 1, "max_days": 5}}),
    (210, "diagnosis.add", "", {"data": {"code": "J06.9"}, "creates": ("diagnosis", "dx901")}),
    (260, "prescription.sign", "", {"data": {"drugs": ["M001"], "classes": ["PEN"], "items": 1, "max_days": 5}}),
    (400, "allergy.record", "", {"data": {"class": "PEN", "severity": "3"}, "creates": ("allergy", "al901")}),
    (900, "medical_record.sign", "", {"data": {"type": "OPR"}, "creates": ("medical_record", "mr901")}),
    (980, "registration.finish", "", {"target": "rg901", "writes": ("registration", "rg901", "status", "completed")}),
)


def journal(attempt: str, deeds: tuple[Deed, ...]) -> bytes:
    """Return the archived journal of these deeds: a JSON list."""
    begin = {"anchor": "2030-03-04", "bindings": BINDINGS, "seats": {"doc": "s901"}}
    rows = [_row(attempt, 1, 0, SYSTEM, "attempt.begin", "", {"data": begin, "patient": None})]
    for second, action, code, facts in deeds:
        rows.append(_row(attempt, len(rows) + 1, second, "doc", action, code, facts))
    rows.append(_row(attempt, len(rows) + 1, deeds[-1][0] + 9, SYSTEM, "attempt.end", "", {"patient": None}))
    prev, chained = chain.first_prev(attempt, NONCE), []
    for row in rows:
        linked = replace(row, prev=prev)
        linked = replace(linked, hash=chain.row_hash(linked))
        chained.append(linked)
        prev = linked.hash
    return canonical.dumps([codec.to_json(row) for row in chained]).encode()


def _row(attempt: str, seq: int, second: int, actor: str, action: str, code: str, facts: dict[str, Any]) -> Row:
    changes = []
    if "creates" in facts:
        table, key = facts["creates"]
        changes.append(Change(table=table, id=key, column="id", before=None, after=key))
    if "writes" in facts:
        table, key, column, after = facts["writes"]
        changes.append(Change(table=table, id=key, column=column, before="checked_in", after=after))
    minutes, seconds = divmod(30 * 60 + second, 60)
    return Row(
        seq=seq,
        attempt=attempt,
        actor=actor,
        action=action,
        outcome="refused" if code else "ok",
        code=code or None,
        patient=facts.get("patient", "p901"),
        encounter=None,
        target=facts.get("target"),
        data=facts.get("data", {}),
        changes=tuple(changes),
        t=second * 1000,
        at=f"2030-03-04T08:{minutes:02d}:{seconds:02d}",
        wall="2030-03-04T04:00:00Z",
        prev="",
        hash="",
    )


def state(*, severity: str) -> bytes:
    """Return what is archived of the hospital's final state after such work: all of it lies over BEGUN."""
    final = whole(severity=severity)
    changes = StateChanges(
        contract=final.contract, anchor=final.anchor, baseline=baseline.name(BEGUN), tables=final.tables
    )
    return canonical.dumps(codec.to_json(changes)).encode()


def whole(*, severity: str) -> HospitalState:
    """Return the hospital's final state after such work."""
    tables: dict[str, tuple[dict[str, Any], ...]] = {
        "allergy": (
            {
                "id": "al901",
                "patient": "p901",
                "class": "PEN",
                "status": "active",
                "severity": severity,
                "source": "SELF",
                "reaction": "儿时服阿莫西林后皮疹",
            },
        ),
        "diagnosis": ({"id": "dx901", "patient": "p901", "rank": 1, "status": "active", "code": "J06.9"},),
        "medical_record": (
            {
                "id": "mr901",
                "patient": "p901",
                "type": "OPR",
                "status": "signed",
                "complaint": "咽痛、流涕2天",
                "present": "2天前受凉后咽痛",
                "past": "青霉素类过敏" if severity == "2" else "体健",
                "examination": "咽部充血",
                "plan": "对症治疗",
            },
        ),
        "registration": ({"id": "rg901", "patient": "p901", "status": "completed"},),
    }
    return HospitalState(contract=CONTRACT_VERSION, anchor="2030-03-04", tables=tables)


def judged(attempt: AttemptId, deeds: tuple[Deed, ...], hints: tuple[HintUse, ...] = ()) -> tuple[bytes, bytes, Graded]:
    """Return journal, state and what the grader says of them."""
    rows, final = journal(attempt, deeds), state(severity="2" if deeds is CAREFUL else "3")
    inputs = GradingInputs(
        exercise=EXERCISE.read_bytes(),
        journal=rows,
        state=final,
        baseline=BEGUN,
        attempt=attempt,
        nonce=NONCE,
        hints=hints,
        fault="",
    )
    return rows, final, judging.judge(inputs)
