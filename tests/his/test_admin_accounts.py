"""Accounts: from a head's request to the first log-in, two people for every right, a proof for every password."""

from __future__ import annotations

import sqlite3

import pytest

from his.admin import accounts as desk
from his.chart import accounts
from his.chart.refusing import Refused
from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat
from sandbox.contract.seats import initial_password
from sandbox.contract.state import TABLES
from tests.his import packs
from tests.his.stage import Stage

TOKEN = "token-of-one-browser"
GOOD = "Sunny-day-7"


def person(stage: Stage, label: str) -> str:
    found = stage.hospital.database.connection().execute('SELECT "id" FROM "staff" WHERE "label" = ?', (label,))
    return str(found.fetchone()["id"])


def account(stage: Stage, label: str) -> str:
    return str(stage.one("his_account", staff=person(stage, label))["id"])


def of_seat(stage: Stage, seat: str) -> str:
    return str(stage.one("his_account", name=f"PX-{seat.upper()}")["id"])


def ask(stage: Stage) -> str:
    return str(stage.does("hod", "his_account.request", staff=person(stage, "staff-D0101-nurse2"), role="NUR"))


def why(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return caught.value.code, caught.value.hint_en


def test_an_account_is_asked_for_trained_for_opened_and_used(stage: Stage) -> None:
    key = ask(stage)
    assert stage.refused("ita", "his_account.provision", target=key) == "E-ACC-01"
    stage.at(31)
    stage.hospital.tick()
    assert stage.refused("ita", "his_account.provision", target=key) == "E-GEN-01"
    stage.at(151)
    stage.hospital.tick()
    password = stage.does("ita", "his_account.provision", target=key, name="liu01")
    opened = stage.one("his_account", id=key)
    assert (opened["name"], opened["roles"], opened["status"]) == ("LIU01", "NUR", "initial_password")
    assert opened["creator"] == stage.rows()[0].data["seats"]["ita"]
    assert opened["requester"] == stage.rows()[0].data["seats"]["hod"]
    here = accounts.login(stage.hospital, TOKEN, account="LIU01", password=password)
    assert here.must_change_password
    accounts.change_password(stage.hospital, TOKEN, old=password, new=GOOD)
    here = accounts.sign_agreement(stage.hospital, TOKEN)
    assert (here.who.role, here.who.barred, here.who.seat) == ("NUR", "", "account:LIU01")
    told = [each.action for each in stage.rows() if each.action.startswith("his_account.")]
    assert told == [f"his_account.{event}" for event in ("request", "provision", "enrol_training", "provision", "pass",
                                                         "provision", "first_login")]  # fmt: skip
    assert password not in repr(stage.rows()) + repr({name: stage.table(name) for name in TABLES})


def test_a_head_asks_for_his_own_people_once(stage: Stage) -> None:
    others = person(stage, "staff-D0102-nurse2")
    assert stage.refused("hod", "his_account.request", staff=others, role="NUR") == "E-GEN-02"
    mine = person(stage, "staff-D0101-nurse2")
    assert stage.refused("hod", "his_account.request", staff=mine, role="BOSS") == "E-GEN-06"
    assert stage.refused("hod", "his_account.request", staff="s9999", role="NUR") == "E-GEN-06"
    for seat in ("ita", "nur", "doc"):
        assert stage.refused(seat, "his_account.request", staff=mine, role="NUR") == "E-GEN-02"
    ask(stage)
    assert stage.refused("hod", "his_account.request", staff=mine, role="NUR") == "E-GEN-03"


def test_an_account_is_opened_under_a_good_name_by_it_and_by_another_person(stage: Stage) -> None:
    key = account(stage, "staff-D0504-nurse2")
    assert stage.refused("hod", "his_account.provision", target=key) == "E-GEN-02"
    for name, code in (("ab", "E-GEN-06"), ("px-doc2", "E-GEN-06"), ("10001", "E-GEN-03")):
        assert stage.refused("ita", "his_account.provision", target=key, name=name) == code
    stage.run('UPDATE "his_account" SET "requester" = ? WHERE "id" = ?', stage.rows()[0].data["seats"]["ita"], key)
    assert stage.refused("ita", "his_account.provision", target=key) == "E-GEN-04"


def test_a_role_beyond_the_request_is_let_through_and_seen(stage: Stage) -> None:
    key = account(stage, "staff-D0504-nurse2")
    stage.does("ita", "his_account.provision", target=key, role="HOD")
    assert stage.one("his_account", id=key)["roles"] == "HOD"
    assert stage.rows()[-1].data == {"role": "HOD"}


def test_who_wants_a_password_proves_who_he_is(stage: Stage) -> None:
    key, number = of_seat(stage, "doc"), "PXDOC"
    stage.run('UPDATE "his_account" SET "status" = \'locked\' WHERE "id" = ?', key)
    for event in ("unlock", "reset_password"):
        action = f"his_account.{event}"
        assert stage.refused("ita", action, target=key, staff_no=number) == "E-GEN-06"
        assert stage.refused("ita", action, target=key, staff_no=number, proof="PHONE") == "E-GEN-07"
        assert stage.refused("ita", action, target=key, staff_no="PXNUR", proof="BADGE") == "E-GEN-07"
        assert stage.refused("hod", action, target=key, staff_no=number, proof="BADGE") == "E-GEN-02"
    stage.does("ita", "his_account.unlock", target=key, staff_no=number, proof="CALLBACK")
    assert stage.one("his_account", id=key)["status"] == "active"
    assert stage.refused("ita", "his_account.reset_password", target=of_seat(stage, "ita"), proof="BADGE") == "E-GEN-01"
    stage.run('UPDATE "his_account" SET "status" = \'active\'  WHERE "name" = \'PX-ITA\'')
    assert stage.refused("ita", "his_account.reset_password", target=of_seat(stage, "ita"), proof="BADGE") == "E-GEN-04"


def test_a_reset_logs_out_and_gives_another_password(stage: Stage) -> None:

    first = initial_password(packs.NONCE, "doc")
    accounts.login(stage.hospital, TOKEN, account="PX-DOC", password=first)
    accounts.change_password(stage.hospital, TOKEN, old=first, new=GOOD)
    key = of_seat(stage, "doc")
    password = stage.does("ita", "his_account.reset_password", target=key, staff_no="PXDOC", proof="BADGE")
    assert password not in (first, GOOD)
    assert accounts.presence(stage.hospital, TOKEN) is None
    for old in (first, GOOD):
        with pytest.raises(Refused):
            accounts.login(stage.hospital, TOKEN, account="PX-DOC", password=old)
    assert accounts.login(stage.hospital, TOKEN, account="PX-DOC", password=password).must_change_password


def test_a_leaver_is_closed_by_two_and_stays_out(stage: Stage) -> None:
    key = account(stage, "staff-D0903-reg6")
    assert stage.refused("ita", "his_account.disable", target=key, reason="LEFT") == "E-GEN-04"
    assert stage.refused("ita", "his_account.disable", target=key, reason="GONE", second="colleague") == "E-GEN-06"
    assert stage.refused("hod", "his_account.disable", target=key, reason="LEFT", second="colleague") == "E-GEN-02"
    stage.does("ita", "his_account.disable", target=key, reason="LEFT", second="colleague")
    assert stage.told()[-3:] == [
        ("ita", "colleague.ask"),
        ("system", "colleague.answer"),
        ("ita", "his_account.disable"),
    ]
    name = stage.one("his_account", id=key)["name"]
    with pytest.raises(Refused) as caught:
        accounts.login(stage.hospital, TOKEN, account=name, password="whatever")
    assert caught.value.code == "E-ACC-03"


def test_the_colleague_looks_at_the_facts(stage: Stage) -> None:
    at_work = account(stage, "staff-D0101-att")
    assert stage.refused("ita", "his_account.disable", target=at_work, reason="LEFT", second="colleague") == "E-GEN-04"
    assert [each.action for each in stage.rows()[-3:]] == ["colleague.ask", "colleague.answer", "his_account.disable"]
    fields = {"target": at_work, "role": "FIN", "reason": "帮财务看看", "second": "colleague"}
    assert stage.refused("ita", "account.grant", **fields) == "E-GEN-04"
    gone = account(stage, "staff-D0903-reg6")
    stage.does("ita", "his_account.suspend", target=gone, reason="VIOLATION", second="colleague")
    again = {"target": gone, "reason": "复训合格", "second": "colleague"}
    assert stage.refused("ita", "his_account.resume", **again) == "E-GEN-04"


def test_suspended_people_stay_out_until_two_let_them_in(stage: Stage) -> None:
    key = of_seat(stage, "nur")
    stage.run('UPDATE "his_account" SET "status" = \'active\' WHERE "id" = ?', key)
    stage.does("hod", "his_account.suspend", target=key, reason="LEAVE", second="colleague")
    with pytest.raises(Refused) as caught:
        accounts.login(stage.hospital, TOKEN, account="PX-NUR", password="whatever")
    assert why(caught)[0] == "E-GEN-03"
    assert stage.refused("hod", "his_account.resume", target=key, reason="x", second="colleague") == "E-GEN-02"
    assert stage.refused("ita", "his_account.resume", target=key, second="colleague") == "E-GEN-06"
    stage.does("ita", "his_account.resume", target=key, reason="假期结束", second="colleague")
    assert stage.one("his_account", id=key)["status"] == "active"


def test_a_head_stops_nobody_elses_people(stage: Stage) -> None:
    other = account(stage, "staff-D0102-att")
    assert stage.refused("hod", "his_account.suspend", target=other, reason="LEAVE", second="colleague") == "E-GEN-02"
    assert stage.refused("hod", "account.grant", target=other, role="OPD", reason="x") == "E-GEN-02"


def test_roles_are_given_and_taken_by_two(stage: Stage) -> None:
    key = of_seat(stage, "doc")
    fields = {"target": key, "role": "HOD", "reason": "主任公出期间代理"}
    assert stage.refused("doc", "account.grant", **fields) == "E-GEN-02"
    assert stage.refused("ita", "account.grant", **fields) == "E-GEN-04"
    assert stage.refused("ita", "account.grant", **{**fields, "second": "ita"}) == "E-GEN-04"
    assert stage.refused("ita", "account.grant", **{**fields, "second": "hod"}) == "E-GEN-04"
    assert stage.refused("ita", "account.grant", **{**fields, "role": "OPD", "second": "colleague"}) == "E-GEN-03"
    assert stage.refused("ita", "account.grant", **{**fields, "reason": " ", "second": "colleague"}) == "E-GEN-06"
    assert stage.refused("ita", "account.revoke", **{**fields, "second": "colleague"}) == "E-GEN-03"
    stage.does("ita", "account.revoke", **{**fields, "role": "OPD", "second": "colleague"})
    assert stage.rows()[-1].data == {"role": "OPD", "reason": "主任公出期间代理", "second": "colleague"}
    assert [(each.column, each.before, each.after) for each in stage.rows()[-1].changes] == [("roles", "OPD", "")]
    assert stage.refused("doc", "registration.call", patient="$zhang", reason="急") == "E-GEN-02"
    stage.does("ita", "account.grant", **{**fields, "role": "OPD", "second": "colleague"})
    stage.does("doc", "registration.call", patient="$zhang", reason="急")


def test_a_careless_second_seat_lets_too_much_through(golden: sqlite3.Connection) -> None:

    second = Seat(name="ita2", role="ITA", dept="D0905", ward=None, title=packs.make_words("信息科"))
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, second)) as stage:
        key = of_seat(stage, "nur")
        stage.does("ita", "account.grant", target=key, role="PHA", reason="夜班代班", second="ita2")
        assert stage.one("his_account", id=key)["roles"] == "NUR;PHA"
        with pytest.raises(Refused) as caught:
            stage.does("ita", "account.grant", target=of_seat(stage, "ita"), role="HOD", reason="x", second="ita2")
        assert why(caught) == ("E-GEN-04", "Nobody changes his own account")
        stage.run('UPDATE "his_account" SET "status" = \'disabled\' WHERE "id" = ?', key)
        assert stage.refused("ita", "account.revoke", target=key, role="PHA", reason="x", second="ita2") == "E-GEN-01"


def test_a_change_from_an_old_page_is_refused(stage: Stage) -> None:
    key = of_seat(stage, "doc")
    fields = {"target": key, "role": "OPD", "reason": "离科", "second": "colleague", "version": 7}
    assert stage.refused("ita", "account.revoke", **fields) == "E-GEN-05"
    gone = account(stage, "staff-D0903-reg6")
    assert stage.refused("ita", "his_account.disable", target=gone, reason="LEFT", version=7) == "E-GEN-05"


def test_it_behind_a_locked_screen_changes_nothing(stage: Stage) -> None:

    first = initial_password(packs.NONCE, "ita")
    accounts.login(stage.hospital, TOKEN, account="PX-ITA", password=first)
    accounts.change_password(stage.hospital, TOKEN, old=first, new=GOOD)
    accounts.lock_screen(stage.hospital, TOKEN)
    here = accounts.presence(stage.hospital, TOKEN)
    assert here is not None
    with pytest.raises(Refused) as caught:
        stage.hospital.perform(here.who, desk.provision, his_account=account(stage, "staff-D0504-nurse2"))
    assert why(caught)[0] == "E-GEN-07"
    assert (stage.rows()[-1].action, stage.rows()[-1].outcome) == ("his_account.provision", "refused")
