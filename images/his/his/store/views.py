"""What the store's pages have in common: the inner tabs, a batch in words, drugs by short code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from his.chart import dictionary, stock
from his.chart.acting import Acting, Record
from his.shell import keyboard, sheets

_ROOMS = (
    ("goods", "store_goods.goods"),
    ("count", "store_count.sheet"),
    ("ledger", "store_ledger.ledger"),
)
_TONES = {"available": "good", "near_expiry": "warned", "awaiting_check": "warned"}


@dataclass(frozen=True, kw_only=True)
class Room:
    """One of the store's inner tabs; the key leads on to the one after the present."""

    label: str
    href: str
    current: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    id: str
    drug: str
    spec: str
    batch_no: str
    expiry: str
    days: int
    """Days until it expires; negative: days since."""
    place: str
    location: str
    quantity: int
    free: int
    pack: str
    status: str
    tone: str
    cost: str
    supplier: str
    delivery_no: str
    received_by: str
    accepted_by: str
    cold: bool
    version: int
    href: str = ""
    chosen: bool = False


def rooms(current: str) -> list[Room]:
    """Return the inner tabs."""
    names = [name for name, _ in _ROOMS]
    following = names[(names.index(current) + 1) % len(names)]
    return [
        Room(
            label=f"room.{name}", href=url_for(endpoint), current=name == current, key="F7" if name == following else ""
        )
        for name, endpoint in _ROOMS
    ]


def batch(act: Acting, record: Record, *, href: str = "", chosen: bool = False) -> Batch:
    """Return a batch in words."""
    glossary = keyboard.glossary()
    drug = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', record["drug"]) or {}
    return Batch(
        id=record["id"],
        drug=glossary.name("drugs", record["drug"]),
        spec=sheets.spec(drug),
        batch_no=record["batch_no"],
        expiry=day(act, record["expiry"]),
        days=record["expiry"] - act.today,
        place=glossary.name("stock_place", record["place"]),
        location=sheets.shelf(record["location"]),
        quantity=record["quantity"],
        free=record["quantity"] - stock.reserved_of(act, record["id"]),
        pack=sheets.unit(drug["pack_unit_zh"]),
        status=record["status"],
        tone=_TONES.get(record["status"], "bad"),
        cost=record["cost"] or "",
        supplier=record["supplier"] or "",
        delivery_no=record["delivery_no"] or "",
        received_by=staff(act, record["received_by"]),
        accepted_by=staff(act, record["accepted_by"]),
        cold=dictionary.is_cold(drug),
        version=record["version"],
        href=href,
        chosen=chosen,
    )


def day(act: Acting, days: int) -> str:
    """Return a stored day as people write it."""
    return (act.binding.anchor + timedelta(days=days)).isoformat()


def notices(act: Acting, drug: str) -> list[tuple[str, str, str]]:
    """Return the last two notices of a drug's price: wording key of the state, number, when and what."""
    rows = act.rows(
        'SELECT * FROM "price_change" WHERE "drug" = ? '
        'ORDER BY "effective_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 2',
        drug,
    )
    return [
        (
            f"status.price.{each['status']}",
            each["notice"],
            f"{keyboard.when(each['effective_at'])} {each['old_price']}→{each['new_price']}",
        )
        for each in rows
    ]


def staff(act: Acting, key: str | None) -> str:
    """Return the name of a member of staff."""
    found = None if key is None else act.one('SELECT "name" FROM "staff" WHERE "id" = ?', key)
    return "" if found is None else str(found["name"])


def candidates(found: Sequence[Record]) -> list[tuple[str, str, str, int]]:
    """Return drugs for a drop-down grid: code, name, specification, packs in the pharmacy."""
    glossary = keyboard.glossary()
    return [
        (
            each["drug_code"],
            glossary.pick(each, "generic"),
            sheets.spec(each),
            int(each["stock"]),
        )
        for each in found
    ]
