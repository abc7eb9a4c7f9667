"""Pages of the pharmacy: one list and one prescription per step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Record
from his.chart.refusing import Refused
from his.pharmacy import forms, operations, views
from his.pharmacy.stages import IN_HAND, STAGES
from his.shell import doing, frames, keyboard, strips, ticking
from his.shell.frames import Page

bp = Blueprint("pharmacy", __name__, url_prefix="/pharmacy")

_KEYS = {
    "review": ("F3=scan", "F4=reject", "F6=chart", "F9=approve"),
    "pick": ("F3=scan", "F6=chart", "F9=pick"),
    "check": ("F3=scan", "F4=unpick", "F6=chart", "F8=print", "F9=check"),
    "dispense": ("F3=scan", "F4=unpick", "F6=chart", "F8=print", "F9=dispense"),
}


@bp.get("/review")
def review_list() -> Response:
    """Show what waits for review."""
    return _stage("review")


@bp.get("/pick")
def pick_list() -> Response:
    """Show what is paid and waits for picking."""
    return _stage("pick")


@bp.get("/check")
def check_list() -> Response:
    """Show what was picked and waits for a second person."""
    return _stage("check")


@bp.get("/dispense")
def dispense_list() -> Response:
    """Show what may be handed out."""
    return _stage("dispense")


@bp.post("/prescriptions/<key>/approve")
def approve(key: str) -> Response:
    """Pass a prescription."""
    return _do("review", "prescription.approve", operations.approve, key)


@bp.post("/prescriptions/<key>/reject")
def reject(key: str) -> Response:
    """Send a prescription back with a coded reason."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "").strip()}
    return _do("review", "prescription.reject", operations.reject, key, **fields)


@bp.post("/prescriptions/<key>/pick")
def pick(key: str) -> Response:
    """Take the drugs from the ticked batches."""
    return _do("pick", "prescription.pick", operations.pick, key, batches=forms.batches(request.form))


@bp.post("/prescriptions/<key>/check")
def check(key: str) -> Response:
    """Check what another person picked."""
    return _do("check", "prescription.check", operations.check, key)


@bp.post("/prescriptions/<key>/unpick")
def unpick(key: str) -> Response:
    """Put picked drugs back."""
    stage = "dispense" if request.form.get("stage") == "dispense" else "check"
    return _do(stage, "prescription.unpick", operations.unpick, key, reason=request.form.get("reason", "").strip())


@bp.post("/prescriptions/<key>/dispense")
def dispense(key: str) -> Response:
    """Hand the drugs out."""
    fields = {"identifiers": ticking.count(request.form, "identifiers"), "counselled": "counselled" in request.form}
    return _do("dispense", "prescription.dispense", operations.dispense, key, **fields)


def _do(stage: str, deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, prescription=key, version=version, **fields),
        then=lambda _: url_for(f".{stage}_list"),
        again=lambda refused: _stage(stage, key, refused),
    )


def _stage(stage: str, key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("prescription", "")
    query = request.values.get("q", "").strip()
    rows = keyboard.perform(operations.view_queue, desk="pharmacy")
    # A scanned slip is found at whatever step its prescription is: only the deed itself is refused there.
    with keyboard.looking() as act:
        here = operations.found(act, query) if query else [each for each in rows if each["status"] == STAGES[stage]]
        key = key or (str(here[0]["id"]) if query and len(here) == 1 else "")
        meant = next((each for each in [*here, *(rows if refusal else ())] if each["id"] == key), None)
        # What is no longer in the pharmacy's hands is nobody's to look at: found, and no more.
        chosen = meant if meant is not None and meant["status"] in IN_HAND else None
        ticked = [each for each in request.form.getlist("batches") if each]
        view = views.StageView(
            stage=stage,
            query=query,
            rows=[views.row(act, each, href=_href(stage, each, query), chosen=each["id"] == key) for each in here],
            chosen=None if chosen is None else views.prescription(act, chosen, stage, ticked),
            closed=None if meant is None or chosen is not None else views.row(act, meant, href="", chosen=True),
            gone=bool(key) and meant is None,
            elsewhere=_elsewhere([each["status"] for each in rows]),
            reasons=keyboard.glossary().options("rx_review_reason"),
            wrong="" if refusal is None else refusal.code,
        )
        strip = None if chosen is None else strips.of(act, chosen["patient"], views.visit_of(act, chosen))
    page = Page(
        template="pharmacy/stage.html",
        title="desk.pharmacy",
        tab=stage,
        view=view,
        strip=strip,
        keys=_KEYS[stage],
        here=url_for(f".{stage}_list", prescription=key, q=query or None) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _href(stage: str, record: Record, query: str) -> str:
    return url_for(f".{stage}_list", prescription=record["id"], q=query or None)


def _elsewhere(states: list[str]) -> dict[str, int]:
    counted = {name: states.count(state) for name, state in STAGES.items()}
    return {**counted, "pay": states.count("reviewed")}
