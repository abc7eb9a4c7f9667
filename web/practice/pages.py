"""The trainee's pages: parse, one operation, render."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.attempts import checking, deadline, places
from sandbox.attempts import operations as attempts
from sandbox.attempts.model import Attempt, AttemptId, Launched
from sandbox.errors import NotFoundError, RefusedError, WrongStateError
from sandbox.exercises.model import ExerciseVersion, Mode
from sandbox.overview import Stores
from sandbox.people import policy
from sandbox.provisioning.model import Cell, Instance, InstanceId, Observed
from web import access, failing, presenting
from web.access import actor, needs, now, person, services
from web.practice import briefing, cards, presence, selfcheck, turns, views, way_in
from web.practice import status as statuses
from web.practice.briefing import Briefing
from web.practice.selfcheck import CheckView
from web.practice.status import Status
from web.presenting import Fact
from web.wording import _

bp = Blueprint("practice", __name__, template_folder="templates")

ON_THE_WAY = (Observed.QUEUED, Observed.LAUNCHING, Observed.REPLACING, Observed.WAKING)
FLIP_HOLD_S = 0.3
"""A warm launch is done within a blink: wait so long for it rather than make the browser ask again."""
STATUS_HOLD_S, LONGEST_HOLD_S = 2.0, 6.0
"""Bounds of how long the question of a waiting page is held: it is answered as soon as the worker tells of the flip.
Answering each second instead would have fifty waiting pages take a whole core from the cells that they wait for."""


@bp.get("/training")
@needs("instance.launch")
def training() -> str:
    """Show what is to do, most urgent first."""
    me = person().id
    with services().database.reading() as stores:
        standings = stores.overview.standings(me)
        lines = stores.overview.attempts(me)
        running = places.wanted(stores, me)
    full = len(running) >= places.most(actor(), services().settings.quota)
    view = cards.training(standings, lines, running, full=full, now=now(), zone=services().zone)
    return render_template("practice/training.html", view=view)


@bp.post("/training/launch")
@needs("instance.launch")
def launch() -> Response:
    """Start an exercise or free practice; starting what runs already leads to it."""
    version = request.form.get("exercise_version", "")
    try:
        with services().database.transaction() as stores:
            launched = _launched(stores, version, request.form.get("assignment") or None)
    except RefusedError as refused:
        if access.wants_json():
            raise
        failing.notice(refused)
        return redirect(url_for(".training"), 303)
    services().poke()
    _await_flip(launched.instance)
    if not access.wants_json():
        return redirect(url_for(".workbench", instance=launched.instance), 303)
    with services().database.reading() as stores:
        _instance, _attempt, found = _seen(stores, launched.instance)
    return _answer(found)


def _launched(stores: Stores, version: str, assignment: str | None) -> Launched:
    settings = services().settings
    if not version:
        return attempts.launch_practice(stores, actor(), now=now(), quota=settings.quota, lifetime=settings.lifetime)
    return attempts.start(
        stores,
        actor(),
        exercise_version=version,
        assignment=assignment,
        now=now(),
        zone=services().zone,
        quota=settings.quota,
        lifetime=settings.lifetime,
    )


def _await_flip(key: InstanceId, *, hold_s: float | None = None) -> None:
    """Sleep until the worker says that it is done, or the time is over: its word may be lost."""
    flips = services().flips
    with flips.seat() as seated, flips.expecting(key) as told:
        # Looked at once those who are told include us: a flip just before that is seen, one after it is heard of.
        if seated and _is_on_the_way(key):
            with turns.aside(request.environ):
                told(FLIP_HOLD_S if hold_s is None else hold_s)


def _is_on_the_way(key: InstanceId) -> bool:
    with services().database.reading() as stores:
        return statuses.state_of(stores, stores.instances.get(key)) in ON_THE_WAY


@bp.get("/practice/<instance>/status")
@needs("instance.enter")
def status(instance: str) -> Response:
    """Say where this instance stands, for the polling scripts; one that waits is told as soon as that changes."""
    with services().database.reading() as stores:
        seen, _attempt, found = _seen(stores, InstanceId(instance))
    presence.note(seen)
    if found.state in ON_THE_WAY and "wait" in request.args:
        _await_flip(seen.id, hold_s=min(LONGEST_HOLD_S, max(STATUS_HOLD_S, found.again_s)))
        with services().database.reading() as stores:
            _instance, _attempt, found = _seen(stores, seen.id)
    return _answer(found)


def _answer(found: Status) -> Response:
    """Return a status as JSON; who waits in the queue is told when to ask again."""
    reply = jsonify(found)
    if found.state == Observed.QUEUED:
        reply.headers["Retry-After"] = str(found.again_s)
    return reply


@bp.get("/practice/<instance>")
@needs("instance.enter")
def workbench(instance: str) -> str | Response:
    """Show the exercise beside the hospital; before that, where the launch stands."""
    with services().database.reading() as stores:
        found, attempt, stands = _seen(stores, InstanceId(instance))
        if stands.state == statuses.CLOSING and stands.leave != stands.page:
            return redirect(stands.leave, 303)
        version = stores.exercises.get(found.exercise_version) if found.exercise_version else None
        if stands.state != Observed.OPEN or found.cell is None:
            title = presenting.title(version) if version else _("Free practice")
            return render_template("practice/waiting.html", view=views.waiting(found, title, stands))
        cell = stores.cells.get(found.cell)
        opened = frozenset(use.hint for use in stores.hints.of(attempt.id)) if attempt else frozenset()
        check = _check(stores, attempt)
        may_reset = attempt is None or attempts.may_start_over(stores, attempt)
    view = views.workbench(
        found,
        _told(version, attempt, cell, opened),
        deadline=_ends(version, attempt),
        facts=_facts(version, attempt),
        since=attempt.opened_at if attempt else cell.since,
        may_reset=may_reset,
        enforced=attempt is not None and attempt.mode is not Mode.PRACTICE,
        check=check,
        stands=stands,
        lifetime=services().settings.lifetime,
        now=now(),
    )
    return render_template("practice/workbench.html", view=view, way_in=way_in.address(found))


def _told(version: ExerciseVersion | None, attempt: Attempt | None, cell: Cell, opened: frozenset[str]) -> Briefing:
    if version is None or attempt is None:
        return briefing.of_free_practice(nonce=cell.nonce)
    content = services().files.get(version.sha256)
    # The hospital's days count from its arming: a visit that lasts past midnight must not move birth dates.
    armed_on = presenting.local(cell.since).date()
    return briefing.of_exercise(content, attempt=attempt, nonce=cell.nonce, opened=opened, today=armed_on)


def _ends(version: ExerciseVersion | None, attempt: Attempt | None) -> datetime | None:
    if version is None or attempt is None or attempt.opened_at is None:
        return None
    return deadline.ends_at(attempt.opened_at, minutes=version.minutes, extra=attempt)


def _facts(version: ExerciseVersion | None, attempt: Attempt | None) -> tuple[Fact, ...]:
    if version is None or attempt is None:
        return (Fact("hourglass", _("no time limit")),)
    time = _("no time limit") if attempt.untimed else presenting.minutes(version.minutes * attempt.time_factor)
    return (
        Fact("clipboard-check", presenting.mode(attempt.mode)),
        Fact("clock", time),
        Fact("target", _("pass mark %(score)s", score=version.pass_score)),
    )


def _check(stores: Stores, attempt: Attempt | None) -> CheckView | None:
    if attempt is None or not checking.allowed(stores, attempt):
        return None
    return selfcheck.view(stores.checks.newest(attempt.id), now=now())


@bp.post("/practice/<instance>/check")
@needs("attempt.check")
def ask_check(instance: str) -> Response:
    """Ask which state checks are full so far; the worker answers."""
    with services().database.transaction() as stores:
        found = stores.instances.get(InstanceId(instance))
        if found.attempt is None:
            raise NotFoundError(f"instance {instance} has no attempt")
        asked = checking.ask(stores, actor(), AttemptId(found.attempt), now=now())
    services().poke()
    if access.wants_json():
        return jsonify(selfcheck.view(asked, now=now()))
    return redirect(url_for(".workbench", instance=instance), 303)


@bp.get("/practice/<instance>/check")
@needs("attempt.check")
def show_check(instance: str) -> Response:
    """Say what was found, for the workbench's script."""
    with services().database.reading() as stores:
        _instance, attempt, _stands = _seen(stores, InstanceId(instance))
        check = _check(stores, attempt)
    if check is None:
        raise NotFoundError(f"instance {instance} answers no checks")
    return jsonify(check)


@bp.post("/practice/<instance>/enter")
@needs("instance.enter")
def enter(instance: str) -> Response:
    """Lead to the hospital in a window of its own: another ticket, for each is good once."""
    with services().database.reading() as stores:
        address = way_in.address(stores.instances.get(InstanceId(instance)))
    return redirect(address, 303)


@bp.post("/practice/<instance>/submit")
@needs("attempt.submit")
def submit(instance: str) -> Response:
    """Hand in the work; handing in twice leads to the same report."""
    with services().database.transaction() as stores:
        found = stores.instances.get(InstanceId(instance))
        if found.attempt is None:
            raise NotFoundError(f"instance {instance} has no attempt")
        attempts.submit(stores, actor(), AttemptId(found.attempt), now=now())
    services().poke()
    return redirect(url_for("learning.report", attempt=found.attempt), 303)


@bp.post("/practice/<instance>/reset")
@needs("instance.reset")
def reset(instance: str) -> Response:
    """Want a fresh hospital behind the same address."""
    with services().database.transaction() as stores:
        attempts.reset(stores, actor(), InstanceId(instance), now=now(), quota=services().settings.quota)
    services().poke()
    _await_flip(InstanceId(instance))
    return redirect(url_for(".workbench", instance=instance), 303)


@bp.post("/practice/<instance>/end")
@needs("instance.close")
def end(instance: str) -> Response:
    """Put the hospital away, or leave the queue."""
    with services().database.transaction() as stores:
        attempts.close_instance(stores, actor(), InstanceId(instance), now=now())
    services().poke()
    flash(_("Your practice hospital is put away."), "good")
    return redirect(url_for(".training"), 303)


@bp.post("/practice/<instance>/again")
@needs("instance.launch")
def again(instance: str) -> Response:
    """Put away a hospital that could not be opened and want another one for the same."""
    with services().database.transaction() as stores:
        found, attempt, _stands = _seen(stores, InstanceId(instance))
        if found.observed is not Observed.FAILED:
            raise WrongStateError(f"instance {instance} is {found.observed}")
        attempts.close_instance(stores, actor(), found.id, now=now())
        launched = _launched(stores, found.exercise_version or "", attempt.assignment if attempt else None)
    services().poke()
    _await_flip(launched.instance)
    return redirect(url_for(".workbench", instance=launched.instance), 303)


@bp.post("/practice/<instance>/hints/<hint>")
@needs("hint.open")
def open_hint(instance: str, hint: str) -> Response:
    """Open the next hint of a step; its price is written on the button."""
    with services().database.transaction() as stores:
        found = stores.instances.get(InstanceId(instance))
        if found.attempt is None or found.exercise_version is None:
            raise NotFoundError(f"instance {instance} has no hints")
        content = services().files.get(stores.exercises.get(found.exercise_version).sha256)
        of_step = briefing.steps_hints(content, hint)
        attempts.open_hint(stores, actor(), AttemptId(found.attempt), hint, of_step=of_step, now=now())
    return redirect(url_for(".workbench", instance=instance), 303)


def _seen(stores: Stores, key: InstanceId) -> tuple[Instance, Attempt | None, Status]:
    """Return one's own instance, its attempt and where it stands. Raises NotFoundError, ForbiddenError."""
    found = stores.instances.get(key)
    policy.require(actor(), "instance.enter", owner=found.owner)
    attempt = stores.attempts.get(AttemptId(found.attempt)) if found.attempt else None
    return found, attempt, statuses.of(stores, found, attempt)
