"""The trainee's results: parse, read, render."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, url_for
from werkzeug.wrappers import Response

from sandbox.attempts import showing
from sandbox.attempts.model import AttemptId
from sandbox.errors import NotFoundError
from sandbox.grading import report as graded
from sandbox.people import policy
from web import presenting, printing, reading, reporting
from web import timeline as lines
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
    paper = printing.present(filed, "trainee")
    return render_template("learning/report.html", view=view, paper=paper, instance=found.instance)


@bp.get("/reports/<attempt>/timeline")
@needs("report.view")
def timeline(attempt: str) -> str:
    """Show the journal as people read it."""
    view = lines.view(_opened(attempt), services().files, lines.query())
    return render_template("learning/timeline.html", view=view)


@bp.post("/reports/<attempt>/paper")
@needs("report.view")
def want_paper(attempt: str) -> Response:
    """Have the report printed; the page waits for it."""
    _opened(attempt)
    return printing.want(AttemptId(attempt), url_for(".paper", attempt=attempt))


@bp.get("/reports/<attempt>/paper")
@needs("report.view")
def paper(attempt: str) -> Response:
    """Send the printed report, or say how far it is."""
    return printing.send(_opened(attempt), "trainee", back=url_for(".report", attempt=attempt))


def _opened(attempt: str) -> reporting.Filed:
    """Return where one's own report lies. Raises NotFoundError before it is open."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
        policy.require(actor(), "report.view", owner=found.person)
        filed = reporting.filed(stores, found)
        opened_at = stores.terms.of(found.assignment).reports_opened_at if found.assignment else None
    if filed is None or not showing.is_open(found.mode, opened_at):
        raise NotFoundError(f"attempt {attempt} has no open report")
    return filed


@bp.get("/reports/<attempt>/progress")
@needs("report.view")
def progress(attempt: str) -> Response:
    """Say where grading stands, for the page that waits."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
    policy.require(actor(), "report.view", owner=found.person)
    return jsonify(state=found.state.value)
