"""Scripted runs without sockets: each from the same armed hospital, through the operations the pages call."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from his import arming, injects, journal, offering, rules, scripted_log_in, sealing, state
from his.arming import ArmingError
from his.chart import relation
from his.chart.acting import Acting, Who
from his.chart.hospital import Hospital
from his.chart.refusing import Refused
from his.clinic.operations import prescribing, recording
from his.database import MemoryDatabase
from his.hospital_time import Clock
from sandbox.contract import CONTRACT_VERSION, machines
from sandbox.contract.control import Arm, HospitalState
from sandbox.contract.journal import Row
from sandbox.contract.replay import Ran, Replays, Run, Script, Step, Unfit

_BEGINNING = ("medical_record.sign", "medical_record.save", "medical_record.submit")
"""What begins the visit's record where there is none."""
_VIEWED = {"chart.trace": "medical_record"}
"""Views of one record: its table."""
_ENTITY = {"patient": "patient_index"}
_RECORDS = (
    "registration", "appointment", "prescription", "medical_record", "allergy", "diagnosis", "stock_batch",
    "lab_request", "imaging_request", "his_account", "charge_item", "invoice",
)  # fmt: skip
"""Parameters of operations that name the record they move."""
_MOVED_BY = {"account": "his_account"}
"""Records whose actions bear another name than their table."""
_ONLY_NAMED = ("mail", "cashier_shift")
"""Records that belong to no patient: a script names them, or the operation finds its own."""
_FROM_NOTHING = ("charge_item.post",)
"""Actions that may begin with nothing but a patient."""


class ScriptError(ValueError):
    """The script asks for something this hospital does not offer."""

    def __init__(self, unfit: Unfit) -> None:
        super().__init__(f"step {unfit.step}: {unfit.action}: {unfit.detail}")
        self.unfit = unfit


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One seat's hands: a hospital and who acts in it."""

    hospital: Hospital
    who: Who


def replay(golden: sqlite3.Connection, script: Script) -> Replays:
    """Arm once, carry out every run of the script from there, and return the journal of each and what it changed."""
    database = MemoryDatabase(golden)
    command = Arm(
        instance="0" * 16,
        epoch=1,
        attempt=script.attempt,
        nonce=script.nonce,
        trainee="",
        language="zh",
        anchor=script.anchor,
        pack=script.pack,
        clock="test",
    )
    try:
        armed = arming.arm(rules.hospital(database, Clock()), command)
    except ArmingError as unfit:
        nothing = HospitalState(contract=CONTRACT_VERSION, anchor=script.anchor, tables={})
        return Replays(armed=nothing, runs=(), unfit=str(unfit))
    begun = state.read(database.connection(), armed.binding.anchor)
    logs_in = any(step.action == "auth.login" for run in script.runs for step in run.steps)
    runs = tuple(_run(database, each, logs_in=logs_in) for each in script.runs)
    database.close()
    return Replays(armed=begun, runs=runs)


def _run(database: MemoryDatabase, run: Run, *, logs_in: bool) -> Ran:
    with database.undone():
        hospital = rules.hospital(database, Clock())
        armed = arming.resume(hospital)
        if armed is None:
            raise LookupError("nothing is armed")
        unfit = _live(hospital, run, logs_in=logs_in)
        connection = database.connection()
        rows = journal.rows(connection)
        changed = _changed(connection, rows, armed.binding.anchor)
    return Ran(name=run.name, rows=rows, changed=changed, unfit=unfit)


def _live(hospital: Hospital, run: Run, *, logs_in: bool) -> Unfit | None:
    try:
        for step in run.steps:
            hospital.clock.set_to(step.at_ms)
            carry_out(hospital, step, logs_in=logs_in)
    except ScriptError as wrong:
        return wrong.unfit
    finally:
        sealing.seal(hospital)
    return None


def _changed(
    connection: sqlite3.Connection, rows: Sequence[Row], anchor: date
) -> dict[str, tuple[dict[str, Any], ...]]:
    named: dict[str, set[str]] = {}
    for change in (change for row in rows for change in row.changes):
        named.setdefault(change.table, set()).add(change.id)
    return {table: tuple(state.rows(connection, table, anchor, ids=ids)) for table, ids in sorted(named.items())}


def carry_out(hospital: Hospital, step: Step, *, logs_in: bool = False) -> None:
    """Do one step as its seat; a refusal is journaled and the run goes on. ScriptError for what no page offers.

    With `logs_in` the script says itself who logs in when: nobody works before.
    """
    try:
        act_as(hospital, step.seat, step.action, step.fields, logs_in=logs_in)
    except Refused:
        return
    except (LookupError, TypeError) as wrong:
        offered = step.action in offering.ACTS or scripted_log_in.is_log_in(step.action)
        raise ScriptError(
            Unfit(step=step.label, action=step.action, offered=offered, detail=str(wrong).strip("'"))
        ) from wrong


def act_as(hospital: Hospital, seat: str, action: str, fields: Mapping[str, Any], *, logs_in: bool = False) -> Any:
    """Carry out an action by its name in the journal and return what its operation returns.

    `fields` are those of the action, `$names` included; the record is found from `target`, or from `patient` as a
    person at the desk would. Raises Refused, LookupError for an unknown seat or action, TypeError for wrong fields.
    """
    if scripted_log_in.is_log_in(action):
        return scripted_log_in.log_in_act(hospital, seat, action, fields)
    if action not in offering.ACTS:
        raise LookupError("this hospital does not offer it")
    actor = Actor(hospital=hospital, who=scripted_log_in.who(hospital, seat, logged_in=logs_in))
    with hospital.looking() as act:
        given = _resolved(act, fields)
    return _perform(actor, action, given)


def _perform(actor: Actor, action: str, fields: dict[str, Any]) -> Any:
    patient, target = fields.pop("patient", None), fields.pop("target", None)
    if action == "prescription.sign" and target is None:
        visit = fields.pop("encounter", None) or _visit(actor, action, patient)
        return prescribing.issue(actor.hospital, actor.who, encounter=visit, **fields)
    if action in _BEGINNING and target is None:
        visit = fields.pop("encounter", None) or _visit(actor, action, patient)
        return recording.write(actor.hospital, actor.who, offering.ACTS[action], encounter=visit, **fields)
    operation = offering.ACTS[action]
    takes = inspect.signature(operation).parameters
    entity = _VIEWED.get(action) or action.partition(".")[0]
    for name in takes:
        if name in fields or name == "act":
            continue
        if name == "patient" and patient is not None:
            fields["patient"] = patient
        elif name == "patient" and entity == "patient_index" and target is not None:
            fields["patient"] = target
        elif name == "encounter" and takes[name].default is inspect.Parameter.empty:
            fields["encounter"] = target if target and entity == "encounter" else _visit(actor, action, patient)
        elif name == _MOVED_BY.get(entity, entity):
            fields |= _moved(actor, action, name, patient, target)
    if action == "colleague.ask":
        fields["charge_item"] = target or _record(actor, fields["step"], "charge_item", patient)
    return actor.hospital.perform(actor.who, operation, **fields)


def _moved(actor: Actor, action: str, entity: str, patient: str | None, target: str | None) -> dict[str, Any]:
    """Return the record that the action moves as its operation names it; nothing if it has none yet."""
    if target is not None and entity in (*_RECORDS, *_ONLY_NAMED):
        return {entity: target}
    if entity in _RECORDS and action not in _FROM_NOTHING:
        return {entity: _record(actor, action, entity, patient)}
    return {}


def _visit(actor: Actor, action: str, patient: str | None) -> str:
    with actor.hospital.looking(actor.who) as act:
        visit = None if patient is None else relation.best(act, patient)[0]
    if visit is None:
        _nothing_there(actor, action, patient)
    return str(visit["id"])  # type: ignore[index]  # _nothing_there always raises


def _record(actor: Actor, action: str, table: str, patient: str | None) -> str:
    """Return the record a person would take: one the event can move, else the latest."""
    event = action.partition(".")[2]
    with actor.hospital.looking(actor.who) as act:
        found = act.rows(
            f'SELECT * FROM "{table}" WHERE "patient" = ? ORDER BY "created_at" DESC, LENGTH("id") DESC, "id" DESC',  # noqa: S608
            patient,
        )
    entity = _ENTITY.get(table, table)
    movable = [each for each in found if machines.find(entity, str(each["status"]), event) is not None]
    if not found:
        _nothing_there(actor, action, patient)
    return str((movable or found)[0]["id"])


def _nothing_there(actor: Actor, action: str, patient: str | None) -> None:
    def refuse(act: Acting) -> None:
        act.attempt(action, patient=patient)
        raise Refused("E-GEN-06")

    actor.hospital.perform(actor.who, refuse)


def _resolved(act: Acting, fields: Mapping[str, Any]) -> dict[str, Any]:
    names = injects.names(act)

    def value(given: Any) -> Any:
        if isinstance(given, str) and given.startswith("$"):
            found = names.get(given[1:])
            # A person nobody has created yet: the pages would not offer him either.
            return found[0] if found else None
        if isinstance(given, str) and ":$" in given:
            # A document: its kind and its record, as the pages name it.
            kind, _, name = given.partition(":$")
            return f"{kind}:{(names.get(name) or [''])[0]}"
        if isinstance(given, str) and given in names:
            return names[given][0] if given in {each.name for each in act.pack.seats} else given
        if isinstance(given, Mapping):
            return {key: value(inner) for key, inner in given.items()}
        return [value(each) for each in given] if isinstance(given, list | tuple) else given

    return {key: value(given) for key, given in fields.items()}
