"""From the queue into the chart: call, start, find a patient, open a chart, break the glass, finish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from his.chart import calling, dictionary, opening, people, waiting
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import lists, queue_views, views
from his.clinic.operations import visiting
from his.clinic.pages import sections
from his.shell import doing, frames, keyboard, naming, ticking
from his.shell.frames import Page
from his.shell.glossary import Option
from his.shell.sheets import identifiers

bp = Blueprint("clinic", __name__, url_prefix="/clinic")

_CALLERS = ("OPD", "NUR")


@bp.get("/")
def queue() -> Response:
    """Show the queue, and the visit picked in it."""
    return draw()


@bp.post("/registrations/<key>/call")
def call(key: str) -> Response:
    """Call a waiting patient."""
    return _move("registration.call", calling.call, key, reason=_reason())


@bp.post("/registrations/<key>/pass")
def pass_over(key: str) -> Response:
    """Mark a called patient who does not answer."""
    # Whoever was passed over has left the door: nobody stays picked.
    calls = ticking.count(request.form, "calls")
    return _move("registration.pass", calling.pass_over, key, then=lambda _: url_for(".queue"), calls=calls)


@bp.post("/registrations/<key>/re-queue")
def re_queue(key: str) -> Response:
    """Take a missed patient back into the queue."""
    return _move("registration.re_queue", calling.re_queue, key)


@bp.post("/registrations/<key>/start")
def start(key: str) -> Response:
    """Begin the consultation and open the chart."""
    return _move(
        "registration.start",
        visiting.start,
        key,
        then=lambda encounter: url_for(".chart", encounter=encounter),
        identifiers=ticking.count(request.form, "identifiers"),
    )


@bp.post("/registrations/<key>/undo-start")
def undo_start(key: str) -> Response:
    """Take back a consultation opened by mistake."""
    return _move("registration.undo_start", visiting.undo_start, key, reason=_reason())


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _move(
    deed: str, operation: Callable[..., Any], key: str, *, then: Callable[[Any], str] | None = None, **fields: Any
) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, registration=key, version=version, **fields),
        then=then or (lambda _: url_for(".queue", registration=key)),
        again=lambda refused: draw(key, refused),
    )


@bp.post("/registrations/<key>/finish")
def finish(key: str) -> Response:
    """End the consultation."""
    encounter = request.form.get("encounter", "")
    return doing.do(
        "registration.finish",
        lambda: keyboard.perform(visiting.finish, registration=key),
        then=lambda _: url_for(".queue"),
        again=lambda refused: sections.draw(encounter, "overview", refused),
    )


@bp.get("/find")
def find() -> Response:
    """Find a patient who is not in the queue."""
    query = request.args.get("q", "")
    found = keyboard.perform(people.find, query=query) if people.normalised(query) else []
    view = views.FindView(query=query, hits=[naming.hit(each) for each in found])
    return frames.show(
        Page(template="clinic/find.html", title="desk.clinic", tab="queue", view=view, keys=("F3=search",))
    )


@bp.get("/patients/<patient>")
def patient(patient: str) -> Response:
    """Open the chart of a patient at the visit that gives the strongest relation."""
    try:
        encounter, _ = keyboard.perform(opening.open_chart, patient=patient)
    except Refused as refused:
        return _glass(patient, "", refused)
    if encounter is None:
        return draw()
    return redirect(url_for("clinic_chart.section", encounter=encounter, name="overview"), 303)


@bp.get("/charts/<encounter>")
def chart(encounter: str) -> Response:
    """Open the chart of a visit."""
    try:
        keyboard.perform(opening.open_chart, encounter=encounter)
    except Refused as refused:
        with keyboard.looking() as act:
            about = str(act.fetch("encounter", encounter)["patient"])
        return _glass(about, encounter, refused)
    if request.args.get("section") in views.SECTIONS:
        return redirect(url_for("clinic_chart.section", encounter=encounter, name=request.args["section"]), 303)
    return sections.draw(encounter, "overview")


@bp.post("/break-glass")
def break_glass() -> Response:
    """Open a chart without a relation, for a written reason."""
    about, encounter = request.form.get("patient", ""), request.form.get("encounter", "")
    fields = {"reason": request.form.get("reason", ""), "text": request.form.get("text", "").strip()}
    target = {"encounter": encounter} if encounter else {"patient": about}
    return doing.do(
        "chart.break_glass",
        lambda: keyboard.perform(visiting.break_glass, **target, **fields),
        then=lambda _: url_for(".chart", encounter=encounter) if encounter else url_for(".patient", patient=about),
        again=lambda refused: _glass(about, encounter, refused),
    )


def draw(key: str = "", refusal: Refused | None = None) -> Response:
    """Draw the queue with one visit picked."""
    key = key or request.args.get("registration", "")
    rows = keyboard.perform(visiting.view_queue)
    whose, state = request.args.get("whose", "mine"), request.args.get("state", "waiting")
    with keyboard.looking() as act:
        shown = _shown(rows, whose=whose, state=state, key=key, staff=act.who.staff)
        chosen = next((each for each in rows if each["id"] == key), None)
        view = queue_views.QueueView(
            rows=[
                lists.queue_row(each, act, href=_href(each, whose, state), chosen=each["id"] == key) for each in shown
            ],
            chosen=None if chosen is None else _chosen(act, chosen, rows),
            whose=whose,
            whose_options=_options("queue", ("mine", "dept")),
            state=state,
            state_options=_options("queue", ("waiting", "all")),
            waiting=sum(each["status"] == "checked_in" for each in shown),
            busy=sum(each["status"] == "in_consult" for each in shown),
            may_call=act.who.role in _CALLERS,
            may_start=act.who.role == "OPD",
            may_search=act.who.role in _CALLERS,
        )
    page = Page(
        template="clinic/queue.html",
        title="desk.clinic",
        tab="queue",
        view=view,
        keys=("F3=find_queue", "F9=call" if chosen is None or chosen["status"] == "checked_in" else "F9=start"),
        here=url_for(".queue", registration=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _shown(rows: list[Record], *, whose: str, state: str, key: str, staff: str) -> list[Record]:
    mine = [each for each in rows if whose == "dept" or each["doctor"] in (None, staff) or each["id"] == key]
    return lists.in_order(
        [each for each in mine if state == "all" or each["status"] in lists.UNSEEN or each["id"] == key]
    )


def _href(row: Record, whose: str, state: str) -> str:
    if row["status"] == "in_consult":
        return lists.address(row)
    return url_for(".queue", registration=row["id"], whose=whose, state=state)


def _chosen(act: Acting, row: Record, rows: list[Record]) -> queue_views.Chosen:
    calls = dictionary.limit(act, "calls_before_missed")
    record = act.fetch("patient", row["patient"])
    person = people.shown(act, record)
    line = lists.queue_row(row, act, href="", chosen=True)
    identity = (
        ("ident.birth", person["birth_date"] or ""),
        ("ident.mrn", person["mrn"]),
        ("ident.card", person["card_no"] or ""),
        ("ident.id_no", person["id_no"]),
        ("ident.phone", person["phone"]),
        ("patient.insurance", keyboard.glossary().name("insurance_types", person["insurance_type"])),
    )
    return queue_views.Chosen(
        id=row["id"],
        version=row["version"],
        encounter=row["encounter"] or "",
        name=row["name"],
        sex=line.sex,
        age=line.age,
        queue_no=row["queue_no"],
        doctor_name=line.doctor_name,
        status=row["status"],
        out_of_turn=row["status"] == "checked_in" and not waiting.is_first(rows, row),
        calls=calls,
        identity=identity,
        identifiers=identifiers(person),
    )


def _options(prefix: str, values: tuple[str, ...]) -> list[Option]:
    return [Option(value=each, label=keyboard.say(f"{prefix}.{each}")) for each in values]


def _glass(about: str, encounter: str, refusal: Refused) -> Response:
    if refusal.code == "E-GEN-02":
        raise refusal
    with keyboard.looking() as act:
        hit = naming.hit(people.shown(act, act.fetch("patient", about)))
    malformed = refusal.code == "E-GEN-06"
    view = views.GlassView(
        patient=about,
        encounter=encounter,
        name=hit.name,
        sex=hit.sex,
        age=hit.age,
        mrn=hit.mrn,
        reasons=keyboard.glossary().options("break_glass_reason"),
        problems={name: malformed and not request.form.get(name, "").strip() for name in ("reason", "text")},
    )
    page = Page(template="clinic/glass.html", title="desk.clinic", tab="queue", view=view, refusal=refusal)
    return frames.show(page)
