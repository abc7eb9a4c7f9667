"""Mail, exports, incident reports: what every seat may do, and what the hospital refuses everybody."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

from his.chart import accounts, mail
from sandbox.contract.exercise_pack import Inject, StartRow
from tests.his import packs
from tests.his.stage import Stage


def letter(alias: str, **columns: object) -> StartRow:
    row = {"sender_zh": "信息科", "sender_en": "IT", "sender_address": "it@example.com", "subject_zh": alias, **columns}
    return StartRow(table="mail", alias=alias, row=row)


LETTERS = (
    letter("early", link="http://bad.invalid/", lure="phishing", delivered_at="today 07:30"),
    letter("later", delivered_at="today 08:10"),
    letter("mine", recipient="doc"),
)


@pytest.fixture
def posted(golden: sqlite3.Connection) -> Iterator[Stage]:
    add = (*packs.make_pack().add, *LETTERS)
    late = Inject(id="post", at="20m", add=StartRow(table="mail", alias=None, row={"subject_zh": "按时送达"}))
    with Stage.set_up(golden, add=add, injects=(late,)) as stage:
        yield stage


def subjects(stage: Stage, seat: str) -> list[str]:
    with stage.hospital.looking() as act:
        who = accounts.seat(act, seat)
    with stage.hospital.looking(who) as act:
        return [each["subject_zh"] for each in mail.inbox(act)]


def test_mail_arrives_in_its_time_and_at_its_seat(posted: Stage) -> None:
    assert subjects(posted, "doc") == ["mine", "early"]
    assert subjects(posted, "pha") == ["early"]
    posted.at(11)
    assert subjects(posted, "pha") == ["later", "early"]
    posted.at(21)
    posted.hospital.tick()
    assert subjects(posted, "pha") == ["按时送达", "later", "early"]


def test_only_the_first_opening_is_an_act(posted: Stage) -> None:
    posted.does("doc", "mail.open", target="$early")
    posted.does("doc", "mail.open", target="$early")
    assert posted.told() == [("doc", "mail.open")]
    assert posted.rows()[-1].data == {"lure": "phishing"}
    assert posted.one("mail", id=posted.bound("early"))["status"] == "opened"


def test_a_mail_is_reported_unopened_and_once(posted: Stage) -> None:
    posted.does("doc", "mail.report", target="$early")
    assert posted.refused("doc", "mail.report", target="$early") == "E-GEN-01"
    assert posted.one("mail", id=posted.bound("early"))["status"] == "reported"
    posted.does("doc", "mail.open", target="$early")
    assert posted.one("mail", id=posted.bound("early"))["status"] == "reported"


def test_a_link_is_followed_where_there_is_one(posted: Stage) -> None:
    posted.does("doc", "mail.link_follow", target="$early")
    assert (posted.rows()[-1].action, posted.rows()[-1].data) == ("mail.link_follow", {"lure": "phishing"})
    assert posted.refused("doc", "mail.link_follow", target="$mine") == "E-GEN-03"


@pytest.mark.parametrize("action", ["mail.open", "mail.report", "mail.link_follow"])
def test_nobody_touches_mail_that_is_not_there_for_him(posted: Stage, action: str) -> None:
    assert posted.refused("pha", action, target="$mine") == "E-GEN-06"
    assert posted.refused("doc", action, target="$later") == "E-GEN-06"


@pytest.mark.parametrize("seat", ["reg", "doc", "nur", "pha", "cas", "ita"])
def test_nobody_exports_patients(posted: Stage, seat: str) -> None:
    assert posted.refused(seat, "export.request", what="LIST", purpose="科研") == "E-PRV-02"
    assert posted.rows()[-1].data == {"what": "LIST", "purpose": "科研"}


@pytest.mark.parametrize("seat", ["reg", "doc", "nur", "pha", "cas", "ita"])
def test_everybody_reports_incidents(posted: Stage, seat: str) -> None:
    posted.does(seat, "incident.report", kind="PHISH", text="  收到可疑邮件 ")
    found = posted.one("incident", kind="PHISH")
    assert (found["text"], found["status"], found["reported_at"]) == ("收到可疑邮件", "received", "2026-11-22T08:00:00")
    assert posted.rows()[-1].target == found["id"]


@pytest.mark.parametrize("fields", [{"kind": "NONSENSE", "text": "x"}, {"kind": "PHISH", "text": " "}, {"text": "x"}])
def test_a_report_says_what_and_how(posted: Stage, fields: dict[str, str]) -> None:
    assert posted.refused("doc", "incident.report", **fields) == "E-GEN-06"


def test_the_it_department_sees_no_content(posted: Stage) -> None:
    assert posted.refused("ita", "chart.open", patient="$zhang") == "E-GEN-02"
    assert posted.refused("ita", "patient.search", query="张") == "E-GEN-02"
    assert posted.refused("ita", "patient.view_id", patient="$zhang") == "E-GEN-02"
    assert posted.refused("ita", "chart.break_glass", patient="$zhang", reason="OTHER", text="看看") == "E-GEN-02"


def test_full_id_numbers_never_enter_the_rows_data(posted: Stage) -> None:
    number = posted.does("reg", "patient.view_id", patient="$zhang")
    assert re.fullmatch(r"\d{17}[\dX]", number)
    posted.does("reg", "patient.search", query=number)
    assert posted.told() == [("reg", "patient.view_id"), ("reg", "patient.search")]
    assert [each for each in posted.rows() if number in repr(each.data)] == []
