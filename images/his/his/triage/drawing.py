"""Draws the triage desk and the room board, fresh or with what was typed into a refused form."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary, people, queue, rooms, vital_signs, waiting
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import frames, keyboard, strips
from his.shell.frames import Page
from his.shell.glossary import Option
from his.triage import forms, lists, operations, views

_MAIN_KEY = {
    "registered": "check_in",
    "unpaid": "check_in",
    "checked_in": "call",
    "called": "pass",
    "missed": "requeue",
}
"""State of the chosen visit -> what F9 does."""


def desk(key: str = "", refusal: Refused | None = None, deed: str = "") -> Response:
    """Draw the list and the visit picked in it; a search that finds one visit picks it."""
    key = key or request.args.get("registration", "")
    query = request.args.get("q", "")
    dept = request.args.get("dept", keyboard.who().dept)
    state = request.args.get("state", "open")
    rows = _rows(query, dept)
    if query and not key and len(rows) == 1:
        key = rows[0]["id"]
    with keyboard.looking() as act:
        chosen = _picked(act, rows, key)
        view = _view(act, rows, chosen, query=query, dept=dept, state=state, deed=deed if refusal else "")
        strip = None if chosen is None else strips.of(act, chosen["patient"], _visit(act, chosen))
    main = _MAIN_KEY.get("" if chosen is None else chosen["status"])
    keys = ["F2=vitals"] if view.chosen and view.chosen.may_measure else []
    keys += ["F3=find_queue", "F4=level"] if view.chosen and view.chosen.emergency else ["F3=find_queue"]
    page = Page(
        template="triage/desk.html",
        title="desk.triage",
        tab="triage",
        view=view,
        strip=strip,
        keys=(*keys, "F6=board", *((f"F9={main}",) if main else ())),
        here=url_for("triage.desk", registration=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def board() -> Response:
    """Draw the room board of a department, as an act of looking at the queue."""
    dept = request.args.get("dept", keyboard.who().dept)
    keyboard.perform(operations.view_queue, desk="board", dept=dept)
    page = Page(
        template="triage/board.html",
        title="desk.triage",
        tab="triage",
        view=board_view(dept),
        keys=("F3=choose_dept", "F6=back_to_desk"),
    )
    return frames.show(page)


def board_view(dept: str) -> views.BoardView:
    """Return what the board of a department shows now."""
    with keyboard.looking() as act:
        rows = queue.today(act, dept=dept or None)
        return views.BoardView(
            dept=dept,
            dept_name=keyboard.glossary().name("departments", dept),
            doors=lists.doors(act, rows),
            missed=lists.missed(rows),
            depts=_depts(act),
        )


def _rows(query: str, dept: str) -> list[Record]:
    if people.normalised(query):
        return list(keyboard.perform(operations.find, query=query, dept=dept))
    return list(keyboard.perform(operations.view_queue, desk="triage", dept=dept))


def _picked(act: Acting, rows: list[Record], key: str) -> Record | None:
    if not key:
        return None
    return next((each for each in [*rows, *queue.today(act)] if each["id"] == key), None)


def _visit(act: Acting, record: Record) -> Record | None:
    return act.one('SELECT * FROM "encounter" WHERE "id" = ?', record["encounter"])


def _view(
    act: Acting, rows: list[Record], chosen: Record | None, *, query: str, dept: str, state: str, deed: str
) -> views.DeskView:
    kept = {"q": query, "dept": dept, "state": state}
    key = "" if chosen is None else chosen["id"]
    shown = [each for each in rows if state == "all" or query or each["status"] in lists.OPEN or each["id"] == key]
    lines = [lists.row(act, each, query=kept, chosen=key) for each in lists.in_order(shown)]
    return views.DeskView(
        rows=lines,
        emergency=any(each["setting"] == waiting.EMERGENCY for each in shown),
        every_dept=bool(query) or not dept,
        chosen=None if chosen is None else _chosen(act, chosen, kept, deed),
        query=query,
        dept=dept,
        depts=_depts(act),
        state=state,
        states=[Option(value=each, label=keyboard.say(f"triage.show.{each}")) for each in ("open", "all")],
        levels=keyboard.glossary().options("triage"),
        to_come=sum(each["status"] in ("registered", "unpaid") for each in rows),
        waiting=sum(each["status"] == "checked_in" for each in rows),
        longest=max((each.minutes or 0 for each in lines), default=0),
    )


def _chosen(act: Acting, record: Record, kept: dict[str, str], deed: str) -> views.Chosen:
    glossary = keyboard.glossary()
    visit = _visit(act, record) or {}
    person = people.shown(act, act.fetch("patient", record["patient"]))
    emergency = record["setting"] == waiting.EMERGENCY
    table = vital_signs.table(act)
    wrong = forms.problems(request.form, table) if deed == "vitals.record" else set()
    room = record["room"] or rooms.of_clinic(act, record) or ""
    return views.Chosen(
        id=record["id"],
        version=record["version"],
        encounter=record["encounter"] or "",
        encounter_version=visit.get("version", 0),
        row=lists.row(act, record, query=kept, chosen=record["id"]),
        facts=_facts(person, record),
        out_of_turn=record["status"] == "checked_in"
        and not waiting.is_first(queue.today(act, dept=record["dept"]), record),
        room=room,
        room_name=glossary.name("rooms", room) if room else keyboard.say("board.desk"),
        rooms=[Option(value=each["room"], label=glossary.pick(each)) for each in rooms.of_dept(act, record["dept"])],
        reasons=[each.label for each in glossary.options("call_reason")],
        calls=dictionary.limit(act, "calls_before_missed"),
        may_measure=visit.get("status") in vital_signs.MEASURED_IN,
        emergency=emergency,
        triaged=visit.get("triage") is not None,
        complaint=visit.get("chief_complaint") or "",
        signs=lists.signs(act, wrong, emergency=emergency),
        sets=lists.sets(act, record["encounter"], person["birth_date"]),
    )


def _facts(person: Record, record: Record) -> tuple[tuple[str, str], ...]:
    glossary = keyboard.glossary()
    return (
        ("ident.birth", person["birth_date"] or ""),
        ("ident.card", person["card_no"] or ""),
        ("ident.id_no", person["id_no"]),
        ("ident.phone", person["phone"]),
        ("triage.half", glossary.name("half_day", record["half_day"])),
        ("triage.clinic", f"{glossary.name('departments', record['dept'])} {record['doctor_name'] or ''}".strip()),
    )


def _depts(act: Acting) -> list[Option]:
    present = {each["dept"] for each in queue.today(act)} | {act.who.dept}
    return [each for each in keyboard.glossary().table("departments") if each.value in present]
