"""The panel's WSGI application: `create_app(services)`; gunicorn calls `serve()`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from flask import Flask, g, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from sandbox import bootstrap, config
from sandbox.bootstrap import Services
from web import access, failing, measuring, presenting, warming, wording
from web.authoring import bp as authoring
from web.fleet import bp as fleet
from web.fleet.figures import bp as figures
from web.home import bp as home
from web.learning import bp as learning
from web.practice import bp as practice
from web.practice import presence, staying
from web.practice.turns import Turns
from web.teaching import bp as teaching
from web.wording import _

MAX_BODY_BYTES = 1 << 20
SWITCH_INTERVAL_S = 0.0005
"""A busy thread keeps the interpreter for 5 ms by default: in a rush everybody else's page pays that after each of its
queries."""


@dataclass(frozen=True)
class NavigationLink:
    """`here`: the page being shown belongs to it."""

    title: str
    href: str
    here: bool


def create_app(services: Services) -> Flask:
    """Return the panel for these services."""
    app = Flask(__name__, static_url_path="/static")
    app.config.update(
        SECRET_KEY=services.secret,
        SESSION_COOKIE_NAME=access.VISIT_COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=300,
    )
    app.extensions[access.EXTENSION] = services
    wording.load()
    measuring.register(app)
    access.register(app)
    failing.register(app)
    presenting.register(app, zone=services.settings.schedule.timezone)
    presence.register(app, services)
    for blueprint in (home, practice, staying, learning, authoring, teaching, fleet, figures):
        app.register_blueprint(blueprint)
    app.view_functions["static"] = access.open_to_all(app.view_functions["static"])
    app.context_processor(_surroundings)
    app.after_request(_guard)
    # nginx is the only way in: believe what it says of the caller, and nobody further out.
    app.wsgi_app = ProxyFix(Turns(app.wsgi_app), x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def serve() -> Flask:
    """Return the panel of the site that the settings name; what gunicorn is told to call."""
    bootstrap.start_log("panel")
    services = bootstrap.connect(config.load())
    # Before the first upload asks for it: it takes a second.
    bootstrap.vocabulary(services.settings.site.hospital)
    services.flips.listen()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = create_app(services)
    warming.warm(app)
    return app


def _surroundings() -> dict[str, object]:
    settings = access.services().settings
    return {
        "person": g.get("person"),
        "language": wording.language(),
        "navigation": _navigation(),
        "isolated": settings.cell.driver != "process",
        "site_name": settings.site.name,
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
    }


def _navigation() -> list[list[NavigationLink]]:
    groups = (
        (
            ("practice.training", "instance.launch", _("My training")),
            ("learning.reports", "instance.launch", _("My results")),
        ),
        (
            ("authoring.shelf", "exercise.author", _("Library")),
            ("teaching.assignments", "assignment.create", _("Assign")),
            ("teaching.results", "results.view", _("Results")),
            ("teaching.marks", "attempt.adjust", _("Marking")),
            ("teaching.regrades", "regrade.view", _("Regrade")),
        ),
        (
            ("fleet.health", "fleet.view", _("Health")),
            ("fleet.instances", "fleet.view", _("Instances and cells")),
            ("fleet.capacity_page", "fleet.view", _("Pool and capacity")),
            ("fleet.nightly", "nightly.view", _("Nightly reset")),
            ("fleet.rehearsals", "rehearsal.view", _("Rehearsals")),
        ),
    )
    return [
        links
        for group in groups
        if (links := [_link(endpoint, title) for endpoint, verb, title in group if access.may(verb)])
    ]


def _link(endpoint: str, title: str) -> NavigationLink:
    href = url_for(endpoint)
    return NavigationLink(title=title, href=href, here=request.path == href)


def _guard(reply: Response) -> Response:
    """Set the headers of every reply: nothing but ourselves and the frames of practice hospitals."""
    port = access.services().settings.gateway.port
    reply.headers["Content-Security-Policy"] = (
        "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
        f"frame-ancestors 'none'; frame-src http://*.localhost:{port}"
    )
    reply.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        reply.headers["Cache-Control"] = "no-store"
    return reply
