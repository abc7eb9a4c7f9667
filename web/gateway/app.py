"""The gateway's WSGI application: `create_gateway(services)`; gunicorn calls `serve()`. Only nginx can reach it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, redirect, request
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from sandbox import bootstrap, config
from sandbox.bootstrap import Services
from sandbox.errors import TemporaryError, TicketError
from sandbox.provisioning import tickets
from sandbox.provisioning.model import InstanceId
from sandbox.provisioning.tickets import Pass
from web import tracing
from web.counting import Tally
from web.gateway import explaining, judging
from web.gateway.checking import PASS_COOKIE, Check, knock_of
from web.gateway.doors import Doors
from web.gateway.judging import Admitted, Reason
from web.gateway.measuring import GatewayFigures

log = logging.getLogger(__name__)

INSTANCE_HEADER = "X-Instance"
ADDRESS_HEADER = "X-Real-IP"
"""Names that nginx's configuration (sandbox.adapters.nginx) and this application agree on."""

_SERVICES, _DOORS, _FIGURES = "his-services", "his-doors", "his-figures"


def create_gateway(services: Services) -> Flask:
    """Return the gateway for these services."""
    app = Flask(__name__, static_url_path="/_gateway", template_folder="templates", static_folder="static")
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=300)
    app.extensions[_SERVICES] = services
    app.extensions[_DOORS] = doors = Doors(services)
    app.before_request(tracing.begin)
    app.teardown_request(tracing.end)
    app.before_request(_look_at_the_clock)
    app.add_url_rule("/_enter", view_func=enter)
    app.add_url_rule("/_explain", view_func=explain)
    app.add_url_rule("/_unreachable", view_func=unreachable)
    app.register_error_handler(TemporaryError, _not_now)
    app.after_request(_guard)
    tally = Tally(lambda seen: _write_down(services, seen))
    app.extensions[_FIGURES] = figures = GatewayFigures(CollectorRegistry())
    app.wsgi_app = Check(services, doors, tally, figures, app.wsgi_app)  # type: ignore[method-assign]
    return app


def serve() -> Flask:
    """Return the gateway of the site that the settings name; what gunicorn is told to call."""
    bootstrap.start_log("gateway")
    services = bootstrap.connect(config.load())
    app = create_gateway(services)
    figures = cast(GatewayFigures, app.extensions[_FIGURES])
    bootstrap.leave_figures(figures.registry, services.settings.site.gateway_figures, process="gateway")
    return app


def enter() -> Response:
    """Redeem a ticket, hand out the pass, and go on to an address without the ticket."""
    if request.method != "GET":
        # A HEAD must not use the ticket up.
        raise MethodNotAllowed(["GET"])
    instance = _instance()
    try:
        with _services().database.transaction() as stores:
            token, secret = request.args.get("ticket", ""), _services().secret
            person = tickets.redeem(
                stores, secret, token, instance, address=_address(), now=g.now, cause=tracing.cause()
            )
            doorway = stores.overview.doorway(instance)
    except TicketError as refused:
        log.info("entry refused: %s", refused, extra={"instance": instance, "code": refused.code})
        return _door(Reason.TICKET)
    mark = judging.login_mark(doorway) if doorway is not None else None
    if mark is None:
        return _door(Reason.NO_PASS)
    log.info("entered", extra={"instance": instance, "person": person})
    entry = Pass(instance=instance, person=person, login=mark, issued_at=int(g.now.timestamp()))
    reply = redirect("/", 303)
    reply.set_cookie(
        PASS_COOKIE,
        tickets.sign(_services().secret, entry),
        path="/",
        secure=True,
        httponly=True,
        # In the workbench's frame the instance is a third party: only a partitioned cookie comes back.
        samesite="None",
        partitioned=True,
    )
    return reply


def explain() -> Response:
    """Show why the door is closed. It may have opened meanwhile: then the page looks again at once."""
    verdict = judging.judge(_services(), _doors(), knock_of(request.environ), now=g.now)
    return _door(Reason.COMING if isinstance(verdict, Admitted) else verdict)


def unreachable() -> Response:
    """Show that the cell does not answer, and look again soon."""
    return _door(Reason.SILENT)


def _services() -> Services:
    return cast(Services, current_app.extensions[_SERVICES])


def _doors() -> Doors:
    return cast(Doors, current_app.extensions[_DOORS])


def _look_at_the_clock() -> None:
    g.now = _services().clock.now()


def _instance() -> InstanceId:
    return InstanceId(request.headers.get(INSTANCE_HEADER, ""))


def _address() -> str:
    return request.headers.get(ADDRESS_HEADER, "")


def _door(reason: Reason) -> Response:
    settings = _services().settings
    html, status = explaining.page(reason, panel=f"http://localhost:{settings.panel.port}/", instance=_instance())
    return Response(html, status=status, content_type="text/html; charset=utf-8")


def _not_now(busy: TemporaryError) -> Response:
    log.warning("%s: %s", request.path, busy, extra={"code": busy.code})
    return _door(Reason.SILENT)


def _write_down(services: Services, seen: dict[InstanceId, datetime]) -> None:
    with services.database.transaction() as stores:
        stores.instances.touch(seen)


def _guard(reply: Response) -> Response:
    port = _services().settings.panel.port
    reply.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors http://localhost:{port}"
    )
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "static":
        reply.headers["Cache-Control"] = "no-store"
    return reply
