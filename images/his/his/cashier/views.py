"""What the window for payments shows: who owes what, and the invoices of the chosen patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from flask import url_for

from his.cashier import fees, operations, request_fees
from his.chart import billing, posting
from his.chart.acting import Acting, Record
from his.shell import keyboard, naming, sheets, strips
from his.shell.glossary import Option, money

_PRICED = ("drugs", "fee_items", "lab_panels", "imaging_exams", "registration_levels")
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
    """What is paid as a whole: a prescription, a request, the fee of a visit, or the charges posted at the window."""

    kind: str
    """prescription, lab_request, imaging_request, registration or charge_item: what the form's deed is about."""
    address: str
    """Where its form is sent."""
    deed: str
    id: str
    also: Sequence[str]
    version: int
    patient: str
    source: str
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
    version: int
    may_void: bool


@dataclass(frozen=True, kw_only=True)
class Invoice:
    id: str
    number: str
    at: str
    channel: str
    total: str
    by: str
    status: str
    red: bool
    may_refund: bool


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
    fees: Sequence[Option]
    invoices: Sequence[Invoice]
    invoice: Invoice | None
    change: str
    short: str
    """Id of what was to be paid with too little."""
    wrong_fee: bool
    no_reason: str
    """Id of the charge that was to be voided without a reason."""
    full_id: str | None = None
    """The whole ID number, once it was asked for."""
    shift: str
    """When the open shift began; '' while none is open."""


def hit(shown: Record, *, address: str, query: str) -> Hit:
    """Return a person found."""
    return Hit(
        id=shown["id"],
        name=shown["name"],
        sex=naming.sex(shown["sex"]),
        age=strips.age_of(shown),
        card=shown["card_no"] or "",
        mrn=shown["mrn"],
        href=f"{address}?{urlencode({'q': query, 'patient': shown['id']})}",
    )


def waiting(act: Acting, *, address: str) -> list[Payable]:
    """Return everything that may be paid now, oldest first: prescriptions, requests, tickets, posted charges."""
    prescriptions = act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date" FROM "prescription" r JOIN "patient" p ON p."id" = r."patient" '
        'WHERE r."status" = \'reviewed\' ORDER BY r."signed_at", LENGTH(r."id"), r."id"'
    )
    tickets = act.rows(
        'SELECT r.*, r."fee" AS amount, p."name", p."sex", p."birth_date" FROM "registration" r '
        'JOIN "patient" p ON p."id" = r."patient" WHERE r."status" = \'unpaid\' '
        'ORDER BY r."created_at", LENGTH(r."id"), r."id"'
    )
    return [
        *(_payable(act, each, address, "prescription", "prescription.charge") for each in prescriptions),
        *(
            _payable(act, each, address, table, f"{table}.charge")
            for table in request_fees.REQUESTS
            for each in request_fees.waiting(act, table)
        ),
        *(_payable(act, each, address, "registration", "registration.pay") for each in tickets),
        *_posted(act, address),
    ]


def not_reviewed(act: Acting, patient: str) -> list[str]:
    """Return the numbers of prescriptions that the pharmacist has not passed yet."""
    rows = act.rows(
        'SELECT "rx_no" FROM "prescription" WHERE "patient" = ? AND "status" = \'issued\' ORDER BY "rx_no"', patient
    )
    return [each["rx_no"] for each in rows]


def items(act: Acting, patient: str) -> tuple[list[Item], str]:
    """Return what the patient owes and its total."""
    rows = operations.open_items(act, patient)
    return [item(each, act.who.staff) for each in rows], operations.total_of(rows)


def item(row: Record, staff: str = "") -> Item:
    """Return one line of what is owed or paid; `staff` may take back what he posted himself."""
    loose = posting.is_alone(row)
    return Item(
        id=row["id"],
        source=_source_of(row),
        name=name_of(row["item"]),
        class_name=sheets.insurance_class(row["insurance_class"]),
        quantity=row["quantity"],
        price=money(row["price"]),
        amount=money(row["amount"]),
        version=row["version"],
        may_void=loose and row["created_by"] == staff,
    )


def name_of(code: str) -> str:
    """Return what people call a drug or a service."""
    glossary = keyboard.glossary()
    known = (glossary.name(table, code) for table in _PRICED)
    return next((each for each in known if each != code), code)


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
        red=row["reverses"] is not None,
        may_refund=row["reverses"] is None and row["status"] == "issued" and Decimal(row["total"]) > 0,
    )


def change_of(row: Record) -> str:
    """Return what was given back of the cash handed over; '' if nobody noted it."""
    if row["tendered"] is None:
        return ""
    return billing.money(Decimal(row["tendered"]) - Decimal(row["total"]))


def _posted(act: Acting, address: str) -> list[Payable]:
    owing = act.rows(
        'SELECT DISTINCT c."patient" AS id, p."name", p."sex", p."birth_date" FROM "charge_item" c '  # noqa: S608
        f'JOIN "patient" p ON p."id" = c."patient" WHERE c."status" = \'billable\' AND {posting.ALONE} '
        'ORDER BY LENGTH(p."id"), p."id"'
    )
    found = []
    for person in owing:
        first, *others = fees.owed(act, person["id"])
        row = {**person, **first, "amount": billing.money(billing.total_of([first, *others]))}
        also = [each["id"] for each in others]
        found.append(_payable(act, row, address, "charge_item", "charge_item.pay", also))
    return found


def _payable(act: Acting, row: Record, address: str, kind: str, deed: str, also: Sequence[str] = ()) -> Payable:
    return Payable(
        **naming.person(act, row),
        kind=kind,
        address=_address(kind, row["id"]),
        deed=deed,
        id=row["id"],
        also=also,
        version=row["version"],
        patient=row["patient"],
        source=row["rx_no"] if kind == "prescription" else keyboard.say(_SOURCES[kind]),
        amount=money(row["amount"]),
        href=f"{address}?{urlencode({'patient': row['patient']})}",
    )


_SOURCES = {
    "lab_request": "charge.lab_request",
    "imaging_request": "charge.imaging_request",
    "registration": "charge.registration",
    "charge_item": "charge.posted",
}
"""What is paid -> wording key of where it comes from."""


def _address(kind: str, key: str) -> str:
    if kind in request_fees.REQUESTS:
        return url_for("cashier.charge_request", entity=kind, key=key)
    return url_for(
        {"prescription": "cashier.charge", "registration": "cashier.pay_ticket"}.get(kind, "cashier.pay"), key=key
    )


def _source_of(row: Record) -> str:
    if row["rx_no"]:
        return keyboard.say("charge.rx", no=row["rx_no"])
    found = (name for name in ("registration", *request_fees.REQUESTS) if row[name])
    return keyboard.say(_SOURCES[next(found, "charge_item")])
