"""The library's pages: parse, one operation, render."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import bootstrap
from sandbox.authoring import gate_report, library, operations
from sandbox.errors import NotFoundError, RefusedError
from sandbox.exercises import loader
from sandbox.exercises.tree import MAX_BYTES
from web import failing, listing
from web.access import actor, needs, now, services
from web.authoring import reports, views
from web.wording import _

bp = Blueprint("authoring", __name__, template_folder="templates", url_prefix="/authoring")


@bp.get("")
@needs("exercise.author")
def shelf() -> str:
    """Show the library, filtered and sorted."""
    query = views.Query(
        q=request.args.get("q", "").strip(),
        role=request.args.get("role", ""),
        minutes=request.args.get("minutes", ""),
        standing=request.args.get("standing", ""),
    )
    order = listing.order(views.SORTABLE, "library")
    with services().database.reading() as stores:
        found = library.volumes(stores)
    return render_template("authoring/library.html", view=views.shelf(found, query, order))


@bp.post("/upload")
@needs("exercise.author")
def upload() -> Response | tuple[str, int]:
    """Read a file at once; without problems it becomes a draft and the gate is asked."""
    sent = request.files.get("file")
    content = b"" if sent is None else sent.read(MAX_BYTES + 1)
    if not content:
        flash(_("Choose a file first."), "warn")
        return redirect(url_for(".shelf"), 303)
    name = views.file_name(sent.filename if sent is not None else "")
    vocabulary = bootstrap.vocabulary(services().settings.site.hospital)
    loaded, problems = loader.examine(content, vocabulary=vocabulary)
    if loaded is None:
        return render_template("authoring/problems.html", view=views.problems(name, content, problems)), 422
    try:
        with services().database.transaction() as stores:
            draft = operations.save(stores, actor(), loaded, content, now=now())
            if not stores.gate.of(draft.sha256):
                operations.ask(stores, actor(), draft.sha256, now=now())
    except RefusedError as refused:
        failing.notice(refused)
        return redirect(url_for(".shelf"), 303)
    services().poke()
    return redirect(url_for(".draft", sha256=draft.sha256), 303)


@bp.get("/drafts/<sha256>")
@needs("exercise.author")
def draft(sha256: str) -> str:
    """Show where a file stands: progress while the gate runs, then its report."""
    with services().database.reading() as stores:
        found = stores.drafts.get(sha256)
        runs, asked = stores.gate.of(sha256), stores.gate.last_request(sha256)
        volume = _volume(library.volumes(stores), sha256)
    report = gate_report.loads(services().files.get(runs[0].report)) if runs else None
    return render_template("authoring/draft.html", view=reports.draft(found, volume, asked, runs, report))


@bp.get("/drafts/<sha256>/status")
@needs("exercise.author")
def status(sha256: str) -> Response:
    """Say how far the gate got, for the page's own script."""
    with services().database.reading() as stores:
        asked = stores.gate.last_request(sha256)
    progress = reports.progress(asked)
    return jsonify(running=progress.running, words=progress.words, done=progress.done, total=progress.total)


@bp.post("/drafts/<sha256>/gate")
@needs("exercise.author")
def ask(sha256: str) -> Response:
    """Have the worker run the gate."""
    with services().database.transaction() as stores:
        operations.ask(stores, actor(), sha256, now=now())
    services().poke()
    return redirect(url_for(".draft", sha256=sha256), 303)


@bp.get("/drafts/<sha256>/release")
@needs("exercise.release")
def confirm_release(sha256: str) -> str:
    """Say what releasing means."""
    with services().database.reading() as stores:
        found = stores.drafts.get(sha256)
    return render_template("authoring/confirm.html", view=views.confirm_release(found))


@bp.post("/drafts/<sha256>/release")
@needs("exercise.release")
def release(sha256: str) -> Response:
    """Release a draft that the gate found in order."""
    with services().database.reading() as stores:
        content = stores.drafts.get(sha256).content
    loaded = loader.trusted(content)
    try:
        with services().database.transaction() as stores:
            version, _fresh = operations.release(stores, services().files, actor(), loaded, content, now=now())
    except RefusedError as refused:
        failing.notice(refused)
        return redirect(url_for(".draft", sha256=sha256), 303)
    flash(_("%(version)s is released and can be assigned.", version=version.id), "good")
    return redirect(url_for(".exercise", exercise=version.exercise), 303)


@bp.get("/exercises/<exercise>")
@needs("exercise.author")
def exercise(exercise: str) -> str:
    """Show every version and draft of one exercise."""
    with services().database.reading() as stores:
        found = [one for one in library.volumes(stores) if one.exercise == exercise]
    if not found:
        raise NotFoundError(f"no exercise {exercise}")
    return render_template("authoring/exercise.html", view=views.exercise(found))


@bp.get("/versions/<version>/retire")
@needs("exercise.retire")
def confirm_retire(version: str) -> str:
    """Say what retiring means."""
    with services().database.reading() as stores:
        found = stores.exercises.get(version)
    return render_template("authoring/confirm.html", view=views.confirm_retire(found))


@bp.post("/versions/<version>/retire")
@needs("exercise.retire")
def retire(version: str) -> Response:
    """Let nobody be assigned this version any more."""
    with services().database.transaction() as stores:
        operations.retire(stores, actor(), version, now=now())
        found = stores.exercises.get(version)
    flash(_("%(version)s is retired. What is assigned goes on.", version=version), "good")
    return redirect(url_for(".exercise", exercise=found.exercise), 303)


@bp.get("/files/<sha256>")
@needs("exercise.author")
def download(sha256: str) -> Response:
    """Hand out a file of the library, never anything else that is kept by its SHA-256."""
    with services().database.reading() as stores:
        volume = _volume(library.volumes(stores), sha256)
        content = stores.drafts.get(sha256).content if volume.has_draft else services().files.get(sha256)
    reply = Response(content, mimetype="application/yaml")
    reply.headers["Content-Disposition"] = f'attachment; filename="{volume.exercise}-{volume.version}.yaml"'
    return reply


def _volume(found: list[library.Volume], sha256: str) -> library.Volume:
    volume = next((one for one in found if one.sha256 == sha256), None)
    if volume is None:
        raise NotFoundError(f"no file {sha256[:12]} in the library")
    return volume
