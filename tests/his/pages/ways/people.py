"""People in the index, flagged, merged and told apart; and what they are allergic to."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.ways.walking_on import Way, bound, latest
from tests.his.stage import Stage

_LI, _ZHANG = bound("li"), bound("zhang")
_ALLERGY = latest("allergy", patient="$zhang")
_RX = latest("prescription", patient="$zhang")
_TOGETHER = {"second": "colleague"}
_LOOKS_LIKE_ZHANG = ("name", "pinyin_initials", "sex", "birth_date", "phone")
_NEWCOMER = {"name": "周新来", "sex": "1", "birth_date": "2006-11-22"}
_OF_ANOTHER_DEPARTMENT = {"doce": "E-PRV-01"}
_ALLERGIC = {"class": "MACRO", "severity": "1", "reaction": "腹泻"}


def _window(stage: Stage) -> str:
    return f"/registration/?patient={_LI(stage)}"


def _pair(stage: Stage) -> str:
    return f"/records/duplicates?record={_LI(stage)}"


def _allergies(stage: Stage) -> str:
    visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
    return f"/clinic/charts/{visit}/allergy"


def _alike(stage: Stage) -> None:
    """Let Li's record read like a second one of Zhang."""
    zhang = stage.one("patient", id=_ZHANG(stage))
    for column in _LOOKS_LIKE_ZHANG:
        stage.run(f'UPDATE "patient" SET "{column}" = ? WHERE "id" = ?', zhang[column], _LI(stage))
    stage.run('UPDATE "patient" SET "id_no" = NULL WHERE "id" = ?', _LI(stage))


def _flagged(stage: Stage) -> None:
    _alike(stage)
    stage.does("reg", "patient_index.flag_duplicate", target="$li", other="$zhang")


def _merged(stage: Stage) -> None:
    _flagged(stage)
    stage.does("mrc", "patient_index.merge", patient="$li", second="colleague")


def _record(seat: str) -> Way:
    return Way(
        action="allergy.record",
        source="-",
        seat=seat,
        page=_allergies,
        fields=_ALLERGIC,
        wrong=_OF_ANOTHER_DEPARTMENT,
    )


def _with_prescription(stage: Stage) -> None:
    stage.prescribe("M008")


def _create(seat: str) -> Way:
    return Way(
        action="patient_index.create",
        source="-",
        seat=seat,
        page=lambda _: "/registration/patients/new",
        fields=_NEWCOMER,
        wrong={"nur": "E-GEN-03"},
    )


def _correct(seat: str, **fields: str) -> Way:
    return Way(
        action="patient_index.update",
        source="active",
        seat=seat,
        page=lambda stage: f"/registration/patients/{_LI(stage)}/edit",
        record=_LI,
        fields={"phone": "15400000077", **fields},
        wrong={"nure": "E-GEN-02"},
    )


def _retract(seat: str) -> Way:
    return Way(
        action="allergy.retract",
        source="active",
        seat=seat,
        page=_allergies,
        record=_ALLERGY,
        marks=lambda stage: {"allergy": _ALLERGY(stage)},
        fields={"reason": "患者记错"},
        wrong=_OF_ANOTHER_DEPARTMENT,
    )


def _decide(deed: str, source: str, before: Callable[[Stage], None], **fields: str) -> Way:
    return Way(
        action=f"patient_index.{deed}",
        source=source,
        seat="mrc",
        before=before,
        page=_pair,
        record=_LI,
        fields=fields,
    )


WAYS = (
    _create("reg"),
    _create("nure"),
    _correct("reg"),
    _correct("nur"),
    _correct("mrc", **_TOGETHER),
    Way(
        action="patient_index.flag_duplicate",
        source="active",
        seat="reg",
        before=_alike,
        page=_window,
        record=_LI,
        fields=lambda stage: {"other": _ZHANG(stage)},
    ),
    _decide("merge", "merge_candidate", _flagged, **_TOGETHER),
    _decide("dismiss", "merge_candidate", _flagged, reason="出生日期、证件号均不同"),
    _decide("unmerge", "merged", _merged, reason="误合并", **_TOGETHER),
    _record("doc"),
    _record("nur"),
    _record("hod"),
    Way(
        action="allergy.record",
        source="-",
        seat="pha",
        before=_with_prescription,
        page=lambda stage: f"/pharmacy/prescriptions/{_RX(stage)}/chart",
        fields=_ALLERGIC,
        wrong=_OF_ANOTHER_DEPARTMENT,
    ),
    _retract("doc"),
    _retract("hod"),
)
