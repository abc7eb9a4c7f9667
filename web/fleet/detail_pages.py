"""Pages of one instance and of one cell, and what IT does on them: parse, one operation, render."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.attempts import operations as attempts
from sandbox.errors import InvalidError, NotFoundError, RefusedError
from sandbox.provisioning import kept_logs
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.folders import Places
from sandbox.provisioning.model import CellId, InstanceId
from web import failing
from web.access import actor, needs, now, services
from web.fleet import details, naming
from web.fleet.pages import bp
from web.wording import _


@bp.get("/instances/<instance>")
@needs("fleet.view")
def instance(instance: str) -> str:
    """Show one instance: its cells and everything that happened."""
    with services().database.reading() as stores:
        lines = stores.overview.instances_named(frozenset({instance}))
        if not lines:
            raise NotFoundError(f"no instance {instance}")
        view = details.instance(lines[0], stores.stories.of(instance), naming.names(stores))
    return render_template("fleet/instance.html", view=view)


@bp.get("/cells/<cell>")
@needs("fleet.view")
def cell(cell: str) -> str:
    """Show one cell, present or gone: its events and the end of its log."""
    with services().database.reading() as stores:
        one = stores.cells.get(CellId(cell))
        wish = stores.log_wishes.of_cell(one.id)
        view = details.cell(one, stores.stories.of(cell), naming.names(stores), log=_log(one.id), wish=wish)
    return render_template("fleet/cell.html", view=view)


@bp.post("/cells/<cell>/log")
@needs("fleet.view")
def wish_log(cell: str) -> Response:
    """Ask the worker for the end of the cell's log."""
    with services().database.transaction() as stores:
        provisioning.wish_log(stores, actor(), CellId(cell), now=now())
    services().poke()
    return redirect(url_for(".cell", cell=cell, _anchor="log"), 303)


@bp.post("/cells/<cell>/release")
@needs("fleet.reset")
def release(cell: str) -> Response:
    """Have a quarantined cell archived once more."""

    def deed() -> None:
        with services().database.transaction() as stores:
            provisioning.release(stores, actor(), CellId(cell), now=now())

    return _done(deed, _("It is archived once more."), url_for(".cell", cell=cell))


@bp.post("/cells/<cell>/give-up")
@needs("fleet.destroy")
def give_up(cell: str) -> Response:
    """Give the work in a quarantined cell up, for a reason that is kept."""

    def deed() -> None:
        with services().database.transaction() as stores:
            provisioning.give_up(stores, actor(), CellId(cell), reason=request.form.get("reason", ""), now=now())

    return _done(deed, _("Its work is given up; the reason is in the audit trail."), url_for(".cell", cell=cell))


@bp.post("/instances/<instance>/retry")
@needs("fleet.reset")
def retry(instance: str) -> Response:
    """Queue a failed instance for another cell."""

    def deed() -> None:
        with services().database.transaction() as stores:
            attempts.retry(stores, actor(), InstanceId(instance), now=now())

    return _done(deed, _("It waits for another cell."), url_for(".instance", instance=instance))


def _done(deed: Callable[[], None], words: str, back: str) -> Response:
    try:
        deed()
    except (RefusedError, InvalidError) as refused:
        failing.notice(refused)
        return redirect(back, 303)
    services().poke()
    flash(words, "good")
    return redirect(back, 303)


def _log(cell: CellId) -> str:
    site = services().settings.site
    file = kept_logs.file_of(Places(run=site.run, state=site.state).cell_logs, cell)
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
