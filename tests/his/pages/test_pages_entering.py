"""Log in, change the password, switch seats, lock the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import NEW_PASSWORD, Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def first_login(browser: Browser, seat: str = "doc") -> None:
    browser.opens("/")
    browser.submits("auth.login", {"account": f"px-{seat}", "password": initial_password(packs.NONCE, seat)})


def test_the_first_login_forces_a_new_password(browser: Browser) -> None:
    first_login(browser)
    assert browser.page.url == "/password"
    assert browser.opens("/clinic/").url == "/password"

    old = initial_password(packs.NONCE, "doc")
    browser.submits("auth.password_change", {"old": old, "new": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert browser.page.url == "/clinic/"
    assert [each[1] for each in browser.stage.told()][:3] == [
        "auth.login",
        "auth.password_change",
        "his_account.first_login",
    ]


@pytest.mark.parametrize(
    ("old", "new", "again", "problem"),
    [
        ("", NEW_PASSWORD, NEW_PASSWORD, "password.wrong_old"),
        (None, NEW_PASSWORD, "Lianxi-2027", "password.mismatch"),
        (None, "short1", "short1", "password.weak"),
        (None, "onlyletters", "onlyletters", "password.weak"),
    ],
)
def test_a_bad_new_password_says_why(browser: Browser, old: str | None, new: str, again: str, problem: str) -> None:
    first_login(browser)
    given = initial_password(packs.NONCE, "doc") if old is None else old
    browser.submits("auth.password_change", {"old": given, "new": new, "again": again})
    assert browser.page.status == 409
    assert browser.page.marked("problem", problem)


def test_a_deed_before_the_new_password_is_refused_and_journaled(browser: Browser, stage: Stage) -> None:
    first_login(browser)
    ticket = stage.bound("zhang_ticket")
    token = browser.value("form_token")
    reply = browser.client.post(f"/clinic/registrations/{ticket}/call", data={"form_token": token})
    assert 'data-refusal="E-ACC-02"' in reply.text
    assert ("doc", "registration.call") in stage.told()


def test_a_wrong_password_keeps_the_account_and_the_fifth_locks_it(browser: Browser, stage: Stage) -> None:
    stage.run("UPDATE his_account SET status = 'active' WHERE name LIKE 'PX-%'")
    browser.opens("/login")
    for _ in range(5):
        browser.submits("auth.login", {"account": "PX-DOC", "password": "wrong"})
        assert browser.page.status == 409
        assert browser.value("account") == "PX-DOC"
    assert browser.page.marked("problem", "login.wrong")
    browser.submits("auth.login", {"password": initial_password(packs.NONCE, "doc")})
    assert browser.page.marked("problem", "login.locked")


def test_nobody_without_a_login_sees_a_page(browser: Browser) -> None:
    assert browser.opens("/").form("auth.login") is not None
    for address in ("/clinic/", "/registration/", "/pharmacy/review", "/cashier/", "/messages", "/answers"):
        assert browser.opens(address).url == "/login"
    assert browser.client.get("/registration/_hits?q=wang").status_code == 401


def test_a_seat_that_logged_in_here_is_switched_to_visibly(browser: Browser, stage: Stage) -> None:
    browser.sits_at("doc").sits_at("pha")
    browser.submits("auth.seat_switch", {"to": "doc"})
    assert browser.page.url == "/clinic/"
    last = next(each for each in reversed(stage.rows()) if each.action == "auth.seat_switch")
    assert (last.actor, last.data) == ("doc", {"from": "pha", "to": "doc"})


def test_a_seat_that_never_logged_in_asks_for_its_password(browser: Browser) -> None:
    browser.sits_at("doc")
    browser.submits("auth.seat_switch", {"to": "cas"})
    assert (browser.page.url, browser.value("account")) == ("/login", "PX-CAS")


def test_a_locked_screen_opens_with_the_password_only(browser: Browser) -> None:
    browser.sits_at("doc")
    browser.submits("auth.lock_screen")
    assert browser.opens("/clinic/").url == "/locked"
    browser.submits("auth.unlock_screen", {"password": "wrong"})
    assert browser.page.marked("problem", "login.wrong")
    browser.submits("auth.unlock_screen", {"password": initial_password(packs.NONCE, "doc")})
    assert browser.page.url == "/clinic/"


def test_who_locked_the_screen_is_not_who_logs_in_at_it(app: Flask, browser: Browser, stage: Stage) -> None:
    """Another person logs in as himself; nobody goes on in a seat whose password was not typed."""
    browser.sits_at("doc")
    browser.sits_at("pha")
    browser.submits("auth.lock_screen")
    browser.follows("other")
    assert browser.page.marked("locked", "PX-PHA")
    browser.submits("auth.login", {"account": "PX-CAS", "password": "wrong"})
    assert browser.page.marked("locked", "PX-PHA")
    assert browser.opens("/pharmacy/review").url == "/locked"
    stage.run("UPDATE his_account SET status = 'active' WHERE name = 'PX-CAS'")
    browser.opens("/login")
    browser.submits("auth.login", {"account": "PX-CAS", "password": initial_password(packs.NONCE, "cas")})
    assert browser.page.url == "/cashier/"
    login, *gone = [each for each in stage.rows() if each.action.startswith("auth.log")][-3:]
    assert (login.actor, login.action) == ("cas", "auth.login")
    assert [(each.actor, each.action, each.data["account"], each.data["cause"]) for each in gone] == [
        ("system", "auth.logout", "PX-DOC", login.seq),
        ("system", "auth.logout", "PX-PHA", login.seq),
    ]
    browser.submits("auth.seat_switch", {"to": "pha"})
    assert (browser.page.url, browser.value("account")) == ("/login", "PX-PHA")
    # Who was locked out sits down somewhere else, or here with his password.
    other = Browser(app, stage).sits_at("doc")
    assert other.page.url == "/clinic/"


def test_leaving_a_locked_screen_opens_no_other_seat(browser: Browser, stage: Stage) -> None:
    browser.sits_at("doc")
    browser.sits_at("pha")
    token = browser.value("form_token")
    browser.submits("auth.lock_screen")
    browser.client.post("/logout", data={"form_token": token})
    assert browser.opens("/clinic/").url == "/login"
    assert [each.data.get("account") for each in stage.rows()[-2:]] == [None, "PX-DOC"]


def test_a_page_of_another_desk_is_refused_and_kept_once(browser: Browser, stage: Stage) -> None:
    browser.sits_at("pha")
    known = len(stage.rows())
    assert browser.opens("/cashier/").refusal == "E-GEN-02"
    told = [(each.actor, each.action, each.outcome, each.code, each.data) for each in stage.rows()[known:]]
    assert told == [("pha", "queue.view", "refused", "E-GEN-02", {"desk": "cashier"})]
    assert browser.opens("/clinic/requests/_panels?q=x").refusal == "E-GEN-02"
    assert len(stage.rows()) == known + 1
    browser.opens("/pharmacy/review")
    assert browser.page.refusal is None


def test_logging_out_ends_it(browser: Browser) -> None:
    browser.sits_at("doc")
    browser.submits("auth.logout")
    assert browser.page.url == "/login"
    assert browser.opens("/clinic/").url == "/login"


def test_a_form_of_another_page_is_not_taken(browser: Browser, stage: Stage) -> None:
    browser.sits_at("doc")
    before = stage.rows()
    ticket = stage.bound("zhang_ticket")
    reply = browser.client.post(f"/clinic/registrations/{ticket}/call", data={"form_token": "0" * 32})
    assert reply.status_code == 400
    assert stage.rows() == before


@pytest.mark.parametrize("how", ["another post", "locked"])
def test_a_refusal_shows_nothing_of_a_desk_that_does_not_open(browser: Browser, stage: Stage, how: str) -> None:
    card = f"/registration/patients/{stage.bound('zhang')}/card"
    browser.sits_at("pha" if how == "another post" else "reg")
    token = {"form_token": browser.value("form_token")}
    if how == "locked":
        browser.submits("auth.lock_screen")
    page = browser.posts(card, token)
    assert (page.status, page.refusal) == (409, "E-GEN-07" if how == "locked" else "E-GEN-02")
    assert page.marked("strip") == []
    assert "张海涛" not in page.text


def test_the_language_is_kept_and_leads_back_only_into_the_hospital(browser: Browser) -> None:
    browser.opens("/login")
    form = next(each for each in browser.page.forms if each.action == "/language")
    browser.sends(form, {"language": "en"})
    assert "Hospital information system" in browser.page.text
    assert "Hospital information system" in browser.opens("/login").text
    form = next(each for each in browser.page.forms if each.action == "/language")
    browser.sends(form, {"language": "zh", "back": "//evil.example/"})
    assert browser.page.url == "/"
    assert browser.page.form("auth.login") is not None


def test_every_role_begins_at_its_own_desk(at: Seat) -> None:
    first = {each: at(each).opens("/").url for each in ("reg", "doc", "nur", "pha", "cas")}
    assert first == {
        "reg": "/registration/",
        "doc": "/clinic/",
        "nur": "/triage/",
        "pha": "/pharmacy/review",
        "cas": "/cashier/",
    }


@pytest.mark.parametrize(("seat", "address"), [("cas", "/clinic/"), ("doc", "/pharmacy/review"), ("pha", "/cashier/")])
def test_the_wrong_role_is_refused_with_its_code(at: Seat, seat: str, address: str) -> None:
    page = at(seat).opens(address)
    assert (page.status, page.refusal) == (409, "E-GEN-02")
    assert page.marked("tab"), "the person can go on from here"
