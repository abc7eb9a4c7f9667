"""Pool and capacity on IT's page, the queue's sentence, and what a trainer is told when seats will not do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import CellState, Observed
from tests.builders import NOON, make_assignment, make_cell, make_instance, make_sample, make_vitals
from tests.personas import ALICE, BOB, CHARLIE, DANA
from tests.web import site as sites
from tests.web.site import X05, PanelSite

TOMORROW_NINE = NOON + timedelta(hours=13)
"""NOON is 20:00 in Shanghai."""


@pytest.fixture(autouse=True)
def no_waiting_for_a_flip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.practice.pages.FLIP_HOLD_S", 0.0)


def told(site: PanelSite, **said: object) -> None:
    """Have the worker tell this."""
    with site.database.transaction() as stores:
        stores.vitals.put(make_vitals(**said))


def entered(site: PanelSite, people: int, *, first: int = 0, hours: float = 0) -> None:
    """Enter a class for tomorrow at nine."""
    with site.database.transaction() as stores:
        for number in range(first, first + people):
            stores.assignments.add(
                make_assignment(person=f"p{number}", opens=TOMORROW_NINE + timedelta(hours=hours), exercise_version=X05)
            )


def page(site: PanelSite, *, language: str = "zh-CN") -> str:
    browser = site.logged_in(DANA)
    with site.database.transaction() as stores:
        stores.people.set_language(DANA.id, "zh" if language == "zh-CN" else "en")
    reply = browser.get("/fleet/capacity")
    assert reply.status_code == 200
    return reply.text


def test_before_a_worker_has_looked_the_page_says_so(site: PanelSite) -> None:
    text = page(site)
    assert "还没有数据" in text
    assert "data-chart" not in text


def test_seats_terms_and_pool_are_told_with_numbers(site: PanelSite) -> None:
    sites.furnished(site)
    told(site, lessons=20, target=22, occupied=10)
    text = page(site)
    assert "10 / 50" in text
    assert "已就绪 2 个，目标 22 个：常备 2 个；为即将开始的课 20 个。" in text
    assert text.index('data-term="memory"') < text.index("最先用完") < text.index('data-term="disk"')
    assert "无需处理" in text
    assert "没有排课" in text


def test_a_class_that_does_not_fit_is_told_with_what_would_help(site: PanelSite) -> None:
    told(site)
    entered(site, 40)
    entered(site, 20, first=40, hours=0.5)
    text = page(site, language="en")
    assert "Seats needed tomorrow 09:30: 62; 50 fit." in text
    assert "add 512.0 MiB of memory, or move the class of 20 people at tomorrow 09:30" in text
    assert text.count("data-hour") == 3
    assert "too many" in text


def test_refills_that_fail_say_why_since_when_and_when_they_are_tried_again(site: PanelSite) -> None:
    told(
        site,
        trouble="SBX-303",
        failures=5,
        failing_since=NOON - timedelta(minutes=3),
        resting_until=NOON + timedelta(seconds=8),
    )
    text = page(site)
    assert "自 19:57 起连续 5 次创建容器失败：磁盘空间不足" in text
    assert "下次重试：20:00:08" in text


@pytest.mark.parametrize(
    ("pressure", "words"), [(Pressure.TIGHT, "内存偏紧"), (Pressure.SHORT, "再让闲置最久的练习环境休眠")]
)
def test_pressure_is_told_with_what_is_done_about_it(site: PanelSite, pressure: Pressure, words: str) -> None:
    told(site, pressure=pressure, swap_used=300 << 20)
    text = page(site)
    assert words in text
    assert "300.0 MiB" in text


def test_old_numbers_are_called_old(site: PanelSite) -> None:
    told(site, at=NOON - timedelta(minutes=5))
    assert "后台进程自 19:55 起没有消息" in page(site)


def test_the_curves_have_gaps_where_there_was_no_worker(site: PanelSite) -> None:
    told(site)
    with site.database.transaction() as stores:
        for minute in (0, 1, 2, 600):
            stores.vitals.add_sample(make_sample(minute=NOON - timedelta(minutes=minute)))
    browser = site.logged_in(DANA)
    curve = browser.get("/fleet/capacity/memory.json").get_json()
    used = curve["lines"][0]["values"]
    assert len(used) == len(curve["labels"]) == 24 * 12 + 1
    assert [one for one in used if one is not None] == [2.0, 2.0, 2.0]
    assert curve["lines"][2]["values"][-1] == 3.0
    entered(site, 30)
    hours = browser.get("/fleet/capacity/timetable.json").get_json()
    assert max(hours["lines"][0]["values"]) == 32
    assert set(hours["lines"][1]["values"]) == {50.0}
    assert browser.get("/fleet/capacity").text.count('<tr><td class="nowrap">') == 3


def test_the_page_is_its_own_people_s(site: PanelSite) -> None:
    for person in (ALICE, BOB, CHARLIE):
        for path in ("/fleet/capacity", "/fleet/capacity/memory.json", "/fleet/capacity/timetable.json"):
            assert site.logged_in(person).get(path).status_code == 403


def queue_of(site: PanelSite, ahead: int, *, urgency: int = 1, later: bool = False) -> None:
    """Have others wait."""
    with site.database.transaction() as stores:
        for number in range(ahead):
            at = NOON + timedelta(seconds=number + 1) if later else NOON - timedelta(minutes=1, seconds=number)
            stores.instances.add(make_instance(owner=f"q{urgency}{number}", queued_at=at, urgency=urgency))


def waiting(site: PanelSite) -> dict[str, object]:
    """Launch free practice as Alice; return what her page is told, and when to ask again."""
    browser = site.logged_in(ALICE)
    first = browser.post("/training/launch", {"exercise_version": ""}, accept="application/json")
    reply = browser.get(first.get_json()["poll"])
    return {**reply.get_json(), "again": reply.headers.get("Retry-After")}


def test_a_place_in_the_queue_has_a_range(site: PanelSite) -> None:
    told(site, rate=2.0)
    queue_of(site, 19)
    now = waiting(site)
    assert now["sentence"] == "排队第 20 位，约 10～15 秒"
    assert (now["note"], now["again"]) == ("", "10")


def test_a_long_wait_has_a_time_of_day(site: PanelSite) -> None:
    told(site, rate=0.5)
    queue_of(site, 59)
    assert waiting(site)["sentence"] == "排队第 60 位，约 2～3 分钟，预计 20:02 至 20:03 就绪"


def test_without_a_seat_the_sentence_has_the_numbers(site: PanelSite) -> None:
    told(site, occupied=50)
    with site.database.transaction() as stores:
        stores.instances.add(
            make_instance(owner="bob", observed=Observed.LAUNCHING, expires_at=NOON + timedelta(minutes=40))
        )
        cell = make_cell()
        stores.cells.add(cell)
        live = stores.instances.live()[0]
        stores.cells.claim(cell.pool_key, instance=live.id, epoch=1, now=NOON)
        stores.instances.flip(live.id, cell=cell.id, epoch=1, now=NOON)
    now = waiting(site)
    assert now["sentence"] == "排队第 1 位。50 个席位已占用 50 个，最早 20:40 到期空出。"
    assert now["again"] == "30"


def test_who_is_overtaken_by_an_exam_is_told(site: PanelSite) -> None:
    told(site)
    queue_of(site, 3, urgency=0, later=True)
    now = waiting(site)
    assert "第 4 位" in str(now["sentence"])
    assert now["note"] == "有考核即将开始：3 人优先进入。"


def test_with_a_ready_cell_nobody_is_told_of_a_queue(site: PanelSite) -> None:
    told(site)
    with site.database.transaction() as stores:
        stores.cells.add(make_cell(state=CellState.READY))
    assert waiting(site)["sentence"] == "正在准备…"


def test_asking_after_a_launch_is_a_sign_of_life(site: PanelSite) -> None:
    browser = site.logged_in(ALICE)
    poll = browser.post("/training/launch", {"exercise_version": ""}, accept="application/json").get_json()["poll"]
    browser.get(poll)
    site.clock.pass_time(seconds=10)
    browser.get(poll)
    with site.database.reading() as stores:
        assert [one.last_request_at for one in stores.instances.live()] == [site.clock.now()]


def form(people: int, *, hour: int = 9) -> dict[str, object]:
    return {
        "exercise_version": X05,
        "person": [ALICE.id, CHARLIE.id][:people],
        "mode": "class",
        "opens": f"2030-03-05T{hour:02d}:00",
    }


def test_a_trainer_is_told_at_once_that_seats_will_not_do(site: PanelSite) -> None:
    sites.release_x05(site)
    told(site, by_memory=2, occupied=0)
    browser = site.logged_in(BOB)
    said = browser.get("/teaching/assignments/sentence", query_string=form(2)).get_json()
    assert "明天 09:00 需要 4 个席位，这台机器只放得下 2 个" in said["short"]
    browser.post("/teaching/assignments", form(2))
    assert "请联系信息科" in browser.get("/teaching/assignments").text
    told(site, at=NOON + timedelta(seconds=1))
    said = browser.get("/teaching/assignments/sentence", query_string=form(2)).get_json()
    assert said["short"] == ""
