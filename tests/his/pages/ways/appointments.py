"""Appointments: asked for at the window or by the doctor, confirmed, made to wait, moved, cancelled, missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.his.pages.ways.walking_on import Lapse, Way, latest
from tests.his.stage import Stage

_TODAY, _TOMORROW, _DAY_AFTER = "2026-11-22", "2026-11-23", "2026-11-24"
_RECORD = latest("appointment", patient="$stranger")
_PATIENT_ASKED = {"reason": "PAT"}
_OF_ANOTHER_DEPARTMENT = {"doce": "E-GEN-02"}
_AFTERNOON_OVER, _DAY = 10 * 60, 24 * 60
"""Minutes from eight o'clock."""


def _clinic(stage: Stage, half: str) -> str:
    return f"{stage.rows()[0].data['seats']['doc']}:D0101:{half}"


def _page(rest: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/registration/bookings?appointment={_RECORD(stage)}{rest}"


def _new(stage: Stage) -> str:
    clinic = _clinic(stage, "AM")
    return f"/registration/bookings?patient={stage.bound('stranger')}&day={_TOMORROW}&clinic={clinic}"


def _ask(stage: Stage, *, day: str, half: str) -> None:
    when = {"dept": "D0101", "half_day": half, "visit_date": day}
    stage.does("reg", "appointment.request", patient="$stranger", doctor="doc", **when)


def _places(stage: Stage, quota: str) -> None:
    stage.run('UPDATE "schedule" SET "quota" = ? WHERE "doctor" = ?', quota, stage.rows()[0].data["seats"]["doc"])


def _asked(stage: Stage) -> None:
    _ask(stage, day=_TOMORROW, half="AM")


def _asked_in_vain(stage: Stage) -> None:
    _asked(stage)
    _places(stage, "0")


def _waiting(stage: Stage) -> None:
    _asked_in_vain(stage)
    stage.does("reg", "appointment.waitlist", patient="$stranger")


def _waiting_no_more(stage: Stage) -> None:
    _waiting(stage)
    _places(stage, "1")


def _booked(stage: Stage) -> None:
    _asked(stage)
    stage.does("reg", "appointment.confirm", patient="$stranger")


def _booked_today(stage: Stage) -> None:
    _ask(stage, day=_TODAY, half="PM")
    stage.does("reg", "appointment.confirm", patient="$stranger")


def _confirm(source: str, before: Callable[[Stage], None]) -> Way:
    return Way(action="appointment.confirm", source=source, seat="reg", before=before, page=_page(), record=_RECORD)


def _cancel(source: str, seat: str, before: Callable[[Stage], None], wrong: Mapping[str, str] | None = None) -> Way:
    return Way(
        action="appointment.cancel",
        source=source,
        seat=seat,
        before=before,
        page=_page(),
        record=_RECORD,
        fields=_PATIENT_ASKED,
        wrong=wrong or {},
    )


WAYS = (
    Way(action="appointment.request", source="-", seat="reg", page=_new, fields={"source": "TEL"}),
    Way(action="appointment.request", source="-", seat="doc", page=_new, wrong=_OF_ANOTHER_DEPARTMENT),
    _confirm("requested", _asked),
    _confirm("waitlisted", _waiting_no_more),
    Way(
        action="appointment.waitlist",
        source="requested",
        seat="reg",
        before=_asked_in_vain,
        page=_page(),
        record=_RECORD,
    ),
    _cancel("requested", "reg", _asked),
    _cancel("requested", "doc", _asked, _OF_ANOTHER_DEPARTMENT),
    _cancel("waitlisted", "reg", _waiting),
    _cancel("waitlisted", "doc", _waiting),
    _cancel("booked", "reg", _booked),
    _cancel("booked", "doc", _booked, _OF_ANOTHER_DEPARTMENT),
    Way(
        action="appointment.reschedule",
        source="booked",
        seat="reg",
        before=_booked,
        page=_page(f"&day={_DAY_AFTER}"),
        record=_RECORD,
        fields=lambda stage: {"clinic": _clinic(stage, "PM")},
    ),
    Way(
        action="appointment.take_ticket",
        source="booked",
        seat="reg",
        before=_booked_today,
        page=_page(),
        record=_RECORD,
        fields={"identifiers": ["name", "birth"]},
        follows=(("registration.create", "-"), ("encounter.plan", "-")),
    ),
)

LAPSES = (
    Lapse(action="appointment.miss", source="booked", before=_booked_today, record=_RECORD, minutes=_AFTERNOON_OVER),
    Lapse(action="appointment.cancel", source="waitlisted", before=_waiting, record=_RECORD, minutes=_DAY),
)
