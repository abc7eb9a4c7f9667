"""Goods that come in 入库验收: one person takes them in, another one accepts them or sends them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, moving, second_person, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


def receive(
    act: Acting,
    *,
    drug: str | None = None,
    batch_no: str = "",
    expiry: str = "",
    quantity: Any = None,
    supplier: str = "",
    delivery_no: str = "",
    cost: str | None = None,
    place: str = stock.STORE,
) -> str:
    """Take goods in as the delivery note says; they wait until another person accepts them. Return the batch's id.

    `expiry` is an ISO day, `quantity` packs, `cost` yuan per pack. Refused E-GEN-06 where something is missing.
    """
    packs = typed.count(quantity)
    data = {"drug": drug, "quantity": packs, "place": place}
    edge = machine.enter(act, "stock_batch", "receive", data=data)
    known = dictionary.drug(act, drug)
    dictionary.require_code(act, "stock_place", place)
    until = typed.day(act, expiry)
    wanted = (typed.text(batch_no), typed.text(supplier), typed.text(delivery_no))
    if until is None or not packs or not all(wanted):
        raise Refused("E-GEN-06", hint_zh="请按随货单填全各项", hint_en="Fill in everything the delivery note says")
    values = {
        "drug": known["drug_code"],
        "batch_no": wanted[0].upper(),
        "expiry": until,
        "place": place,
        "location": _shelf_of(act, known["drug_code"], place),
        "quantity": 0,
        "cost": str(typed.money(cost)),
        "supplier": wanted[1],
        "delivery_no": wanted[2].upper(),
        "received_by": act.who.staff,
    }
    return _arrive(act, packs, *machine.create(act, edge, values, data=data))


def arrive_from(act: Acting, batch: Record, packs: int, place: str, cause: int) -> str:
    """Let packs of a batch arrive at another place, where somebody else accepts them; return the new batch's id."""
    same = ("drug", "batch_no", "expiry", "cost", "supplier", "delivery_no")
    values = {
        **{name: batch[name] for name in same},
        "place": place,
        "location": _shelf_of(act, batch["drug"], place),
        "quantity": 0,
        "origin": batch["id"],
        "received_by": act.who.staff,
    }
    told = {"drug": batch["drug"], "quantity": packs, "place": place}
    key, seq = machine.create_following(act, "stock_batch", "receive", values, cause, **told)
    return _arrive(act, packs, key, seq, type="TRANSFER")


def accept(
    act: Acting,
    *,
    stock_batch: str,
    batch_no: str = "",
    expiry: str = "",
    quantity: Any = None,
    licence: bool = False,
    cold_log: bool = False,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Accept goods after reading batch, expiry and quantity off the packs themselves.

    Whoever took them in does not accept them: E-GEN-04, unless a `second` person does. Refused E-GEN-06 for what was
    not looked at, E-GEN-03 where the packs are not what was entered, or expired.
    """
    record = act.fetch("stock_batch", stock_batch)
    packs = typed.count(quantity)
    data = {
        "quantity": packs,
        "licence": licence,
        "cold_log": cold_log if _is_cold(act, record) else None,
        "second": second_person.named(act, second),
    }
    edge = machine.enter(act, "stock_batch", "accept", record, version=version, data=data)
    if second or record["received_by"] == act.who.staff:
        second_person.require(act, second, identified=identified)
    until = typed.day(act, expiry)
    if not typed.text(batch_no) or until is None or packs is None or not licence:
        raise Refused("E-GEN-06", hint_zh="请逐项验收并勾选", hint_en="Check every item and tick it")
    if _is_cold(act, record) and not cold_log:
        raise Refused("E-GEN-06", hint_zh="冷藏药品须核对冷链温度记录", hint_en="Cold-chain goods: look at the log")
    if (typed.text(batch_no).upper(), until, packs) != (record["batch_no"], record["expiry"], record["quantity"]):
        raise Refused("E-GEN-03", hint_zh="实物与入库登记不符,请拒收", hint_en="Not what was entered: reject it")
    if until < act.today:
        raise Refused("E-GEN-03", hint_zh="药品已过期,请拒收", hint_en="The goods have expired: reject them")
    about = {"target": record["id"]}
    step, subject = "stock_batch.accept", record["batch_no"]
    accepted = second_person.agree(act, about, second, step=step, subject=subject, objection=_objection(act, record))
    machine.move(act, edge, record, {"accepted_by": accepted or act.who.staff}, data=data)


def reject(
    act: Acting, *, stock_batch: str, reason: str | None = None, note: str = "", version: int | None = None
) -> None:
    """Send goods back, for a coded reason: what was entered is reversed, a transfer goes back to its batch."""
    record = act.fetch("stock_batch", stock_batch)
    data = {"reason": reason, "note": note.strip() or None}
    edge = machine.enter(act, "stock_batch", "reject", record, version=version, data=data)
    dictionary.require_code(act, "receive_refusal", reason)
    cause = machine.move(act, edge, record, data=data)
    entered = act.one(
        'SELECT * FROM "stock_movement" WHERE "batch" = ? AND "reversal_of" IS NULL AND "quantity" > 0 '
        'ORDER BY LENGTH("id"), "id" LIMIT 1',
        stock_batch,
    )
    packs, kind = record["quantity"], "RECEIVE" if record["origin"] is None else "TRANSFER"
    reverses = None if entered is None else entered["id"]
    batch = act.fetch("stock_batch", stock_batch)
    moving.post(act, batch, type=kind, quantity=-packs, cause=cause, reversal_of=reverses)
    if record["origin"] is not None:
        sent = act.one(
            'SELECT * FROM "stock_movement" WHERE "batch" = ? AND "type" = \'TRANSFER\' AND "quantity" = ? '
            'AND "posted_at" <= ? ORDER BY LENGTH("id") DESC, "id" DESC LIMIT 1',
            record["origin"],
            -packs,
            record["created_at"],
        )
        back = act.fetch("stock_batch", record["origin"])
        reverses = None if sent is None else sent["id"]
        moving.post(act, back, type=kind, quantity=packs, cause=cause, reversal_of=reverses)


def awaited(act: Acting) -> list[Record]:
    """Return the goods that wait to be accepted, oldest first."""
    return act.rows(
        'SELECT * FROM "stock_batch" WHERE "status" = \'awaiting_check\' ORDER BY "created_at", LENGTH("id"), "id"'
    )


def settled_today(act: Acting, since: int) -> list[Record]:
    """Return the goods accepted or sent back since a moment, latest first."""
    return act.rows(
        'SELECT * FROM "stock_batch" WHERE "updated_at" >= ? AND ("accepted_by" IS NOT NULL '
        'OR "status" = \'returned_supplier\') ORDER BY "updated_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 20',
        since,
    )


def _arrive(act: Acting, packs: int, key: str, seq: int, *, type: str = "RECEIVE") -> str:  # noqa: A002 the field's own name
    moving.post(act, act.fetch("stock_batch", key), type=type, quantity=packs, cause=seq)
    return key


def _shelf_of(act: Acting, drug: str, place: str) -> str | None:
    """Return where the drug lies at a place: its goods go there, too."""
    found = act.one(
        'SELECT "location" FROM "stock_batch" WHERE "drug" = ? AND "place" = ? AND "location" IS NOT NULL '
        'ORDER BY LENGTH("id"), "id" LIMIT 1',
        drug,
        place,
    )
    return None if found is None else found["location"]


def _is_cold(act: Acting, batch: Record) -> bool:
    return dictionary.is_cold(dictionary.drug(act, batch["drug"]))


def _objection(act: Acting, batch: Record) -> tuple[str, str]:
    least = dictionary.limit(act, "receive_min_days")
    if batch["origin"] is None and batch["expiry"] - act.today < least:
        return f"剩余效期不足{least}天", f"fewer than {least} days left before it expires"
    return "", ""


ACTIONS: Mapping[str, Operation] = {
    "stock_batch.receive": receive,
    "stock_batch.accept": accept,
    "stock_batch.reject": reject,
}
