"""What the pharmacy's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from his.chart import people
from his.chart.acting import Acting, Record
from his.pharmacy import stock
from his.shell import keyboard, strips
from his.shell.glossary import Option, money
from his.shell.sheets import identifiers, usage

STAGES: Mapping[str, str] = {"review": "issued", "pick": "charged", "check": "dispensing", "dispense": "checked"}
"""Step of the pharmacy -> state of the prescriptions that wait there."""
_SHOWN_PARTS = ("complaint", "present", "past", "examination", "plan")


@dataclass(frozen=True, kw_only=True)
class Row:
    id: str
    patient: str
    rx_no: str
    name: str
    sex: str
    age: str
    signed_at: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Item:
    drug: str
    name: str
    spec: str
    usage: str
    quantity: int
    pack: str
    amount: str
    marks: Sequence[str]
    classes: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    id: str
    drug_name: str
    batch_no: str
    expiry: str
    location: str
    free: int
    status: str
    ticked: bool = False


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """The prescription picked in the list, as the present step needs it."""

    id: str
    version: int
    rx_no: str
    status: str
    facts: Sequence[tuple[str, str]]
    items: Sequence[Item]
    batches: Sequence[Batch]
    reserved: Sequence[Batch]
    identifiers: Sequence[tuple[str, str, str]]
    record: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class StageView:
    stage: str
    rows: Sequence[Row]
    chosen: Prescription | None
    gone: bool
    elsewhere: Mapping[str, int]
    reasons: Sequence[Option]
    reason_wrong: bool


def row(act: Acting, record: Record, *, href: str, chosen: bool) -> Row:
    """Return one line of the list."""
    shown = people.shown(act, {"id_no": "", "phone": "", **record})
    return Row(
        id=record["id"],
        patient=record["patient"],
        rx_no=record["rx_no"],
        name=record["name"],
        sex=keyboard.say(f"sex.{record['sex'] or '0'}"),
        age=strips.age_of(shown),
        signed_at=keyboard.when(record["signed_at"]),
        href=href,
        chosen=chosen,
    )


def prescription(act: Acting, record: Record, stage: str, ticked: Sequence[str]) -> Prescription:
    """Return the prescription of a step; `ticked` are batches chosen in a form that was refused."""
    visit = act.fetch("encounter", record["encounter"])
    person = people.shown(act, act.fetch("patient", record["patient"]))
    lines = stock.lines(act, record["id"])
    return Prescription(
        id=record["id"],
        version=record["version"],
        rx_no=record["rx_no"],
        status=record["status"],
        facts=(
            ("sheet.doctor", _staff(act, record["prescriber"])),
            ("sheet.dept", keyboard.glossary().name("departments", visit["dept"])),
            ("sheet.amount", money(record["amount"])),
            *(_people(act, record) if stage != "review" else ()),
        ),
        items=[_item(act, each) for each in lines],
        batches=_batches(act, lines, ticked) if stage == "pick" else (),
        reserved=_reserved(act, record["id"]) if stage in ("check", "dispense") else (),
        identifiers=identifiers(person),
        record=_record(act, visit["id"]) if stage == "review" else (),
    )


def _people(act: Acting, record: Record) -> list[tuple[str, str]]:
    named = (("sheet.reviewer", "reviewer"), ("sheet.picker", "picker"), ("sheet.checker", "checker"))
    return [(key, _staff(act, record[column])) for key, column in named if record[column] is not None]


def _item(act: Acting, line: Record) -> Item:
    glossary = keyboard.glossary()
    drug = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', line["drug"]) or {}
    marks = {"skin_test_required": "sheet.skin_test", "high_alert": "sheet.high_alert"}
    classes = [glossary.name("allergy_classes", each) for each in drug["allergy_classes"].split(";") if each]
    return Item(
        drug=line["drug"],
        name=glossary.pick(line, "generic"),
        spec=f"{drug['strength']} {drug['pack_spec']}",
        usage=usage(line),
        quantity=line["quantity"],
        pack=line["pack_unit_zh"],
        amount=money(line["amount"]),
        marks=[keyboard.say(key) for column, key in marks.items() if drug[column] == "1"],
        classes=keyboard.say("sheet.classes", classes="; ".join(classes)) if classes else "",
    )


def _batches(act: Acting, lines: Sequence[Record], ticked: Sequence[str]) -> list[Batch]:
    found = []
    for line in lines:
        missing = int(line["quantity"])
        for each in stock.batches(act, line["drug"]):
            usable = not stock.is_unusable(act, each) and each["free"] > 0
            chosen = each["id"] in ticked if ticked else usable and missing > 0
            if usable:
                missing -= min(missing, each["free"])
            if each["free"] > 0 or chosen:
                found.append(_batch(act, each, line, each["free"], ticked=chosen))
    return found


def _reserved(act: Acting, key: str) -> list[Batch]:
    lines = {each["id"]: each for each in stock.lines(act, key)}
    return [_batch(act, each, lines[each["rx_item"]], each["taken"]) for each in stock.reserved(act, key)]


def _batch(act: Acting, batch: Record, line: Record, quantity: int, *, ticked: bool = False) -> Batch:
    return Batch(
        id=batch.get("id") or batch["batch"],
        drug_name=keyboard.glossary().pick(line, "generic"),
        batch_no=batch["batch_no"],
        expiry=(act.binding.anchor + timedelta(days=batch["expiry"])).isoformat(),
        location=batch.get("location") or "",
        free=quantity,
        status="expired" if stock.is_expired(act, batch) else batch["status"],
        ticked=ticked,
    )


def _record(act: Acting, encounter: str) -> list[tuple[str, str]]:
    found = act.one(
        'SELECT * FROM "medical_record" WHERE "encounter" = ? AND "status" IN (\'signed\', \'amended\')', encounter
    )
    return [] if found is None else [(f"record.{name}", found[name] or "") for name in _SHOWN_PARTS]


def _staff(act: Acting, key: str | None) -> str:
    found = None if key is None else act.one('SELECT "name" FROM "staff" WHERE "id" = ?', key)
    return "" if found is None else str(found["name"])
