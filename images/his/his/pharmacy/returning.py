"""Drugs that come back: the pharmacist takes them, batch and quantity as dispensed, or says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from his.chart import dictionary, machine, moving, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


@dataclass(frozen=True, kw_only=True)
class Returned:
    """Packs of one line as read and counted; `given` is the movement with which they left, None if there is none."""

    item: Record | None
    given: Record | None
    quantity: int
    intact: bool


def requested(act: Acting) -> list[Record]:
    """Return the prescriptions whose drugs are to come back, oldest first."""
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", p."card_no", p."pinyin_initials" '
        'FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" WHERE r."status" = \'return_requested\' '
        'ORDER BY r."updated_at", LENGTH(r."id"), r."id"'
    )


def accept(
    act: Acting, *, prescription: str, lines: Sequence[Mapping[str, Any]] | None = None, version: int | None = None
) -> None:
    """Take drugs back into their batches.

    `lines` are {drug, batch_no, quantity, intact}: what is printed on the packs and counted. Refused with E-RX-13 for
    drugs of the cold chain and opened packs, E-GEN-03 where batch or quantity is not what was dispensed and applied
    for, E-GEN-06 without a line. A line of the prescription that is left out stays with the patient.
    """
    record = act.fetch("prescription", prescription)
    found = [_returned(act, record, each) for each in lines or ()]
    data = {
        "batches": [each.given["batch"] for each in found if each.given is not None],
        "quantity": sum(each.quantity for each in found),
        "intact": all(each.intact for each in found) if found else None,
    }
    edge = machine.enter(act, "prescription", "accept_return", record, version=version, data=data)
    _require_returnable(act, record, found)
    cause = machine.move(act, edge, record, data=data)
    for each in found:
        _put_back(act, record, each, cause)


def refuse(
    act: Acting, *, prescription: str, reason: str | None = None, note: str = "", version: int | None = None
) -> None:
    """Leave the drugs with the patient, for a coded reason."""
    record = act.fetch("prescription", prescription)
    data = {"reason": reason, "note": note or None}
    edge = machine.enter(act, "prescription", "refuse_return", record, version=version, data=data)
    dictionary.require_code(act, "return_refusal", reason)
    for item in stock.lines(act, prescription):
        if item["return_qty"]:
            act.update("rx_item", act.fetch("rx_item", item["id"]), {"return_qty": 0})
    machine.move(act, edge, record, {"return_reason": None}, data=data)


def _returned(act: Acting, record: Record, line: Mapping[str, Any]) -> Returned:
    items = [each for each in stock.lines(act, record["id"]) if each["drug"] == line.get("drug")]
    given = [
        each
        for each in stock.dispensed(act, record["id"])
        if each["drug"] == line.get("drug") and each["batch_no"] == str(line.get("batch_no") or "").strip().upper()
    ]
    return Returned(
        item=items[0] if items else None,
        given=given[0] if given else None,
        quantity=typed.count(line.get("quantity")) or 0,
        intact=bool(line.get("intact", True)),
    )


def _require_returnable(act: Acting, record: Record, found: Sequence[Returned]) -> None:
    if not found or any(each.quantity < 1 for each in found):
        raise Refused("E-GEN-06", hint_zh="请填写实退批号和数量", hint_en="Enter batch and quantity of the packs")
    if any(not each.intact or (each.item is not None and dictionary.is_cold(each.item)) for each in found):
        raise Refused("E-RX-13")
    counted: dict[str, int] = {}
    for each in found:
        if each.item is None or each.given is None or each.quantity > each.given["left"]:
            raise Refused("E-GEN-03", hint_zh="批号或数量与发药记录不符", hint_en="Not the batch or quantity dispensed")
        counted[each.item["id"]] = counted.get(each.item["id"], 0) + each.quantity
    wanted = {each["id"]: each["return_qty"] for each in stock.lines(act, record["id"])}
    if any(quantity != wanted[key] for key, quantity in counted.items()):
        raise Refused("E-GEN-03", hint_zh="数量与退药申请不符", hint_en="Not the quantity applied for")


def _put_back(act: Acting, record: Record, back: Returned, cause: int) -> None:
    if back.item is None or back.given is None:
        raise Refused("E-GEN-03")
    line = act.fetch("rx_item", back.item["id"])
    act.update("rx_item", line, {"returned_qty": line["returned_qty"] + back.quantity})
    batch = act.fetch("stock_batch", back.given["batch"])
    moving.post(
        act,
        batch,
        type="RETURN",
        quantity=back.quantity,
        cause=cause,
        prescription=record,
        reversal_of=back.given["id"],
    )


ACTIONS: Mapping[str, Operation] = {
    "prescription.accept_return": accept,
    "prescription.refuse_return": refuse,
}
