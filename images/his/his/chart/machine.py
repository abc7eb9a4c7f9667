"""Moves records along the machines of the contract: permission, relationship, state, version, then the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import permission, relation
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from sandbox.contract import machines, refusals
from sandbox.contract.machines import NOTHING, Transition

TABLES = {"patient_index": "patient"}
"""Table of an entity where the two names differ."""

_CHART = frozenset({"allergy", "medical_record", "prescription", "diagnosis", "lab_request", "imaging_request"})
_RESOLVED_PER_RECORD = frozenset({"author", "creator", "self", "junior_doctor"})
_JUNIOR = "INT"
"""Title of a doctor without a signing right of his own."""


def table_of(entity: str) -> str:
    """Return the table that holds an entity's records."""
    return TABLES.get(entity, entity)


def enter(
    act: Acting,
    entity: str,
    event: str,
    record: Record | None = None,
    *,
    patient: str | None = None,
    encounter: Record | None = None,
    version: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Transition:
    """Check the first four of the seven gates, in order, and return the edge to take.

    Permission and scope (E-GEN-02), treatment relationship (E-PRV-01), state (the entity's code or E-GEN-01), row
    version (E-GEN-05). Separation of duties, guards and alerts are the operation's own and follow. `record` None
    creates one for `patient` and `encounter`.
    """
    about = patient or _patient_of(entity, record)
    visit = (encounter or {}).get("id") or _encounter_of(entity, record)
    target = None if record is None else str(record["id"])
    act.attempt(f"{entity}.{event}", patient=about, encounter=visit, target=target, data=data)
    _check_permission(act, entity, event, record, about, encounter)
    state = NOTHING if record is None else str(record["status"])
    edge = machines.find(entity, state, event)
    if edge is None:
        raise Refused(refusals.structural(entity, state, event))
    if version is not None and record is not None and record["version"] != version:
        raise Refused("E-GEN-05")
    _check_actor(act, edge, record)
    return edge


def move(
    act: Acting,
    edge: Transition,
    record: Record,
    values: Mapping[str, Any] | None = None,
    *,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Change the record along the edge and journal it as the acting person's own deed; return the row's number."""
    return _move(act, edge, record, values, data=data, cause=None)


def follow(
    act: Acting,
    entity: str,
    event: str,
    record: Record,
    cause: int | None,
    values: Mapping[str, Any] | None = None,
    *,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Move a record as a consequence: the hospital's own row, naming the row that caused it."""
    edge = machines.find(entity, str(record["status"]), event)
    if edge is None:
        raise Refused(refusals.structural(entity, str(record["status"]), event))
    return _move(act, edge, record, values, data=data, cause=cause)


def create(
    act: Acting,
    edge: Transition,
    values: Mapping[str, Any],
    *,
    data: Mapping[str, Any] | None = None,
    cause: int | None = None,
) -> tuple[str, int]:
    """Add a record in the edge's first state; return its id and the number of its row."""
    table = table_of(edge.entity)
    key = act.insert(table, {**values, "status": edge.target})
    return key, act.record(
        edge.action,
        cause=cause,
        patient=key if table == "patient" else values.get("patient"),
        encounter=key if table == "encounter" else values.get("encounter"),
        target=key,
        data=data,
    )


def create_following(
    act: Acting, entity: str, event: str, values: Mapping[str, Any], cause: int, **data: Any
) -> tuple[str, int]:
    """Add a record as a consequence."""
    edge = machines.find(entity, NOTHING, event)
    if edge is None:
        raise Refused(refusals.GENERAL_STATE)
    return create(act, edge, values, data=data, cause=cause)


def _move(
    act: Acting,
    edge: Transition,
    record: Record,
    values: Mapping[str, Any] | None,
    *,
    data: Mapping[str, Any] | None,
    cause: int | None,
) -> int:
    act.update(table_of(edge.entity), record, {**(values or {}), "status": edge.target})
    return act.record(
        edge.action,
        cause=cause,
        patient=_patient_of(edge.entity, record),
        encounter=_encounter_of(edge.entity, record),
        target=record["id"],
        data=data,
    )


def _check_permission(
    act: Acting, entity: str, event: str, record: Record | None, patient: str | None, encounter: Record | None
) -> None:
    edges = [each for each in machines.TRANSITIONS if each.entity == entity and each.event == event]
    actors = {actor for edge in edges for actor in edge.actors}
    if act.who.role not in actors and not actors & _RESOLVED_PER_RECORD:
        raise Refused("E-GEN-02")
    scopes = {permission.require(act, edge.permission) for edge in edges if edge.permission}
    if permission.OWN not in scopes:
        return
    if entity in _CHART:
        if patient is not None:
            relation.require(act, patient, encounter or _visit(act, record))
    elif entity == "charge_item" and record is not None:
        _require_own_charge(act, record)
    elif entity == "patient_index" and record is not None:
        require_own_patient(act, record)
    elif record is not None and ("dept" in record or "cashier" in record):
        permission.require_own(act, record)


def require_own_patient(act: Acting, record: Record) -> None:
    """Raise Refused E-GEN-02 unless the person is here for the acting one, or was created by him."""
    if record["created_by"] != act.who.staff and relation.best(act, record["id"])[1] == relation.NONE:
        raise Refused("E-GEN-02", hint_zh="不是本科室的患者", hint_en="No patient of your department")


def _require_own_charge(act: Acting, record: Record) -> None:
    """Cashiers answer for what was charged, pharmacists for drugs, everybody else for visits of his department."""
    if act.who.role == "CAS":
        return
    if act.who.role == "PHA":
        if record["prescription"] is None:
            raise Refused("E-GEN-02")
        return
    permission.require_own(act, _visit(act, record) or {})


def _check_actor(act: Acting, edge: Transition, record: Record | None) -> None:
    if act.who.role in edge.actors or record is None:
        return
    if {"author", "junior_doctor"} & set(edge.actors) and record["author"] != act.who.staff:
        raise Refused("E-MR-06" if edge.event == "sign" else "E-GEN-02")
    if "junior_doctor" in edge.actors and act.who.title != _JUNIOR:
        raise Refused("E-GEN-02", hint_zh="有签名权者请直接签名", hint_en="You may sign it yourself")


def _visit(act: Acting, record: Record | None) -> Record | None:
    key = None if record is None else record.get("encounter")
    return None if key is None else act.one('SELECT * FROM "encounter" WHERE "id" = ?', key)


def _patient_of(entity: str, record: Record | None) -> str | None:
    if record is None:
        return None
    return str(record["id"]) if entity == "patient_index" else record.get("patient")


def _encounter_of(entity: str, record: Record | None) -> str | None:
    if record is None:
        return None
    return str(record["id"]) if entity == "encounter" else record.get("encounter")
