"""The library's pages: upload, problems with their lines, the gate's report, release, retirement."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sandbox.authoring import gate, operations
from sandbox.authoring.gate_report import GateReport, MutantResult
from sandbox.authoring.rehearsing import Rehearsed
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader
from tests.builders import NOON
from tests.personas import ALICE, BOB
from tests.web import papers
from tests.web import site as sites
from tests.web.site import Browser, PanelSite

CONTENT = papers.EXERCISE.read_bytes().replace(b"\nversion: 2\n", b"\nversion: 3\n")
LOADED = loader.load(CONTENT)
IMAGE = "sha256:" + "1" * 64


def upload(browser: Browser, content: bytes, name: str = "x05.yaml") -> TestResponse:
    return browser.post("/authoring/upload", {"file": (io.BytesIO(content), name)})


def report(**said: Any) -> GateReport:
    """Return a green report of X05's third version."""
    agreeing: dict[str, list[str]] = {test.name: [] for test in LOADED.exercise.tests}
    made = gate.judge(CONTENT, LOADED, Rehearsed(), image=IMAGE, real=agreeing)
    return replace(made, **said)


def answered(site: PanelSite, verdict: GateReport) -> None:
    """Do what the worker does with a request."""
    with site.database.transaction() as stores:
        stores.gate.answer(stores.gate.waiting()[0].id, trouble="", at=NOON)
        operations.keep(stores, site.services.files, verdict, now=NOON)


def test_a_careless_file_is_told_at_once_with_its_lines(site: PanelSite) -> None:
    wrong = CONTENT.replace(b"goal:", b"gaol:").replace(b"event: relief}", b"event: releif}")
    reply = upload(site.logged_in(BOB), wrong, "exercises/x05.yaml")
    assert reply.status_code == 422
    assert "<h1>x05.yaml</h1>" in reply.text
    assert "练习文件中有未知的键 &#39;gaol&#39;；是否应为 &#39;goal&#39;？" in reply.text
    assert "第 7 行，第 1 列" in reply.text
    assert '<pre class="place__text">gaol: {zh: 先登记过敏再开处方' in reply.text
    assert "EX302" in reply.text
    with site.database.reading() as stores:
        assert (stores.drafts.all(), stores.gate.waiting()) == ([], [])


HOSTILE = {
    "bomb": b"a: &a [x]\nb: &b [*a, *a, *a]\n",
    "deep": b"a: " + b"[" * 5000,
    "large": b"a: '" + b"x" * (257 << 10) + b"'",
    "binary": bytes(range(256)) * 64,
    "markup": b"<script>alert(1)</script>: 1\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_and_never_markup(site: PanelSite, content: bytes) -> None:
    reply = upload(site.logged_in(BOB), content, "<b>.yaml")
    assert reply.status_code == 422
    assert "<script>alert" not in reply.text
    assert "<b>.yaml" not in reply.text
    with site.database.reading() as stores:
        assert stores.drafts.all() == []


def test_a_good_file_becomes_a_draft_and_the_gate_is_asked(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    reply = upload(bob, CONTENT)
    assert reply.headers["Location"] == f"/authoring/drafts/{LOADED.sha256}"
    assert site.pokes == ["poke"]
    page = bob.get(reply.headers["Location"]).text
    assert "等待后台处理…" in page
    assert "检查中" in page
    status = bob.get(f"/authoring/drafts/{LOADED.sha256}/status").get_json()
    assert status == {"running": True, "words": "等待后台处理…", "done": 0, "total": 0}
    with site.database.transaction() as stores:
        (request,) = stores.gate.waiting()
        stores.gate.note(request.id, stage="pages", done=3, total=9)
        (draft,) = stores.drafts.all()
    assert (draft.exercise, draft.version, draft.library, draft.roles, draft.author) == (
        "urti-penicillin-allergy", 3, "X05", ("OPD",), "bob",
    )  # fmt: skip
    status = bob.get(f"/authoring/drafts/{LOADED.sha256}/status").get_json()
    assert status["words"] == "正在真实环境的页面上逐个执行自测：3 / 9"


def test_the_same_file_twice_is_one_draft_with_one_request(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    assert upload(bob, CONTENT).headers["Location"] == upload(bob, CONTENT).headers["Location"]
    with site.database.reading() as stores:
        assert (len(stores.drafts.all()), len(stores.gate.waiting())) == (1, 1)


def test_a_released_number_is_taken(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    upload(bob, papers.EXERCISE.read_bytes() + b"\n# another byte\n")
    assert "已发布且内容不同" in bob.get("/authoring").text


def test_only_a_green_draft_can_be_released_and_then_assigned(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    draft = upload(bob, CONTENT).headers["Location"]
    early = bob.post(f"{draft}/release")
    assert (early.status_code, early.headers["Location"]) == (303, draft)
    assert "SBX-110" in bob.get(draft).text
    answered(site, report())
    assert "全部通过" in bob.get(draft).text
    assert "发布第 3 版？" in bob.get(f"{draft}/release").text
    assert bob.post(f"{draft}/release").headers["Location"] == "/authoring/exercises/urti-penicillin-allergy"
    with site.database.reading() as stores:
        version = stores.exercises.all()[0]
    assert (version.id, site.services.files.get(version.sha256)) == ("urti-penicillin-allergy@3", CONTENT)
    assert 'value="urti-penicillin-allergy@3"' in bob.get("/teaching/assignments").text


def test_findings_are_shown_with_the_lines_they_are_about(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    draft = upload(bob, CONTENT).headers["Location"]
    loaded, verdict = LOADED, gate.judge(CONTENT, LOADED, Rehearsed(unarmed="E-REG-04"), image=IMAGE)
    survivor = MutantResult(
        id="drop:opn", outcome="survived", score="100", by=(), words=Words(zh="漏做 opn", en="leaving out opn")
    )
    answered(site, replace(verdict, mutants=(survivor,), sha256=loaded.sha256, ungraded=("message.read",)))
    page = bob.get(draft).text
    assert "有 1 个问题，不能发布。" in page
    assert "起始数据违反 HIS 规则：E-REG-04" in page
    assert '<pre class="place__text">start:' in page
    assert "标准做法的 1 个变异：1 无人发现。" in page
    assert "message.read" in page
    assert "/release" not in page


def test_a_gate_that_could_not_run_says_so_and_can_be_asked_again(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    draft = upload(bob, CONTENT).headers["Location"]
    with site.database.transaction() as stores:
        stores.gate.answer(stores.gate.waiting()[0].id, trouble="SBX-410", at=NOON)
    assert "发布检查未能运行（SBX-410）" in bob.get(draft).text
    assert bob.post(f"{draft}/gate").status_code == 303
    with site.database.reading() as stores:
        assert len(stores.gate.waiting()) == 1


def test_a_retired_version_is_assigned_to_nobody(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    assert "停用 urti-penicillin-allergy@2？" in bob.get("/authoring/versions/urti-penicillin-allergy@2/retire").text
    bob.post("/authoring/versions/urti-penicillin-allergy@2/retire")
    assert "已停用" in bob.get("/authoring/exercises/urti-penicillin-allergy").text
    assert sites.X05 not in bob.get("/teaching/assignments").text
    refused = bob.post("/teaching/assignments", {"exercise_version": sites.X05, "person": [ALICE.id], "mode": "class"})
    assert refused.status_code == 409
    with site.database.reading() as stores:
        assert stores.assignments.all() == []


def test_files_come_back_as_they_went_in_and_nothing_else_does(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    upload(bob, CONTENT)
    reply = bob.get(f"/authoring/files/{LOADED.sha256}")
    assert reply.data == CONTENT
    assert reply.headers["Content-Disposition"] == 'attachment; filename="urti-penicillin-allergy-3.yaml"'
    released = loader.trusted(papers.EXERCISE.read_bytes()).sha256
    assert bob.get(f"/authoring/files/{released}").data == papers.EXERCISE.read_bytes()
    evidence = site.services.files.put(b"somebody's journal")
    assert bob.get(f"/authoring/files/{evidence}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", True), ("?q=x05", True), ("?q=X99", False), ("?role=OPD", True), ("?role=PHA", False),
        ("?minutes=30", True), ("?minutes=15", False), ("?standing=checking", True), ("?standing=released", False),
    ],
)  # fmt: skip
def test_the_library_is_filtered(site: PanelSite, asked: str, shown: bool) -> None:
    bob = site.logged_in(BOB)
    upload(bob, CONTENT)
    assert ('data-exercise="urti-penicillin-allergy"' in bob.get(f"/authoring{asked}").text) is shown


def test_a_trainee_has_no_library(site: PanelSite) -> None:
    assert site.logged_in(ALICE).get("/authoring").status_code == 403


def test_no_file_is_asked_for_again(site: PanelSite) -> None:
    bob = site.logged_in(BOB)
    assert bob.post("/authoring/upload").status_code == 303
    assert "请先选择文件。" in bob.get("/authoring").text
