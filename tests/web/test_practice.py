"""A trainee's way: my training, launch, workbench, hints, submit, start over."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from sandbox.adapters import flips
from sandbox.exercises import loader, releasing
from sandbox.provisioning.model import CellState, InstanceId, Observed
from tests.builders import NOON, make_cell, make_instance
from tests.personas import ALICE, BOB, CHARLIE, bob
from tests.web import papers
from tests.web import site as sites
from tests.web.site import X05, Browser, PanelSite

pytestmark = pytest.mark.usefixtures("no_waiting_for_a_flip")


def test_nothing_assigned_says_who_to_ask_and_offers_free_practice(site: PanelSite) -> None:
    page = site.logged_in(ALICE).get("/training").text
    assert "没有指派给您的练习" in page
    assert 'data-exercise="free-practice"' in page


def test_an_assignment_shows_minutes_due_and_attempts_left(site: PanelSite) -> None:
    sites.assigned(site, ALICE, due=NOON + timedelta(hours=5), max_attempts=3)
    page = site.logged_in(ALICE).get("/training").text
    assert all(words in page for words in ("门诊接诊上呼吸道感染", "20 分钟", "明天 01:00 截止", "还可练 3 次"))


def test_an_overdue_assignment_says_so(site: PanelSite) -> None:
    sites.assigned(site, ALICE, due=NOON - timedelta(hours=2))
    assert "已逾期" in site.logged_in(ALICE).get("/training").text


def test_the_best_score_leads_to_its_report(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE)
    sites.graded(site, ALICE, papers.HASTY, assignment=key)
    best = sites.graded(site, ALICE, papers.CAREFUL, assignment=key)
    page = site.logged_in(ALICE).get("/training").text
    assert f'class="practice__best" href="/reports/{best}"' in page
    assert "100.0" in page


def test_a_visit_past_midnight_moves_no_birth_date(site: PanelSite) -> None:
    """The hospital's days count from its arming: a trainee who copies another date registers somebody else."""
    content = papers.EXERCISE.read_bytes().replace(b"{$lin.name}", b"{$lin.birth_date}").replace(b"@1", b"@2")
    content = content.replace(b"version: 2", b"version: 3", 1)
    version = releasing.described(loader.trusted(content), now=NOON)
    instance, _attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        releasing.release(stores, site.services.files, bob, version, content, now=NOON)
        stores.connection.exec_driver_sql("UPDATE instance SET exercise_version = ?", (version.id,))
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    assert "1995-11-05" in page
    site.clock.pass_time(hours=5)
    assert "1995-11-05" in site.logged_in(ALICE).get(f"/practice/{instance}").text


def test_launching_wants_an_instance_and_pokes_the_worker(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    reply = alice.post("/training/launch")
    assert reply.headers["Location"] == f"/practice/{sites.live(site)[0]}"
    assert site.pokes == ["poke"]


def test_launching_twice_at_once_gives_one_instance(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE, max_attempts=3)
    alice = site.logged_in(ALICE)
    token, cookies = alice.token(), alice.client._cookies
    barrier, answers = threading.Barrier(2), []

    def press() -> None:
        browser = site.browser()
        browser.client._cookies = dict(cookies or {})
        barrier.wait()
        values = {"csrf_token": token, "exercise_version": X05, "assignment": key}
        answers.append(browser.bare_post("/training/launch", values, {"Sec-Fetch-Site": "same-origin"}).status_code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert len(sites.live(site)) == 1
    with site.database.reading() as stores:
        assert len(stores.attempts.all()) == 1


def test_a_script_gets_the_launch_as_json(site: PanelSite) -> None:
    answer = site.logged_in(ALICE).post("/training/launch", accept="application/json").get_json()
    key = sites.live(site)[0]
    assert answer["state"] == "queued"
    assert answer["page"] == f"/practice/{key}"
    assert answer["poll"] == f"/practice/{key}/status?wait=1"
    assert answer["sentence"].startswith("排队第 1 位")


def test_a_launch_with_a_ready_cell_is_being_prepared_not_queued(site: PanelSite) -> None:
    sites.furnished(site)
    answer = site.logged_in(ALICE).post("/training/launch", accept="application/json").get_json()
    assert answer["sentence"] == "正在准备…"


def test_a_second_thing_at_once_is_refused_in_words(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE)
    alice = site.logged_in(ALICE)
    alice.post("/training/launch")
    values = {"exercise_version": X05, "assignment": key}
    asked = alice.post("/training/launch", values, accept="application/json")
    assert (asked.status_code, asked.get_json()["code"]) == (409, "SBX-105")
    assert alice.post("/training/launch", values).status_code == 303
    assert "SBX-105" in alice.get("/training").text


def test_no_attempts_left_offers_no_button(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE, max_attempts=1)
    sites.graded(site, ALICE, papers.HASTY, assignment=key)
    alice = site.logged_in(ALICE)
    assert "次数已用完" in alice.get("/training").text
    values = {"exercise_version": X05, "assignment": key}
    assert alice.post("/training/launch", values, accept="application/json").get_json()["code"] == "SBX-106"


def test_somebody_elses_assignment_cannot_be_started(site: PanelSite) -> None:
    key = sites.assigned(site, CHARLIE)
    values = {"exercise_version": X05, "assignment": key}
    assert site.logged_in(ALICE).post("/training/launch", values, accept="application/json").status_code == 403
    assert sites.live(site) == []


def test_waiting_shows_place_and_moves_on_when_open(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    page = alice.get(alice.post("/training/launch").headers["Location"]).text
    assert "排队第 1 位" in page
    assert 'data-action="end"' in page


def test_a_hospital_that_failed_can_be_tried_again(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        broken = make_instance(observed=Observed.FAILED, trouble="SBX-402")
        stores.instances.add(broken)
    alice = site.logged_in(ALICE)
    page = alice.get(f"/practice/{broken.id}").text
    assert "未能打开" in page
    assert f"SBX-402 · {broken.id}" in page
    ways = [alice.post(f"/practice/{broken.id}/again").headers["Location"] for _twice in range(2)]
    assert sites.live(site) == [InstanceId(ways[0].rpartition("/")[2])]
    assert ways[0] == ways[1]


def test_an_open_hospital_is_not_tried_again(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE)
    assert site.logged_in(ALICE).post(f"/practice/{instance}/again").status_code == 409


def test_a_delay_that_will_pass_is_explained_while_waiting(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        stores.instances.add(make_instance(trouble="SBX-301"))
    alice = site.logged_in(ALICE)
    assert "容器引擎无响应" in alice.get(f"/practice/{sites.live(site)[0]}").text


def test_ending_free_practice_leads_back_and_says_so(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE, exercise=False)
    alice = site.logged_in(ALICE)
    assert alice.post(f"/practice/{instance}/end").headers["Location"] == "/training"
    assert "练习环境已收起" in alice.get("/training").text
    assert sites.live(site) == []


def test_a_trainer_tries_an_exercise_without_an_assignment(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    assert bob.post("/training/launch", {"exercise_version": X05}).status_code == 303
    assert len(sites.live(site)) == 1


def test_the_language_is_remembered_per_person(site: PanelSite) -> None:
    alice = site.logged_in(ALICE)
    assert alice.post("/language", {"language": "en", "next": "/reports"}).headers["Location"] == "/reports"
    assert "My training" in site.logged_in(ALICE).get("/training").text


def test_an_unknown_instance_is_not_found(site: PanelSite) -> None:
    alice: Browser = site.logged_in(ALICE)
    page = alice.get("/practice/ffffffffffffffff")
    assert page.status_code == 404
    assert "SBX-102" in page.text


def test_a_trainer_with_three_hospitals_finishes_one_first(site: PanelSite) -> None:
    with site.database.transaction() as stores:
        for place in range(3):
            stores.instances.add(make_instance(owner=BOB.id, slot=place))
    browser = site.logged_in(BOB)
    assert browser.get("/training").text.count("data-continue") == 1


def test_a_page_that_waits_is_told_when_the_hospital_is_there(site: PanelSite) -> None:
    instance, _attempt = sites.open_instance(site, ALICE, exercise=False)
    alice = site.logged_in(ALICE)
    with site.database.transaction() as stores:
        stores.cells.move(stores.instances.get(instance).cell or "", CellState.ARMED, CellState.SEALED, now=NOON)
        fresh = make_cell(instance=instance, epoch=2, state=CellState.ARMED)
        stores.cells.add(fresh)
        stores.instances.move(instance, Observed.OPEN, Observed.REPLACING)

    def flip() -> None:
        with site.database.transaction() as stores:
            stores.instances.flip(instance, cell=fresh.id, epoch=2, now=NOON)
        flips.announce(site.services.settings.site.state / "flips.sock", instance)

    site.services.flips.listen()
    later = threading.Timer(0.05, flip)
    later.start()
    told = alice.get(f"/practice/{instance}/status?wait=1").get_json()
    later.join()
    site.services.flips.close()
    assert (told["state"], told["epoch"]) == ("open", 2)
