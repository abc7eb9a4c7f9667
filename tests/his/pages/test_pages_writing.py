"""Records of juniors through the pages: submitted, sent back, countersigned; wordings side by side; paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser, password
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
TEXTS = {"complaint": "咽痛2天", "present": "受凉后咽痛，无发热", "examination": "咽部充血", "plan": "对症治疗"}


def section(stage: Stage) -> str:
    visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
    return f"/clinic/charts/{visit}/record"


def record(stage: Stage) -> dict[str, object]:
    return stage.one("medical_record", patient=stage.bound("zhang"))


def submitted(at: Seat, stage: Stage) -> Browser:
    """Have a junior write and submit; return the junior's browser."""
    stage.consult()
    stage.rank("INT")
    junior = at("doc")
    junior.opens(section(stage))
    junior.submits("medical_record.submit", TEXTS)
    return junior


def test_a_junior_submits_and_the_head_corrects_and_countersigns(at: Seat, stage: Stage) -> None:
    junior = submitted(at, stage)
    assert record(stage)["status"] == "pending_countersign"
    assert "待审签" in junior.page.text
    head = at("hod")
    head.opens("/clinic/countersign/")
    head.follows("encounter", str(record(stage)["encounter"]))
    assert head.page.url == section(stage)
    head.submits("medical_record.countersign", {"plan": "对症治疗，3天后复诊", "password": "wrong"})
    assert (head.page.refusal, record(stage)["status"]) == ("E-GEN-07", "pending_countersign")
    assert head.value("plan") == "对症治疗，3天后复诊"
    head.submits("medical_record.countersign", {"plan": "对症治疗，3天后复诊", "password": password("hod")})
    now = record(stage)
    seats = stage.rows()[0].data["seats"]
    assert (now["status"], now["author"], now["countersigner"]) == ("signed", seats["doc"], seats["hod"])
    signed = next(each for each in stage.rows() if each.action == "medical_record.countersign" and not each.code)
    assert (signed.actor, signed.data) == ("hod", {"type": "OPR", "corrected": True})
    assert [each.data for each in stage.rows() if each.action == "auth.reauth"] == [
        {"purpose": "medical_record.countersign"}
    ]


def test_the_head_sends_a_record_back_with_a_reason_the_junior_reads(at: Seat, stage: Stage) -> None:
    junior = submitted(at, stage)
    head = at("hod")
    head.opens(section(stage))
    head.submits("medical_record.return")
    assert head.page.refusal == "E-GEN-06"
    head.submits("medical_record.return", {"reason": "补充体温"})
    assert record(stage)["status"] == "draft"
    junior.opens(section(stage))
    assert "上级退回：补充体温" in junior.page.text
    junior.submits("medical_record.submit", {"examination": "T 36.8℃，咽部充血"})
    assert record(stage)["status"] == "pending_countersign"


def test_a_junior_may_not_sign_whatever_he_sends(at: Seat, stage: Stage) -> None:
    stage.consult()
    stage.rank("INT")
    junior = at("doc")
    junior.opens(section(stage))
    form = dict(junior.form("medical_record.submit").filled(TEXTS))
    reply = junior.client.post(f"{section(stage)}/sign", data=form)
    assert (reply.status_code, stage.rows()[-1].code) == (409, "E-MR-08")


@pytest.mark.parametrize(
    ("seat", "way", "deed", "code"),
    [
        ("doc", "countersign", "medical_record.countersign", "E-GEN-02"),
        ("doc", "return", "medical_record.return", "E-GEN-02"),
        ("nur", "countersign", "medical_record.countersign", "E-GEN-02"),
        ("hod", "submit", "medical_record.submit", "E-GEN-01"),
        ("hod", "void", "medical_record.void", "E-GEN-01"),
        ("doc", "amend", "medical_record.amend", "E-GEN-01"),
    ],
)
def test_a_waiting_record_is_only_the_heads_to_move(
    at: Seat, stage: Stage, seat: str, way: str, deed: str, code: str
) -> None:
    junior = submitted(at, stage)
    form = {"medical_record": str(record(stage)["id"]), "reason": "试", "password": password(seat), **TEXTS}
    browser = junior if seat == "doc" else at(seat)
    assert browser.posts(f"{section(stage)}/{way}", form).refusal == code
    refused = [each for each in stage.rows() if each.outcome == "refused"][-1]
    assert (refused.action, refused.code) == (deed, code)
    assert record(stage)["status"] == "pending_countersign"


def test_only_the_head_has_the_list(at: Seat, stage: Stage) -> None:
    assert at("doc").opens("/clinic/countersign/").refusal == "E-GEN-02"
    head = at("hod")
    head.opens("/clinic/countersign/")
    assert "暂无待审签的病历" in head.page.text
    assert stage.rows()[-1].data == {"desk": "countersign"}


def test_two_wordings_stand_side_by_side_with_who_when_and_why(at: Seat, stage: Stage) -> None:
    stage.consult()
    stage.write_record()
    doctor = at("doc")
    doctor.opens(f"{section(stage)}?amend=1")
    doctor.submits(
        "medical_record.amend", {"plan": "对症治疗，复诊", "reason": "补充复诊", "password": password("doc")}
    )
    doctor.follows("trace", str(record(stage)["id"]))
    assert [each.data("wording") for each in doctor.page.marked("wording")] == ["1", "2"]
    assert "对症治疗<ins>，复诊</ins>" in doctor.page.text
    assert "补充复诊" in doctor.page.text
    assert doctor.page.text.count("与签署时一致") == 2
    row = stage.rows()[-1]
    assert (row.action, row.target) == ("chart.trace", record(stage)["id"])
    doctor.opens(f"/clinic/records/{record(stage)['id']}/trace?left=2&right=2")
    assert "<ins>" not in doctor.page.text.replace("<ins>新增</ins>", "")


def test_a_tampered_wording_is_told_apart(at: Seat, stage: Stage) -> None:
    stage.consult()
    stage.write_record()
    stage.run("UPDATE record_version SET plan = '输液'")
    doctor = at("doc")
    doctor.opens(f"/clinic/records/{record(stage)['id']}/trace")
    assert "与签署时不符" in doctor.page.text


@pytest.mark.parametrize(("seat", "code"), [("reg", "E-GEN-02"), ("cas", "E-GEN-02"), ("pha", "E-GEN-02")])
def test_the_trail_is_for_those_who_write(at: Seat, stage: Stage, seat: str, code: str) -> None:
    stage.consult()
    stage.write_record()
    assert at(seat).opens(f"/clinic/records/{record(stage)['id']}/trace").refusal == code


def test_a_strangers_record_is_neither_shown_traced_nor_printed(at: Seat, stage: Stage) -> None:
    other = next(
        each for each in stage.table("medical_record")
        if each["status"] == "signed" and stage.one("encounter", id=each["encounter"])["dept"] != "D0101"
    )  # fmt: skip
    doctor = at("doc")
    assert doctor.opens(f"/clinic/records/{other['id']}/trace").refusal == "E-PRV-01"
    assert doctor.opens(f"/clinic/sheets/records/{other['id']}").refusal == "E-PRV-01"
    doctor.posts("/print", {"document": f"medical_record:{other['id']}", "purpose": "patient"})
    assert (stage.rows()[-1].action, stage.rows()[-1].code) == ("print.document", "E-PRV-01")


def test_paper_of_a_chart_needs_a_relation_too(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    rx = stage.one("prescription", patient=stage.bound("zhang"))["id"]
    assert at("cas").opens(f"/clinic/sheets/prescriptions/{rx}").refusal == "E-GEN-02"
    stage.run('UPDATE "staff" SET "dept" = \'D0102\' WHERE "id" = ?', stage.rows()[0].data["seats"]["nur"])
    assert at("nur").opens(f"/clinic/sheets/prescriptions/{rx}").refusal == "E-PRV-01"


def test_the_main_diagnosis_comes_first_and_ranks_close_up(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage).replace("record", "diagnosis"))
    doctor.submits("diagnosis.add", {"code": "J03.9", "rank": "1", "certainty": "P"})
    doctor.submits("diagnosis.add", {"code": "I10", "rank": ""})
    assert ranks(stage) == {"J03.9": 1, "J06.9": 2, "I10": 3}
    first = stage.one("diagnosis", code="J03.9", patient=stage.bound("zhang"))["id"]
    doctor.submits("diagnosis.retract", {"reason": "检查不支持"}, diagnosis=str(first))
    assert ranks(stage) == {"J06.9": 1, "I10": 2}


def ranks(stage: Stage) -> dict[str, int]:
    mine = [each for each in stage.table("diagnosis") if each["patient"] == stage.bound("zhang")]
    return {each["code"]: each["rank"] for each in mine if each["status"] == "active"}
