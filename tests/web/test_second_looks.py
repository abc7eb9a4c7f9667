"""The pages of second looks: timeline, adjustments, marking, voiding, regrades, paper."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from sandbox.adapters.db.tables.attempts import attempt as attempts
from sandbox.adapters.pdf import PdfPrinter
from sandbox.attempts.model import AttemptId
from sandbox.attempts.printer import Printer
from sandbox.attempts.second_look import RegradeId, RegradeState
from sandbox.exercises.model import Mode
from tests.builders import make_assignment
from tests.graded import X05, Archive
from tests.personas import ALICE, BOB, CHARLIE, DANA, bob
from tests.sandbox.attempts.versions import MARKED, severity_forgiven
from tests.web import papers
from tests.web.site import Browser, PanelSite


@pytest.fixture
def archive(site: PanelSite) -> Archive:
    return Archive(site.database, site.clock, site.services.files)


@pytest.fixture
def trainer(site: PanelSite) -> Browser:
    return site.logged_in(BOB)


def text(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def adjusted(trainer: Browser, key: AttemptId, **said: str) -> Any:
    values = {"subject": "relief", "kind": "set", "points": "5", "reason": "口头补充", **said}
    return trainer.post(f"/teaching/reports/{key}/adjust", values)


def requested(archive: Archive, trainer: Browser, **said: str) -> RegradeId:
    values = {"exercise": "urti-penicillin-allergy", "reason": "第一版判错", **said}
    reply = trainer.post("/teaching/regrades", values)
    assert reply.status_code == 303, text(reply.text)
    return RegradeId(reply.headers["Location"].rsplit("/", 1)[1])


def test_every_evidence_number_opens_the_timeline_at_its_row(site: PanelSite, archive: Archive) -> None:
    key = archive.graded(deeds=papers.HASTY)
    alice = site.logged_in(ALICE)
    report = alice.get(f"/reports/{key}").text
    named = set(re.findall(rf'href="/reports/{key}/timeline#(row-\d+)"', report))
    rows = set(re.findall(r'id="(row-\d+)"', alice.get(f"/reports/{key}/timeline").text))
    assert {"row-6", "row-8", "row-9"} <= named <= rows
    assert len(rows) == len(papers.HASTY) + 2


def test_the_timeline_says_what_was_seen_refused_and_changed(site: PanelSite, archive: Archive) -> None:
    key = archive.graded(deeds=papers.HASTY)
    alice = site.logged_in(ALICE)
    page = text(alice.get(f"/reports/{key}/timeline").text)
    assert "处方签名 林晓彤 被拒绝 E-RX-07 无诊断不能开方" in page
    assert "打开病历 林小桐" in page
    assert "状态 已报到 → 已诊毕" in page
    refused = alice.get(f"/reports/{key}/timeline?refused=1").text
    assert re.findall(r'id="row-(\d+)"', refused) == ["6"]
    viewed = alice.get(f"/reports/{key}/timeline?kind=view").text
    assert re.findall(r'id="row-(\d+)"', viewed) == ["4", "5"]
    assert "没有符合条件的记录" in alice.get(f"/reports/{key}/timeline?seat=nobody").text


def test_a_stranger_reads_no_timeline_and_prints_nothing(site: PanelSite, archive: Archive) -> None:
    key = archive.graded()
    charlie = site.logged_in(CHARLIE)
    assert charlie.get(f"/reports/{key}/timeline").status_code == 403
    assert charlie.get(f"/reports/{key}/paper").status_code == 403
    assert charlie.post(f"/reports/{key}/paper").status_code == 403
    assert charlie.get(f"/teaching/reports/{key}/timeline").status_code == 403


def test_an_override_shows_both_numbers_who_and_why(site: PanelSite, archive: Archive, trainer: Browser) -> None:
    key = archive.graded(deeds=papers.HASTY)
    assert adjusted(trainer, key).status_code == 303
    assert "正在计入调整" in trainer.get(f"/teaching/reports/{key}").text
    archive.work()
    for browser, path in ((trainer, f"/teaching/reports/{key}"), (site.logged_in(ALICE), f"/reports/{key}")):
        page = browser.get(path).text
        line = text(page[page.index('data-line="relief"') :].split("</article>")[0])
        assert "改为 5 分 评分程序给 0 分。 口头补充 · 鲍勃" in line
        assert "5 / 10" in line
        assert "正在计入调整" not in page
    assert 'data-action="adjust"' not in site.logged_in(ALICE).get(f"/reports/{key}").text


def test_a_wrong_adjustment_is_told_at_its_line_and_keeps_what_was_typed(archive: Archive, trainer: Browser) -> None:
    key = archive.graded()
    reply = adjusted(trainer, key, points="11", reason="看过<录像>")
    assert reply.status_code == 422
    line = reply.text[reply.text.index('data-line="relief"') :].split("</article>")[0]
    assert "分数应在 0 到 10 之间" in line
    assert 'value="11"' in line
    assert 'value="看过&lt;录像&gt;"' in line
    assert adjusted(trainer, key, kind="steal").status_code == 422


def test_voiding_gives_the_attempt_back_and_says_why(site: PanelSite, archive: Archive, trainer: Browser) -> None:
    key = archive.graded()
    assert trainer.post(f"/teaching/reports/{key}/void", {"reason": " "}).status_code == 303
    assert "data-void" not in trainer.get(f"/teaching/reports/{key}").text
    assert trainer.post(f"/teaching/reports/{key}/void", {"reason": "火警演习"}).status_code == 303
    alice = site.logged_in(ALICE)
    assert "本次不计入：火警演习" in alice.get(f"/reports/{key}").text
    assert "不计入" in alice.get("/reports").text


@pytest.mark.parametrize("journal", [b"[]", b"\xff", b'[{"seq": 1}]'])
def test_an_error_report_says_what_happens_next_and_shows_no_journal(
    site: PanelSite, archive: Archive, trainer: Browser, journal: bytes
) -> None:
    key = archive.sealed(journal=journal)
    archive.work()
    mine = site.logged_in(ALICE).get(f"/reports/{key}").text
    assert "您没有损失" in mine
    theirs = trainer.get(f"/teaching/reports/{key}").text
    assert f"his-sandbox attempt verify {key}" in theirs
    assert "data-timeline" not in mine + theirs
    assert trainer.get(f"/teaching/reports/{key}/timeline").status_code == 404
    health = site.logged_in(DANA).get("/fleet").text
    assert "1 attempt has evidence that does not verify" in health
    assert "his-sandbox attempt verify --all" in health
    trainer.post(f"/teaching/reports/{key}/void", {"reason": "lost"})
    assert "All graded work has evidence that verifies." in site.logged_in(DANA).get("/fleet").text


def test_marking_takes_one_click_and_leads_to_the_next_attempt(
    site: PanelSite, archive: Archive, trainer: Browser
) -> None:
    keys = [archive.graded(), archive.graded("charlie")]
    own = archive.graded("bob")
    target = archive.release(MARKED).id
    requested(archive, trainer, target=target)
    archive.work()
    (found,) = re.findall(r'data-regrade="(\w+)"', trainer.get("/teaching/regrades").text)
    trainer.post(f"/teaching/regrades/{found}/decide", {"choice": "all"})
    archive.work()
    queue = trainer.get("/teaching/marking").text
    assert set(re.findall(r'data-waiting="(\w+)"', queue)) == set(keys)
    assert own not in queue
    page = trainer.get(f"/teaching/marking/{keys[0]}").text
    assert re.findall(r'name="points" value="(\d+)"', page) == ["0", "10", "15"]
    waiting = trainer.get(f"/teaching/reports/{keys[0]}").text
    assert "85.0–100.0" in waiting
    assert f'href="/teaching/marking/{keys[0]}"' in waiting
    assert "– / 15" in text(waiting)
    assert "待人工评分" in trainer.get("/teaching/results").text
    mark = {"subject": "record", "kind": "mark", "points": "10"}
    first = trainer.post(f"/teaching/marking/{keys[0]}", mark)
    assert first.headers["Location"] == f"/teaching/marking/{keys[1]}"
    assert trainer.post(f"/teaching/marking/{keys[1]}", mark).headers["Location"] == "/teaching/marking"
    archive.work()
    assert [one.score for one in archive.results(keys[0])] == ["95.0", "85.0", "100.0"]
    assert "没有待评分的练习" in trainer.get("/teaching/marking").text


def test_a_regrade_is_computed_looked_at_and_accepted(archive: Archive, trainer: Browser) -> None:
    careful, hasty = archive.graded(), archive.graded("charlie", papers.HASTY)
    key = requested(archive, trainer, target=severity_forgiven(archive))
    waiting = trainer.get(f"/teaching/regrades/{key}").text
    assert "data-computing" in waiting
    assert "data-deciding" not in waiting
    archive.work()
    assert trainer.get(f"/teaching/regrades/{key}/progress").get_json() == {"state": "ready", "done": 2, "all": 2}
    page = trainer.get(f"/teaching/regrades/{key}").text
    assert "2 次成绩会变化，0 次合格与否翻转" in page
    assert "全部采用：2 个新成绩" in page
    assert "仅采用更高的：1 个" in page
    assert re.findall(r'data-item="(\w+)"', page) == [careful, hasty]
    assert "15分钟内诊毕 5 → 0" in text(page)
    higher = trainer.get(f"/teaching/regrades/{key}?show=higher").text
    assert re.findall(r'data-item="(\w+)"', higher) == [hasty]
    assert trainer.post(f"/teaching/regrades/{key}/decide", {"choice": "some"}).status_code == 422
    assert trainer.post(f"/teaching/regrades/{key}/decide", {"choice": "higher"}).status_code == 303
    archive.work()
    done = text(trainer.get(f"/teaching/regrades/{key}").text)
    assert "仅采用更高的 · 鲍勃" in done
    assert "新成绩 1 个，保留原成绩 1 个" in done
    assert [len(archive.results(one)) for one in (careful, hasty)] == [1, 2]


def test_what_is_shown_is_exported_and_nothing_in_it_begins_a_formula(archive: Archive, trainer: Browser) -> None:
    archive.graded()
    key = requested(archive, trainer, target=severity_forgiven(archive))
    archive.work()
    sent = trainer.get(f"/teaching/regrades/{key}.csv?show=lower")
    assert sent.data.startswith("\ufeff".encode())
    head, row = sent.data.decode("utf-8-sig").splitlines()
    assert head.startswith("姓名,科室")
    assert row.startswith("爱丽丝,呼吸内科,")
    assert ",'-5.0," in row


def test_a_refused_request_says_why_and_keeps_what_was_typed(archive: Archive, trainer: Browser) -> None:
    values = {"exercise": "urti-penicillin-allergy", "person": "nobody", "reason": "为什么"}
    reply = trainer.post("/teaching/regrades", values)
    assert reply.status_code == 422
    assert "没有工号为 nobody 的人" in reply.text
    assert 'value="为什么"' in reply.text
    assert trainer.post("/teaching/regrades", {**values, "person": ""}).status_code == 422
    assert trainer.post("/teaching/regrades", {**values, "max_version": "two"}).status_code == 422


def test_discarding_while_it_computes_stops_it(archive: Archive, trainer: Browser) -> None:
    archive.graded()
    key = requested(archive, trainer)
    assert trainer.post(f"/teaching/regrades/{key}/decide", {"choice": "discard"}).status_code == 303
    archive.work()
    with archive.database.reading() as stores:
        assert stores.regrades.get(key).state is RegradeState.DISCARDED


def test_a_report_on_paper_is_wanted_awaited_and_sent(site: PanelSite, archive: Archive) -> None:
    key = archive.graded()
    alice = site.logged_in(ALICE)
    asked = alice.post(f"/reports/{key}/paper")
    assert asked.headers["Location"] == f"/reports/{key}/paper"
    assert site.pokes == ["poke"]
    assert alice.get(f"/reports/{key}/paper").headers["Location"] == f"/reports/{key}"
    Printer(
        begin=archive.database.transaction,
        reading=archive.database.reading,
        files=archive.files,
        printing=PdfPrinter(),
        clock=archive.clock,
        zone=site.services.zone,
        site="示范医院",
    ).tick()
    sent = alice.get(f"/reports/{key}/paper")
    assert (sent.status_code, sent.content_type, sent.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert f"{key}.pdf" in sent.headers["Content-Disposition"]
    assert "data-paper-ready" in alice.get(f"/reports/{key}").text
    with archive.database.reading() as stores:
        assert ("alice", "report.print") in [(one.actor, one.verb) for one in stores.audit.chain()]


def test_nobody_is_offered_to_adjust_an_own_attempt(archive: Archive, trainer: Browser) -> None:
    own = archive.graded(bob.id)
    page = trainer.get(f"/teaching/reports/{own}").text
    assert 'data-action="adjust"' not in page
    assert adjusted(trainer, own).status_code == 403
    assert trainer.post(f"/teaching/reports/{own}/void", {"reason": "r"}).status_code == 403


def test_a_trainer_who_is_the_trainee_reads_no_closed_report_by_the_trainers_door(
    site: PanelSite, archive: Archive, trainer: Browser
) -> None:
    given = make_assignment(person=BOB.id, exercise_version=X05, mode=Mode.EXAM, reports_opened_at=None)
    with site.database.transaction() as stores:
        stores.assignments.add(given)
    key = archive.sealed(BOB.id, assignment=given.id)
    with site.database.transaction() as stores:
        stores.connection.execute(attempts.update().where(attempts.c.id == key).values(mode=Mode.EXAM))
    archive.work()
    for page in ("", "/timeline", "/paper"):
        assert trainer.get(f"/teaching/reports/{key}{page}").status_code == 404, page
    assert trainer.get(f"/reports/{key}/timeline").status_code == 404
    score = archive.report(key).score
    assert f">{score}<" not in trainer.get("/teaching/results").text
    assert f">{score}<" not in trainer.get(f"/teaching/assignments/{given.id}").text
    with site.database.transaction() as stores:
        stores.assignments.open_reports(given.id, at=archive.now)
    assert score in trainer.get("/teaching/results").text


def test_a_version_number_without_end_is_told_not_a_fault(trainer: Browser) -> None:
    reply = trainer.post("/teaching/regrades", {"exercise": "x", "reason": "r", "max_version": "9" * 5000})
    assert reply.status_code == 422
    assert "版本应为数字" in text(reply.text)
