"""Medical records: begun, kept, signed, handed to the head, sent back, countersigned, amended, voided."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.his.pages.browser import password
from tests.his.pages.ways.walking_on import Way, latest
from tests.his.stage import Stage

_TEXTS = {"complaint": "咽痛2天", "present": "受凉后咽痛，无发热", "examination": "咽部充血", "plan": "对症治疗"}
_RECORD = latest("medical_record", patient="$zhang")
_STRANGER = {"doce": "E-PRV-01"}
_NOT_THE_AUTHOR = {**_STRANGER, "doc2": "E-GEN-02"}
_NOT_THE_SIGNER = {**_STRANGER, **dict.fromkeys(("doc2", "nur", "hod"), "E-MR-06")}
_NOT_THE_HEAD = {"hod2": "E-PRV-01", "doc2": "E-GEN-02"}


def _section(rest: str = "") -> Callable[[Stage], str]:
    def page(stage: Stage) -> str:
        visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
        return f"/clinic/charts/{visit}/record{rest}"

    return page


def _draft(stage: Stage) -> None:
    stage.consult()
    stage.does("doc", "medical_record.save", patient="$zhang", **_TEXTS)


def _draft_of_a_junior(stage: Stage) -> None:
    _draft(stage)
    stage.rank("INT")


def _submitted(stage: Stage) -> None:
    _draft_of_a_junior(stage)
    stage.does("doc", "medical_record.submit", patient="$zhang")


def _signed(stage: Stage) -> None:
    stage.consult()
    stage.write_record()


def _amended(stage: Stage) -> None:
    _signed(stage)
    stage.does("doc", "medical_record.amend", patient="$zhang", plan="对症治疗，复诊", reason="补充复诊")


def _begin(seat: str) -> Way:
    return Way(
        action="medical_record.create",
        source="-",
        seat=seat,
        before=Stage.consult,
        page=_section(),
        deed="medical_record.sign",
        fields=_TEXTS,
        follows=(("medical_record.sign", "draft"),),
        wrong={**_STRANGER, "nur": "E-GEN-02"},
    )


def _of_a_draft(deed: str, wrong: Mapping[str, str], *, before: Callable[[Stage], None] = _draft, **fields: str) -> Way:
    return Way(
        action=f"medical_record.{deed}",
        source="draft",
        seat="doc",
        before=before,
        page=_section(),
        record=_RECORD,
        fields=fields,
        wrong=wrong,
    )


def _amend(source: str, seat: str, before: Callable[[Stage], None]) -> Way:
    return Way(
        action="medical_record.amend",
        source=source,
        seat=seat,
        before=before,
        page=_section("?amend=1"),
        record=_RECORD,
        fields={"plan": "对症治疗，3天后复诊", "reason": "补充复诊时间", "password": password(seat)},
        wrong=_NOT_THE_AUTHOR,
    )


def _decide(deed: str, **fields: str) -> Way:
    return Way(
        action=f"medical_record.{deed}",
        source="pending_countersign",
        seat="hod",
        before=_submitted,
        page=_section(),
        record=_RECORD,
        fields=fields,
        wrong=_NOT_THE_HEAD,
    )


WAYS = (
    _begin("doc"),
    _begin("hod"),
    Way(
        action="medical_record.save",
        source="draft",
        seat="doc",
        before=_draft,
        page=_section(),
        record=_RECORD,
        deed="medical_record.sign",
        button="save",
        fields={"plan": "多饮水"},
        wrong=_NOT_THE_AUTHOR,
    ),
    _of_a_draft("submit", _NOT_THE_AUTHOR, before=_draft_of_a_junior),
    _of_a_draft("sign", _NOT_THE_SIGNER),
    _of_a_draft("void", _NOT_THE_AUTHOR, reason="写错患者"),
    _decide("return", reason="补充体温"),
    _decide("countersign", plan="对症治疗，3天后复诊", password=password("hod")),
    _amend("signed", "doc", _signed),
    _amend("signed", "hod", _signed),
    _amend("amended", "doc", _amended),
)
