"""Reads what the doctor's pages list: queue rows, diagnoses, prescriptions, earlier visits."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from his.chart import people, queue, stock, waiting
from his.chart.acting import Acting, Record
from his.chart.refusing import Alert
from his.clinic import queue_views, views
from his.hospital_time import DAY_S
from his.shell import keyboard, naming, sheets, strips
from his.shell.glossary import money

BUSY = ("in_consult", "called")
UNSEEN = ("checked_in", "called", "in_consult", "missed")
_CANCELLABLE = ("draft", "issued", "reviewed", "rejected")


def queue_row(row: Record, act: Acting, *, href: str, chosen: bool) -> queue_views.QueueRow:
    """Return one line of the queue."""
    return queue_views.QueueRow(
        **naming.person(act, row),
        id=row["id"],
        version=row["version"],
        patient=row["patient"],
        encounter=row["encounter"] or "",
        queue_no=row["queue_no"],
        doctor_name=row["doctor_name"] or "",
        status=row["status"],
        href=href,
        chosen=chosen,
        signs=waiting.signs(act, row),
    )


def short_queue(act: Acting, encounter: str) -> list[queue_views.QueueRow]:
    """Return the queue beside an open chart: whoever is waiting or in the room for this doctor, or his head."""
    rows = [each for each in queue.today(act, dept=act.who.dept) if each["status"] in UNSEEN]
    mine = [each for each in rows if act.who.role == "HOD" or each["doctor"] in (None, act.who.staff)]
    return [queue_row(each, act, href=address(each), chosen=each["encounter"] == encounter) for each in in_order(mine)]


def address(row: Record) -> str:
    """Return where a line of the queue leads: into the chart once the consultation runs."""
    if row["status"] == "in_consult":
        return url_for("clinic.chart", encounter=row["encounter"])
    return url_for("clinic.queue", registration=row["id"])


def in_order(rows: Sequence[Record]) -> list[Record]:
    """Return those in the room first, then who waits, then the rest."""
    rank = {"in_consult": 0, "called": 1, "checked_in": 2, "missed": 3, "registered": 4}
    return sorted(rows, key=lambda each: (rank.get(each["status"], 5), each["half_day"], waiting.place(each)))


def diagnoses(act: Acting, encounter: Record) -> list[views.DiagnosisRow]:
    """Return the standing diagnoses of a visit."""
    glossary = keyboard.glossary()
    person = act.fetch("patient", encounter["patient"])
    years, _, _ = people.age(act, person["birth_date"])
    rows = act.rows(
        'SELECT d.*, i."sex_limit", i."age_min", i."age_max", t."name" AS by_name FROM "diagnosis" d '
        'JOIN "icd10" i ON i."code" = d."code" LEFT JOIN "staff" t ON t."id" = d."added_by" '
        'WHERE d."encounter" = ? AND d."status" = \'active\' ORDER BY d."rank", LENGTH(d."id"), d."id"',
        encounter["id"],
    )
    return [
        views.DiagnosisRow(
            id=each["id"],
            rank=each["rank"],
            code=each["code"],
            name=glossary.name("icd10", each["code"]),
            certainty=glossary.name("certainty", each["certainty"]),
            type=glossary.name("dx_type", each["dx_type"]),
            by=each["by_name"] or "",
            misfit=_misfit(each, person["sex"], years),
        )
        for each in rows
    ]


def prescriptions(act: Acting, encounter: str) -> list[views.PrescriptionRow]:
    """Return the prescriptions of a visit, latest last; an unsigned draft is shown in the grid, not here."""
    glossary = keyboard.glossary()
    rows = act.rows(
        'SELECT * FROM "prescription" WHERE "encounter" = ? AND "status" != \'draft\' ORDER BY LENGTH("id"), "id"',
        encounter,
    )
    return [
        views.PrescriptionRow(
            id=each["id"],
            rx_no=each["rx_no"],
            words=sheets.drugs(act, each["id"]),
            signed_at=keyboard.when(each["signed_at"]),
            amount=money(each["amount"]),
            status=each["status"],
            review=glossary.name("rx_review_reason", each["review_reason"]) if each["status"] == "rejected" else "",
            valid_until=_valid_until(act, each),
            version=each["version"],
            may_cancel=each["status"] in _CANCELLABLE,
        )
        for each in rows
    ]


def _valid_until(act: Acting, record: Record) -> str:
    if record["status"] not in ("issued", "reviewed") or record["valid_until"] is None:
        return ""
    return act.iso(record["valid_until"] * DAY_S)[:10]


def alert(shown: Alert) -> views.AlertView:
    """Return an alert in the language of the page; what it is about by name."""
    glossary = keyboard.glossary()
    return views.AlertView(
        rule=shown.rule,
        level=shown.level,
        text=shown.en if keyboard.language() == "en" else shown.zh,
        drugs="; ".join(glossary.name(_table_of(each), each) for each in shown.items),
    )


def _table_of(code: str) -> str:
    return "lab_panels" if code.startswith("P-") else "imaging_exams" if code.startswith("I") else "drugs"


def history(act: Acting, encounter: Record) -> list[views.HistoryRow]:
    """Return the patient's earlier visits, latest first."""
    glossary = keyboard.glossary()
    rows = act.rows(
        'SELECT e.*, t."name" AS doctor_name FROM "encounter" e LEFT JOIN "staff" t ON t."id" = e."attending" '
        'WHERE e."patient" = ? AND e."id" != ? AND e."status" = \'finished\' ORDER BY e."started_at" DESC LIMIT 30',
        encounter["patient"],
        encounter["id"],
    )
    return [
        views.HistoryRow(
            id=each["id"],
            date="" if each["started_at"] is None else act.iso(each["started_at"])[:10],
            dept=glossary.name("departments", each["dept"]),
            doctor=each["doctor_name"] or "",
            diagnosis=strips.diagnoses(act, each["id"]),
            drugs=_drugs_of_visit(act, each["id"]),
        )
        for each in rows
    ]


def sheet_drugs(act: Acting, prescription: str) -> list[views.SheetDrug]:
    """Return the lines of a prescription as they are printed."""
    glossary = keyboard.glossary()
    return [
        views.SheetDrug(
            name=glossary.pick(each, "generic"),
            spec=sheets.spec(each),
            quantity=each["quantity"],
            pack=sheets.unit(each["pack_unit_zh"]),
            usage=sheets.usage(each),
        )
        for each in stock.lines(act, prescription)
    ]


def _drugs_of_visit(act: Acting, encounter: str) -> str:
    rows = act.rows(
        'SELECT DISTINCT i."drug" FROM "rx_item" i JOIN "prescription" p ON p."id" = i."prescription" '
        "WHERE p.\"encounter\" = ? AND p.\"status\" NOT IN ('draft', 'cancelled') AND i.\"status\" = 'active'",
        encounter,
    )
    return "; ".join(keyboard.glossary().name("drugs", each["drug"]) for each in rows)


def _misfit(row: Record, sex: str | None, years: int | None) -> bool:
    wrong_sex = {"M": "2", "F": "1"}.get(row["sex_limit"]) == sex
    return wrong_sex or (years is not None and not int(row["age_min"]) <= years <= int(row["age_max"]))
