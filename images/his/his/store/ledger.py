"""Movements people post themselves: what a count found 盘点, packs for the pharmacy 调拨, a wrong entry undone 冲销."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import dictionary, moving, permission, second_person, stock, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.store import receiving

ACTION = "stock_movement.post"
COUNT, TRANSFER = "COUNT", "TRANSFER"
COUNTABLE = (*stock.USABLE, "quarantined", "expired")
"""States of batches that lie on a shelf and are counted."""


def post(act: Acting, *, type: str, **fields: Any) -> Any:  # noqa: A002 the field's own name
    """Post a movement of one of the kinds people post: COUNT, TRANSFER, or the reversal of a count."""
    if fields.get("reversal_of"):
        return reverse(act, movement=fields.pop("reversal_of"), **fields)
    if type == TRANSFER:
        return transfer(act, **fields)
    if type == COUNT:
        stock_batch, version = fields.pop("stock_batch", None), fields.pop("version", None)
        told = {name: fields.pop(name, None) for name in ("counted", "reason", "note")}
        return count(act, lines=[{"stock_batch": stock_batch, "version": version, **told}], **fields)
    act.attempt(ACTION, data={"type": type})
    raise Refused("E-GEN-06")


def count(
    act: Acting, *, lines: Sequence[Mapping[str, Any]], second: str | None = None, identified: bool = True
) -> int:
    """Enter what was counted, {stock_batch, counted, reason, note, version}; return how many lines differed.

    Every line becomes a movement by the difference, 0 where book and shelf agree: so it shows when it was counted.
    Refused E-GEN-04 without a second person, E-GEN-06 for a difference without a reason, E-GEN-05 if packs moved since
    the sheet was drawn, E-GEN-03 if fewer packs are there than are picked for patients.
    """
    named = second_person.named(act, second)
    told = [_told(each, named) for each in lines]
    first = lines[0] if lines else {}
    act.attempt(ACTION, target=first.get("stock_batch"), data=told[0] if told else {"type": COUNT, "second": named})
    permission.require(act, "stock.adjust")
    if not lines:
        raise Refused("E-GEN-06", hint_zh="请填写实盘数量", hint_en="Enter what was counted")
    found = [act.fetch("stock_batch", str(each["stock_batch"])) for each in lines]
    for each, batch, row in zip(lines, found, told, strict=True):
        act.attempt(ACTION, target=batch["id"], data=row)
        _require_countable(batch, each)
    second_person.require(act, second, identified=identified)
    for batch, row in zip(found, told, strict=True):
        act.attempt(ACTION, target=batch["id"], data=row)
        _require_explained(act, batch, row)
    differing = [batch for batch, row in zip(found, told, strict=True) if row["counted"] != batch["quantity"]]
    agreed = _agree(act, second, found, told)
    for batch, row in zip(found, told, strict=True):
        gap = row["counted"] - batch["quantity"]
        values = {"reason": row["reason"] if gap else None, "note": row["note"], "second": agreed}
        moving.post(act, batch, type=COUNT, quantity=gap, cause=None, values=values, data=row)
    return len(differing)


def transfer(act: Acting, *, stock_batch: str, quantity: Any = None, version: int | None = None) -> str:
    """Send packs from the store to the pharmacy, where somebody else accepts them; return the arriving batch's id."""
    record = act.fetch("stock_batch", stock_batch)
    packs = typed.count(quantity)
    act.attempt(ACTION, target=stock_batch, data={"type": TRANSFER, "quantity": None if packs is None else -packs})
    permission.require(act, "stock.receive")
    if record["place"] != stock.STORE or stock.is_unusable(act, record):
        raise Refused("E-GEN-01")
    _require_version(record, version)
    if not packs:
        raise Refused("E-GEN-06", hint_zh="请填写调拨数量", hint_en="Enter how many packs go")
    _, cause = moving.post(act, record, type=TRANSFER, quantity=-packs, cause=None)
    return receiving.arrive_from(act, record, packs, stock.PHARMACY, cause)


def reverse(
    act: Acting,
    *,
    movement: str,
    reason: str | None = None,
    note: str = "",
    second: str | None = None,
    identified: bool = True,
) -> str:
    """Undo a count that was entered wrongly, for a coded reason and with a second person; both rows stay.

    Refused E-GEN-01 for a movement of another kind (deliveries are rejected, drugs handed out come back as returns),
    one that changed nothing, or one that was reversed before.
    """
    gone = act.fetch("stock_movement", movement)
    data = {
        "type": gone["type"],
        "quantity": -gone["quantity"],
        "reason": reason,
        "note": note.strip() or None,
        "reversal_of": movement,
        "second": second_person.named(act, second),
    }
    act.attempt(ACTION, target=gone["batch"], data=data)
    permission.require(act, "stock.adjust")
    batch = act.fetch("stock_batch", gone["batch"])
    if not is_reversible(act, gone) or batch["status"] not in COUNTABLE:
        raise Refused("E-GEN-01", hint_zh="仅未冲销的盘点差异可以冲销", hint_en="Only a count's difference, and once")
    second_person.require(act, second, identified=identified)
    dictionary.require_code(act, "stock_reason", reason)
    about = {"target": batch["id"]}
    nobody_minds = ("", "")
    agreed = second_person.agree(act, about, second, step=ACTION, subject=batch["batch_no"], objection=nobody_minds)
    values = {"reason": reason, "note": data["note"], "second": agreed}
    extra = {name: data[name] for name in ("reason", "note", "reversal_of", "second")}
    key, _ = moving.post(
        act,
        batch,
        type=COUNT,
        quantity=-gone["quantity"],
        cause=None,
        reversal_of=movement,
        values=values,
        data=extra,
    )
    return key


def is_reversible(act: Acting, movement: Record) -> bool:
    """Say whether a movement is a count's difference that nobody has undone."""
    plain = movement["type"] == COUNT and movement["quantity"] and movement["reversal_of"] is None
    undone = act.one('SELECT 1 FROM "stock_movement" WHERE "reversal_of" = ?', movement["id"])
    return bool(plain) and undone is None


def movements(act: Acting, batch: str) -> list[Record]:
    """Return what moved a batch, latest first, with `undone` 1 where a later row reverses it."""
    return act.rows(
        'SELECT m.*, (SELECT COUNT(*) FROM "stock_movement" r WHERE r."reversal_of" = m."id") AS undone '
        'FROM "stock_movement" m WHERE m."batch" = ? ORDER BY LENGTH(m."id") DESC, m."id" DESC LIMIT 100',
        batch,
    )


def _told(line: Mapping[str, Any], second: str | None) -> dict[str, Any]:
    return {
        "type": COUNT,
        "counted": typed.count(line.get("counted")),
        "reason": line.get("reason") or None,
        "note": typed.text(line.get("note")) or None,
        "second": second,
    }


def _require_countable(batch: Record, line: Mapping[str, Any]) -> None:
    if batch["status"] not in COUNTABLE:
        raise Refused("E-GEN-01")
    _require_version(batch, typed.row_version(line.get("version")))


def _require_version(batch: Record, version: int | None) -> None:
    if version is not None and batch["version"] != version:
        raise Refused("E-GEN-05")


def _require_explained(act: Acting, batch: Record, row: Mapping[str, Any]) -> None:
    if row["counted"] is None:
        raise Refused("E-GEN-06", hint_zh="请填写实盘数量", hint_en="Enter what was counted")
    if row["counted"] < stock.reserved_of(act, batch["id"]):
        zh, en = "实盘数少于已调配数量,请先取消调配", "Fewer packs than are picked: undo the picking first"
        raise Refused("E-GEN-03", hint_zh=zh, hint_en=en)
    if row["counted"] != batch["quantity"]:
        if row["reason"] is None:
            zh, en = f"批号{batch['batch_no']}账实不符,请选择原因", f"{batch['batch_no']} differs: give the reason"
            raise Refused("E-GEN-06", hint_zh=zh, hint_en=en)
        dictionary.require_code(act, "stock_reason", row["reason"])


def _agree(act: Acting, second: str | None, batches: Sequence[Record], told: Sequence[Mapping[str, Any]]) -> str | None:
    """Ask the second person once for the sheet; he minds a large gap nobody has written about."""
    share = dictionary.limit(act, "count_gap_percent")
    silent = [
        batch["batch_no"]
        for batch, row in zip(batches, told, strict=True)
        if abs(row["counted"] - batch["quantity"]) * 100 > share * batch["quantity"] and not row["note"]
    ]
    names = ", ".join(silent)
    objection = (f"{names}差异较大,未写明情况", f"a large gap without an account: {names}") if silent else ("", "")
    subject = ", ".join(each["batch_no"] for each in batches)
    about = {"target": batches[0]["id"]}
    return second_person.agree(act, about, second, step=ACTION, subject=subject, objection=objection)


ACTIONS: Mapping[str, Operation] = {ACTION: post}
