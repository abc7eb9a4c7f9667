"""The trainer's pages: parse, one operation, render."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from sandbox.errors import InvalidError, NotFoundError
from sandbox.exercises.model import ExerciseVersion
from sandbox.overview import Standing, Stores
from sandbox.people.model import Person, PersonId, Role
from sandbox.training import operations as training
from web import listing, wording
from web.access import actor, needs, now, services
from web.teaching import assigning, forms, inspecting, seats, sentences, views
from web.teaching.forms import AssignmentForm
from web.wording import _, _n

bp = Blueprint("teaching", __name__, template_folder="templates", url_prefix="/teaching")


@bp.get("/assignments")
@needs("assignment.create")
def assignments() -> str:
    """Show the form and what stands."""
    return _assignments(AssignmentForm(), problem="")


@bp.post("/assignments")
@needs("assignment.create")
def assign() -> Response | tuple[str, int]:
    """Assign one exercise to many people."""
    with services().database.reading() as stores:
        versions, people = stores.exercises.newest(), _learners(stores)
    form = _form(request.form, people)
    problem = sentences.problem_words(form)
    if problem:
        return _assignments(form, problem=problem), 422
    try:
        with services().database.transaction() as stores:
            made = training.assign(
                stores,
                actor(),
                exercise_version=form.exercise_version,
                people=form.people,
                rules=form.rules,
                now=now(),
            )
    except InvalidError as wrong:
        return _assignments(form, problem=wrong.say(wording.language())), 422
    flash(_assigned(len(made), len(form.people), sentences.read_back(form, versions, people)), "good")
    short = _shortfall(form)
    if short:
        flash(short, "warn")
    return redirect(url_for(".assignments"), 303)


@bp.get("/assignments/sentence")
@needs("assignment.create")
def read_back() -> Response:
    """Read the present choice back as a sentence."""
    with services().database.reading() as stores:
        versions, people = stores.exercises.newest(), _learners(stores)
    form = _form(request.args, people)
    return jsonify(sentence=sentences.read_back(form, versions, people), short=_shortfall(form))


def _shortfall(form: AssignmentForm) -> str:
    with services().database.reading() as stores:
        short = seats.shortfall(stores, form.rules.opens, form.rules.due, form.people)
    return seats.words(short) if short is not None else ""


@bp.post("/assignments/<assignment>/withdraw")
@needs("assignment.withdraw")
def withdraw(assignment: str) -> Response:
    """Take an assignment back."""
    with services().database.transaction() as stores:
        training.withdraw(stores, actor(), assignment, now=now())
    flash(_("Withdrawn. Attempts made so far stay."), "good")
    return redirect(url_for(".assignments"), 303)


@bp.get("/assignments/<assignment>")
@needs("assignment.create")
def assignment(assignment: str) -> str:
    """Show one assignment in full."""
    with services().database.reading() as stores:
        given = stores.assignments.get(assignment)
        standings = stores.overview.standings(PersonId(given.person))
    line = next((one for one in standings if one.assignment == given), None)
    if line is None:
        raise NotFoundError(f"assignment {assignment} was withdrawn")
    seen = inspecting.discreet(line, actor().id)
    return render_template("teaching/assignment.html", view=inspecting.assignment(seen, given))


@bp.post("/assignments/<assignment>/extra-time")
@needs("assignment.accommodate")
def accommodate(assignment: str) -> Response:
    """Grant one person extra time."""
    extra = forms.extra_time(request.form)
    with services().database.transaction() as stores:
        training.accommodate(
            stores, actor(), assignment, time_factor=extra.time_factor, untimed=extra.untimed, now=now()
        )
    flash(_("Saved. It holds for attempts that start from now on."), "good")
    return redirect(url_for(".assignment", assignment=assignment), 303)


@bp.post("/assignments/reports/open")
@needs("reports.open")
def open_reports() -> Response:
    """Let the trainees of the chosen assignments see their reports."""
    with services().database.transaction() as stores:
        opened = sum([training.open_reports(stores, actor(), key, now=now()) for key in _chosen()])
    flash(_n("Reports of %(n)s assignment opened.", "Reports of %(n)s assignments opened.", opened), "good")
    return _back()


@bp.post("/assignments/reports/close")
@needs("reports.open")
def close_reports() -> Response:
    """Hide the reports of the chosen assignments again."""
    with services().database.transaction() as stores:
        closed = sum([training.close_reports(stores, actor(), key, now=now()) for key in _chosen()])
    flash(_n("Reports of %(n)s assignment closed.", "Reports of %(n)s assignments closed.", closed), "good")
    return _back()


def _chosen() -> list[str]:
    return list(dict.fromkeys(request.form.getlist("assignment")))


def _back() -> Response:
    """Lead back to the page the switch stood on: one assignment's own, or the list."""
    chosen = _chosen()
    if request.form.get("own") and len(chosen) == 1:
        return redirect(url_for(".assignment", assignment=chosen[0]), 303)
    return redirect(url_for(".assignments"), 303)


@bp.get("/results")
@needs("results.view")
def results() -> str:
    """Show people by exercise."""
    with services().database.reading() as stores:
        standings = [inspecting.discreet(one, actor().id) for one in stores.overview.standings()]
    query = views.Query(
        q=request.args.get("q", "").strip(),
        exercise=request.args.get("exercise", ""),
        state=request.args.get("state", ""),
    )
    order = listing.order(tuple(views.SORTS), "name")
    return render_template(
        "teaching/results.html", view=views.results(standings, query, order, now=now(), zone=services().zone)
    )


def _assignments(form: AssignmentForm, *, problem: str) -> str:
    versions, people, standings = _seen()
    view = assigning.assignments(versions, people, standings, form, problem=problem, now=now(), zone=services().zone)
    return render_template("teaching/assignments.html", view=view)


def _seen() -> tuple[list[ExerciseVersion], list[Person], list[Standing]]:
    with services().database.reading() as stores:
        return stores.exercises.newest(), _learners(stores), stores.overview.standings()


def _learners(stores: Stores) -> list[Person]:
    return [one for one in stores.people.all() if Role.TRAINEE in one.roles and not one.disabled]


def _form(sent: MultiDict[str, str], people: list[Person]) -> AssignmentForm:
    return forms.read(sent, services().zone, [one.id for one in people])


def _assigned(made: int, chosen: int, sentence: str) -> str:
    if made == chosen:
        return _("Assigned. %(sentence)s", sentence=sentence)
    return _n(
        "Assigned to %(n)s person; the others already have it.",
        "Assigned to %(n)s people; the others already have it.",
        made,
    )
