"""The visit: sold and paid at the window, checked in, triaged, called, passed over, seen, given back."""

from __future__ import annotations

from collections.abc import Callable

from tests.his import packs
from tests.his.pages.ways.walking_on import Edge, Lapse, Way, bound, latest
from tests.his.stage import Stage

_IDENTIFIED = {"identifiers": ["name", "mrn"]}
_CALLED_THRICE = {"calls": ["call1", "call2", "call3"]}
_ZHANG, _STRANGERS = bound("zhang_ticket"), latest("registration", patient="$stranger")


_EMERGENCY = bound("stranger_ticket")
_TO_EMERGENCY = (packs.waiting("stranger", dept="D0601", doctor="doce", level="EMG"),)
_SIGNS = {"temp": "36.8", "pulse": "104", "resp": "20", "sbp": "150", "dbp": "88", "spo2": "97"}
_LEVEL = {"triage": "2", "complaint": "胸痛1小时"}
_HALF_DAY, _DAY = 6 * 60, 24 * 60
"""Minutes: past the morning, past the day."""


def _at_window(stage: Stage) -> str:
    return f"/registration/?patient={stage.bound('stranger')}"


def _at_triage(stage: Stage) -> str:
    return f"/triage/?registration={stage.bound('zhang_ticket')}"


def _at_doctor(stage: Stage) -> str:
    return f"/clinic/?registration={stage.bound('zhang_ticket')}"


def _chart(section: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/clinic/charts/{stage.one('registration', id=_ZHANG(stage))['encounter']}{section}"


def _called(stage: Stage) -> None:
    stage.does("doc", "registration.call", patient="$zhang", reason="急")


def _missed(stage: Stage) -> None:
    _called(stage)
    stage.does("nur", "registration.pass", patient="$zhang", calls=3)


def _written(stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()


def _unpaid(stage: Stage) -> None:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", half_day="AM")


def _paid(stage: Stage) -> None:
    _unpaid(stage)
    stage.does("reg", "registration.pay", patient="$stranger", channel="CASH")


def _paid_and_in(stage: Stage) -> None:
    _paid(stage)
    stage.does("reg", "registration.check_in", patient="$stranger")


def _measured(stage: Stage) -> None:
    stage.does("nure", "vitals.record", patient="$stranger", **_SIGNS)


def _urgent(stage: Stage) -> None:
    _measured(stage)
    stage.does(
        "nure", "encounter.triage", target=stage.one("registration", id=_EMERGENCY(stage))["encounter"], **_LEVEL
    )


def _urgent_called(stage: Stage) -> None:
    _urgent(stage)
    stage.does("doce", "registration.call", target=_EMERGENCY(stage))


def _doctor(stage: Stage) -> dict[str, str]:
    return {"dept": "D0101", "doctor": stage.rows()[0].data["seats"]["doc"], "half_day": "AM"}


def _refund(source: str, seat: str, before: Callable[[Stage], None], *follows: Edge) -> Way:
    return Way(
        action="registration.refund",
        source=source,
        seat=seat,
        before=before,
        page=lambda stage: f"/registration/refunds?registration={_STRANGERS(stage)}",
        record=_STRANGERS,
        fields={"second": "colleague", "reason": "PATIENT"},
        follows=(*follows, ("invoice.reverse", "issued")),
    )


WAYS = (
    Way(
        action="registration.create",
        source="-",
        seat="reg",
        page=_at_window,
        fields=_doctor,
        follows=(("encounter.plan", "-"),),
    ),
    Way(
        action="registration.pay",
        source="unpaid",
        seat="reg",
        before=_unpaid,
        page=_at_window,
        record=_STRANGERS,
        fields={"channel": "CASH", "tendered": "100"},
        follows=(("invoice.issue", "-"),),
    ),
    Way(
        action="registration.pay",
        source="unpaid",
        seat="cas",
        before=_unpaid,
        page=lambda stage: f"/cashier/?patient={stage.bound('stranger')}",
        record=_STRANGERS,
        fields={"channel": "CASH", "tendered": "100"},
    ),
    Way(
        action="registration.check_in",
        source="registered",
        seat="reg",
        before=_paid,
        page=_at_window,
        record=_STRANGERS,
        follows=(("encounter.arrive", "planned"),),
    ),
    Way(
        action="registration.check_in",
        source="registered",
        seat="nur",
        before=_paid,
        page=lambda stage: f"/triage/?registration={_STRANGERS(stage)}",
        record=_STRANGERS,
    ),
    Way(action="registration.call", source="checked_in", seat="doc", page=_at_doctor, record=_ZHANG),
    Way(action="registration.call", source="checked_in", seat="nur", page=_at_triage, record=_ZHANG),
    Way(
        action="registration.pass",
        source="called",
        seat="doc",
        before=_called,
        page=_at_doctor,
        record=_ZHANG,
        fields=_CALLED_THRICE,
    ),
    Way(
        action="registration.pass",
        source="called",
        seat="nur",
        before=_called,
        page=_at_triage,
        record=_ZHANG,
        fields=_CALLED_THRICE,
    ),
    Way(action="registration.re_queue", source="missed", seat="nur", before=_missed, page=_at_triage, record=_ZHANG),
    Way(
        action="registration.start",
        source="called",
        seat="doc",
        before=_called,
        page=_at_doctor,
        record=_ZHANG,
        fields=_IDENTIFIED,
        follows=(("encounter.start", "arrived"),),
    ),
    Way(
        action="registration.undo_start",
        source="in_consult",
        seat="doc",
        before=Stage.consult,
        page=_chart(),
        record=_ZHANG,
        fields={"reason": "点错患者"},
        follows=(("encounter.undo_start", "in_progress"),),
    ),
    Way(
        action="registration.finish",
        source="in_consult",
        seat="doc",
        before=_written,
        page=_chart("/overview"),
        record=_ZHANG,
        follows=(("encounter.finish", "in_progress"),),
    ),
    _refund("registered", "reg", _paid, ("encounter.cancel", "planned")),
    _refund("registered", "cas", _paid),
    _refund("checked_in", "reg", _paid_and_in, ("encounter.cancel", "arrived")),
    Way(
        action="registration.refund",
        source="missed",
        seat="reg",
        before=_missed,
        page=lambda stage: f"/registration/refunds?registration={_ZHANG(stage)}",
        record=_ZHANG,
        fields={"second": "colleague", "reason": "PATIENT"},
    ),
    Way(
        action="encounter.triage",
        source="arrived",
        seat="nure",
        add=_TO_EMERGENCY,
        before=_measured,
        page=lambda stage: f"/triage/?registration={_EMERGENCY(stage)}",
        record=lambda stage: str(stage.one("registration", id=_EMERGENCY(stage))["encounter"]),
        fields=_LEVEL,
    ),
    Way(
        action="registration.start",
        source="called",
        seat="doce",
        add=_TO_EMERGENCY,
        before=_urgent_called,
        page=lambda stage: f"/clinic/?registration={_EMERGENCY(stage)}",
        record=_EMERGENCY,
        fields=_IDENTIFIED,
        follows=(("encounter.start", "triaged"),),
    ),
    Way(
        action="registration.refund",
        source="checked_in",
        seat="reg",
        add=_TO_EMERGENCY,
        before=_urgent,
        page=lambda stage: f"/registration/refunds?registration={_EMERGENCY(stage)}",
        record=_EMERGENCY,
        fields={"second": "colleague", "reason": "PATIENT"},
        follows=(("encounter.cancel", "triaged"),),
    ),
)

LAPSES = (
    Lapse(action="registration.expire", source="unpaid", before=_unpaid, record=_STRANGERS, minutes=16),
    Lapse(action="registration.pass", source="called", before=_called, record=_ZHANG, minutes=_HALF_DAY),
    Lapse(action="registration.expire", source="registered", before=_paid, record=_STRANGERS, minutes=_DAY),
    Lapse(action="registration.expire", source="checked_in", record=_ZHANG, minutes=_DAY),
    Lapse(action="registration.expire", source="missed", before=_missed, record=_ZHANG, minutes=_DAY),
)
