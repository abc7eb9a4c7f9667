"""Isolation certificates as pages and as files: of an instance with all its cells, or of one cell."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import make_response, render_template
from werkzeug.wrappers import Response

from sandbox.errors import NotFoundError
from sandbox.people import policy
from sandbox.people.model import PersonId
from sandbox.provisioning import certificates
from sandbox.provisioning.certificates import Certificate
from sandbox.provisioning.model import CellId, InstanceId
from web.access import actor, needs, services
from web.fleet import certifying
from web.fleet.pages import bp

VERB = "certificate.view"
ANYBODYS = ""
"""A cell is a machine, not a person's: only who may see everybody's sees it closely."""


@bp.get("/instances/<instance>/certificate")
@needs(VERB)
def certificate(instance: str) -> str:
    """Show what an instance's cells could not reach, the newest first."""
    with services().database.reading() as stores:
        one = stores.instances.get(InstanceId(instance))
        policy.require(actor(), VERB, owner=one.owner)
        known = certificates.newest_of_each(stores.certificates.of_instance(one.id))
        found = sorted(known, key=lambda each: each.cell != one.cell)
        owner = stores.people.get(PersonId(one.owner)).name
    return _page(found, owner=owner, instance=instance, closely=policy.may(actor(), VERB, owner=ANYBODYS))


@bp.get("/instances/<instance>/certificate.json")
@needs(VERB)
def certificate_file(instance: str) -> Response:
    """Send every certificate of an instance's cells, oldest first: to whom the page shows the readings themselves."""
    with services().database.reading() as stores:
        one = stores.instances.get(InstanceId(instance))
        policy.require(actor(), VERB, owner=ANYBODYS)
        found = stores.certificates.of_instance(one.id)
    return _file(found, f"certificate-{one.id}")


@bp.get("/cells/<cell>/certificate")
@needs(VERB)
def cell_certificate(cell: str) -> str:
    """Show the newest certificate of one cell, also of one that is gone or nobody's yet."""
    found = _of_cell(cell)
    return _page(found[-1:], owner="", instance=found[-1].instance or "", closely=True)


@bp.get("/cells/<cell>/certificate.json")
@needs(VERB)
def cell_certificate_file(cell: str) -> Response:
    """Send every certificate of a cell, oldest first."""
    found = _of_cell(cell)
    return _file(found, f"certificate-{found[0].cell}")


def _of_cell(cell: str) -> list[Certificate]:
    with services().database.reading() as stores:
        found = stores.certificates.of_cell(CellId(cell))
    if not found:
        raise NotFoundError(f"cell {cell} has no certificate")
    policy.require(actor(), VERB, owner=ANYBODYS)
    return found


def _page(found: Sequence[Certificate], *, owner: str, instance: str, closely: bool) -> str:
    view = certifying.view(found, owner=owner, instance=instance, closely=closely)
    return render_template("fleet/certificate.html", view=view)


def _file(found: Sequence[Certificate], name: str) -> Response:
    """Return the certificates with their digests; each digest is over the canonical JSON of what stands beside it."""
    listed = [{"sha256": one.sha256, "certificate": json.loads(one.content)} for one in found]
    reply = make_response(json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True))
    reply.headers["Content-Type"] = "application/json"
    reply.headers.set("Content-Disposition", "attachment", filename=f"{name}.json")
    return reply
