"""The workbench of an open hospital: accounts, steps, time, hints, submitting, sleep and waking."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.contract import seats
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.errors import ExpiredError
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import CellState, Desired, InstanceId, Observed
from tests.builders import NOON, make_cell
from tests.personas import ALICE, CHARLIE
from tests.web import site as sites
from tests.web.site import PanelSite

pytestmark = pytest.mark.usefixtures("no_waiting_for_a_flip")


def test_the_workbench_shows_accounts_steps_and_time(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE)
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    with site.database.reading() as stores:
        cell = stores.cells.get(stores.instances.get(instance).cell or "")
    assert seats.account_name("doc") in page
    assert seats.initial_password(cell.nonce, "doc") in page
    assert "1号林晓彤" in page
    deadline = int((NOON + timedelta(minutes=14)).timestamp() * 1000)
    assert f'data-deadline="{deadline}"' in page


def test_the_workbench_names_only_the_people_of_the_steps(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE)
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    assert "林晓彤" in page
    assert "林小桐" not in page
    assert "秦望山" not in page


def test_free_practice_has_every_desk_and_no_clock(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE, exercise=False)
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    assert page.count("data-account") == len(FREE_PRACTICE.seats)
    assert "data-deadline" not in page
    assert 'data-action="submit"' not in page


def test_each_way_into_the_hospital_has_a_ticket_of_its_own(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE)
    alice = site.logged_in(ALICE)
    pages = [alice.get(f"/practice/{instance}").text for _twice in range(2)]
    ways = [page.partition('data-way-in="')[2].partition('"')[0] for page in pages]
    ways += [alice.post(f"/practice/{instance}/enter").headers["Location"] for _twice in range(2)]
    assert all(way.startswith(f"http://{instance}.localhost:8421/_enter?ticket=") for way in ways)
    assert len(set(ways)) == 4


def test_hints_open_in_order_once_and_stay_open(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE, mode=Mode.CLASS)
    alice = site.logged_in(ALICE)
    assert "提示 1（扣 2 分）" in alice.get(f"/practice/{instance}").text
    for _twice in range(2):
        assert alice.post(f"/practice/{instance}/hints/h1").status_code == 303
    assert "过敏史栏里有她刚说的那条吗" in alice.get(f"/practice/{instance}").text
    assert alice.post(f"/practice/{instance}/hints/h9").status_code == 404
    with site.database.reading() as stores:
        assert [use.hint for use in stores.hints.of(AttemptId(attempt or ""))] == ["h1"]


def test_submitting_twice_leads_to_the_same_report(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    alice = site.logged_in(ALICE)
    for _twice in range(2):
        assert alice.post(f"/practice/{instance}/submit").headers["Location"] == f"/reports/{attempt}"
    assert "正在评分" in alice.get(f"/reports/{attempt}").text
    assert alice.get(f"/practice/{instance}").headers["Location"] == f"/reports/{attempt}"
    assert alice.get(f"/reports/{attempt}/progress").get_json() == {"state": "submitted"}


def test_starting_over_interrupts_the_attempt_and_names_what_is_lost(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    alice = site.logged_in(ALICE)
    assert "将丢弃本练习环境中 6分钟的操作" in alice.get(f"/practice/{instance}").text
    for _twice in range(2):
        assert alice.post(f"/practice/{instance}/reset").status_code == 303
    with site.database.reading() as stores:
        assert stores.attempts.get(AttemptId(attempt or "")).state is AttemptState.INTERRUPTED
        assert len(stores.moves.open()) == 1


def test_a_replaced_cell_shows_as_another_epoch(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE, exercise=False)
    alice = site.logged_in(ALICE)
    before = alice.get(f"/practice/{instance}/status").get_json()
    with site.database.transaction() as stores:
        old = stores.instances.get(instance).cell
        stores.cells.move(old or "", CellState.ARMED, CellState.SEALED, now=NOON)
        fresh = make_cell(instance=instance, epoch=2, state=CellState.ARMED)
        stores.cells.add(fresh)
        stores.instances.move(instance, Observed.OPEN, Observed.REPLACING)
    assert alice.get(f"/practice/{instance}/status").get_json()["state"] == "replacing"
    with site.database.transaction() as stores:
        stores.instances.flip(instance, cell=fresh.id, epoch=2, now=NOON)
    after = alice.get(f"/practice/{instance}/status").get_json()
    assert (before["epoch"], after["epoch"], after["state"]) == (1, 2, "open")


def asleep(site: PanelSite, instance: InstanceId) -> None:
    with site.database.transaction() as stores:
        stores.instances.desire(instance, Desired.HIBERNATED)
        stores.instances.move(instance, Observed.OPEN, Observed.HIBERNATED)


def test_a_sleeping_hospital_is_woken_by_a_press_and_by_no_look(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, exercise=False)
    asleep(site, instance)
    browser = site.logged_in(ALICE)
    training, page = browser.get("/training").text, browser.get(f"/practice/{instance}").text
    assert "休眠中" in training
    assert f'action="/practice/{instance}/wake"' in training
    assert "继续" in page
    assert browser.get(f"/practice/{instance}/status").json["state"] == "hibernated"  # type: ignore[index]
    assert sites.live(site) == []
    reply = browser.post(f"/practice/{instance}/wake")
    assert (reply.status_code, sites.live(site)) == (303, [instance])
    assert browser.get(f"/practice/{instance}/status").json["state"] == "waking"  # type: ignore[index]
    assert "正在唤醒" in browser.get(f"/practice/{instance}").text


def test_charlie_wakes_nothing_of_alices(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, exercise=False)
    asleep(site, instance)
    charlie = site.logged_in(CHARLIE)
    for deed in ("wake", "extend", "here"):
        assert charlie.post(f"/practice/{instance}/{deed}").status_code == 403
    assert sites.live(site) == []


def test_the_workbench_counts_down_and_a_click_adds_an_hour(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, exercise=False)
    with site.database.transaction() as stores:
        stores.connection.exec_driver_sql(
            "UPDATE instance SET expires_at = ?", ((NOON + timedelta(minutes=9)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),)
        )
    browser = site.logged_in(ALICE)
    ends = int((NOON + timedelta(minutes=9)).timestamp() * 1000)
    assert f'data-expires="{ends}"' in browser.get(f"/practice/{instance}").text
    reply = browser.post(f"/practice/{instance}/extend", accept="application/json")
    assert reply.status_code == 303
    stands = browser.get(reply.headers["Location"]).json
    assert stands is not None
    assert (stands["expires"], stands["may_extend"]) == (ends + 3_600_000, True)


def test_who_is_still_there_says_so(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, exercise=False)
    browser = site.logged_in(ALICE)
    before = browser.get(f"/practice/{instance}/status").json
    site.clock.pass_time(minutes=20)
    browser.post(f"/practice/{instance}/here")
    after = browser.get(f"/practice/{instance}/status").json
    assert before is not None
    assert after is not None
    assert after["sleeps"] - before["sleeps"] == 26 * 60_000


def test_an_expired_hospital_says_why_it_was_closed(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, exercise=False)
    with site.database.transaction() as stores:
        stores.instances.desire(instance, Desired.CLOSED)
        stores.instances.note_trouble(instance, ExpiredError.code)
    page = site.logged_in(ALICE).get(f"/practice/{instance}")
    assert page.status_code == 200
    assert "已到期关闭" in page.text
