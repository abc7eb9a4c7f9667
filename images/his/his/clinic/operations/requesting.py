"""Requests for the laboratory and for examinations: checked, charged, cancelled as long as nobody has paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from his.chart import billing, dictionary, machine
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Alert, Refused
from his.clinic import screening
from his.clinic.operations import answering, charting
from his.clinic.operations.answering import Override
from his.hospital_time import DAY_S

LAB, IMAGING = "lab_request", "imaging_request"
CATALOGUES: Mapping[str, tuple[str, str, str]] = {
    LAB: ("panel", "lab_panels", "panel_code"),
    IMAGING: ("exam", "imaging_exams", "exam_code"),
}
"""Table of requests -> column that names what is wanted, reference table, its key."""


def request_lab(
    act: Acting,
    *,
    encounter: str,
    panel: str,
    stat: bool = False,
    indication: str = "",
    override: Mapping[str, str] | None = None,
) -> str:
    """Ask the laboratory for a panel, on a diagnosis or a written indication; its charge waits for the cashier.

    The same panel twice on a day is warned of (E-GEN-06 until a reason is given).
    """
    visit = act.fetch("encounter", encounter)
    data = {"panel": panel, "stat": bool(stat)}
    edge = machine.enter(act, LAB, "create", patient=visit["patient"], encounter=visit, data=data)
    charting.require_writable(visit)
    entry = dictionary.require_row(act, "lab_panels", "panel_code", panel)
    _require_ground(act, visit, indication)
    _answer(act, visit, _repeated(act, visit, LAB, panel), override)
    values = {"panel": panel, "specimen_type": entry["specimen_code"], "stat": int(bool(stat))}
    key, cause = machine.create(act, edge, {**values, **_common(act, visit, indication)}, data=data)
    _charge(act, visit, LAB, key, entry, cause)
    return key


def request_imaging(
    act: Acting,
    *,
    encounter: str,
    exam: str,
    laterality: str | None = None,
    stat: bool = False,
    indication: str = "",
    override: Mapping[str, str] | None = None,
    **given: Any,
) -> str:
    """Ask for an examination: the side where it has one, and every question of safety that it asks (`given`).

    Refused with E-IMG-02 for a question left open, E-GEN-06 without a side or for a warning without a reason.
    """
    visit = act.fetch("encounter", encounter)
    data = {"exam": exam, "laterality": laterality or None, "stat": bool(stat)}
    edge = machine.enter(act, IMAGING, "create", patient=visit["patient"], encounter=visit, data=data)
    charting.require_writable(visit)
    entry = dictionary.require_row(act, "imaging_exams", "exam_code", exam)
    if set(given) - set(screening.QUESTIONS):
        raise Refused("E-GEN-06")
    side = screening.side(entry, laterality)
    _require_ground(act, visit, indication)
    person = act.fetch("patient", visit["patient"])
    told = screening.answers(screening.asked(act, entry, person), given)
    shown = [*screening.alerts(act, entry, person, told), *_repeated(act, visit, IMAGING, exam, side)]
    _answer(act, visit, shown, override)
    values = {"exam": exam, "laterality": side, "stat": int(bool(stat)), **asdict(told)}
    key, cause = machine.create(
        act, edge, {**values, **_common(act, visit, indication)}, data={**data, "laterality": side}
    )
    _charge(act, visit, IMAGING, key, entry, cause)
    return key


def cancel_lab(act: Acting, *, lab_request: str, reason: str | None = None, version: int | None = None) -> None:
    """Take back a request nobody has paid; its charge is voided."""
    _cancel(act, LAB, lab_request, reason, version)


def cancel_imaging(act: Acting, *, imaging_request: str, reason: str | None = None, version: int | None = None) -> None:
    """Take back a request nobody has paid; its charge is voided."""
    _cancel(act, IMAGING, imaging_request, reason, version)


def of_visit(act: Acting, encounter: str, table: str) -> list[Record]:
    """Return the requests of a visit of one table, first one first, with the words and price of what is wanted."""
    column, catalogue, code = CATALOGUES[table]
    return act.rows(
        f'SELECT r.*, c."name_zh", c."name_en", c."price_cny", c."exec_dept", t."name" AS requester_name '  # noqa: S608
        f'FROM "{table}" r JOIN "{catalogue}" c ON c."{code}" = r."{column}" '
        'LEFT JOIN "staff" t ON t."id" = r."requester" WHERE r."encounter" = ? ORDER BY LENGTH(r."id"), r."id"',
        encounter,
    )


def _require_ground(act: Acting, visit: Record, indication: str) -> None:
    standing = act.one('SELECT 1 FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\'', visit["id"])
    if standing is None and not indication.strip():
        raise Refused("E-GEN-03", hint_zh="请先录入诊断，或填写申请目的", hint_en="Enter a diagnosis or an indication")


def _common(act: Acting, visit: Record, indication: str) -> dict[str, Any]:
    return {
        "patient": visit["patient"],
        "encounter": visit["id"],
        "indication": indication.strip() or None,
        "requester": act.who.staff,
        "requested_at": act.now,
    }


def _charge(act: Acting, visit: Record, table: str, key: str, entry: Record, cause: int) -> None:
    about = {"patient": visit["patient"], "encounter": visit["id"], table: key}
    item = entry[CATALOGUES[table][2]]
    billing.bill(act, about, item=item, quantity=1, price=entry["price_cny"], cause=cause)


def _cancel(act: Acting, table: str, key: str, reason: str | None, version: int | None) -> None:
    record = act.fetch(table, key)
    edge = machine.enter(act, table, "cancel", record, version=version, data={"reason": reason or None})
    dictionary.require_code(act, "cancel_reason", reason)
    cause = machine.move(act, edge, record, data={"reason": reason})
    for item in act.rows(
        f'SELECT * FROM "charge_item" WHERE "{table}" = ? AND "status" IN (\'planned\', \'billable\')',  # noqa: S608
        key,
    ):
        machine.follow(act, "charge_item", "void", item, cause)


def _repeated(act: Acting, visit: Record, table: str, code: str, side: str | None = None) -> list[Alert]:
    column = CATALOGUES[table][0]
    again = act.rows(
        f'SELECT * FROM "{table}" WHERE "patient" = ? AND "{column}" = ? '  # noqa: S608 names of our own
        "AND \"status\" NOT IN ('cancelled', 'rejected', 'aborted') AND \"requested_at\" >= ?",
        visit["patient"],
        code,
        act.today * DAY_S,
    )
    if not any(side is None or each["laterality"] == side for each in again):
        return []
    words = {"zh": "今日已申请同一项目", "en": "The same was requested today already"}
    return [Alert(rule="duplicate_request", level="warn", items=(code,), **words)]


def _answer(act: Acting, visit: Record, shown: Sequence[Alert], override: Mapping[str, str] | None) -> None:
    about = {"patient": visit["patient"], "encounter": visit["id"]}
    given = Override(**override) if override else None
    # There are only warnings here: nobody else has to agree.
    answering.answer(act, about, shown, given, agrees=lambda _second, _blocks: True)


ACTIONS: Mapping[str, Operation] = {
    "lab_request.create": request_lab,
    "lab_request.cancel": cancel_lab,
    "imaging_request.create": request_imaging,
    "imaging_request.cancel": cancel_imaging,
}
