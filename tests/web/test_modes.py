"""Modes on the pages: what is assigned, what a trainee sees before, during and after, what a trainer opens."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from sandbox.attempts import checking
from sandbox.attempts.model import AttemptId
from sandbox.exercises import loader, releasing
from sandbox.exercises.model import Keep, Mode, Per
from sandbox.training import operations as training
from sandbox.training.model import Assignment
from tests.builders import NOON
from tests.personas import ALICE, BOB, CHARLIE, alice, bob
from tests.web import papers
from tests.web import site as sites
from tests.web.site import X05, PanelSite

pytestmark = pytest.mark.usefixtures("no_waiting_for_a_flip")

CLASS_FIELDS = {"max_attempts": "3", "per": "day", "keep": "last", "checks": "yes", "reports": "yes"}


def assign(site: PanelSite, **said: Any) -> str:
    values = {"exercise_version": X05, "person": [ALICE.id], **said}
    bobs = site.logged_in(BOB)
    reply = bobs.post("/teaching/assignments", values)
    return reply.text if reply.status_code != 303 else bobs.get("/teaching/assignments").text


def only(site: PanelSite) -> Assignment:
    with site.database.reading() as stores:
        (one,) = stores.assignments.all()
    return one


def test_a_class_is_assigned_with_its_own_rules_and_read_back(site: PanelSite) -> None:
    page = assign(site, mode="class", opens="2030-03-05T08:00", due="2030-03-08T18:00", **CLASS_FIELDS)
    assert (
        "课堂，明天 08:00 起，星期五 18:00前完成，每天可练 3 次，取最后一次成绩，80 分合格，允许自查，报告立即公布。"
        in page
    )
    one = only(site)
    assert (one.mode, one.max_attempts, one.per, one.keep) == (Mode.CLASS, 3, Per.DAY, Keep.LAST)
    assert (one.checks_allowed, one.reports_opened_at) == (True, NOON)
    assert one.opens is not None
    assert one.opens.isoformat() == "2030-03-05T00:00:00+00:00"


def test_an_exam_takes_its_limits_from_the_exercise_whatever_hidden_fields_say(site: PanelSite) -> None:
    page = assign(site, mode="exam", **CLASS_FIELDS)
    assert "考核，时间自行安排，每天可练 3 次，取最好成绩，80 分合格，报告由您公布。" in page
    one = only(site)
    assert (one.mode, one.max_attempts, one.per, one.keep) == (Mode.EXAM, 3, Per.DAY, Keep.BEST)
    assert (one.checks_allowed, one.reports_opened_at) == (False, None)


def test_practice_has_no_limit_and_is_read_back_without_one(site: PanelSite) -> None:
    assert "自主练习，时间自行安排，次数不限，取最好成绩，80 分合格。" in assign(site, mode="practice", **CLASS_FIELDS)
    assert only(site).max_attempts is None


def test_opening_after_the_due_time_is_refused_in_words(site: PanelSite) -> None:
    page = assign(site, mode="class", opens="2030-03-09T08:00", due="2030-03-08T18:00")
    assert "截止时间须晚于开放时间" in page
    assert "开放时间格式不正确" in assign(site, mode="class", opens="tomorrow")


def closed(site: PanelSite, **said: Any) -> tuple[str, AttemptId]:
    """Return an exam of Alice's whose reports are closed, and her graded attempt."""
    key = sites.assigned(site, ALICE, **{"mode": Mode.EXAM, "reports_opened_at": None} | said)
    return key, sites.graded(site, ALICE, papers.CAREFUL, assignment=key, mode=said.get("mode", Mode.EXAM))


def test_before_the_release_no_page_of_the_trainee_tells_the_result(site: PanelSite) -> None:
    key, attempt = closed(site)
    alices = site.logged_in(ALICE)
    for path in ("/training", "/reports", f"/reports/{attempt}"):
        page = alices.get(path).text
        assert "100.0" not in page, path
        assert "合格</span>" not in page, path
    assert "成绩报告由培训师统一公布" in alices.get(f"/reports/{attempt}").text
    assert "尚未公布" in alices.get("/reports").text
    assert site.logged_in(BOB).get(f"/teaching/reports/{attempt}").status_code == 200
    bobs = site.logged_in(BOB)
    assert "已公布 1 项" in bobs.get(bobs.post("/teaching/assignments/reports/open", {"assignment": key}).location).text
    alices = site.logged_in(ALICE)
    assert 'data-score="100.0"' in alices.get(f"/reports/{attempt}").text
    assert "100.0" in alices.get("/training").text


def test_a_line_that_is_always_shown_is_seen_before_the_release(site: PanelSite) -> None:
    _, attempt = closed(site)
    with site.database.reading() as stores:
        result = stores.results.of(attempt)[0]
    shown = site.services.files.get(result.report_sha256).replace(b'"show":"submitted"', b'"show":"always"', 1)
    with site.database.transaction() as stores:
        again = type(result)(**{**vars(result), "number": 2, "report_sha256": site.services.files.put(shown)})
        stores.results.append(again)
    page = site.logged_in(ALICE).get(f"/reports/{attempt}").text
    assert page.count("data-seen") == 1
    assert "100.0" not in page


def test_reports_are_closed_again_from_the_page_of_one_assignment(site: PanelSite) -> None:
    key, attempt = closed(site, mode=Mode.CLASS, reports_opened_at=NOON)
    bobs = site.logged_in(BOB)
    values = {"assignment": key, "own": "yes"}
    assert bobs.post("/teaching/assignments/reports/close", values).location == f"/teaching/assignments/{key}"
    assert "未公布：学员还看不到分数和成绩报告。" in bobs.get(f"/teaching/assignments/{key}").text
    assert "成绩报告由培训师统一公布" in site.logged_in(ALICE).get(f"/reports/{attempt}").text


def test_extra_time_is_granted_shown_before_the_start_and_on_no_list(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE, mode=Mode.EXAM)
    bobs = site.logged_in(BOB)
    assert bobs.post(f"/teaching/assignments/{key}/extra-time", {"extra": "3"}).location.endswith(key)
    assert 'value="3" checked' in bobs.get(f"/teaching/assignments/{key}").text
    assert "为您延长到 60 分钟" in site.logged_in(ALICE).get("/training").text
    for path in ("/teaching/assignments", "/teaching/results"):
        assert "60 分钟" not in site.logged_in(BOB).get(path).text
    bobs = site.logged_in(BOB)
    bobs.post(f"/teaching/assignments/{key}/extra-time", {"extra": "untimed"})
    assert "为您不限时" in site.logged_in(ALICE).get("/training").text
    assert site.logged_in(ALICE).post(f"/teaching/assignments/{key}/extra-time", {"extra": "4"}).status_code == 403


def test_the_timer_honours_extra_time(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, time_factor=2)
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    assert f'data-deadline="{int((NOON + timedelta(minutes=34)).timestamp() * 1000)}"' in page
    assert "40 分钟" in page
    instance, _ = sites.open_instance(site, CHARLIE, untimed=True)
    page = site.logged_in(CHARLIE).get(f"/practice/{instance}").text
    assert "data-deadline" not in page
    assert "no time limit" in page


def test_hints_are_free_in_practice_and_absent_from_an_exam(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, mode=Mode.PRACTICE)
    assert "提示 1（不扣分）" in site.logged_in(ALICE).get(f"/practice/{instance}").text
    instance, _ = sites.open_instance(site, CHARLIE, mode=Mode.EXAM)
    charlies = site.logged_in(CHARLIE)
    page = charlies.get(f"/practice/{instance}").text
    assert "There are no hints in an exam." in page
    assert 'data-action="hint"' not in page
    assert charlies.post(f"/practice/{instance}/hints/h1").status_code == 404


def test_an_exam_offers_neither_starting_over_nor_a_check(site: PanelSite) -> None:
    instance, _ = sites.open_instance(site, ALICE, mode=Mode.EXAM)
    alices = site.logged_in(ALICE)
    page = alices.get(f"/practice/{instance}").text
    assert 'data-action="reset"' not in page
    assert 'data-action="check"' not in page
    assert alices.post(f"/practice/{instance}/reset").status_code == 409
    assert alices.post(f"/practice/{instance}/check", accept="application/json").status_code == 403
    assert alices.get(f"/practice/{instance}/check").status_code == 404


def test_a_check_is_asked_awaited_and_shown(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    alices = site.logged_in(ALICE)
    asked = alices.post(f"/practice/{instance}/check", accept="application/json").get_json()
    assert (asked["waiting"], asked["wait_s"], site.pokes) == (True, 30, ["poke"])
    with site.database.transaction() as stores:
        (waiting,) = stores.checks.waiting()
        answer = '[{"full":true,"id":"row","show":"submitted","title":{"en":"Entry right","zh":"记录正确"}}]'
        stores.checks.answer(waiting.id, answer=answer, trouble="", at=NOON)
    shown = alices.get(f"/practice/{instance}/check").get_json()
    assert shown["lines"] == [{"title": "记录正确", "full": True}]
    assert shown["said"] == "目前 1 项中 1 项已全对 · 20:00"
    page = alices.get(f"/practice/{instance}").text
    assert "checked__line--full" in page
    again = alices.post(f"/practice/{instance}/check", accept="application/json")
    assert (again.status_code, again.get_json()["code"]) == (409, "SBX-109")
    assert alices.post(f"/practice/{instance}/check").status_code == 409
    assert attempt is not None


def test_a_hospital_that_could_not_be_looked_at_says_so(site: PanelSite) -> None:
    instance, attempt = sites.open_instance(site, ALICE)
    with site.database.transaction() as stores:
        asked = checking.ask(stores, alice, AttemptId(attempt or ""), now=NOON - timedelta(minutes=1))
        stores.checks.answer(asked.id, answer="", trouble="SBX-305", at=NOON)
    assert "暂时无法查看您的操作结果（SBX-305）" in site.logged_in(ALICE).get(f"/practice/{instance}").text


def test_cards_say_when_the_next_try_is_possible(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE, mode=Mode.EXAM, max_attempts=1, per=Per.DAY)
    sites.graded(site, ALICE, papers.HASTY, assignment=key, mode=Mode.EXAM)
    sites.assigned(site, ALICE, mode=Mode.CLASS, opens=NOON + timedelta(days=1))
    page = site.logged_in(ALICE).get("/training").text
    assert "明天 00:00 后可再练" in page
    assert "明天 20:00 开放" in page
    assert "今天还可练 0 次" in page
    values = {"exercise_version": X05, "assignment": key}
    refused = site.logged_in(ALICE).post("/training/launch", values, accept="application/json").get_json()
    assert refused["code"] == "SBX-109"
    assert "2030-03-05 00:00" in refused["sentence"]


def test_a_withdrawn_exercise_under_way_can_still_be_returned_to(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE)
    instance, _ = sites.open_instance(site, ALICE, assignment=key, mode=Mode.CLASS)
    with site.database.transaction() as stores:
        training.withdraw(stores, bob, key, now=NOON)
    assert f'data-continue="{instance}"' in site.logged_in(ALICE).get("/training").text


@pytest.mark.parametrize(("keep", "score"), [(Keep.BEST, "100.0"), (Keep.LAST, "22.7"), (Keep.FIRST, "100.0")])
def test_the_grade_book_shows_the_result_that_counts(site: PanelSite, keep: Keep, score: str) -> None:
    key = sites.assigned(site, ALICE, keep=keep)
    sites.graded(site, ALICE, papers.CAREFUL, assignment=key, requested_at=NOON - timedelta(hours=9))
    sites.graded(site, ALICE, papers.HASTY, assignment=key)
    page = site.logged_in(BOB).get("/teaching/results").text
    assert re.findall(r"<b>([0-9.]+)</b>", page) == [score]


def test_practice_does_not_count_for_an_exam_of_the_same_exercise(site: PanelSite) -> None:
    practice = sites.assigned(site, ALICE, mode=Mode.PRACTICE)
    sites.assigned(site, ALICE, mode=Mode.EXAM)
    sites.graded(site, ALICE, papers.CAREFUL, assignment=practice, mode=Mode.PRACTICE)
    with site.database.reading() as stores:
        lines = {line.assignment.mode: line for line in stores.overview.standings(ALICE.id) if line.assignment}
    assert lines[Mode.PRACTICE].counts is not None
    assert (lines[Mode.EXAM].counts, lines[Mode.EXAM].counted) == (None, ())


def test_faster_than_possible_is_a_signal_for_the_trainer_alone(site: PanelSite) -> None:
    key = sites.assigned(site, ALICE)
    attempt = sites.graded(site, ALICE, papers.CAREFUL, assignment=key)
    with site.database.transaction() as stores:
        stores.connection.exec_driver_sql("DROP TRIGGER exercise_version_refuses_update")
        stores.connection.exec_driver_sql("UPDATE exercise_version SET min_time_ms = 900000")
    bobs = site.logged_in(BOB)
    for path in ("/teaching/results", f"/teaching/assignments/{key}"):
        assert "用时少于 15分钟：仅供留意，不能作为依据" in bobs.get(path).text, path
    alices = site.logged_in(ALICE)
    assert all("仅供留意" not in alices.get(path).text for path in ("/training", "/reports", f"/reports/{attempt}"))


ASKING = (
    papers.EXERCISE.read_bytes()
    .replace(b"\nversion: ", b"\nversion: 9", 1)
    .replace("{name: 林晓彤,".encode(), b"{name: $who.name,", 1)
    .replace(b"\ncast:\n", "\nvary: {who: [{name: 林晓彤}, {name: 林小彤}]}\ncast:\n".encode(), 1)
    .replace(
        b"{id: s3, seat: doc,", "{id: s3, seat: doc, skip: {to: +1d 08:00, zh: 次日早上, en: Next morning},".encode(), 1
    )
    .replace(b"{id: finish, points: 10,", b"{id: finish, points: 5,", 1)
    .replace(
        b"checks:\n",
        "checks:\n  - {id: which, points: 5, zh: 首选药, en: First choice,"
        " answer: {ask: {zh: 首选哪种药？, en: Which drug?}, type: text, key: [对乙酰氨基酚]}}\n".encode(),
        1,
    )
)


def test_the_briefing_is_that_of_the_variant_drawn_and_leads_to_questions_and_time(site: PanelSite) -> None:
    version = releasing.described(loader.load(ASKING), now=NOON)
    instance, _ = sites.open_instance(site, ALICE, variant=1)
    with site.database.transaction() as stores:
        releasing.release(stores, site.services.files, bob, version, ASKING, now=NOON)
        stores.connection.exec_driver_sql("UPDATE instance SET exercise_version = ?", (version.id,))
    page = site.logged_in(ALICE).get(f"/practice/{instance}").text
    assert "1号林小彤" in page
    assert "林晓彤" not in page
    assert "首选哪种药？" in page
    assert "「答题」页作答" in page
    assert "请按 HIS 标题栏的「次日早上」" in page
    assert "对乙酰氨基酚" not in page
