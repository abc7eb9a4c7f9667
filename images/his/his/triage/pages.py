"""Pages of the triage desk: check in, vital signs, triage level, call, pass over, queue again; the room board."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import calling, queue, vital_signs
from his.chart.acting import Acting
from his.shell import doing, keyboard, ticking
from his.shell.desks import Desk, Tab
from his.triage import drawing, forms, operations

bp = Blueprint("triage", __name__, url_prefix="/triage", template_folder="templates")


def _waiting(act: Acting) -> int:
    return sum(each["status"] == "checked_in" for each in queue.today(act, dept=act.who.dept))


DESK = Desk(
    name="triage",
    blueprints=(bp,),
    folder=Path(__file__).parent,
    tabs=(Tab(name="triage", endpoint="triage.desk", key=6, roles=frozenset({"NUR"}), waiting=_waiting),),
)


@bp.get("/")
def desk() -> Response:
    """Show today's visits of the department, and the one picked or found."""
    return drawing.desk()


@bp.post("/registrations/<key>/check-in")
def check_in(key: str) -> Response:
    """Put a paid visit into the queue."""
    version = forms.version(request.form)
    return doing.do(
        "registration.check_in",
        lambda: keyboard.perform(calling.check_in, registration=key, version=version),
        then=lambda _: url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused),
    )


@bp.post("/registrations/<key>/call")
def call(key: str) -> Response:
    """Call a waiting patient to a room."""
    form = request.form
    fields = {
        "reason": form.get("reason", "").strip(),
        "room": form.get("room") or None,
        "version": forms.version(form),
    }
    return doing.do(
        "registration.call",
        lambda: keyboard.perform(calling.call, registration=key, **fields),
        then=lambda _: url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused, "registration.call"),
    )


@bp.post("/registrations/<key>/pass")
def pass_over(key: str) -> Response:
    """Mark a called patient who does not answer."""
    fields = {"calls": ticking.count(request.form, "calls"), "version": forms.version(request.form)}
    return doing.do(
        "registration.pass",
        lambda: keyboard.perform(calling.pass_over, registration=key, **fields),
        then=lambda _: url_for(".desk"),
        again=lambda refused: drawing.desk(key, refused),
    )


@bp.post("/registrations/<key>/re-queue")
def re_queue(key: str) -> Response:
    """Take a missed patient back into the queue."""
    version = forms.version(request.form)
    return doing.do(
        "registration.re_queue",
        lambda: keyboard.perform(calling.re_queue, registration=key, version=version),
        then=lambda _: url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused),
    )


@bp.post("/registrations/<key>/vitals")
def record_vitals(key: str) -> Response:
    """Write one set of vital signs."""
    with keyboard.looking() as act:
        encounter = act.fetch("registration", key)["encounter"]
        typed = forms.measured(request.form, vital_signs.table(act))
    return doing.do(
        "vitals.record",
        lambda: keyboard.perform(vital_signs.record, encounter=encounter, **typed),
        then=lambda _: url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused, "vitals.record"),
    )


@bp.post("/registrations/<key>/level")
def triage(key: str) -> Response:
    """Give an emergency patient a triage level."""
    form = request.form
    with keyboard.looking() as act:
        encounter = act.fetch("registration", key)["encounter"]
    fields = {"triage": form.get("triage", ""), "complaint": form.get("complaint", ""), "version": forms.version(form)}
    return doing.do(
        "encounter.triage",
        lambda: keyboard.perform(operations.triage, encounter=encounter, **fields),
        then=lambda _: url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused, "encounter.triage"),
    )


@bp.get("/board")
def board() -> Response:
    """Show who is called to which room, in letters that are read from afar."""
    return drawing.board()


@bp.get("/_board")
def board_now() -> str:
    """Answer the board that stands there and looks again: nobody opens it anew, so nothing is journaled."""
    view = drawing.board_view(request.args.get("dept", keyboard.who().dept))
    return render_template("triage/_board.html", view=view)
