"""What the cashier's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from his.cashier import operations
from his.chart import people
from his.chart.acting import Acting, Record
from his.shell import keyboard, strips
from his.shell.glossary import Option, money

_PRICED = ("drugs", "lab_panels", "imaging_exams", "registration_levels")
"""Tables that name what a charge item is for."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    id: str
    name: str
    sex: str
    age: str
    card: str
    mrn: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Payable:
    """A reviewed prescription that nobody has paid."""

    id: str
    version: int
    patient: str
    rx_no: str
    name: str
    sex: str
    age: str
    amount: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Item:
    id: str
    source: str
    name: str
    class_name: str
    quantity: int
    price: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class Invoice:
    id: str
    number: str
    at: str
    channel: str
    total: str
    by: str
    status: str


@dataclass(frozen=True, kw_only=True)
class DeskView:
    query: str
    hits: Sequence[Hit]
    waiting: Sequence[Payable]
    patient: str
    items: Sequence[Item]
    total: str
    payable: Sequence[Payable]
    not_reviewed: Sequence[str]
    channels: Sequence[Option]
    invoices: Sequence[Invoice]
    invoice: Invoice | None
    short: bool


@dataclass(frozen=True, kw_only=True)
class InvoiceView:
    document: str
    patient: str
    back: str
    head: Sequence[tuple[str, str]]
    items: Sequence[Item]
    total: str
    foot: Sequence[tuple[str, str]]


def hit(shown: Record, *, address: str, query: str) -> Hit:
    """Return a person found."""
    return Hit(
        id=shown["id"],
        name=shown["name"],
        sex=keyboard.say(f"sex.{shown['sex'] or '0'}"),
        age=strips.age_of(shown),
        card=shown["card_no"] or "",
        mrn=shown["mrn"],
        href=f"{address}?{urlencode({'q': query, 'patient': shown['id']})}",
    )


def waiting(act: Acting, *, address: str) -> list[Payable]:
    """Return every prescription that may be charged, oldest first."""
    rows = act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date" FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" '
        'WHERE r."status" = \'reviewed\' ORDER BY r."signed_at", LENGTH(r."id"), r."id"'
    )
    return [_payable(act, each, address) for each in rows]


def not_reviewed(act: Acting, patient: str) -> list[str]:
    """Return the numbers of prescriptions that the pharmacist has not passed yet."""
    rows = act.rows(
        'SELECT "rx_no" FROM "prescription" WHERE "patient" = ? AND "status" = \'issued\' ORDER BY "rx_no"', patient
    )
    return [each["rx_no"] for each in rows]


def items(act: Acting, patient: str) -> tuple[list[Item], str]:
    """Return what the patient owes and its total."""
    rows = operations.open_items(act, patient)
    return [item(each) for each in rows], operations.total_of(rows)


def items_of_invoice(act: Acting, key: str) -> list[Item]:
    """Return the lines that were paid with an invoice."""
    rows = act.rows(
        'SELECT c.*, d."insurance_class", p."rx_no" FROM "charge_item" c '
        'LEFT JOIN "drugs" d ON d."drug_code" = c."item" '
        'LEFT JOIN "prescription" p ON p."id" = c."prescription" JOIN "journal" j ON j."target" = c."id" '
        'WHERE j."action" = \'charge_item.pay\' AND json_extract(j."data", \'$.invoice\') = ? ORDER BY j."seq"',
        key,
    )
    return [item(each) for each in rows]


def item(row: Record) -> Item:
    """Return one line of what is owed or paid."""
    glossary = keyboard.glossary()
    names = (glossary.name(table, row["item"]) for table in _PRICED)
    return Item(
        id=row["id"],
        source=_source(row),
        name=next((each for each in names if each != row["item"]), row["item"]),
        class_name=row["insurance_class"] or "",
        quantity=row["quantity"],
        price=money(row["price"]),
        amount=money(row["amount"]),
    )


def _source(row: Record) -> str:
    if row["rx_no"]:
        return keyboard.say("charge.rx", no=row["rx_no"])
    kind = next((each for each in ("lab_request", "imaging_request") if row[each]), "registration")
    return keyboard.say(f"charge.{kind}")


def invoice(act: Acting, row: Record) -> Invoice:
    """Return one invoice."""
    by = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', row["cashier"])
    return Invoice(
        id=row["id"],
        number=row["number"],
        at=keyboard.when(row["issued_at"]),
        channel=keyboard.glossary().name("pay_channel", row["channel"]),
        total=money(row["total"]),
        by="" if by is None else by["name"],
        status=row["status"],
    )


def _payable(act: Acting, row: Record, address: str) -> Payable:
    shown = people.shown(act, {"id_no": "", "phone": "", **row})
    return Payable(
        id=row["id"],
        version=row["version"],
        patient=row["patient"],
        rx_no=row["rx_no"],
        name=row["name"],
        sex=keyboard.say(f"sex.{row['sex'] or '0'}"),
        age=strips.age_of(shown),
        amount=money(row["amount"]),
        href=f"{address}?{urlencode({'patient': row['patient']})}",
    )
