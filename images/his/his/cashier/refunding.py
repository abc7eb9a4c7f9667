"""The refund chain: applied for, approved by another person, executed by a third, with a red-letter invoice.

Drugs come back first: a prescription that was dispensed is refunded for what the pharmacy has taken back, one that
nobody has picked as a whole; a laboratory or imaging request before it was carried out. Charges of one prescription go
through the chain together, others one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import billing, dictionary, machine, second_person, storing, till
from his.chart.acting import Acting, Record
from his.chart.billing import Refund
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from sandbox.contract import machines, refusals

RETURNED = "DRUGRET"
"""The reason that says: the drugs have come back."""
_PRESCRIBERS = ("OPD", "IPD", "HOD")
_NOT_RETURNED = {"dispensing": "E-RX-03", "checked": "E-RX-03", "dispensed": "E-RX-04", "return_requested": "E-RX-04"}
"""State of a prescription -> why nothing of it can be refunded yet."""


WHOLES = ("prescription", "lab_request", "imaging_request")
"""What is paid, and paid back, as a whole: columns of a charge and machines of their own."""


def whole_of(item: Record) -> str:
    """Return what a charge belongs to, one of WHOLES; '' for one that stands for itself."""
    return next((name for name in WHOLES if item[name] is not None), "")


def refundable(act: Acting, item: Record) -> list[Refund]:
    """Return what may be refunded together with a charge: of a prescription all that came back, or was never picked."""
    if item["prescription"] is None:
        return [Refund(item=item, quantity=item["quantity"])]
    rx = act.fetch("prescription", item["prescription"])
    lines = act.rows(
        'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "status" NOT IN (\'refunded\', \'voided\') '
        'ORDER BY LENGTH("id"), "id"',
        rx["id"],
    )
    if rx["status"] != "returned":
        return [Refund(item=each, quantity=each["quantity"]) for each in lines]
    back = {
        each["drug"]: each["returned_qty"]
        for each in act.rows('SELECT "drug", "returned_qty" FROM "rx_item" WHERE "prescription" = ?', rx["id"])
    }
    return [Refund(item=each, quantity=back[each["item"]]) for each in lines if back.get(each["item"])]


def applied(act: Acting, item: Record) -> list[Refund]:
    """Return the charges of the same application, with the quantities asked for."""
    together = [item]
    if item["prescription"] is not None:
        together = act.rows(
            'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "status" = ? ORDER BY LENGTH("id"), "id"',
            item["prescription"],
            item["status"],
        )
    return [Refund(item=each, quantity=each["refund_qty"] or each["quantity"]) for each in together]


def require_refundable(act: Acting, item: Record, role: str) -> list[Refund]:
    """Return what is refunded with a charge, or refuse: E-RX-03, E-RX-04 before the drugs are back, else E-GEN-03."""
    if item["registration"] is not None:
        raise Refused("E-GEN-03", hint_zh="挂号费请办理退号", hint_en="Refund the registration instead")
    if item["invoice"] is None:
        raise Refused("E-GEN-03", hint_zh="查不到原票据", hint_en="Its invoice is not known")
    if item["prescription"] is not None:
        state = act.fetch("prescription", item["prescription"])["status"]
        if state in _NOT_RETURNED:
            raise Refused(_NOT_RETURNED[state])
        if state == "charged" and role not in _PRESCRIBERS:
            raise Refused("E-GEN-03", hint_zh="未调配的处方须由医生申请退费", hint_en="The prescriber has to apply")
    elif whole_of(item):
        _require_not_done(act, whole_of(item), item, role)
    found = [each for each in refundable(act, item) if each.item["status"] == "paid"]
    if item["id"] not in {each.item["id"] for each in found}:
        raise Refused("E-GEN-03", hint_zh="该项目没有退回的药品", hint_en="Nothing of this line came back")
    return found


def _require_not_done(act: Acting, entity: str, item: Record, role: str) -> None:
    """Refuse a request that was carried out (E-LAB-06, E-IMG-03), and an application by the window itself."""
    state = act.fetch(entity, item[entity])["status"]
    if machines.find(entity, state, "refund") is None:
        raise Refused(refusals.structural(entity, state, "refund"))
    if role == "CAS":
        raise Refused("E-GEN-03", hint_zh="检验检查费须由开单医生申请退费", hint_en="Whoever requested it has to apply")


def apply(
    act: Acting, *, charge_item: str, reason: str | None = None, note: str = "", version: int | None = None
) -> None:
    """Apply for a refund, for a coded reason; the other lines of the prescription that came back go along."""
    record = act.fetch("charge_item", charge_item)
    together = refundable(act, record)
    data: dict[str, Any] = {"reason": reason or None, "note": note.strip() or None}
    data |= figures(together)
    edge = machine.enter(act, "charge_item", "apply_refund", record, version=version, data=data)
    found = require_refundable(act, record, act.who.role)
    dictionary.require_code(act, "refund_reason", reason)
    for each in found:
        values = application(each, reason, act.who.staff)
        machine.move(act, edge, each.item, values, data={**data, **figures([each])})


def application(refund: Refund, reason: str | None, applicant: str) -> dict[str, Any]:
    """Return what a charge keeps of an application."""
    return {"refund_qty": refund.quantity, "refund_reason": reason, "applicant": applicant, "approver": None}


def approve(act: Acting, *, charge_item: str, version: int | None = None) -> None:
    """Approve an application; refused with E-CHG-04 to whoever has applied."""
    record = act.fetch("charge_item", charge_item)
    edge = machine.enter(act, "charge_item", "approve", record, version=version)
    if record["applicant"] == act.who.staff:
        raise Refused("E-CHG-04")
    for each in applied(act, record):
        machine.move(act, edge, each.item, {"approver": act.who.staff})


def reject(act: Acting, *, charge_item: str, reason: str = "", version: int | None = None) -> None:
    """Send an application back, for a written reason: the charge is paid as before."""
    record = act.fetch("charge_item", charge_item)
    data = {"reason": reason.strip() or None}
    edge = machine.enter(act, "charge_item", "reject", record, version=version, data=data)
    if not data["reason"]:
        raise Refused("E-GEN-06", hint_zh="请填写驳回原因", hint_en="Write why it is rejected")
    for each in applied(act, record):
        machine.move(act, edge, each.item, {"refund_qty": None}, data=data)


def refund_item(
    act: Acting,
    *,
    charge_item: str,
    channel: str | None = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> str:
    """Pay an approved refund back; return the id of the red-letter invoice.

    Refused with E-CHG-02 before the approval, E-CHG-03 the second time, E-GEN-04 to the approver, and to the applicant
    without a second person; E-GEN-03 for another channel than that of the payment.
    """
    record = act.fetch("charge_item", charge_item)
    refund = Refund(item=record, quantity=0) if whole_of(record) else applied(act, record)[0]
    data = _paying_out(act, [refund], channel, second)
    edge = machine.enter(act, "charge_item", "refund", record, version=version, data=data)
    if whole_of(record):
        zh, en = "请按处方或申请单退费", "Refund the prescription or the request it belongs to"
        raise Refused("E-GEN-03", hint_zh=zh, hint_en=en)
    original = _require_ready(act, [refund], channel, second, identified=identified)
    cause = machine.move(act, edge, record, data={**data, "quantity": refund.quantity})
    return billing.reverse(act, original, [refund], cause)


def refund_prescription(act: Acting, *, prescription: str, **paying: Any) -> str:
    """Pay back what came back of a prescription, or all of one nobody has picked; return the red-letter invoice's id.

    `paying` and the refusals are those of `refund_item`; E-RX-03 and E-RX-04 before the drugs are back.
    """
    return _refund_whole(act, "prescription", act.fetch("prescription", prescription), **paying)


def refund_lab(act: Acting, *, lab_request: str, **paying: Any) -> str:
    """Pay a laboratory request back, E-LAB-06 once the specimen is taken; as `refund_prescription`."""
    return _refund_whole(act, "lab_request", act.fetch("lab_request", lab_request), **paying)


def refund_imaging(act: Acting, *, imaging_request: str, **paying: Any) -> str:
    """Pay an imaging request back, E-IMG-03 once the examination has begun; as `refund_prescription`."""
    return _refund_whole(act, "imaging_request", act.fetch("imaging_request", imaging_request), **paying)


def _refund_whole(
    act: Acting,
    entity: str,
    record: Record,
    *,
    channel: str | None = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> str:
    items = act.rows(
        f'SELECT * FROM "charge_item" WHERE "{entity}" = ? AND "status" IN (\'refund_requested\', '  # noqa: S608
        '\'refund_approved\') ORDER BY "status" DESC, LENGTH("id"), "id"',
        record["id"],
    )
    refunds = [Refund(item=each, quantity=each["refund_qty"] or each["quantity"]) for each in items]
    data = _paying_out(act, refunds, channel, second)
    edge = machine.enter(act, entity, "refund", record, version=version, data=data)
    if not items:
        raise Refused("E-GEN-03", hint_zh="尚未申请退费", hint_en="Nobody has applied for the refund")
    original = _require_ready(act, refunds, channel, second, identified=identified)
    cause = machine.move(act, edge, record, data=data)
    for each in refunds:
        line = {**figures([each]), "channel": data["channel"], "invoice": data["invoice"]}
        machine.follow(act, "charge_item", "refund", each.item, cause, data=line)
    return billing.reverse(act, original, refunds, cause)


def objection(act: Acting, refunds: Sequence[Refund], reason: str | None = None) -> tuple[str, str]:
    """Return what a careful colleague has against an application (zh, en), '' if nothing.

    `reason` is that of an application still to be made.
    """
    item = refunds[0].item
    came_back = (
        item["prescription"] is not None and act.fetch("prescription", item["prescription"])["status"] == "returned"
    )
    if ((reason or item["refund_reason"]) == RETURNED) != came_back:
        return "申请原因与退药情况不符", "the reason does not fit what came back"
    due = {each.item["id"]: each.quantity for each in refundable(act, item)}
    if any(due.get(each.item["id"]) != each.quantity for each in refunds):
        return "退费数量与退药数量不符", "the quantity is not what came back"
    return "", ""


def _require_ready(
    act: Acting, refunds: Sequence[Refund], channel: str | None, second: str | None, *, identified: bool
) -> Record:
    """Return the original invoice if money may go back now."""
    first = refunds[0].item
    for each in refunds:
        if each.item["status"] != "refund_approved":
            raise Refused(refusals.structural("charge_item", each.item["status"], "refund"))
    till.require_not_closed(act)
    if act.who.staff == first["approver"]:
        raise Refused("E-GEN-04", hint_zh="审批人不能执行退费", hint_en="Whoever approved may not pay it out")
    if act.who.staff == first["applicant"]:
        second_person.require(act, second, identified=identified)
    original = act.fetch("invoice", first["invoice"])
    if channel is not None and channel != original["channel"]:
        raise Refused("E-GEN-03", hint_zh="须按原支付方式退款", hint_en="Refund through the channel of the payment")
    if act.who.staff == first["applicant"]:
        about = {"patient": first["patient"], "target": first["id"]}
        step = "charge_item.refund"
        second_person.agree(
            act, about, second, step=step, subject=original["number"], objection=objection(act, refunds)
        )
    return original


def _paying_out(act: Acting, refunds: Sequence[Refund], channel: str | None, second: str | None) -> dict[str, Any]:
    invoice = act.fetch("invoice", refunds[0].item["invoice"]) if refunds and refunds[0].item["invoice"] else None
    return {
        "amount": figures(refunds)["amount"] if refunds else None,
        "channel": channel or (None if invoice is None else invoice["channel"]),
        "invoice": storing.upcoming_id(act.connection, "invoice") if refunds else None,
        "second": second_person.named(act, second),
    }


def figures(refunds: Sequence[Refund]) -> dict[str, Any]:
    """Return quantity and amount of what goes back."""
    total = sum((each.amount for each in refunds), billing.amount("0"))
    return {"quantity": sum(each.quantity for each in refunds), "amount": billing.money(total)}


ACTIONS: Mapping[str, Operation] = {
    "charge_item.apply_refund": apply,
    "charge_item.approve": approve,
    "charge_item.reject": reject,
    "charge_item.refund": refund_item,
    "prescription.refund": refund_prescription,
    "lab_request.refund": refund_lab,
    "imaging_request.refund": refund_imaging,
}
