"""Reads what the triage desk lists: today's visits with waiting times and signs, vital signs, doors of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from his.chart import rooms, vital_signs, waiting
from his.chart.acting import Acting, Record
from his.shell import keyboard, naming
from his.triage import views

OPEN = ("called", "checked_in", "missed", "registered", "unpaid")
"""States of a visit that the desk still has to do with, in the order of the list."""
_NEXT = 2
"""So many names stand on the board as the next ones."""


def row(act: Acting, record: Record, *, query: Mapping[str, Any], chosen: str) -> views.Row:
    """Return one line from a row of `queue.today`."""
    return views.Row(
        **naming.person(act, record),
        **naming.clinic(record),
        id=record["id"],
        patient=record["patient"],
        queue_no=record["queue_no"],
        level=keyboard.glossary().name("triage", record["triage"]),
        minutes=waiting.minutes(act, record),
        signs=waiting.signs(act, record),
        status=record["status"],
        href=url_for("triage.desk", registration=record["id"], **query),
        chosen=record["id"] == chosen,
    )


def in_order(records: Sequence[Record]) -> list[Record]:
    """Return called ones first, then the waiting in their order, then who was missed, who is to come, who is done."""
    return sorted(records, key=lambda each: (_rank(each), waiting.door(each), waiting.place(each)))


def _rank(record: Record) -> int:
    status = str(record["status"])
    return OPEN.index(status) if status in OPEN else len(OPEN)


def signs(act: Acting, wrong: set[str], *, emergency: bool) -> list[views.Sign]:
    """Return the fields of the form; `wrong` are the codes of what was refused."""
    glossary = keyboard.glossary()
    return [
        views.Sign(
            code=each["code"],
            name=glossary.pick(each),
            unit=glossary.pick(each, "unit"),
            range=f"{each['min']}–{each['max']}",
            must=emergency and each["triage"] == "1",
            wrong=each["code"] in wrong,
        )
        for each in vital_signs.table(act)
    ]


def sets(act: Acting, encounter: str, birth_date: str | None) -> list[views.Measured]:
    """Return the vital signs of a visit, latest first, each value with its judgement."""
    table = vital_signs.table(act)
    return [
        views.Measured(
            at=keyboard.when(each["recorded_at"]),
            by=each["by_name"] or "",
            values=[
                (
                    "" if each[sign["code"]] is None else str(each[sign["code"]]),
                    vital_signs.judged(act, sign, each[sign["code"]], birth_date),
                )
                for sign in table
            ],
        )
        for each in vital_signs.of_visit(act, encounter)
    ]


def doors(act: Acting, records: Sequence[Record]) -> list[views.Door]:
    """Return a line per clinic of which somebody waits, is called or is inside, in order of the rooms."""
    glossary = keyboard.glossary()
    clinics: dict[tuple[str, str], list[Record]] = {}
    for each in records:
        if each["status"] in ("checked_in", "called", "in_consult"):
            clinics.setdefault((each["doctor"] or "", each["room"] or rooms.of_clinic(act, each) or ""), []).append(
                each
            )
    found = []
    for (_, room), mine in clinics.items():
        called = sorted(
            (each for each in mine if each["status"] == "called"), key=lambda one: -int(one["updated_at"] or 0)
        )
        queued = waiting.in_order(mine)
        found.append(
            (
                room or "~",
                views.Door(
                    room=glossary.name("rooms", room) if room else keyboard.say("board.desk"),
                    doctor=mine[0]["doctor_name"] or "",
                    called=[_called(each) for each in called],
                    inside=[each["queue_no"] for each in mine if each["status"] == "in_consult"],
                    following=[_called(each) for each in queued[:_NEXT]],
                    waiting=len(queued),
                ),
            )
        )
    return [door for _, door in sorted(found, key=lambda one: one[0])]


def missed(records: Sequence[Record]) -> list[tuple[int, str]]:
    """Return who was passed over and may come back."""
    return [_called(each) for each in records if each["status"] == "missed"]


def masked_name(name: str) -> str:
    """Return a name as a screen in a hall may show it: first and last sign of a long one, the first of a short one."""
    return f"{name[:1]}*{name[-1:]}" if len(name) > 2 else f"{name[:1]}*"


def _called(record: Record) -> tuple[int, str]:
    return record["queue_no"], masked_name(record["name"])
