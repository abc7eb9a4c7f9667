"""Mail, incidents, exports, agreement, second terminal and locked screens, on the pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from his.app import create_app
from sandbox.contract.exercise_pack import StartRow
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import NEW_PASSWORD, Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def letter(alias: str, **columns: object) -> StartRow:
    row = {
        "sender_zh": "信息科",
        "sender_en": "IT",
        "sender_address": f"{alias}@example.com",
        "subject_zh": f"主题 {alias}",
        "subject_en": f"Subject {alias}",
        "body_zh": "第一段\n第二段 <b>",
        "body_en": "First\nsecond <b>",
        **columns,
    }
    return StartRow(table="mail", alias=alias, row=row)


LETTERS = (
    letter("plain", delivered_at="today 07:00"),
    letter("phish", link="http://bad.invalid/x", link_zh="院内网", link_en="House", lure="phishing"),
    letter("prod", link="http://his.example.com/", lure="production"),
    letter("intranet", link="http://portal.example.com/", delivered_at="today 07:30"),
)


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden, add=(*packs.make_pack().add, *LETTERS)) as made:
        yield made


@pytest.fixture
def doctor(app: Flask, stage: Stage) -> Browser:
    return Browser(app, stage).sits_at("doc")


def mail_id(stage: Stage, name: str) -> str:
    return stage.bound(name)


def test_every_seat_sees_how_many_mails_wait(at: Seat) -> None:
    for seat in ("reg", "doc", "nur", "pha", "cas"):
        browser = at(seat)
        tab = next(each for each in browser.page.marked("tab", "mail") if each.tag == "a")
        assert tab.text.split() == ["0", "邮件", "4"]
        assert len([each for each in browser.opens("/mail/").marked("mail") if each.tag == "a"]) == 4


def test_a_mail_is_read_and_shows_where_its_link_leads(doctor: Browser, stage: Stage) -> None:
    page = doctor.opens("/mail/")
    assert "第一段" not in page.text
    page = doctor.follows("mail", mail_id(stage, "phish"))
    assert "第二段 &lt;b&gt;" in page.text
    assert 'title="http://bad.invalid/x"' in page.text
    assert "phish@example.com" in page.text
    doctor.opens(f"/mail/{mail_id(stage, 'phish')}")
    assert [each for each in stage.told() if each[1] == "mail.open"] == [("doc", "mail.open")]


def test_a_mail_is_reported_from_the_list_and_stays_readable(doctor: Browser, stage: Stage) -> None:
    key = mail_id(stage, "phish")
    doctor.opens("/mail/")
    page = doctor.submits("mail.report", mail=key)
    assert page.url == "/mail/"
    assert page.form("mail.report", mail=key) is None
    assert "已举报" in page.text
    assert stage.told()[-1] == ("doc", "mail.report")
    doctor.opens(f"/mail/{mail_id(stage, 'prod')}")
    assert doctor.submits("mail.report", mail=mail_id(stage, "prod")).url == f"/mail/{mail_id(stage, 'prod')}"


@pytest.mark.parametrize(
    ("name", "lure", "word"),
    [("phish", "phishing", "钓鱼"), ("prod", "production", "正式系统"), ("intranet", "none", "院内")],
)
def test_a_followed_link_says_what_just_happened(
    doctor: Browser, stage: Stage, name: str, lure: str, word: str
) -> None:
    key = mail_id(stage, name)
    doctor.opens(f"/mail/{key}")
    page = doctor.submits("mail.link_follow")
    assert page.url == f"/mail/{key}/link"
    assert page.marked("landing", lure)
    assert word in page.text
    followed = [each.data for each in stage.rows() if each.action == "mail.link_follow"]
    assert followed == [{"lure": lure}]


def test_the_page_behind_a_link_is_shown_only_to_those_who_followed_it(doctor: Browser, stage: Stage) -> None:
    assert not doctor.opens(f"/mail/{mail_id(stage, 'phish')}/link").marked("landing")


def test_an_incident_is_two_clicks_from_any_page_and_its_state_is_shown(doctor: Browser, stage: Stage) -> None:
    doctor.opens("/clinic/find")
    page = doctor.follows("tab", "safety")
    assert page.form("incident.report") is not None
    page = doctor.submits("incident.report", {"kind": "PHISH", "text": "收到可疑邮件"})
    assert (page.url, stage.told()[-1]) == ("/safety/", ("doc", "incident.report"))
    row = page.marked("incident")[0]
    assert "收到可疑邮件" in row.text
    assert "已接收" in row.text


def test_an_incomplete_report_keeps_what_was_typed(doctor: Browser) -> None:
    doctor.opens("/safety/")
    page = doctor.submits("incident.report", {"kind": "", "text": "门没锁"})
    assert (page.status, page.refusal, doctor.value("text")) == (409, "E-GEN-06", "门没锁")


def test_an_export_is_refused_with_what_to_do_instead(doctor: Browser, stage: Stage) -> None:
    doctor.opens("/safety/")
    doctor.follows("safety", "export")
    page = doctor.submits("export.request", {"what": "LIST", "purpose": "随访"})
    assert (page.status, page.refusal) == (409, "E-PRV-02")
    assert doctor.value("purpose") == "随访"
    assert (stage.rows()[-1].action, stage.rows()[-1].code) == ("export.request", "E-PRV-02")


def test_a_password_is_changed_from_the_safety_page(doctor: Browser, stage: Stage) -> None:
    doctor.opens("/safety/")
    assert doctor.follows("safety", "password").url == "/password"
    old = initial_password(packs.NONCE, "doc")
    doctor.submits("auth.password_change", {"old": old, "new": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert (doctor.page.url, stage.told()[-2]) == ("/clinic/", ("doc", "auth.password_change"))


def test_a_second_terminal_is_told_why_it_does_not_get_in(app: Flask, stage: Stage, doctor: Browser) -> None:
    other = Browser(app, stage)
    other.opens("/login")
    other.submits("auth.login", {"account": "PX-DOC", "password": initial_password(packs.NONCE, "doc")})
    assert other.page.marked("problem", "login.elsewhere")
    doctor.submits("auth.logout")
    other.submits("auth.login", {"account": "PX-DOC", "password": initial_password(packs.NONCE, "doc")})
    assert other.page.url == "/clinic/"


def test_the_screen_locks_itself_and_says_so_in_the_journal(doctor: Browser, stage: Stage) -> None:
    doctor.opens("/clinic/")
    assert 'data-lock-after="600"' in doctor.page.text
    doctor.submits("auth.lock_screen", {"by": "timer"})
    assert (stage.rows()[-1].action, stage.rows()[-1].data) == ("auth.lock_screen", {"by": "timer"})
    assert doctor.opens("/mail/").url == "/locked"


def test_the_agreement_is_read_and_signed_before_the_desk_opens(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, agreement=True) as stage:
        browser = Browser(create_app(stage.hospital), stage)
        old = initial_password(packs.NONCE, "doc")
        browser.opens("/")
        browser.submits("auth.login", {"account": "PX-DOC", "password": old})
        form = browser.form("auth.password_change")
        reply = browser.client.post(form.buttons[0], data=dict(form.fields), follow_redirects=True)
        assert 'data-problem="password.not_later"' in reply.text
        assert stage.rows()[-1].code == "E-ACC-02"
        browser.submits("auth.password_change", {"old": old, "new": NEW_PASSWORD, "again": NEW_PASSWORD})
        assert browser.page.url == "/agreement"
        assert browser.opens("/clinic/").url == "/agreement"
        assert browser.opens("/mail/").url == "/agreement"
        assert browser.submits("auth.agreement_sign").marked("problem", "agreement.not_ticked")
        assert "auth.agreement_sign" not in {each.action for each in stage.rows()}
        browser.submits("auth.agreement_sign", {"agreed": "yes"})
        assert browser.page.url == "/clinic/"
        assert [each.action for each in stage.rows()][3:5] == ["auth.password_change", "auth.agreement_sign"]


def test_a_weak_password_says_which_rule_it_breaks(app: Flask, stage: Stage) -> None:
    browser = Browser(app, stage)
    old = initial_password(packs.NONCE, "doc")
    browser.opens("/")
    browser.submits("auth.login", {"account": "PX-DOC", "password": old})
    browser.submits("auth.password_change", {"old": old, "new": "Hospital-2026", "again": "Hospital-2026"})
    assert (browser.page.status, browser.page.marked("problem")[0].text) == (
        409,
        "新密码不符合规则。 新密码含有常见密码",
    )
