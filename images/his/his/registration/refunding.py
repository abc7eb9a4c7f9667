"""Giving a visit back 退号: two people, in time, the fee through its own channel, the place free for somebody else."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import billing, dictionary, half_days, machine, queue, second_person
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

DAY_BEFORE = "day_before"
"""`refund_until` of levels that may be given back until the day before the visit; others until the consultation."""

_NOT_OF_A_VISIT = {
    "DRUGRET": ("挂号费与退药无关", "a registration fee is no returned drug"),
    "PRICE": ("挂号费按号别计价，并无差错", "the fee is that of the level"),
}
"""Reasons for refunds of other services, to which a colleague objects."""
_TWICE = "DUPCHG"


def refund(
    act: Acting,
    *,
    registration: str,
    reason: str | None = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> str:
    """Give a paid visit back and return the id of the red invoice.

    Refused with E-REG-01/02 once it was begun, E-GEN-04 alone, E-REG-08 past the level's limit.
    """
    record = act.fetch("registration", registration)
    channel, paid = billing.payment_of(act, record)
    data = {
        "reason": reason,
        "second": second_person.named(act, second),
        "amount": record["fee"],
        "channel": channel,
    }
    edge = machine.enter(act, "registration", "refund", record, version=version, data=data)
    second_person.require(act, second, identified=identified)
    dictionary.require_code(act, "refund_reason", reason)
    if _is_past(act, record):
        raise Refused("E-REG-08")
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": registration}
    subject = f"{record['dept']} {record['queue_no']}"
    objection = _objection(act, record, str(reason))
    second_person.agree(act, about, second, step="registration.refund", subject=subject, objection=objection)
    cause = machine.move(act, edge, record, data=data)
    queue.cancel_visit(act, record, cause)
    items = act.rows(
        'SELECT * FROM "charge_item" WHERE "registration" = ? AND "status" = \'paid\' ORDER BY LENGTH("id"), "id"',
        registration,
    )
    return billing.give_back(act, record["patient"], items, of=paid, channel=channel, total=record["fee"], cause=cause)


def _is_past(act: Acting, record: Record) -> bool:
    stopped = act.one(
        'SELECT 1 FROM "clinic_day" WHERE "doctor" = ? AND "visit_date" = ? AND "half_day" = ? AND "status" = ?',
        record["doctor"],
        record["visit_date"],
        record["half_day"],
        half_days.SUSPENDED,
    )
    if stopped is not None:
        # The hospital broke the promise, not the patient.
        return False
    level = dictionary.require_row(act, "registration_levels", "code", record["level"])
    last = record["visit_date"] - (1 if level["refund_until"] == DAY_BEFORE else 0)
    return bool(act.today > last)


def _objection(act: Acting, record: Record, reason: str) -> tuple[str, str]:
    if reason in _NOT_OF_A_VISIT:
        return _NOT_OF_A_VISIT[reason]
    twin = act.one(
        'SELECT 1 FROM "registration" WHERE "patient" = ? AND "visit_date" = ? AND "dept" = ? AND "id" != ? '
        "AND \"status\" NOT IN ('unpaid', 'refunded', 'expired')",
        record["patient"],
        record["visit_date"],
        record["dept"],
        record["id"],
    )
    if reason == _TWICE and twin is None:
        return "当日该科室只有这一个号，并非重复", "there is no second visit of this department that day"
    return "", ""


ACTIONS: Mapping[str, Operation] = {"registration.refund": refund}
