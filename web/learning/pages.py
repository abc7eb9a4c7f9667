"""The trainee's results: parse, read, render."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from werkzeug.wrappers import Response

from sandbox.attempts import showing
from sandbox.attempts.model import AttemptId
from sandbox.grading import report as graded
from sandbox.people import policy
from web import presenting, reading, reporting
from web.access import actor, needs, person, services
from web.learning import views

bp = Blueprint("learning", __name__, template_folder="templates")


@bp.get("/reports")
@needs("instance.launch")
def reports() -> str:
    """List one's own attempts."""
    with services().database.reading() as stores:
        lines = stores.overview.attempts(person().id)
    view = views.ReportsView(lines=tuple(reporting.line(one) for one in lines))
    return render_template("learning/reports.html", view=view)


@bp.get("/reports/<attempt>")
@needs("report.view")
def report(attempt: str) -> str:
    """Show the report, or where grading stands."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
        policy.require(actor(), "report.view", owner=found.person)
        version = stores.exercises.get(found.exercise_version)
        filed = reporting.filed(stores, found)
        opened_at = stores.terms.of(found.assignment).reports_opened_at if found.assignment else None
    if filed is not None and found.person == actor().id and not showing.is_open(found.mode, opened_at):
        shown = graded.loads(services().files.get(filed.report_sha256))
        return render_template("learning/grading.html", view=views.closed(found, presenting.title(version), shown))
    if filed is None:
        return render_template("learning/grading.html", view=views.grading(found, presenting.title(version)))
    view = reading.view(reading.source(filed, services().files))
    return render_template("learning/report.html", view=view)


@bp.get("/reports/<attempt>/progress")
@needs("report.view")
def progress(attempt: str) -> Response:
    """Say where grading stands, for the page that waits."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
    policy.require(actor(), "report.view", owner=found.person)
    return jsonify(state=found.state.value)
