"""The trainees' WSGI app: shell and desks on one hospital. One line per desk."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from his.admin import desk as admin
from his.cashier import desk as cashier
from his.chart.hospital import Hospital
from his.clinic import desk as clinic
from his.pharmacy import desk as pharmacy
from his.records import desk as records
from his.registration import desk as registration
from his.reports import desk as reports
from his.shell import installing, ready_made
from his.shell.page_map import PageMap
from his.store import desk as store
from his.treatment import desk as treatment
from his.triage import desk as triage

DESKS = (
    triage.DESK,
    registration.DESK,
    clinic.DESK,
    pharmacy.DESK,
    store.DESK,
    treatment.DESK,
    *cashier.DESKS,
    registration.BOOKINGS,
    registration.REFUNDS,
    registration.SCHEDULES,
    records.DESK,
    registration.PEOPLE,
    admin.DESK,
    reports.DESK,
)

_MAX_FORM_BYTES = 2 << 20


def create_app(hospital: Hospital, pages: PageMap | None = None) -> Flask:
    """Return the app. Nobody gets in before the arming or after the sealing: a page says so with 503.

    With a map of its pages a desk is imported when it is first opened, without one at once.
    """
    app = Flask("his", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_FORM_BYTES
    installing.install(app, hospital, DESKS, hospital.note_input, pages)
    ready_made.use(app)
    app.wsgi_app = _following_test_clock(app.wsgi_app, hospital)  # type: ignore[method-assign, assignment]  # Flask's own way
    return app


def _following_test_clock(inner: WSGIApplication, hospital: Hospital) -> WSGIApplication:
    """Let a self-test's request move the clock; in a cell armed with a real clock the header does nothing."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ.get("HTTP_X_HIS_TEST_CLOCK", "")
        if asked.isascii() and asked.isdigit():
            hospital.clock.set_to(int(asked[:12]))
        return inner(environ, start_response)

    return app
