"""The trainer's pages about grades that were given: timeline, adjustments, marking, regrades."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask import jsonify as json_reply
from werkzeug.wrappers import Response

from sandbox.attempts import adjusting, regrading, showing
from sandbox.attempts.model import AttemptId
from sandbox.attempts.second_look import Choice, RegradeId
from sandbox.errors import AdjustmentInvalidError, NotFoundError, RegradeInvalidError
from sandbox.people import policy
from web import printing, reading, reporting, timeline, wording
from web.access import actor, needs, now, services
from web.teaching import asking, differences, marking
from web.teaching.pages import bp
from web.teaching.regrade_views import Asked
from web.wording import _

KINDS = ("mark", "set", "add", "waive", "withdraw")
CHOICES: Mapping[str, Choice] = {"all": "all", "higher": "higher", "discard": "discard"}


@bp.get("/reports/<attempt>")
@needs("results.view")
def report(attempt: str) -> str:
    """Show somebody's report."""
    return _report(attempt, marking.Typed())


@bp.get("/reports/<attempt>/progress")
@needs("results.view")
def report_progress(attempt: str) -> Response:
    """Say how many results there are, for the page that waits for the next one."""
    with services().database.reading() as stores:
        return json_reply(state=str(len(stores.results.of(AttemptId(attempt)))))


@bp.get("/reports/<attempt>/timeline")
@needs("results.view")
def report_timeline(attempt: str) -> str:
    """Show the journal as people read it."""
    view = timeline.view(_filed(attempt), services().files, timeline.query())
    return render_template("teaching/timeline.html", view=view)


@bp.post("/reports/<attempt>/paper")
@needs("results.view")
def want_paper(attempt: str) -> Response:
    """Have the report printed; the page waits for it."""
    return printing.want(AttemptId(attempt), url_for(".paper", attempt=attempt))


@bp.get("/reports/<attempt>/paper")
@needs("results.view")
def paper(attempt: str) -> Response:
    """Send the printed report, or say how far it is."""
    return printing.send(_filed(attempt), "trainer", back=url_for(".report", attempt=attempt))


@bp.post("/reports/<attempt>/adjust")
@needs("attempt.adjust")
def adjust(attempt: str) -> Response | tuple[str, int]:
    """Override a line or loss, waive it, or withdraw that."""
    typed = marking.typed(request.form)
    try:
        _adjust(attempt, typed)
    except AdjustmentInvalidError as wrong:
        return _report(attempt, marking.refused(typed, wrong.say(wording.language()))), 422
    flash(_("Adjusted. The score is being computed again; both numbers stay visible."), "good")
    return redirect(url_for(".report", attempt=attempt, _anchor=f"line-{typed.subject}"), 303)


@bp.post("/reports/<attempt>/void")
@needs("attempt.void")
def void(attempt: str) -> Response:
    """Say that an attempt does not count."""
    try:
        with services().database.transaction() as stores:
            adjusting.void(stores, actor(), AttemptId(attempt), reason=request.form.get("reason", ""), now=now())
    except AdjustmentInvalidError as wrong:
        flash(wrong.say(wording.language()), "bad")
    else:
        flash(_("This attempt no longer counts; its report stays readable."), "good")
    return redirect(url_for(".report", attempt=attempt), 303)


@bp.get("/marking")
@needs("attempt.adjust")
def marks() -> str:
    """List the attempts with lines that wait for a mark."""
    with services().database.reading() as stores:
        view = marking.queue(stores, services().files, actor())
    return render_template("teaching/marking.html", view=view)


@bp.get("/marking/<attempt>")
@needs("attempt.adjust")
def mark_page(attempt: str) -> str:
    """Show the lines of one attempt that a person marks, with what was written."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
        policy.require(actor(), "attempt.adjust", owner=found.person)
        queue = marking.queue(stores, services().files, actor())
    view = marking.sheet(_filed(attempt), queue, services().files)
    return render_template("teaching/mark.html", view=view)


@bp.post("/marking/<attempt>")
@needs("attempt.adjust")
def mark(attempt: str) -> Response:
    """Give a level with one click, then lead to what waits next."""
    typed = marking.typed(request.form)
    try:
        _adjust(attempt, typed)
    except AdjustmentInvalidError as wrong:
        flash(wrong.say(wording.language()), "bad")
        return redirect(url_for(".mark_page", attempt=attempt), 303)
    with services().database.reading() as stores:
        following = marking.following(marking.queue(stores, services().files, actor()), attempt)
    if following:
        return redirect(url_for(".mark_page", attempt=following), 303)
    flash(_("Everything is marked."), "good")
    return redirect(url_for(".marks"), 303)


@bp.get("/regrades")
@needs("regrade.view")
def regrades() -> str:
    """List regrades, and the form to ask for one."""
    return _regrades(asking.asked(request.args), "")


@bp.post("/regrades")
@needs("regrade.request")
def request_regrade() -> Response | tuple[str, int]:
    """Have a preview computed."""
    typed = asking.asked(request.form)
    try:
        with services().database.transaction() as stores:
            scope = asking.scope(stores, typed)
            made = regrading.request(
                stores, services().files, actor(), scope=scope, target=typed.target, reason=typed.reason, now=now()
            )
    except (RegradeInvalidError, NotFoundError) as wrong:
        return _regrades(typed, wrong.say(wording.language())), 422
    services().poke()
    return redirect(url_for(".regrade", key=made.id), 303)


@bp.get("/regrades/<key>")
@needs("regrade.view")
def regrade(key: str) -> str:
    """Show the difference table: flips first."""
    with services().database.reading() as stores:
        view = differences.preview(stores, services().files, RegradeId(key), differences.query(request.args))
    return render_template("teaching/regrade.html", view=view)


@bp.get("/regrades/<key>/progress")
@needs("regrade.view")
def regrade_progress(key: str) -> Response:
    """Say how far the preview is, for the page that waits."""
    with services().database.reading() as stores:
        state, done, every = differences.progress(stores, RegradeId(key))
    return json_reply(state=state, done=done, all=every)


@bp.get("/regrades/<key>.csv")
@needs("regrade.view")
def regrade_table(key: str) -> Response:
    """Export what the table shows."""
    with services().database.reading() as stores:
        content = differences.table(stores, services().files, RegradeId(key), differences.query(request.args))
    reply = make_response(content)
    reply.headers["Content-Type"] = "text/csv; charset=utf-8"
    reply.headers.set("Content-Disposition", "attachment", filename=f"regrade-{key}.csv")
    return reply


@bp.post("/regrades/<key>/decide")
@needs("regrade.decide")
def decide_regrade(key: str) -> Response:
    """Accept all, only what is higher, or discard."""
    choice = CHOICES.get(request.form.get("choice", ""))
    if choice is None:
        abort(422)
    with services().database.transaction() as stores:
        regrading.decide(stores, actor(), RegradeId(key), choice, reason=request.form.get("reason", ""), now=now())
    services().poke()
    return redirect(url_for(".regrade", key=key), 303)


def _adjust(attempt: str, typed: marking.Typed) -> None:
    if typed.kind not in KINDS:
        abort(422)
    with services().database.transaction() as stores:
        adjusting.adjust(
            stores,
            services().files,
            actor(),
            AttemptId(attempt),
            subject=typed.subject,
            kind=typed.kind,
            points=typed.points,
            reason=typed.reason,
            now=now(),
        )
    services().poke()


def _report(attempt: str, typed: marking.Typed) -> str:
    filed = _filed(attempt)
    return render_template(
        "teaching/report.html",
        instance=filed.attempt.instance if policy.may(actor(), "certificate.view", owner=filed.attempt.person) else "",
        view=reading.view(reading.source(filed, services().files), "trainer"),
        paper=printing.present(filed, "trainer"),
        may_adjust=policy.may(actor(), "attempt.adjust", owner=filed.attempt.person),
        typed=typed,
        state=str(len(filed.results)),
    )


def _regrades(typed: Asked, problem: str) -> str:
    with services().database.reading() as stores:
        view = asking.overview(stores, typed, problem)
    return render_template("teaching/regrades.html", view=view)


def _filed(attempt: str) -> reporting.Filed:
    """Return where somebody's report lies. Raises ForbiddenError; NotFoundError, also for an own one not open yet."""
    with services().database.reading() as stores:
        found = stores.attempts.get(AttemptId(attempt))
        policy.require(actor(), "report.view", owner=found.person)
        filed = reporting.filed(stores, found)
        opened_at = stores.terms.of(found.assignment).reports_opened_at if found.assignment else None
    mine = found.person == actor().id
    if filed is None or (mine and not showing.is_open(found.mode, opened_at)):
        raise NotFoundError(f"attempt {attempt} has no report")
    return filed
