"""Pages of the pharmacy: one list and one prescription per step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.pharmacy import forms, operations, views
from his.shell import doing, frames, keyboard, strips
from his.shell.desks import Desk, Tab
from his.shell.frames import Page

bp = Blueprint("pharmacy", __name__, url_prefix="/pharmacy", template_folder="templates")

_KEYS = {
    "review": ("F4=reject", "F9=approve"),
    "pick": ("F9=pick",),
    "check": ("F9=check",),
    "dispense": ("F9=dispense",),
}


def _waiting(state: str, act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "prescription" WHERE "status" = ?', state)
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="pharmacy",
    blueprints=(bp,),
    folder=Path(__file__).parent,
    tabs=tuple(
        Tab(
            name=stage,
            endpoint=f"pharmacy.{stage}_list",
            key=key,
            roles=frozenset({"PHA"}),
            waiting=partial(_waiting, state),
        )
        for key, (stage, state) in enumerate(views.STAGES.items(), start=1)
    ),
)


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
    return _do("check", "prescription.unpick", operations.unpick, key)


@bp.post("/prescriptions/<key>/dispense")
def dispense(key: str) -> Response:
    """Hand the drugs out."""
    return _do(
        "dispense", "prescription.dispense", operations.dispense, key, identifiers=forms.identifiers(request.form)
    )


def _do(stage: str, deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = forms.version(request.form)
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, prescription=key, version=version, **fields),
        then=lambda _: url_for(f".{stage}_list"),
        again=lambda refused: _stage(stage, key, refused),
    )


def _stage(stage: str, key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("prescription", "")
    rows = keyboard.perform(operations.view_queue, desk="pharmacy")
    here = [each for each in rows if each["status"] == views.STAGES[stage]]
    with keyboard.looking() as act:
        chosen = next((each for each in here if each["id"] == key), None)
        ticked = [each for each in request.form.getlist("batches") if each]
        view = views.StageView(
            stage=stage,
            rows=[
                views.row(act, each, href=url_for(f".{stage}_list", prescription=each["id"]), chosen=each["id"] == key)
                for each in here
            ],
            chosen=None if chosen is None else views.prescription(act, chosen, stage, ticked),
            gone=bool(key) and chosen is None,
            elsewhere=_elsewhere([each["status"] for each in rows]),
            reasons=keyboard.glossary().options("rx_review_reason"),
            reason_wrong=refusal is not None and refusal.code == "E-GEN-06",
        )
        strip = (
            None if chosen is None else strips.of(act, chosen["patient"], act.fetch("encounter", chosen["encounter"]))
        )
    page = Page(
        template="pharmacy/stage.html",
        title="desk.pharmacy",
        tab=stage,
        view=view,
        strip=strip,
        keys=_KEYS[stage],
        here=url_for(f".{stage}_list", prescription=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _elsewhere(states: list[str]) -> dict[str, int]:
    counted = {name: states.count(state) for name, state in views.STAGES.items()}
    return {**counted, "pay": states.count("reviewed")}
