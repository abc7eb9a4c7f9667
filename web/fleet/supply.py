"""IT's page of pool and capacity: parse, read, render."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import jsonify, render_template
from werkzeug.wrappers import Response

from sandbox.overview import Stores
from sandbox.scheduling import advice, forecast
from sandbox.scheduling.forecast import Hour, Lesson
from web import presenting
from web.access import needs, now, services
from web.fleet import capacity, curves
from web.fleet.pages import bp

DAY = timedelta(hours=24)


@bp.get("/capacity")
@needs("fleet.view")
def capacity_page() -> str:
    """Show seats now and tomorrow, what is short, and what to do."""
    with services().database.reading() as stores:
        vitals = stores.vitals.latest()
        if vitals is None:
            return render_template("fleet/capacity.html", view=None, rows=())
        lessons = _lessons(stores)
        counted = stores.overview.vitals()
        samples = stores.vitals.samples(since=now() - DAY)
    hours = _hours(lessons)
    known = capacity.Known(
        vitals=vitals,
        cells=counted.cells,
        instances=counted.instances,
        lessons=lessons,
        hours=hours,
        shortfalls=advice.shortfalls(lessons, vitals, hours[0].start, len(hours)),
    )
    rows = curves.rows(samples, now=now(), span=DAY)
    return render_template("fleet/capacity.html", view=capacity.view(known, now=now()), rows=rows)


@bp.get("/capacity/memory.json")
@needs("fleet.view")
def memory_curve() -> Response:
    """Tell the chart about the last day."""
    with services().database.reading() as stores:
        vitals = stores.vitals.latest()
        samples = stores.vitals.samples(since=now() - DAY)
    reserve = vitals.memory_reserve if vitals else 0
    return jsonify(curves.memory(samples, reserve, now=now(), span=DAY).told())


@bp.get("/capacity/timetable.json")
@needs("fleet.view")
def timetable_curve() -> Response:
    """Tell the chart about today and tomorrow."""
    with services().database.reading() as stores:
        vitals = stores.vitals.latest()
        hours = _hours(_lessons(stores))
    return jsonify(curves.hours(hours, vitals).told() if vitals else {})


def _horizon() -> tuple[datetime, int]:
    """Return the present hour, and how many there are until tomorrow ends."""
    here = presenting.local(now()).replace(minute=0, second=0, microsecond=0)
    ends = datetime.combine(here.date() + timedelta(days=2), datetime.min.time(), tzinfo=here.tzinfo)
    return here, int((ends - here) / timedelta(hours=1))


def _lessons(stores: Stores) -> tuple[Lesson, ...]:
    begins, count = _horizon()
    # A lesson that began a while ago still sits.
    since = begins - forecast.LONGEST_LESSON
    return forecast.timetable(stores.demand.opening(since, begins + timedelta(hours=count)))


def _hours(lessons: Sequence[Lesson]) -> tuple[Hour, ...]:
    return forecast.hours(lessons, *_horizon())
