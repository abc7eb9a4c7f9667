"""What happens to batches on the shelves: they grow old by themselves; people lock, release and scrap them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, moving, second_person, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

EXPIRED = "EXPIRED"
"""The reason for scrapping that the date must bear out."""


def view_stock(act: Acting, *, drug: str | None = None) -> list[Record]:
    """Show the batches of one drug, or of all drugs those that need care; first expiring first."""
    act.attempt("stock.view", data={"drug": drug})
    if drug is not None:
        dictionary.drug(act, drug)
    act.record("stock.view", data={"drug": drug})
    return stock.in_need_of_care(act) if drug is None else stock.batches(act, drug)


def quarantine(
    act: Acting, *, stock_batch: str, reason: str | None = None, note: str = "", version: int | None = None
) -> None:
    """Lock a batch: nobody picks or dispenses it, whatever was reserved of it before."""
    record = act.fetch("stock_batch", stock_batch)
    data = {"reason": reason, "note": note or None}
    edge = machine.enter(act, "stock_batch", "quarantine", record, version=version, data=data)
    dictionary.require_code(act, "quarantine_reason", reason)
    machine.move(act, edge, record, data=data)


def release(
    act: Acting,
    *,
    stock_batch: str,
    reason: str = "",
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Let a locked batch be used again, for a written reason and with a second person."""
    record = act.fetch("stock_batch", stock_batch)
    data = {"reason": reason.strip() or None, "second": second_person.named(act, second)}
    edge = machine.enter(act, "stock_batch", "release", record, version=version, data=data)
    second_person.require(act, second, identified=identified)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请写明解除锁定的依据", hint_en="Write why the batch may be used again")
    objection = ("该批次已过期", "the batch has expired") if stock.is_expired(act, record) else ("", "")
    _agree(act, record, "stock_batch.release", second, objection)
    machine.move(act, edge, record, data=data)


def scrap(
    act: Acting,
    *,
    stock_batch: str,
    reason: str | None = None,
    quantity: Any = None,
    second: str | None = None,
    identified: bool = True,
    version: int | None = None,
) -> None:
    """Take a batch out of the books, counted, with a coded reason and a second person.

    Refused with E-GEN-04 alone, E-GEN-03 if `quantity` (packs counted) is not the book's or packs are still picked.
    """
    record = act.fetch("stock_batch", stock_batch)
    counted = typed.count(quantity)
    data = {"reason": reason, "quantity": counted, "second": second_person.named(act, second)}
    edge = machine.enter(act, "stock_batch", "scrap", record, version=version, data=data)
    second_person.require(act, second, identified=identified)
    dictionary.require_code(act, "scrap_reason", reason)
    if counted is None:
        raise Refused("E-GEN-06", hint_zh="请填写实点数量", hint_en="Enter the quantity counted")
    if stock.is_reserved(act, stock_batch):
        raise Refused("E-GEN-03", hint_zh="该批次已调配未发,请先取消调配", hint_en="Undo the picking first")
    if counted != record["quantity"]:
        raise Refused("E-GEN-03", hint_zh="实点数量与账面不符", hint_en="The count differs from the book")
    _agree(act, record, "stock_batch.scrap", second, _objection(act, record, reason))
    cause = machine.move(act, edge, record, data=data)
    moving.post(act, act.fetch("stock_batch", stock_batch), type="SCRAP", quantity=-counted, cause=cause)


def age(act: Acting) -> None:
    """Let batches become near-expiry, and expired the day after their last."""
    near = act.today + dictionary.limit(act, "near_expiry_days")
    for batch in act.rows(
        'SELECT * FROM "stock_batch" WHERE "status" IN (\'available\', \'near_expiry\') AND "expiry" <= ? '
        'AND NOT ("status" = \'near_expiry\' AND "expiry" >= ?) ORDER BY "expiry", LENGTH("id"), "id"',
        near,
        act.today,
    ):
        machine.follow(act, "stock_batch", "expire" if batch["expiry"] < act.today else "near_expiry", batch, None)


def _objection(act: Acting, record: Record, reason: str | None) -> tuple[str, str]:
    expired = stock.is_expired(act, record)
    if reason == EXPIRED and not expired:
        return "该批次尚未过期", "the batch has not expired"
    if reason != EXPIRED and expired:
        return "该批次已过期,报损原因应为过期失效", "the batch has expired: that is the reason to give"
    return "", ""


def _agree(act: Acting, record: Record, step: str, second: str | None, objection: tuple[str, str]) -> None:
    about = {"target": record["id"]}
    second_person.agree(act, about, second, step=step, subject=record["batch_no"], objection=objection)


ACTIONS: Mapping[str, Operation] = {
    "stock.view": view_stock,
    "stock_batch.quarantine": quarantine,
    "stock_batch.release": release,
    "stock_batch.scrap": scrap,
}
