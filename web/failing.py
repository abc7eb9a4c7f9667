"""What people read when something goes wrong: a sentence, a code, and a reference that is also in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, flash, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sandbox.errors import ForbiddenError, InvalidError, NotFoundError, RefusedError, SandboxError, TemporaryError
from web import access, wording
from web.wording import _

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[SandboxError], int], ...] = (
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (RefusedError, 409),
    (InvalidError, 422),
    (TemporaryError, 503),
)


@dataclass(frozen=True, kw_only=True)
class FailureView:
    title: str
    sentence: str
    code: str
    reference: str
    drawing: str


def register(app: Flask) -> None:
    """Turn every error into a page or, for scripts, into JSON."""
    app.register_error_handler(SandboxError, refused)
    app.register_error_handler(HTTPException, misrouted)
    app.register_error_handler(Exception, broken)


def status_of(error: SandboxError) -> int:
    """Return the HTTP status that says the same as the error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def refused(error: SandboxError) -> tuple[Response | str, int]:
    """Answer one of our own errors with its sentence."""
    status = status_of(error)
    level = logging.ERROR if status >= 500 else logging.INFO
    log.log(level, "refused: %s", error, extra=_facts(status, error.code))
    return tell(error.say(wording.language()), code=error.code, status=status)


def misrouted(error: HTTPException) -> tuple[Response | str, int] | Response:
    """Answer a missing page, a missing log-in, a forged request."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status == 401:
        return _log_in_first()
    log.info("misrouted: %s", error.description, extra=_facts(status, ""))
    if isinstance(error, access.CookiesLostError):
        return _log_in_page(insecure=True), status
    return tell(_sentence(status), code="", status=status)


def broken(error: Exception) -> tuple[Response | str, int]:
    """Answer what nobody foresaw: the page shows the reference only, the log has the rest."""
    log.error("failed in an unforeseen way", exc_info=error, extra=_facts(500, SandboxError.code))
    return tell(SandboxError().say(wording.language()), code=SandboxError.code, status=500)


def tell(sentence: str, *, code: str, status: int) -> tuple[Response | str, int]:
    """Render a failure in the form the caller reads."""
    if access.wants_json():
        return jsonify(sentence=sentence, code=code, reference=g.reference), status
    view = FailureView(
        title=_title(status),
        sentence=sentence,
        code=code,
        reference=g.reference,
        drawing="lock" if status == 403 else "search" if status == 404 else "alert-triangle",
    )
    return render_template("home/error.html", view=view), status


def notice(error: SandboxError) -> None:
    """Keep an error's sentence for the next page, where the person can act on it."""
    log.info("refused: %s", error, extra=_facts(status_of(error), error.code))
    flash(f"{error.say(wording.language())} ({error.code} · {g.reference})", "bad")


def _facts(status: int, code: str) -> dict[str, object]:
    return {"method": request.method, "page": request.endpoint or "", "status": status, "code": code}


def _log_in_first() -> tuple[Response | str, int]:
    sentence = _("Your log-in is over. Please log in again.")
    if access.wants_json():
        return jsonify(sentence=sentence, code="", reference=g.reference), 401
    return _log_in_page(insecure=not access.keeps_cookies()), 401


def _log_in_page(*, insecure: bool) -> str:
    came_for = request.full_path.rstrip("?") if request.method == "GET" else "/"
    view = {"next": came_for, "login": "", "problem": "", "insecure": insecure}
    return render_template("home/login.html", view=view)


def _title(status: int) -> str:
    if status == 403:
        return _("Not allowed")
    if status == 404:
        return _("Not found")
    if status == 503:
        return _("Not right now")
    return _("That did not work") if status < 500 else _("Something broke")


def _sentence(status: int) -> str:
    if status == 403:
        return _("This page or deed is not for you, or the form was opened too long ago. Go back and try again.")
    if status == 404:
        return _("There is no such page.")
    if status == 413:
        return _("That was too much at once; nothing was saved.")
    return _("The request could not be understood; nothing was saved.")
