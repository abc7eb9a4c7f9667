"""What the pharmacy's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from his.chart import controlled, dictionary, people, skin, stock
from his.chart.acting import Acting, Record
from his.hospital_time import DAY_S
from his.shell import keyboard, naming, sheets
from his.shell.glossary import Option, money
from his.shell.sheets import identifiers, usage

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
    status: str
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
    needed: str = ""
    """How many packs the line needs."""
    ticked: bool = False
    passed_over: bool = False
    """Whether a valid batch that expires earlier was left on the shelf."""


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """The prescription picked in the list, as the present step needs it."""

    id: str
    version: int
    patient: str
    rx_no: str
    status: str
    facts: Sequence[tuple[str, str]]
    items: Sequence[Item]
    batches: Sequence[Batch]
    reserved: Sequence[Batch]
    identifiers: Sequence[tuple[str, str, str]]
    record: Sequence[tuple[str, str]]
    breaches: Sequence[str] = ()
    """Rules for controlled drugs that it breaks."""


@dataclass(frozen=True, kw_only=True)
class StageView:
    stage: str
    query: str
    """What was scanned or typed; empty: everything that waits at this step."""
    rows: Sequence[Row]
    chosen: Prescription | None
    closed: Row | None
    """A prescription that was found but is not in the pharmacy's hands any more."""
    gone: bool
    elsewhere: Mapping[str, int]
    reasons: Sequence[Option]
    wrong: str
    """Code of the refusal, so that the fields it is about are marked."""


def row(act: Acting, record: Record, *, href: str, chosen: bool) -> Row:
    """Return one line of the list."""
    return Row(
        **naming.person(act, record),
        id=record["id"],
        patient=record["patient"],
        rx_no=record["rx_no"],
        signed_at=keyboard.when(record["signed_at"]),
        status=record["status"],
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
        patient=record["patient"],
        rx_no=record["rx_no"],
        status=record["status"],
        facts=(
            ("sheet.doctor", staff(act, record["prescriber"])),
            ("sheet.dept", keyboard.glossary().name("departments", visit["dept"])),
            ("sheet.amount", money(record["amount"])),
            *(_form(act, record) if stage == "review" else ()),
            *(_people(act, record) if stage != "review" else ()),
        ),
        items=[_item(act, each, record["patient"]) for each in lines],
        batches=_batches(act, lines, ticked) if stage == "pick" else (),
        reserved=_reserved(act, record["id"]) if stage in ("check", "dispense") else (),
        identifiers=identifiers(person),
        record=record_of(act, visit["id"]) if stage == "review" else (),
        breaches=[_words(each) for each in controlled.breaches(act, record, lines)] if stage == "review" else (),
    )


def _form(act: Acting, record: Record) -> list[tuple[str, str]]:
    last = record["signed_at"] // DAY_S + dictionary.limit(act, "rx_valid_days") - 1
    return [
        ("sheet.type", keyboard.glossary().name("rx_type", record["type"])),
        ("sheet.valid", day(act, last)),
    ]


def _words(breach: controlled.Breach) -> str:
    return breach.en if keyboard.language() == "en" else breach.zh


def _people(act: Acting, record: Record) -> list[tuple[str, str]]:
    named = (("sheet.reviewer", "reviewer"), ("sheet.picker", "picker"), ("sheet.checker", "checker"))
    return [(key, staff(act, record[column])) for key, column in named if record[column] is not None]


def _item(act: Acting, line: Record, patient: str) -> Item:
    glossary = keyboard.glossary()
    drug = act.one('SELECT * FROM "drugs" WHERE "drug_code" = ?', line["drug"]) or {}
    classes = [glossary.name("allergy_classes", each) for each in drug["allergy_classes"].split(";") if each]
    return Item(
        drug=line["drug"],
        name=glossary.pick(line, "generic"),
        spec=sheets.spec(drug),
        usage=usage(line),
        quantity=line["quantity"],
        pack=sheets.unit(line["pack_unit_zh"]),
        amount=money(line["amount"]),
        marks=[
            *([keyboard.say("sheet.high_alert")] if drug["high_alert"] == "1" else ()),
            *([_control(drug)] if controlled.rule(act, drug) is not None else ()),
            *(_tested(act, line, patient)),
            *([keyboard.say("sheet.cold")] if dictionary.is_cold(drug) else ()),
        ],
        classes=keyboard.say("sheet.classes", classes="; ".join(classes)) if classes else "",
    )


def _control(drug: Record) -> str:
    return keyboard.glossary().name("control_class", drug["control_class"])


def _tested(act: Acting, line: Record, patient: str) -> list[str]:
    """Return how the skin test of a line stands, nothing if it needs none."""
    if line["skin_test_required"] != "1":
        return []
    required = keyboard.say("sheet.skin_test")
    return [required, keyboard.say(f"skin.mark.{skin.result(act, patient, line['drug'])}")]


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
    return [
        _batch(act, each, lines[each["rx_item"]], each["taken"], passed_over=_is_passed_over(act, each))
        for each in stock.reserved(act, key)
    ]


def _is_passed_over(act: Acting, picked: Record) -> bool:
    return any(
        each["expiry"] < picked["expiry"] and each["free"] > 0 and not stock.is_unusable(act, each)
        for each in stock.batches(act, picked["drug"])
    )


def _batch(
    act: Acting, batch: Record, line: Record, quantity: int, *, ticked: bool = False, passed_over: bool = False
) -> Batch:
    return Batch(
        id=batch.get("id") or batch["batch"],
        drug_name=keyboard.glossary().pick(line, "generic"),
        batch_no=batch["batch_no"],
        expiry=day(act, batch["expiry"]),
        location=sheets.shelf(batch.get("location")),
        free=quantity,
        status="expired" if stock.is_expired(act, batch) else batch["status"],
        needed=f"{line['quantity']} {sheets.unit(line['pack_unit_zh'])}",
        ticked=ticked,
        passed_over=passed_over,
    )


def day(act: Acting, days: int) -> str:
    """Return a stored day as people write it."""
    return (act.binding.anchor + timedelta(days=days)).isoformat()


def is_meant(record: Record, query: str) -> bool:
    """Say whether a scan or a word means this prescription: its number, the card, the record number, the name."""
    wanted = people.normalised(query)
    if wanted.upper() in (record["rx_no"], record["card_no"], record["mrn"]):
        return True
    return bool(wanted) and (
        record["name"].startswith(wanted) or (record["pinyin_initials"] or "").startswith(wanted.lower())
    )


def visit_of(act: Acting, record: Record) -> Record:
    """Return the visit of a prescription."""
    return act.fetch("encounter", record["encounter"])


def record_of(act: Acting, encounter: str) -> list[tuple[str, str]]:
    """Return the signed record of a visit: wording key and text of each part; nothing if there is none."""
    found = act.one(
        'SELECT * FROM "medical_record" WHERE "encounter" = ? AND "status" IN (\'signed\', \'amended\')', encounter
    )
    return [] if found is None else [(f"record.{name}", found[name] or "") for name in _SHOWN_PARTS]


def staff(act: Acting, key: str | None) -> str:
    """Return the name of a member of staff."""
    found = None if key is None else act.one('SELECT "name" FROM "staff" WHERE "id" = ?', key)
    return "" if found is None else str(found["name"])
