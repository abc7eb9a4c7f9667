"""Requests for laboratory and imaging: asked for and taken back at the doctor's desk, paid for at the window."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.ways.walking_on import Way, latest
from tests.his.stage import Stage

_EXAM, _PANEL = "I009", "P-CBC"
_ANSWERS = {"screen_allergy": "N", "egfr": "90", "metformin": "N"}


def _chart(rest: str = "") -> Callable[[Stage], str]:
    def page(stage: Stage) -> str:
        visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
        return f"/clinic/charts/{visit}/request{rest}"

    return page


def _lab(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel=_PANEL)


def _imaging(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "imaging_request.create", patient="$zhang", exam=_EXAM, **_ANSWERS)


def _window(stage: Stage) -> str:
    return f"/cashier/?patient={stage.bound('zhang')}"


def _charge(table: str) -> Callable[[Stage], str]:
    """Return what finds the charge of the newest request."""
    return lambda stage: stage.one("charge_item", **{table: latest(table, patient="$zhang")(stage)})["id"]


def _to_refund(table: str, state: str) -> Callable[[Stage], None]:
    """Return what has a request paid, its refund approved, and the request then in this state."""

    def before(stage: Stage) -> None:
        _BEFORE[table](stage)
        stage.does("cas", f"{table}.charge", patient="$zhang", channel="WX")
        item = _charge(table)(stage)
        stage.does("doc", "charge_item.apply_refund", target=item, reason="PATIENT")
        stage.does("fin", "charge_item.approve", target=item)
        stage.run(f'UPDATE "{table}" SET "status" = ?', state)

    return before


_BEFORE = {"lab_request": _lab, "imaging_request": _imaging}


def _paid(table: str) -> Way:
    return Way(
        action=f"{table}.charge",
        source="requested",
        seat="cas",
        before=_BEFORE[table],
        page=_window,
        record=latest(table, patient="$zhang"),
        fields={"channel": "CASH", "tendered": "5000"},
        follows=(("charge_item.pay", "billable"), ("invoice.issue", "-")),
    )


def _refunded(table: str, state: str) -> Way:
    return Way(
        action=f"{table}.refund",
        source=state,
        seat="cas",
        before=_to_refund(table, state),
        page=lambda stage: f"/refunds?item={_charge(table)(stage)}",
        record=latest(table, patient="$zhang"),
        fields={"channel": "WX"},
        follows=(("charge_item.refund", "refund_approved"), ("invoice.reverse", "issued"), ("invoice.issue", "-")),
    )


def _asks(seat: str) -> tuple[Way, ...]:
    """Return how requests are made and taken back."""
    return (
        Way(
            action="lab_request.create",
            source="-",
            seat=seat,
            before=Stage.diagnose,
            page=_chart(),
            fields={"panel": _PANEL},
            follows=(("charge_item.plan", "-"),),
        ),
        Way(
            action="imaging_request.create",
            source="-",
            seat=seat,
            before=Stage.diagnose,
            page=_chart(f"?exam={_EXAM}"),
            fields=_ANSWERS,
        ),
        _takes_back("lab_request", seat),
        _takes_back("imaging_request", seat),
    )


def _takes_back(table: str, seat: str) -> Way:
    return Way(
        action=f"{table}.cancel",
        source="requested",
        seat=seat,
        before=_BEFORE[table],
        page=_chart(),
        record=latest(table, patient="$zhang"),
        fields={"reason": "PAT"},
    )


WAYS = (
    _paid("lab_request"),
    _paid("imaging_request"),
    _refunded("lab_request", "charged"),
    _refunded("lab_request", "rejected"),
    _refunded("imaging_request", "charged"),
    _refunded("imaging_request", "scheduled"),
    *(way for seat in ("doc", "hod") for way in _asks(seat)),
)
