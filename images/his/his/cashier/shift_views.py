"""What the pages of a shift show, at the window and at finance's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from his.chart import till
from his.chart.acting import Acting, Record
from his.shell import keyboard
from his.shell.glossary import money


@dataclass(frozen=True, kw_only=True)
class Row:
    """A shift in the list."""

    id: str
    href: str
    cashier: str
    opened: str
    closed: str
    total: str
    difference: str
    status: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """An invoice of the shift."""

    number: str
    at: str
    patient: str
    channel: str
    total: str
    status: str
    red: bool


@dataclass(frozen=True, kw_only=True)
class Total:
    channel: str
    invoices: int
    total: str
    cash: bool


@dataclass(frozen=True, kw_only=True)
class Shift:
    id: str
    version: int
    status: str
    facts: Sequence[tuple[str, str]]
    totals: Sequence[Total]
    invoices: int
    total: str
    cash: str
    counted: str
    difference: str
    short: bool
    note: str
    reconciler: str
    remark: str
    lines: Sequence[Line]


def row(act: Acting, record: Record, *, href: str, chosen: bool) -> Row:
    """Return a shift as the list shows it."""
    return Row(
        id=record["id"],
        href=href,
        cashier=staff(act, record["cashier"]),
        opened=keyboard.when(record["opened_at"]),
        closed=keyboard.when(record["closed_at"]),
        total=money(record["total"]) if record["total"] is not None else "",
        difference=_signed(record["difference"]),
        status=record["status"],
        chosen=chosen,
    )


def shift(act: Acting, record: Record) -> Shift:
    """Return a shift with its totals per channel and its invoices, latest first."""
    glossary = keyboard.glossary()
    found = till.totals(act, record["id"])
    total = sum((each for _, each in found.values()), Decimal(0))
    return Shift(
        id=record["id"],
        version=record["version"],
        status=record["status"],
        facts=(
            ("shift.cashier", staff(act, record["cashier"])),
            ("shift.opened", keyboard.when(record["opened_at"])),
            ("shift.closed", keyboard.when(record["closed_at"])),
        ),
        totals=[
            Total(
                channel=glossary.name("pay_channel", channel),
                invoices=count,
                total=money(amount),
                cash=channel == till.CASH,
            )
            for channel, (count, amount) in found.items()
        ],
        invoices=sum(count for count, _ in found.values()),
        total=money(total),
        cash=money(found.get(till.CASH, (0, Decimal(0)))[1]),
        counted="" if record["counted"] is None else money(record["counted"]),
        difference=_signed(record["difference"]),
        short=Decimal(record["difference"] or "0") < 0,
        note=record["note"] or "",
        reconciler=staff(act, record["reconciler"]),
        remark=record["remark"] or "",
        lines=_lines(act, record["id"]),
    )


def staff(act: Acting, key: str | None) -> str:
    """Return the name of a member of staff."""
    found = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', key)
    return "" if found is None else str(found["name"])


def _lines(act: Acting, key: str) -> list[Line]:
    rows = act.rows(
        'SELECT i.*, p."name" AS patient_name FROM "invoice" i JOIN "patient" p ON p."id" = i."patient" '
        'WHERE i."shift" = ? ORDER BY LENGTH(i."id") DESC, i."id" DESC',
        key,
    )
    return [
        Line(
            number=each["number"],
            at=keyboard.when(each["issued_at"]),
            patient=each["patient_name"],
            channel=keyboard.glossary().name("pay_channel", each["channel"]),
            total=money(each["total"]),
            status=each["status"],
            red=each["reverses"] is not None,
        )
        for each in rows
    ]


def _signed(difference: str | None) -> str:
    """Return a difference with its sign: more in the drawer than due is +."""
    if difference is None:
        return ""
    return f"+{money(difference)}" if Decimal(difference) > 0 else money(difference)
