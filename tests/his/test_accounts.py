"""Log-in: initial passwords, the forced change, failures and locks, seats, screens."""

from __future__ import annotations

import sqlite3

import pytest

from his.chart import accounts, calling
from his.chart.refusing import Refused
from his.clinic.operations import visiting
from sandbox.contract import seats
from sandbox.contract.state import TABLES
from tests.his import packs
from tests.his.stage import Stage

TOKEN = "token-of-one-browser"
GOOD = "Sunny-day-7"


def log_in(stage: Stage, seat: str, password: str | None = None) -> accounts.Presence:
    given = password or seats.initial_password(packs.NONCE, seat)
    return accounts.login(stage.hospital, TOKEN, account=seats.account_name(seat), password=given)


def settle_in(stage: Stage, seat: str) -> accounts.Presence:
    log_in(stage, seat)
    old = seats.initial_password(packs.NONCE, seat)
    return accounts.change_password(stage.hospital, TOKEN, old=old, new=GOOD)


def code_of(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.code


def test_the_first_log_in_forces_a_new_password(stage: Stage) -> None:
    here = log_in(stage, "doc")
    assert here.must_change_password
    with pytest.raises(Refused) as caught:
        stage.hospital.perform(here.who, visiting.view_queue)
    assert code_of(caught) == "E-ACC-02"
    ticket = stage.one("registration", patient=stage.bound("zhang"))["id"]
    with pytest.raises(Refused) as caught:
        stage.hospital.perform(here.who, calling.call, registration=ticket)
    assert code_of(caught) == "E-ACC-02"
    assert (stage.rows()[-1].action, stage.rows()[-1].code) == ("registration.call", "E-ACC-02")
    here = accounts.change_password(stage.hospital, TOKEN, old=seats.initial_password(packs.NONCE, "doc"), new=GOOD)
    assert not here.must_change_password
    stage.hospital.perform(here.who, calling.call, registration=ticket)
    told = [each.action for each in stage.rows()[1:]]
    assert told == [
        "auth.login",
        "registration.call",
        "auth.password_change",
        "his_account.first_login",
        "registration.call",
    ]


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("short1", "short"),
        ("Nine-long", "short"),
        ("onlyletters", "classes"),
        ("only-letters", "classes"),
        ("12345678901", "classes"),
        ("Hospital-2026", "common"),
        ("xX-123456-zz", "common"),
        ("xPX-DOC-12345", "own"),
        ("PXDOC-sunny-7", "own"),
        ("门诊医生(呼吸内科)Ab1", "own"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(stage: Stage, new: str, reason: str) -> None:
    log_in(stage, "doc")
    with pytest.raises(Refused) as caught:
        accounts.change_password(stage.hospital, TOKEN, old=seats.initial_password(packs.NONCE, "doc"), new=new)
    assert (code_of(caught), bool(caught.value.hint_zh), bool(caught.value.hint_en)) == ("E-GEN-06", True, True)
    last = stage.rows()[-1]
    assert (last.action, last.code, last.data) == ("auth.password_change", "E-GEN-06", {"reason": reason})


def test_the_first_password_does_not_live_on_in_the_new_one(stage: Stage) -> None:
    log_in(stage, "doc")
    old = seats.initial_password(packs.NONCE, "doc")
    for new in (old, f"{old}!Neu", f"x-{old.upper()}"):
        with pytest.raises(Refused):
            accounts.change_password(stage.hospital, TOKEN, old=old, new=new)
        assert stage.rows()[-1].data == {"reason": "same"}


@pytest.mark.parametrize("new", ["Sunny-day-7", "qingcha 15:Wen", "Xi-he_duo7yu", "今天天气很好-Abc1"])
def test_a_good_password_is_taken(stage: Stage, new: str) -> None:
    log_in(stage, "doc")
    old = seats.initial_password(packs.NONCE, "doc")
    assert not accounts.change_password(stage.hospital, TOKEN, old=old, new=new).must_change_password


def test_the_first_password_cannot_be_kept_for_later(stage: Stage) -> None:
    log_in(stage, "doc")
    with pytest.raises(Refused) as caught:
        accounts.change_password(stage.hospital, TOKEN, old="", new="")
    assert code_of(caught) == "E-ACC-02"
    assert stage.rows()[-1].data == {"reason": "later"}
    settle_in(stage, "doc")
    with pytest.raises(Refused) as caught:
        accounts.change_password(stage.hospital, TOKEN, old="", new="")
    assert code_of(caught) == "E-GEN-06"


def test_no_desk_opens_before_the_agreement_is_signed(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, agreement=True) as stage:
        log_in(stage, "doc")
        with pytest.raises(Refused) as caught:
            accounts.sign_agreement(stage.hospital, TOKEN)
        assert code_of(caught) == "E-ACC-02"
        here = settle_in(stage, "doc")
        assert (here.must_change_password, here.must_sign_agreement) == (False, True)
        with pytest.raises(Refused) as caught:
            stage.hospital.perform(here.who, visiting.view_queue)
        assert (code_of(caught), caught.value.hint_en) == ("E-GEN-03", "Sign the confidentiality agreement first")
        here = accounts.sign_agreement(stage.hospital, TOKEN)
        stage.hospital.perform(here.who, visiting.view_queue)
        told = [each.action for each in stage.rows()[-3:]]
        assert told == ["auth.agreement_sign", "his_account.first_login", "queue.view"]
        with pytest.raises(Refused) as caught:
            accounts.sign_agreement(stage.hospital, TOKEN)
        assert code_of(caught) == "E-GEN-01"


def test_an_agreement_is_asked_for_only_where_the_exercise_says_so(stage: Stage) -> None:
    here = settle_in(stage, "doc")
    assert not here.must_sign_agreement
    with pytest.raises(Refused) as caught:
        accounts.sign_agreement(stage.hospital, TOKEN)
    assert code_of(caught) == "E-GEN-01"


def test_an_account_sits_at_one_terminal(stage: Stage) -> None:
    settle_in(stage, "doc")
    with pytest.raises(Refused) as caught:
        accounts.login(stage.hospital, "another-browser", account="PX-DOC", password="wrong")
    assert code_of(caught) == "E-GEN-07", "who does not know the password learns nothing"
    with pytest.raises(Refused) as caught:
        accounts.login(stage.hospital, "another-browser", account="PX-DOC", password=GOOD)
    assert code_of(caught) == "E-ACC-04"
    last = stage.rows()[-1]
    assert (last.actor, last.action, last.data) == ("doc", "auth.login", {"account": "PX-DOC", "terminal": "2"})
    assert accounts.presence(stage.hospital, "another-browser") is None
    accounts.logout(stage.hospital, TOKEN)
    accounts.login(stage.hospital, "another-browser", account="PX-DOC", password=GOOD)
    assert stage.rows()[-1].data == {"account": "PX-DOC", "terminal": "2"}


def test_a_terminal_that_answers_no_more_gives_its_account_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_in(stage, "doc")
    now = stage.hospital.clock.monotonic()
    monkeypatch.setattr(stage.hospital.clock, "monotonic", lambda: now + 179)
    with pytest.raises(Refused):
        accounts.login(stage.hospital, "another-browser", account="PX-DOC", password=GOOD)
    monkeypatch.setattr(stage.hospital.clock, "monotonic", lambda: now + 400)
    accounts.login(stage.hospital, "another-browser", account="PX-DOC", password=GOOD)
    assert accounts.presence(stage.hospital, TOKEN) is None, "the account sits at the other terminal now"


def test_passwords_stand_nowhere(stage: Stage) -> None:
    first = seats.initial_password(packs.NONCE, "doc")
    for weak in ("Hospital-2026", "PX-DOC-sunny"):
        log_in(stage, "doc")
        with pytest.raises(Refused):
            accounts.change_password(stage.hospital, TOKEN, old=first, new=weak)
    settle_in(stage, "doc")
    accounts.lock_screen(stage.hospital, TOKEN)
    with pytest.raises(Refused):
        accounts.unlock_screen(stage.hospital, TOKEN, password="Wrong-guess-8")
    told = repr(stage.rows()) + repr({name: stage.table(name) for name in TABLES})
    kept = repr([tuple(each) for each in stage.hospital.database.connection().execute("SELECT * FROM account")])
    for secret in (first, GOOD, "Hospital-2026", "PX-DOC-sunny", "Wrong-guess-8"):
        assert secret not in told + kept


def test_the_old_password_is_asked_for(stage: Stage) -> None:
    log_in(stage, "doc")
    with pytest.raises(Refused) as caught:
        accounts.change_password(stage.hospital, TOKEN, old="wrong", new=GOOD)
    assert code_of(caught) == "E-GEN-07"


def test_the_new_password_counts_from_then_on(stage: Stage) -> None:
    settle_in(stage, "doc")
    accounts.logout(stage.hospital, TOKEN)
    assert accounts.presence(stage.hospital, TOKEN) is None
    with pytest.raises(Refused):
        log_in(stage, "doc")
    assert not log_in(stage, "doc", GOOD).must_change_password


def test_five_failures_lock_for_ten_minutes(stage: Stage) -> None:
    settle_in(stage, "doc")
    for _ in range(5):
        with pytest.raises(Refused) as caught:
            log_in(stage, "doc", "wrong")
        assert code_of(caught) == "E-GEN-07"
    with pytest.raises(Refused) as caught:
        log_in(stage, "doc", GOOD)
    assert code_of(caught) == "E-GEN-03"
    assert [each.action for each in stage.rows()[-3:]] == ["auth.login_failed", "his_account.lock", "auth.login"]
    stage.at(11)
    log_in(stage, "doc", GOOD)
    assert [each.action for each in stage.rows()[-2:]] == ["his_account.unlock", "auth.login"]


def test_a_disabled_account_stays_out(stage: Stage) -> None:
    stage.run('UPDATE "his_account" SET "status" = \'disabled\' WHERE "name" = \'PX-DOC\'')
    with pytest.raises(Refused) as caught:
        log_in(stage, "doc")
    assert code_of(caught) == "E-ACC-03"


def test_nobody_logs_in_under_an_unknown_name(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        accounts.login(stage.hospital, TOKEN, account="root", password="x")
    assert code_of(caught) == "E-GEN-07"
    assert stage.rows()[-1].actor == "account:root"


def test_one_browser_holds_several_seats(stage: Stage) -> None:
    settle_in(stage, "pha")
    here = settle_in(stage, "pha2")
    assert [each.seat for each in here.accounts] == ["pha", "pha2"]
    here = accounts.switch(stage.hospital, TOKEN, account="PX-PHA")
    assert here.who.seat == "pha"
    assert stage.rows()[-1].data == {"from": "pha2", "to": "pha"}
    with pytest.raises(Refused) as caught:
        accounts.switch(stage.hospital, TOKEN, account="PX-DOC")
    assert code_of(caught) == "E-GEN-02"
    accounts.logout(stage.hospital, TOKEN)
    left = accounts.presence(stage.hospital, TOKEN)
    assert left is not None
    assert left.who.seat == "pha2"


def test_a_locked_screen_lets_nothing_through(stage: Stage) -> None:
    here = settle_in(stage, "doc")
    accounts.lock_screen(stage.hospital, TOKEN, by="timer")
    accounts.lock_screen(stage.hospital, TOKEN)
    here = accounts.presence(stage.hospital, TOKEN) or here
    assert here.screen_locked
    with pytest.raises(Refused) as caught:
        stage.hospital.perform(here.who, visiting.view_queue)
    assert code_of(caught) == "E-GEN-07"
    with pytest.raises(Refused):
        accounts.unlock_screen(stage.hospital, TOKEN, password="wrong")
    assert not accounts.unlock_screen(stage.hospital, TOKEN, password=GOOD).screen_locked
    told = [each.action for each in stage.rows()[-3:]]
    assert told == ["auth.lock_screen", "auth.login_failed", "auth.unlock_screen"]


def test_another_browser_sees_nothing_of_it(stage: Stage) -> None:
    settle_in(stage, "doc")
    assert accounts.presence(stage.hospital, accounts.new_token()) is None
