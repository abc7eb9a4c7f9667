"""Draws the pages of the registration desk, fresh or with what was typed into a refused form."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary, half_days, people, queue
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.registration import operations, views
from his.shell import frames, keyboard, naming, strips
from his.shell.frames import Page

_LIVE_LETTERS = 2
"""Search as you type begins here: every search is journaled, and one Latin letter finds half the town."""
_SELF_PAY = "S00"
"""Offered for whoever has no insurance: a ticket is never put on an insurance that nobody named."""


def found(query: str, *, endpoint: str = "registration.desk") -> views.HitsView:
    """Search, as a journaled act; an empty query finds nobody. Hits lead to `endpoint`."""
    rows = keyboard.perform(operations.search, query=query) if people.normalised(query) else []
    with keyboard.looking() as act:
        most = dictionary.limit(act, "search_hits")
    hits = [naming.hit(each) for each in rows]
    return views.HitsView(query=query, hits=hits, more=len(rows) >= most, endpoint=endpoint)


def found_so_far(query: str, *, endpoint: str = "registration.desk") -> views.HitsView:
    """Search while somebody is still typing."""
    wanted = people.normalised(query)
    enough = len(wanted) >= _LIVE_LETTERS or not wanted.isascii()
    return found(query if enough else "", endpoint=endpoint)


def desk(*, patient: str = "", refusal: Refused | None = None, full_id: str | None = None, card: str = "") -> Response:
    """Draw search, person, clinics and today's registrations of the person."""
    patient = patient or request.args.get("patient", "")
    query = request.args.get("q", "")
    hits = found(query)
    if not patient and len(hits.hits) == 1 and people.is_read(query):
        # A card that was read names one person: he stands at the window.
        patient = hits.hits[0].id
    with keyboard.looking() as act:
        view = _desk_view(act, patient, hits, full_id, card)
        strip = strips.of(act, patient) if patient else None
    page = Page(
        template="registration/desk.html",
        title="desk.registration",
        tab="register",
        view=view,
        strip=strip,
        keys=(
            "F3=search",
            "F4=new_patient",
            *(("F6=read_card",) if view.person else ()),
            "F9=take_fee" if view.unpaid else "F9=register",
        ),
        here=url_for("registration.desk", patient=patient) if refusal or card or full_id is not None else "",
        refusal=refusal,
    )
    return frames.show(page)


def _desk_view(act: Acting, patient: str, hits: views.HitsView, full_id: str | None, card: str) -> views.DeskView:
    glossary = keyboard.glossary()
    record, person = views.person(act, patient) if patient else (None, None)
    now, halves = views.half_options(act)
    typed = request.form if request.method == "POST" else request.args
    half = request.args.get("half") or typed.get("half_day") or request.args.get("of") or now
    dept = request.args.get("dept", "")
    every = half_days.clinics(act, half)
    chosen = (typed.get("doctor", ""), typed.get("half_day") or typed.get("of") or half)
    query = {"q": hits.query, "patient": patient, "dept": dept, "half": half}
    today = [each for each in queue.today(act) if each["patient"] == patient] if patient else []
    return views.DeskView(
        query=hits.query,
        hits=hits.hits,
        more=hits.more,
        person=person,
        full_id=full_id,
        led_from=_number(act, request.args.get("merged", "")),
        namesakes=views.namesakes(act, record) if record else (),
        depts=[each for each in glossary.table("departments") if each.value in {row["dept"] for row in every}],
        dept=dept,
        halves=halves,
        half=half,
        clinics=[
            views.clinic(each, address=url_for("registration.desk"), query=query, chosen=chosen)
            for each in every
            if dept in ("", each["dept"])
        ],
        card=_card(record, card),
        ticket=_ticket(
            every, chosen, card or typed.get("insurance_type") or (record or {}).get("insurance_type") or _SELF_PAY
        ),
        insurances=glossary.table("insurance_types"),
        channels=[each for each in glossary.options("pay_channel") if each.value not in ("INS", "ACC", "DEP")],
        today=[views.visit(act, each) for each in today],
    )


def _card(record: Record | None, insurance: str) -> views.Card | None:
    if record is None or not insurance:
        return None
    name = keyboard.glossary().name("insurance_types", insurance)
    return views.Card(insurance=name, number=record["card_no"] or "", fits=insurance == record["insurance_type"])


def _number(act: Acting, patient: str) -> str:
    found = act.one('SELECT "mrn" FROM "patient" WHERE "id" = ? AND "status" = \'merged\'', patient)
    return "" if found is None else str(found["mrn"])


def _ticket(clinics: list[Record], chosen: tuple[str, str], insurance: str) -> views.Ticket:
    row = next((each for each in clinics if (each["doctor"], each["half_day"]) == chosen), None)
    if row is None:
        return views.Ticket(insurance_type=insurance)
    shown = views.clinic(row, address="", query={}, chosen=chosen)
    return views.Ticket(
        dept=row["dept"],
        doctor=row["doctor"],
        half_day=row["half_day"],
        level=row["level"],
        insurance_type=insurance,
        full=row["remaining"] <= 0,
        words=f"{shown.dept_name} {shown.doctor_name} {shown.half_name} {shown.level_name} ¥{shown.fee}",
    )


def checkin(*, refusal: Refused | None = None) -> Response:
    """Draw today's visits."""
    dept = request.args.get("dept", "")
    rows = keyboard.perform(operations.view_queue, desk="registration", dept=dept or None)
    with keyboard.looking() as act:
        present = {each["dept"] for each in queue.today(act)}
        view = views.CheckinView(
            rows=[views.visit(act, each) for each in rows],
            depts=[each for each in keyboard.glossary().table("departments") if each.value in present],
            dept=dept,
        )
    page = Page(
        template="registration/checkin.html",
        title="desk.registration",
        tab="checkin",
        view=view,
        keys=("F3=search",),
        here=url_for("registration.checkin") if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)
