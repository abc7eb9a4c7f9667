"""Shifts 班次: opened by whoever takes money, closed with a count of the cash, reconciled by finance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from his.chart import billing, machine, till
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


def open_shift(act: Acting) -> str:
    """Begin a shift; return its id. Refused with E-GEN-03 while another one of the same person is open."""
    edge = machine.enter(act, "cashier_shift", "open")
    if till.open_shift(act, act.who.staff) is not None:
        raise Refused("E-GEN-03", hint_zh="已有未日结的班次", hint_en="A shift of yours is open already")
    key, _ = machine.create(act, edge, {"cashier": act.who.staff, "opened_at": act.now})
    return key


def close(
    act: Acting,
    *,
    cashier_shift: str | None = None,
    counted: object = None,
    note: str = "",
    version: int | None = None,
) -> str:
    """Close a shift 日结 with the cash as counted; return its id.

    `counted` is the money taken in cash, without the float. A difference 长短款 needs a note: E-GEN-06 without one,
    and for what is no amount. Only one's own shift: E-GEN-02.
    """
    record = act.fetch("cashier_shift", cashier_shift) if cashier_shift else till.latest_shift(act, act.who.staff)
    data = {"counted": _text(counted), "note": note.strip() or None}
    if record is None:
        act.attempt("cashier_shift.close", data=data)
        raise Refused("E-GEN-03", hint_zh="尚未开班", hint_en="No shift is open")
    edge = machine.enter(act, "cashier_shift", "close", record, version=version, data=data)
    found = till.totals(act, record["id"])
    cash = found.get(till.CASH, (0, Decimal(0)))[1]
    total = sum((each for _, each in found.values()), Decimal(0))
    if data["counted"] is None:
        raise Refused("E-GEN-06", hint_zh="请清点并填写实点现金", hint_en="Count the cash and enter it")
    in_drawer = Decimal(data["counted"])
    difference = in_drawer - cash
    if difference and not data["note"]:
        raise Refused("E-GEN-06", hint_zh="长短款须填写说明", hint_en="A difference needs a note")
    figures = {
        "counted": billing.money(in_drawer),
        "total": billing.money(total),
        "difference": billing.money(difference),
        "note": data["note"],
    }
    _write_totals(act, record["id"], found)
    values = {**figures, "closed_at": act.now, "cash": billing.money(cash)}
    machine.move(act, edge, record, values, data=figures)
    return str(record["id"])


def reconcile(act: Acting, *, cashier_shift: str, remark: str = "", version: int | None = None) -> None:
    """Accept a closed shift 对账; what was over or short needs finance's remark (E-GEN-06)."""
    record = act.fetch("cashier_shift", cashier_shift)
    data = {"remark": remark.strip() or None}
    edge = machine.enter(act, "cashier_shift", "reconcile", record, version=version, data=data)
    if Decimal(record["difference"] or "0") and not data["remark"]:
        raise Refused("E-GEN-06", hint_zh="长短款须填写处理意见", hint_en="A difference needs your remark")
    machine.move(act, edge, record, {**data, "reconciler": act.who.staff}, data=data)


def reopen(act: Acting, *, cashier_shift: str, reason: str = "", version: int | None = None) -> None:
    """Open a closed shift again 反日结, for a written reason; the figures of its closing stay in the journal.

    Refused with E-SHF-02 once reconciled, E-GEN-03 while its cashier has another one open.
    """
    record = act.fetch("cashier_shift", cashier_shift)
    data = {"reason": reason.strip() or None}
    edge = machine.enter(act, "cashier_shift", "reopen", record, version=version, data=data)
    if not data["reason"]:
        raise Refused("E-GEN-06", hint_zh="请填写反日结原因", hint_en="Write why it is opened again")
    if till.open_shift(act, record["cashier"]) is not None:
        raise Refused("E-GEN-03", hint_zh="该收费员另有未日结的班次", hint_en="This cashier has another open shift")
    cleared = dict.fromkeys(("closed_at", "total", "cash", "counted", "difference", "note"))
    machine.move(act, edge, record, cleared, data=data)


def view_own(act: Acting) -> list[Record]:
    """Show one's own shifts, latest first."""
    act.attempt("queue.view", data={"desk": "shift"})
    act.record("queue.view", data={"desk": "shift"})
    return act.rows(
        'SELECT * FROM "cashier_shift" WHERE "cashier" = ? ORDER BY "opened_at" DESC, LENGTH("id") DESC, "id" DESC',
        act.who.staff,
    )


def view_all(act: Acting) -> list[Record]:
    """Show everybody's shifts to finance: those to be reconciled first, the latest of each kind on top."""
    act.attempt("queue.view", data={"desk": "finance"})
    act.record("queue.view", data={"desk": "finance"})
    return act.rows(
        'SELECT * FROM "cashier_shift" ORDER BY ("status" = \'closed\') DESC, ("status" = \'open\') DESC, '
        '"opened_at" DESC, LENGTH("id") DESC, "id" DESC'
    )


def _write_totals(act: Acting, shift: str, found: Mapping[str, tuple[int, Decimal]]) -> None:
    """Keep the totals per channel; a shift that was opened again overwrites those of its first closing."""
    before = {each["channel"]: each for each in act.rows('SELECT * FROM "shift_total" WHERE "shift" = ?', shift)}
    for channel, (count, total) in sorted(found.items()):
        values: dict[str, Any] = {"invoices": count, "total": billing.money(total)}
        if channel in before:
            act.update("shift_total", before[channel], values)
        else:
            act.insert("shift_total", {"shift": shift, "channel": channel, **values})


def _text(counted: object) -> str | None:
    text = "" if counted is None else str(counted).strip()
    return text if _AMOUNT.fullmatch(text) else None


ACTIONS: Mapping[str, Operation] = {
    "cashier_shift.open": open_shift,
    "cashier_shift.close": close,
    "cashier_shift.reconcile": reconcile,
    "cashier_shift.reopen": reopen,
}
