"""Reports on paper: the panel leaves a wish, the worker makes the file, the panel sends it."""

from __future__ import annotations

from urllib.parse import quote

from flask import jsonify, make_response, redirect
from werkzeug.wrappers import Response

from sandbox.attempts import papers
from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import Audience, Paper, PaperState
from web import presenting, wording
from web.access import actor, now, services, wants_json
from web.reporting import Filed
from web.wording import _


def present(filed: Filed, audience: Audience) -> Paper | None:
    """Return the paper of the report that counts, in this request's language, if anybody wanted it yet."""
    with services().database.reading() as stores:
        return stores.papers.of(filed.attempt.id, filed.report_sha256, wording.language(), audience)


def want(attempt: AttemptId, place: str) -> Response:
    """Leave the wish and lead to where the paper will be."""
    with services().database.transaction() as stores:
        papers.want(stores, actor(), attempt, language=wording.language(), now=now())
    services().poke()
    return redirect(place, 303)


def send(filed: Filed, audience: Audience, *, back: str) -> Response:
    """Send the file if it is made, else say how far it is: to the page's own script, or by leading back to the page."""
    one = present(filed, audience)
    if wants_json():
        state = one.state.value if one else ""
        trouble = presenting.trouble(one.trouble) if one and one.state is PaperState.FAILED else ""
        return jsonify(state=state, trouble=trouble)
    if one is None or one.state is not PaperState.MADE:
        return redirect(back, 303)
    reply = make_response(services().files.get(one.file))
    reply.headers["Content-Type"] = "application/pdf"
    # A header is Latin-1: the Chinese name travels in the form of RFC 5987, for browsers that know it.
    called = _("report")
    said = {"filename*": f"UTF-8''{quote(called)}-{filed.attempt.id}.pdf"}
    reply.headers.set("Content-Disposition", "attachment", filename=f"report-{filed.attempt.id}.pdf", **said)
    return reply
