"""The way of a prescription through the pharmacy: review, pick, check, dispense. ACTIONS: all the desk offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import controlled, dictionary, machine, moving, people, skin, stock
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.hospital_time import DAY_S
from his.pharmacy import returning, shelves

IDENTIFIERS_NEEDED = 2
FOUND_DAYS = 7
"""How far back a scanned slip is found."""


def view_queue(act: Acting, *, desk: str = "pharmacy") -> list[Record]:
    """Show the prescriptions that wait for somebody of the pharmacy."""
    act.record("queue.view", data={"desk": desk})
    return waiting(act)


def waiting(act: Acting) -> list[Record]:
    """Return the prescriptions between signature and dispensing, oldest first."""
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", p."card_no", p."pinyin_initials" '
        'FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" '
        "WHERE r.\"status\" IN ('issued', 'reviewed', 'charged', 'dispensing', 'checked') "
        'ORDER BY r."signed_at", LENGTH(r."id"), r."id"'
    )


def found(act: Acting, query: str) -> list[Record]:
    """Return the prescriptions that a scan or a word means, at whatever step they are; latest first.

    `query` is the number of a prescription, a card or a record, or the beginning of a name or of its initials.
    """
    wanted = people.normalised(query)
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", p."card_no", p."pinyin_initials" '
        'FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" '
        'WHERE r."signed_at" >= ? AND (? IN (r."rx_no", p."card_no", p."mrn") OR p."name" LIKE ? '
        'OR p."pinyin_initials" LIKE ?) ORDER BY r."signed_at" DESC, LENGTH(r."id") DESC, r."id" DESC LIMIT ?',
        (act.today - FOUND_DAYS) * DAY_S,
        wanted.upper(),
        f"{wanted}%",
        f"{wanted.lower()}%",
        dictionary.limit(act, "search_hits"),
    )


def approve(act: Acting, *, prescription: str, version: int | None = None) -> None:
    """Pass a prescription after review; what it costs becomes billable.

    Refused E-GEN-03 where a controlled drug stands on the wrong form, or beyond its days or doses.
    """
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "approve", record, version=version)
    broken = controlled.breaches(act, record, stock.lines(act, prescription))
    if broken:
        raise Refused("E-GEN-03", hint_zh=broken[0].zh, hint_en=broken[0].en)
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
    another one is accepted, and stands in the row: `fefo` is false. Refused with E-STK-01, -02, -03 and E-RX-14.
    """
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "pick", record, version=version, data={"batches": batches or None})
    lines = stock.lines(act, prescription)
    if not skin.are_negative(act, record["patient"], lines):
        raise Refused("E-RX-14")
    taken = stock.choose(act, lines, list(batches or ()))
    fefo = stock.is_fefo(act, lines, taken)
    for each in taken:
        stock.reserve(act, prescription, each)
    chosen = list(dict.fromkeys(each["batch"] for each in taken))
    machine.move(act, edge, record, {"picker": act.who.staff, "checker": None}, data={"batches": chosen, "fefo": fefo})
    return taken


def check(act: Acting, *, prescription: str, version: int | None = None) -> None:
    """Check what another person picked."""
    record = act.fetch("prescription", prescription)
    edge = machine.enter(act, "prescription", "check", record, version=version)
    if record["picker"] == act.who.staff:
        raise Refused("E-RX-12")
    machine.move(act, edge, record, {"checker": act.who.staff})


def unpick(act: Acting, *, prescription: str, reason: str = "", version: int | None = None) -> None:
    """Put picked drugs back, for a written reason; the reservation ends."""
    record = act.fetch("prescription", prescription)
    data = {"reason": reason.strip() or None}
    edge = machine.enter(act, "prescription", "unpick", record, version=version, data=data)
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写取消调配的原因", hint_en="Write why the picking is undone")
    act.connection.execute('DELETE FROM "reservation" WHERE "prescription" = ?', (prescription,))
    machine.move(act, edge, record, {"picker": None, "checker": None}, data=data)


def dispense(
    act: Acting, *, prescription: str, identifiers: int = 0, counselled: bool = False, version: int | None = None
) -> None:
    """Hand the drugs out after checking two identifiers; stock is deducted batch by batch.

    `counselled`: use and precautions were explained; a missing explanation is let pass and stands in the row.
    """
    record = act.fetch("prescription", prescription)
    reserved = stock.reserved(act, prescription)
    chosen = list(dict.fromkeys(each["batch"] for each in reserved))
    data = {"identifiers": identifiers, "counselled": counselled, "batches": chosen}
    edge = machine.enter(act, "prescription", "dispense", record, version=version, data=data)
    if identifiers < IDENTIFIERS_NEEDED:
        raise Refused("E-GEN-06", hint_zh="请核对两项身份标识", hint_en="Check two identifiers")
    if any(stock.is_unusable(act, each) for each in reserved):
        raise Refused("E-RX-11")
    cause = machine.move(act, edge, record, data=data)
    for each in reserved:
        batch = act.fetch("stock_batch", each["batch"])
        moving.post(act, batch, type="DISPENSE", quantity=-each["taken"], cause=cause, prescription=record)
    act.connection.execute('DELETE FROM "reservation" WHERE "prescription" = ?', (prescription,))


ACTIONS: Mapping[str, Operation] = {
    "queue.view": view_queue,
    **shelves.ACTIONS,
    **returning.ACTIONS,
    "prescription.approve": approve,
    "prescription.reject": reject,
    "prescription.pick": pick,
    "prescription.check": check,
    "prescription.unpick": unpick,
    "prescription.dispense": dispense,
}
