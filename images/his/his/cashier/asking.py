"""Whom the cashier asks when nobody sits in the other chairs: doctor or pharmacist to apply, finance to approve."""

from __future__ import annotations

from collections.abc import Mapping

from his.cashier import refunding
from his.chart import colleague, dictionary, machine, permission
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from sandbox.contract import machines, refusals

APPLY, APPROVE = "charge_item.apply_refund", "charge_item.approve"


def ask(act: Acting, *, step: str, charge_item: str, reason: str | None = None) -> bool:
    """Ask a colleague of the post that has to apply for a refund, or to approve it; return whether he agreed.

    He looks at the facts. An application he disagrees with is refused (E-GEN-04), one that is already made is rejected
    with his reason. Raises Refused E-GEN-02 to who may not pay refunds out, E-GEN-06 for another step, and what the
    step itself is refused with.
    """
    record = act.fetch("charge_item", charge_item)
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": charge_item}
    act.attempt("colleague.ask", **about, data={"step": step, "subject": reason})
    permission.require(act, "charge.refund_exec")
    _, _, event = step.partition(".")
    if step not in (APPLY, APPROVE):
        raise Refused("E-GEN-06")
    if machines.find("charge_item", record["status"], event) is None:
        raise Refused(refusals.structural("charge_item", record["status"], event))
    return _apply(act, record, about, reason) if step == APPLY else _decide(act, record, about)


def _apply(act: Acting, record: Record, about: dict[str, str | None], reason: str | None) -> bool:
    role, prescriber = _who_applies(act, record)
    refunds = refunding.require_refundable(act, record, role)
    dictionary.require_code(act, "refund_reason", reason)
    visit = act.one('SELECT "dept" FROM "encounter" WHERE "id" = ?', record["encounter"]) or {}
    dept = visit.get("dept") or "" if role != "PHA" else ""
    asked = colleague.on_duty(act, role, dept=dept, rather=prescriber)
    zh, en = refunding.objection(act, refunds, reason)
    if not colleague.ask(act, asked, dict(about), step=APPLY, subject=str(reason), objection=zh):
        raise Refused("E-GEN-04", hint_zh=f"同事不同意:{zh}", hint_en=f"The colleague disagrees: {en}")
    cause = act.recorded[-1].seq
    for each in refunds:
        values = refunding.application(each, reason, asked["id"])
        data = {"reason": reason, **refunding.figures([each])}
        machine.follow(act, "charge_item", "apply_refund", each.item, cause, values, data=data)
    return True


def _decide(act: Acting, record: Record, about: dict[str, str | None]) -> bool:
    refunds = refunding.applied(act, record)
    finance = colleague.on_duty(act, "FIN")
    zh, _ = refunding.objection(act, refunds)
    number = act.fetch("invoice", record["invoice"])["number"]
    agreed = colleague.ask(act, finance, dict(about), step=APPROVE, subject=number, objection=zh)
    cause = act.recorded[-1].seq
    for each in refunds:
        if agreed:
            machine.follow(act, "charge_item", "approve", each.item, cause, {"approver": finance["id"]})
        else:
            data = {"reason": zh}
            machine.follow(act, "charge_item", "reject", each.item, cause, {"refund_qty": None}, data=data)
    return agreed


def _who_applies(act: Acting, record: Record) -> tuple[str, str | None]:
    """Return the post that applies for this refund, and the person it would rather be."""
    entity = refunding.whole_of(record)
    if not entity:
        raise Refused("E-GEN-03", hint_zh="窗口记账项目由收费员申请", hint_en="Apply for it yourself")
    if entity != "prescription":
        return "OPD", act.fetch(entity, record[entity])["requester"]
    rx = act.fetch("prescription", record["prescription"])
    return ("PHA", None) if rx["status"] == "returned" else ("OPD", rx["prescriber"])


ACTIONS: Mapping[str, Operation] = {"colleague.ask": ask}
