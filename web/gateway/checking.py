"""The answer to nginx's question, as a bare WSGI application in front of the gateway's pages.

It is asked with every request of every page: routing, contexts and hooks of a framework would cost more than the
verdict itself (1.1 ms against 0.1 ms).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.sansio.http import parse_cookie

from sandbox.bootstrap import Services
from sandbox.errors import TemporaryError
from sandbox.provisioning.model import InstanceId
from web.counting import Tally
from web.gateway import judging
from web.gateway.doors import Doors
from web.gateway.judging import Admitted, Knock
from web.gateway.measuring import GatewayFigures

log = logging.getLogger(__name__)

PATH = "/_check"
PASS_COOKIE = "__Host-his-instance"  # noqa: S105 - a name, no password
SOCKET_HEADER = "X-Cell-Socket"
"""Name that nginx's configuration (sandbox.adapters.nginx) and this application agree on."""


class Check:
    """Answers `PATH` with 204 and the cell's socket, or 403; leaves everything else to the pages."""

    def __init__(
        self, services: Services, doors: Doors, tally: Tally, figures: GatewayFigures, pages: WSGIApplication
    ) -> None:
        self._services = services
        self._doors = doors
        self._tally = tally
        self._figures = figures
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._pages(environ, start_response)
        socket = self._socket(knock_of(environ), by_script=bool(environ.get("HTTP_X_BY_SCRIPT")))
        if socket is None:
            start_response("403 Forbidden", [("Content-Length", "0")])
        else:
            start_response("204 No Content", [(SOCKET_HEADER, socket)])
        return []

    def _socket(self, knock: Knock, *, by_script: bool) -> str | None:
        clock = self._services.clock
        now, begun = clock.now(), clock.monotonic()
        try:
            verdict = judging.judge(self._services, self._doors, knock, now=now)
        except TemporaryError as busy:
            # nginx knows only yes and no: to its question a busy database is a no, and the page looks again by itself.
            log.warning("%s: %s", PATH, busy)
            self._figures.checked("busy", clock.monotonic() - begun)
            return None
        said = "admitted" if isinstance(verdict, Admitted) else verdict.value
        self._figures.checked(said, clock.monotonic() - begun)
        if not isinstance(verdict, Admitted):
            return None
        if not by_script:
            # Idleness is a person's: a forgotten page that asks for messages must not keep its hospital awake.
            self._tally.note(knock.instance, now=now)
        return str(verdict.socket)


def knock_of(environ: WSGIEnvironment) -> Knock:
    """Return what nginx tells of the request at the door.

    Cookies are read as they came: bytes that are no UTF-8, of whatever cookie, are no pass and no failure either.
    """
    return Knock(
        instance=InstanceId(environ.get("HTTP_X_INSTANCE", "")),
        method=environ.get("HTTP_X_METHOD", "GET"),
        passes=tuple(parse_cookie(environ.get("HTTP_COOKIE", "")).getlist(PASS_COOKIE)),
        site=environ.get("HTTP_SEC_FETCH_SITE"),
        origin=environ.get("HTTP_ORIGIN"),
    )
