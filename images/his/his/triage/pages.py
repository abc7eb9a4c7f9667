"""Pages of the triage desk: check in, vital signs, triage level, call, pass over, queue again; the room board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import calling, vital_signs
from his.shell import doing, keyboard, ticking
from his.triage import drawing, forms, operations

bp = Blueprint("triage", __name__, url_prefix="/triage")


@bp.get("/")
def desk() -> Response:
    """Show today's visits of the department, and the one picked or found."""
    return drawing.desk()


@bp.post("/registrations/<key>/check-in")
def check_in(key: str) -> Response:
    """Put a paid visit into the queue."""
    return _move("registration.check_in", calling.check_in, key)


@bp.post("/registrations/<key>/call")
def call(key: str) -> Response:
    """Call a waiting patient to a room."""
    reason, room = request.form.get("reason", "").strip(), request.form.get("room") or None
    return _move("registration.call", calling.call, key, reason=reason, room=room)


@bp.post("/registrations/<key>/pass")
def pass_over(key: str) -> Response:
    """Mark a called patient who does not answer."""
    # Whoever was passed over has left the window: nobody stays picked.
    then = url_for(".desk")
    calls = ticking.count(request.form, "calls")
    return _move("registration.pass", calling.pass_over, key, then=then, calls=calls)


@bp.post("/registrations/<key>/re-queue")
def re_queue(key: str) -> Response:
    """Take a missed patient back into the queue."""
    return _move("registration.re_queue", calling.re_queue, key)


@bp.post("/registrations/<key>/vitals")
def record_vitals(key: str) -> Response:
    """Write one set of vital signs."""
    with keyboard.looking() as act:
        encounter = act.fetch("registration", key)["encounter"]
        typed = forms.measured(request.form, vital_signs.table(act))
    return _do("vitals.record", vital_signs.record, key, encounter=encounter, **typed)


@bp.post("/registrations/<key>/level")
def triage(key: str) -> Response:
    """Give an emergency patient a triage level."""
    with keyboard.looking() as act:
        encounter = act.fetch("registration", key)["encounter"]
    fields = {name: request.form.get(name, "") for name in ("triage", "complaint")}
    return _do("encounter.triage", operations.triage, key, encounter=encounter, version=doing.version(), **fields)


def _move(deed: str, operation: Callable[..., Any], key: str, *, then: str = "", **fields: Any) -> Response:
    return _do(deed, operation, key, then=then, registration=key, version=doing.version(), **fields)


def _do(deed: str, operation: Callable[..., Any], key: str, *, then: str = "", **fields: Any) -> Response:
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, **fields),
        then=lambda _: then or url_for(".desk", registration=key),
        again=lambda refused: drawing.desk(key, refused, deed),
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
