"""Puts the shell and the desks onto an application: words, pages, session, headers, what happens when nothing fits."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from his.chart import accounts, people, permission
from his.chart.hospital import Hospital
from his.chart.refusing import Closed, Refused, Resting
from his.shell import doing, entering, frames, keyboard, mailing, noticing, page_map, safeguarding, sessions, wording
from his.shell.desks import Desk
from his.shell.doing import Submissions
from his.shell.frames import Page
from his.shell.page_map import PageMap

log = logging.getLogger(__name__)

HERE = Path(__file__).parent

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
"""frame-ancestors is nginx's to add: only it knows the panel's address."""
_WITHOUT_LOGIN = frozenset({"shell.login_page", "shell.login", "shell.choose_language", "shell.static"})
_WHILE_BARRED = _WITHOUT_LOGIN | {
    "shell.password_page",
    "shell.change_password",
    "shell.agreement_page",
    "shell.locked_page",
    "shell.unlock_screen",
    "shell.logout",
    "notices.human_input",
}
_WITHOUT_FORM_TOKEN = frozenset({"notices.human_input"})


def install(
    app: Flask, hospital: Hospital, desks: Sequence[Desk], human_input: Callable[[], None], pages: PageMap | None
) -> None:
    """Make `app` the workstation of this hospital. `human_input` is called when a person moves."""
    app.extensions.update(
        hospital=hospital,
        desks=tuple(desks),
        wording=wording.load(dict.fromkeys([HERE, *(each.folder for each in desks)])),
        glossaries={},
        submissions=Submissions(),
        human_input=human_input,
    )
    app.register_blueprint(entering.bp)
    for own in (noticing.bp, mailing.bp, safeguarding.bp):
        app.register_blueprint(own)
    app.extensions["desk_of"] = page_map.lay(app, HERE, desks, pages)
    app.jinja_env.globals.update(t=keyboard.say, hidden=_hidden, asset=_assets(app))
    app.before_request(_enter)
    app.after_request(_leave)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Closed, _closed)
    app.register_error_handler(Resting, _resting)
    app.register_error_handler(HTTPException, _lost)
    app.register_error_handler(Exception, _trouble)


def _enter() -> Response | None:
    hospital = keyboard.hospital()
    arming = hospital.arming
    g.session = sessions.of_request("zh" if arming is None else arming.language)
    if request.endpoint == "shell.static":
        return None
    hospital.require_open()
    g.presence = accounts.presence(hospital, g.session.token)
    if request.method == "POST" and request.endpoint not in _WITHOUT_FORM_TOKEN and not sessions.is_own_form(g.session):
        return _message("form.title", keyboard.say("form.token"), 400)
    return _gate()


def _gate() -> Response | None:
    here = keyboard.presence()
    if here is None:
        if request.endpoint in _WITHOUT_LOGIN:
            return None
        if "/_" in request.path:
            return Response(status=401)
        if request.endpoint == "shell.start":
            # At once, not by another address: this is what everybody who enters a hospital waits for.
            return entering.login_page()
        return redirect(url_for("shell.login_page"), 303)
    # A POST goes on: the operation itself refuses, and the refusal stands in the journal.
    if request.method == "POST" or request.endpoint in _WHILE_BARRED:
        return None
    if here.screen_locked:
        return redirect(url_for("shell.locked_page"), 303)
    if here.must_change_password:
        return redirect(url_for("shell.password_page"), 303)
    if here.must_sign_agreement:
        return redirect(url_for("shell.agreement_page"), 303)
    _require_own_desk()
    return _to_surviving_record()


def _to_surviving_record() -> Response | None:
    """Lead a page about a merged record to the one that stays, wherever it was asked for."""
    asked = request.args.get("patient", "")
    if not asked:
        return None
    with keyboard.looking() as act:
        stays = people.surviving(act, asked)
    if stays == asked:
        return None
    return redirect(f"{request.path}?{urlencode({**request.args.to_dict(), 'patient': stays, 'merged': asked})}", 303)


def _require_own_desk() -> None:
    desk = keyboard.desk()
    if desk is None or keyboard.may_look():
        return
    if "/_" in request.path:
        # A part that an open page asks for by itself: nobody tried anything.
        raise Refused("E-GEN-02")
    keyboard.perform(permission.refuse_desk, desk=desk.name)


def _leave(response: Response) -> Response:
    session = g.get("session")
    if session is not None and not session.kept and request.endpoint != "shell.static":
        sessions.keep(session, response)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refused(refused: Refused) -> Response:
    title = "refusal.title"
    return frames.show(Page(template="shell/refused.html", title=title, refusal=refused))


def _closed(_: Closed) -> Response:
    return _message("closed.title", keyboard.say("closed.text"), 503)


def _resting(_: Resting) -> Response:
    return _message("resting.title", keyboard.say("resting.text"), 503)


def _lost(error: HTTPException) -> Response:
    return _message("lost.title", keyboard.say("lost.text"), error.code or 500)


def _trouble(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("request failed, reference %s", reference, exc_info=error)
    return _message("trouble.title", keyboard.say("trouble.text", ref=reference), 500)


def _message(title: str, text: str, status: int) -> Response:
    """Return a page that needs no database: the band, a title, a sentence, a way on."""
    body = render_template("shell/message.html", language=keyboard.language(), title=keyboard.say(title), text=text)
    return Response(body, status=status, mimetype="text/html")


def _hidden() -> Markup:
    fields = {"form_token": keyboard.session().form_token, "form_id": doing.new_form_id()}
    return Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value) for name, value in fields.items()
    )


def _assets(app: Flask) -> Callable[[str], str]:
    folder = HERE / "static"
    marks = {each.name: hashlib.sha256(each.read_bytes()).hexdigest()[:10] for each in folder.iterdir()}
    app.config.setdefault("SEND_FILE_MAX_AGE_DEFAULT", 86_400)
    return lambda name: url_for("shell.static", filename=name, v=marks[name])
