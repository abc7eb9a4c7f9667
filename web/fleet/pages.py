"""IT's pages: parse, one operation, render."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.errors import RefusedError
from sandbox.health import machine, site
from sandbox.overview import InstanceQuery, Stores
from sandbox.people.model import Actor
from sandbox.provisioning.model import InstanceId, Observed
from web import failing, listing
from web.access import actor, needs, now, services
from web.fleet import confirming, healths, views
from web.wording import _


class Deed(Protocol):
    """What can be done to many instances at once: false if it was wanted already."""

    def __call__(self, stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> bool: ...


bp = Blueprint("fleet", __name__, template_folder="templates", url_prefix="/fleet")

DEEDS: Mapping[str, Deed] = {
    "reset": attempts.reset,
    "destroy": attempts.close_instance,
    "hibernate": staying.hibernate,
    "wake": staying.wake,
}


@bp.get("")
@needs("fleet.view")
def health() -> str:
    """Show one line per concern."""
    with services().database.reading() as stores:
        seen = site.look(stores, services().settings, now=now())
    found = [*site.judge(seen, now=now()), *machine.room(services().look())]
    return render_template("fleet/health.html", view=healths.health(found, seen.vitals))


@bp.get("/instances")
@needs("fleet.view")
def instances() -> str:
    """Show instances and cells, filtered and sorted."""
    asked = request.args
    query = views.Query(
        q=asked.get("q", "").strip(),
        state=asked.get("state", ""),
        trouble="1" if asked.get("trouble") == "1" else "",
        cells=asked.get("cells", ""),
    )
    order = listing.order(views.SORTABLE, "queued_at", descending=True)
    key = next(one for one in views.SORTABLE if one == order.key)
    page = listing.page_number()
    wanted = InstanceQuery(
        text=query.q,
        observed=views.wanted_states(query.state),
        troubled=bool(query.trouble),
        order=key,
        descending=order.descending,
        offset=(page - 1) * views.PAGE,
        limit=views.PAGE,
    )
    with services().database.reading() as stores:
        lines, total = stores.overview.instances(wanted)
        if not lines and total:
            # A bookmark of a longer list: the last page there is says more than an empty one.
            page = listing.pages(total, views.PAGE)
            lines, total = stores.overview.instances(dataclasses.replace(wanted, offset=(page - 1) * views.PAGE))
        cells, cell_total = stores.overview.cells(views.wanted_cells(query.cells), limit=views.CELLS_SHOWN)
    view = views.instances(lines, total, (cells, cell_total), query, order, page=page)
    return render_template("fleet/instances.html", view=view)


@bp.get("/instances/confirm")
@needs("fleet.view")
def confirm() -> str | Response:
    """Name what the deed destroys, and how many."""
    deed = request.args.get("deed", "")
    with services().database.reading() as stores:
        lines = stores.overview.instances_named(frozenset(request.args.getlist("instance")))
    open_ones = [line for line in lines if line.instance.observed is not Observed.CLOSED]
    if deed not in DEEDS or not open_ones:
        flash(_("Choose at least one instance."), "warn")
        return redirect(url_for(".instances"), 303)
    return render_template("fleet/confirm.html", view=confirming.confirm(deed, open_ones))


@bp.post("/instances")
@needs("fleet.reset")
def act() -> Response:
    """Do one deed to the chosen instances; each on its own, so that one refusal does not stop the others."""
    deed, keys = request.form.get("deed", ""), request.form.getlist("instance")
    if deed not in DEEDS or not keys:
        flash(_("Choose at least one instance."), "warn")
        return redirect(url_for(".instances"), 303)
    if deed == "destroy" and unicodedata.normalize("NFKC", request.form.get("typed", "")).strip() != str(len(keys)):
        flash(_("Nothing was done: the number typed does not match."), "warn")
        return redirect(url_for(".confirm", deed=deed, instance=keys), 303)
    count = sum(_do(deed, InstanceId(key)) for key in dict.fromkeys(keys))
    services().poke()
    flash(confirming.done(deed, count), "good" if count else "warn")
    return redirect(url_for(".instances"), 303)


def _do(deed: str, key: InstanceId) -> bool:
    try:
        with services().database.transaction() as stores:
            return DEEDS[deed](stores, actor(), key, now=now())
    except RefusedError as refused:
        failing.notice(refused)
        return False
