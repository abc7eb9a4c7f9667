"""IT's pages of the nightly reset: the calendar, a morning report, the dry run, the time of day."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.errors import NotFoundError, SettingsInvalidError
from sandbox.overview import Stores
from sandbox.provisioning.model import Observed
from sandbox.scheduling import by_hand, calendar
from sandbox.scheduling import operations as scheduling
from sandbox.scheduling import report as reports
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.model import Night
from sandbox.scheduling.report import Report
from web import presenting, wording
from web.access import actor, needs, now, services
from web.fleet import months, naming, nights
from web.fleet.pages import bp
from web.wording import _, _n

_RECENT = timedelta(hours=12)
"""How long the page tells of a run by hand."""


def _site() -> calendar.Site:
    return calendar.Site(zone=services().zone, default_at=services().settings.schedule.nightly_at)


@bp.get("/nightly")
@needs("nightly.view")
def nightly() -> str:
    """Show the nights of three months, and the time of day in force."""
    first = months.first_of(request.args.get("month", ""), presenting.today())
    with services().database.reading() as stores:
        days = calendar.nights(stores, _site(), first=first, last=months.last_of(first), now=now())
        newest = calendar.night(stores, _site(), None, now=now())
        view = months.calendar(
            days,
            _report(stores, newest) if newest is not None else None,
            at=calendar.local_time(stores, _site()),
            following=calendar.following(stores, _site(), now=now()),
            first=first,
            open_now=stores.overview.vitals().instances.get(Observed.OPEN, 0),
            zone=services().zone,
        )
        hand = by_hand.newest(stores, since=now() - _RECENT)
        who = naming.names(stores)(hand.actor) if hand is not None else ""
    return render_template("fleet/nightly.html", view=view, hand=hand, who=who)


@bp.get("/nightly/by-hand.json")
@needs("nightly.view")
def by_hand_progress() -> Response:
    """Say how far the newest run by hand is, for the page that waits."""
    with services().database.reading() as stores:
        found = by_hand.newest(stores, since=now() - _RECENT)
    if found is None:
        raise NotFoundError("no run by hand")
    return jsonify(state=found.state, done=found.done, all=found.asked)


@bp.get("/nightly/<night>")
@needs("nightly.view")
def night_report(night: str) -> str:
    """Show one morning report. Raises NotFoundError."""
    day = _date(night)
    with services().database.reading() as stores:
        found = calendar.night(stores, _site(), day, now=now())
        if found is None:
            raise NotFoundError(f"no night {night}")
        told = _report(stores, found)
        beside = {each.local_date for each in _beside(stores, day)}
    one = timedelta(days=1)
    view = nights.report(
        told,
        zone=services().zone,
        earlier=(day - one).isoformat() if day - one in beside else "",
        later=(day + one).isoformat() if day + one in beside else "",
    )
    return render_template("fleet/night.html", view=view)


def _beside(stores: Stores, day: date) -> list[calendar.Day]:
    one = timedelta(days=1)
    return calendar.nights(stores, _site(), first=day - one, last=day + one, now=now())


@bp.get("/nightly/plan")
@needs("nightly.run")
def nightly_plan() -> str:
    """Show what a run now would reset, close and leave alone, and why: the dry run."""
    with services().database.reading() as stores:
        foreseen = scheduling.foresee(stores, now=now())
        view = nights.plan(foreseen, naming.names(stores), zone=services().zone)
    return render_template("fleet/nightly_plan.html", view=view)


@bp.post("/nightly/time")
@needs("nightly.set")
def set_nightly() -> Response:
    """Choose another time for the nightly reset."""
    at = request.form.get("at", "").strip()
    try:
        with services().database.transaction() as stores:
            scheduling.set_nightly_time(stores, actor(), at, now=now())
    except SettingsInvalidError as wrong:
        flash(wrong.say(wording.language()), "bad")
        return redirect(url_for(".nightly"), 303)
    services().poke()
    flash(_("The nightly reset now rings at %(time)s.", time=at), "good")
    return redirect(url_for(".nightly"), 303)


@bp.post("/nightly/run")
@needs("nightly.run")
def run_nightly() -> Response:
    """Reset every open instance now, except where an exam or a class is under way."""
    with services().database.transaction() as stores:
        count = scheduling.run_nightly_now(stores, actor(), now=now())
    services().poke()
    flash(
        _n(
            "%(n)s practice hospital is being reset or closed.",
            "%(n)s practice hospitals are being reset or closed.",
            count,
        ),
        "good",
    )
    return redirect(url_for(".nightly"), 303)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise NotFoundError(f"{text!r} is not a date") from wrong


def _report(stores: Stores, night: Night) -> Report:
    entries = stores.ledger.of_night(NIGHTLY_RESET.name, night.local_date)
    lines = stores.overview.instances_named(frozenset(str(entry.subject) for entry in entries))
    owners = {str(line.instance.id): line.owner.name for line in lines if line.owner is not None}
    return reports.report(night, entries, who=lambda key: owners.get(key, key))
