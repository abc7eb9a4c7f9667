"""Every write of the pharmacy desk: review, pick, check, dispense; and looking at stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import dictionary, machine
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.chart.storing import next_id
from his.pharmacy import stock

IDENTIFIERS_NEEDED = 2


def view_queue(act: Acting, *, desk: str = "pharmacy") -> list[Record]:
    """Show the prescriptions that wait for somebody of the pharmacy."""
    act.record("queue.view", data={"desk": desk})
    return waiting(act)


def waiting(act: Acting) -> list[Record]:
    """Return the prescriptions between signature and dispensing, oldest first."""
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", t."name" AS prescriber_name FROM "prescription" r '
        'JOIN "patient" p ON p."id" = r."patient" LEFT JOIN "staff" t ON t."id" = r."prescriber" '
        "WHERE r.\"status\" IN ('issued', 'reviewed', 'charged', 'dispensing', 'checked') "
        'ORDER BY r."signed_at", LENGTH(r."id"), r."id"'
    )


def approve(act: Acting, *, prescription: str, version: int | None = None) -> None:
    """Pass a prescription after review; what it costs becomes billable."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "approve", record, version=version)
    cause = machine.move(act, edge, record, {"reviewer": act.who.staff, "review_reason": None})
    for item in act.rows(
        'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "status" = \'planned\' ORDER BY LENGTH("id"), "id"',
        prescription,
    ):
        machine.follow(act, "charge_item", "post", item, cause)


def reject(
    act: Acting, *, prescription: str, reason: str | None = None, note: str = "", version: int | None = None
) -> None:
    """Send a prescription back to the doctor with a coded reason."""
    record = act.fetch("prescription", prescription)
    data = {"reason": reason, "note": note or None}
    edge = machine.enter(act, "prescription", "reject", record, version=version, data=data)
    dictionary.require_code(act, "rx_review_reason", reason)
    machine.move(act, edge, record, {"reviewer": act.who.staff, "review_reason": reason}, data=data)


def pick(
    act: Acting, *, prescription: str, batches: Sequence[Any] | None = None, version: int | None = None
) -> list[dict[str, Any]]:
    """Take the drugs from these batches (by default those that expire first) and reserve them.

    `batches` are batch ids, used in the order given for the drug each of them holds. A batch that expires later than
    another one is accepted, and stands in the row. Refused with E-STK-01, -02, -03 and E-RX-14.
    """
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "pick", record, version=version, data={"batches": batches or None})
    lines = stock.lines(act, prescription)
    if any(each["skin_test_required"] == "1" for each in lines):
        raise Refused("E-RX-14")
    taken = stock.choose(act, lines, list(batches or ()))
    for each in taken:
        act.connection.execute(
            'INSERT INTO "reservation" ("prescription", "rx_item", "batch", "quantity") VALUES (?, ?, ?, ?)',
            (prescription, each["rx_item"], each["batch"], each["quantity"]),
        )
    chosen = list(dict.fromkeys(each["batch"] for each in taken))
    machine.move(act, edge, record, {"picker": act.who.staff, "checker": None}, data={"batches": chosen})
    return taken


def check(act: Acting, *, prescription: str, version: int | None = None) -> None:
    """Check what another person picked."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "check", record, version=version)
    if record["picker"] == act.who.staff:
        raise Refused("E-RX-12")
    machine.move(act, edge, record, {"checker": act.who.staff})


def unpick(act: Acting, *, prescription: str, version: int | None = None) -> None:
    """Put picked drugs back; the reservation ends."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "unpick", record, version=version)
    act.connection.execute('DELETE FROM "reservation" WHERE "prescription" = ?', (prescription,))
    machine.move(act, edge, record, {"picker": None, "checker": None})


def dispense(act: Acting, *, prescription: str, identifiers: int = 0, version: int | None = None) -> None:
    """Hand the drugs out after checking two identifiers; stock is deducted batch by batch."""
    record = act.fetch("prescription", prescription)
    data = {"identifiers": identifiers}
    edge = machine.enter(act, "prescription", "dispense", record, version=version, data=data)
    if identifiers < IDENTIFIERS_NEEDED:
        raise Refused("E-GEN-06", hint_zh="请核对两项身份标识", hint_en="Check two identifiers")
    reserved = stock.reserved(act, prescription)
    if any(stock.is_unusable(act, each) for each in reserved):
        raise Refused("E-RX-11")
    cause = machine.move(act, edge, record, data=data)
    for each in reserved:
        _deduct(act, record, each, cause)
    act.connection.execute('DELETE FROM "reservation" WHERE "prescription" = ?', (prescription,))


def view_stock(act: Acting, *, drug: str) -> list[Record]:
    """Show the batches of one drug, first expiring first."""
    act.attempt("stock.view", data={"drug": drug})
    dictionary.drug(act, drug)
    act.record("stock.view", data={"drug": drug})
    return stock.batches(act, drug)


def _deduct(act: Acting, record: Record, reserved: Record, cause: int) -> None:
    batch = act.fetch("stock_batch", reserved["batch"])
    if batch["quantity"] < reserved["taken"]:
        raise Refused("E-STK-03")
    act.update("stock_batch", batch, {"quantity": batch["quantity"] - reserved["taken"]})
    act.connection.execute(
        'INSERT INTO "stock_movement" ("id", "batch", "type", "quantity", "prescription", "posted_at", "posted_by") '
        "VALUES (?, ?, 'DISPENSE', ?, ?, ?, ?)",
        (
            next_id(act.connection, "stock_movement"),
            batch["id"],
            -reserved["taken"],
            record["id"],
            act.now,
            act.who.staff,
        ),
    )
    act.record(
        "stock_movement.post",
        cause=cause,
        patient=record["patient"],
        encounter=record["encounter"],
        target=batch["id"],
        data={"type": "DISPENSE", "quantity": -reserved["taken"]},
    )


ACTIONS: Mapping[str, Operation] = {
    "queue.view": view_queue,
    "stock.view": view_stock,
    "prescription.approve": approve,
    "prescription.reject": reject,
    "prescription.pick": pick,
    "prescription.check": check,
    "prescription.unpick": unpick,
    "prescription.dispense": dispense,
}
