"""A ward on paper: carries out the acts of the example exercise by the rules of the reference, for the grader's sake.

The desks it needs (laboratory, ward) do not exist yet; the numbers the format promises for it must hold all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.contract import matching, moments
from sandbox.contract.journal import Row
from sandbox.exercises.loader import Loaded
from sandbox.exercises.scripts import Act
from tests.journals import Diary, change

RECORDS = {"zhou": "p1", "zhou2": "p2", "vip": "p3", "stay": "is1", "stay2": "is2", "stay3": "is3"}
RECORDS |= {"kcl": "or1", "req": "lr1", "cv": "cv1"}
STAFF = {"lab": "s1", "lab2": "s2", "nur": "s3", "doc": "s4"}
OWN_WARD = ("p1", "p2")


class RefusedOnPaperError(Exception):
    """The ward says no; the message is the code."""


@dataclass
class Ward:
    """One run of the example: what was done so far, and what injects still wait."""

    loaded: Loaded
    diary: Diary = field(default_factory=lambda: Diary(bindings={name: [key] for name, key in RECORDS.items()}))
    due: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    broken_glass: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.diary.present("critical_value", "cv1", patient="p1", request="lr1", status="detected")
        self.diary.present("lab_request", "lr1", patient="p1", panel="P-ELE", operator="s1", status="preliminary")
        self.diary.present("order", "or1", patient="p1", item="M082", category="DRUG", status="executing")
        for inject in self.loaded.exercise.injects:
            if inject.at is not None:
                self.due[inject.id] = moments.duration_ms(inject.at)

    def does(self, act: Act) -> None:
        """Carry out one act after everything that is due by then."""
        for inject, at in sorted(self.due.items(), key=lambda pair: pair[1]):
            if at <= act.at_ms:
                self._fire(inject, act.at_ms)
        fields = {name: self._value(value) for name, value in act.fields.items()}
        patient = fields.pop("patient", None)
        target = fields.pop("target", None)
        try:
            done = _DEEDS[act.action](self, act.seat, patient, target, fields)
        except RefusedOnPaperError as code:
            told = {"outcome": "refused", "code": str(code)}
            done = {"patient": patient or self._patient(target), "target": target, "data": fields, **told}
        row = self.diary.write(act.action, act.at_ms, actor=act.seat, **done)
        self._follow(row)

    def moves(self, table: str, key: str, states: tuple[str, ...], to: str, **columns: Any) -> dict[str, Any]:
        """Move a record; refuse it in any other state."""
        record = self.diary.tables[table][key]
        if record["status"] not in states:
            raise RefusedOnPaperError("E-CV-01" if to == "closed" else "E-GEN-01")
        after = {**columns, "status": to}
        changes = tuple(change(table, key, name, value, record.get(name)) for name, value in after.items())
        record.update(after)
        return {"patient": record["patient"], "target": key, "data": columns, "changes": changes}

    def creates(self, table: str, patient: str, **columns: Any) -> dict[str, Any]:
        """Add a record."""
        key = f"{table}-{len(self.diary.tables.get(table, {})) + 1}"
        values = {"id": key, "patient": patient, **columns}
        self.diary.tables.setdefault(table, {})[key] = values
        changes = tuple(change(table, key, name, value) for name, value in values.items())
        return {"patient": patient, "target": key, "data": columns, "changes": changes}

    def _value(self, value: Any) -> Any:
        return RECORDS[value[1:]] if isinstance(value, str) and value.startswith("$") else value

    def _patient(self, key: str | None) -> str | None:
        rows = [table[key] for table in self.diary.tables.values() if key in table]
        return str(rows[0]["patient"]) if rows else None

    def _follow(self, row: Row) -> None:
        names = {name: (key,) for name, key in (RECORDS | STAFF).items()}
        bound = matching.Bound(anchor=moments.EPOCH, names=names)
        for name, event in self.loaded.plan.events.items():
            if name in self.seen or not matching.matches(event, row, bound):
                continue
            self.seen.add(name)
            for inject in self.loaded.exercise.injects:
                if inject.when == name and inject.delay:
                    self.due[inject.id] = row.t + inject.delay
                elif inject.when == name:
                    self._fire(inject.id, row.t)

    def _fire(self, inject: str, at: int) -> None:
        self.due.pop(inject, None)
        unless = next(each.unless for each in self.loaded.exercise.injects if each.id == inject)
        if unless not in self.seen:
            self.diary.write("inject.fired", at, actor="system", patient=None, data={"inject": inject})


def confirm(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.moves("critical_value", target, ("detected",), "confirmed", **fields)


def notify(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.moves("critical_value", target, ("confirmed",), "notified", **fields)


def acknowledge(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if not fields["read_back"]:
        raise RefusedOnPaperError("E-CV-02")
    return ward.moves("critical_value", target, ("notified", "escalated"), "acknowledged", **fields)


def handle(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.moves("critical_value", target, ("acknowledged",), "handled", **fields)


def close(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.moves("critical_value", target, ("handled",), "closed", **fields)


def verify(ward: Ward, seat: str, _patient: Any, target: str, _fields: Mapping[str, Any]) -> dict[str, Any]:
    if ward.diary.tables["lab_request"][target]["operator"] == STAFF[seat]:
        raise RefusedOnPaperError("E-LAB-03")
    if ward.diary.tables["critical_value"]["cv1"]["status"] in ("detected", "confirmed"):
        raise RefusedOnPaperError("E-LAB-04")
    return ward.moves("lab_request", target, ("preliminary",), "final")


def open_chart(ward: Ward, _seat: str, patient: str, _target: Any, _fields: Mapping[str, Any]) -> dict[str, Any]:
    if patient not in OWN_WARD and patient not in ward.broken_glass:
        raise RefusedOnPaperError("E-PRV-01")
    return {"patient": patient, "data": {"relation": "ward" if patient in OWN_WARD else "break_glass"}}


def break_glass(ward: Ward, _seat: str, patient: str, _target: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    ward.broken_glass.add(patient)
    return {"patient": patient, "data": dict(fields)}


def view_result(_ward: Ward, _seat: str, _patient: Any, _target: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"patient": "p1", "data": dict(fields)}


def stop(ward: Ward, _seat: str, _patient: Any, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.moves("order", target, ("executing",), "stop_pending", **fields)


def sign_order(ward: Ward, seat: str, patient: str, _target: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.creates("order", patient, **fields, prescriber=STAFF[seat], status="issued")


def request_test(ward: Ward, _seat: str, patient: str, _target: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return ward.creates("lab_request", patient, **fields, status="requested")


def answer(_ward: Ward, _seat: str, _patient: Any, _target: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"patient": None, "data": dict(fields)}


Deed = Callable[[Ward, str, Any, Any, Mapping[str, Any]], dict[str, Any]]
_DEEDS: Mapping[str, Deed] = {
    "critical_value.confirm": confirm,
    "critical_value.notify": notify,
    "critical_value.ack": acknowledge,
    "critical_value.handle": handle,
    "critical_value.close": close,
    "lab_request.verify": verify,
    "lab_request.create": request_test,
    "chart.open": open_chart,
    "chart.break_glass": break_glass,
    "result.view": view_result,
    "order.request_stop": stop,
    "order.sign": sign_order,
    "answer.give": answer,
}
