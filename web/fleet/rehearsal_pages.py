"""Pages of rehearsals: what each measured, one in full, its curve as data for the chart."""

from __future__ import annotations

from flask import jsonify, render_template
from werkzeug.wrappers import Response

from sandbox.rehearsal.model import Rehearsal
from web import wording
from web.access import needs, services
from web.fleet import rehearsals as views
from web.fleet.pages import bp

NEWEST = 50


@bp.get("/rehearsals")
@needs("rehearsal.view")
def rehearsals() -> str:
    """List rehearsals, newest first."""
    with services().database.reading() as stores:
        found = stores.rehearsals.newest(NEWEST)
    return render_template("fleet/rehearsals.html", rows=views.rows(found, wording.language()))


@bp.get("/rehearsals/<key>")
@needs("rehearsal.view")
def rehearsal(key: str) -> str:
    """Show one rehearsal."""
    return render_template("fleet/rehearsal.html", view=views.rehearsal(_found(key), wording.language()))


@bp.get("/rehearsals/<key>/curve")
@needs("rehearsal.view")
def rehearsal_curve(key: str) -> Response:
    """Return the launches, fastest to slowest, for the chart."""
    return jsonify(views.curve(_found(key)))


def _found(key: str) -> Rehearsal:
    with services().database.reading() as stores:
        return stores.rehearsals.get(key)
